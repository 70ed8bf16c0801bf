"""The stage of the story tests: the pretend AWS, the local Slack workspace, and the real bot in its own process."""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import TypeVar

from bot.playground.aws import Call, RunningAws
from bot.playground.clock import MovableClock
from bot.playground.command import environment
from bot.playground.slack import Actor, Message, RunningWorkspace, View
from tests.forked import begun

T = TypeVar("T")
Answers = dict[str, str | Sequence[str] | None]
"""What is entered, by field; options by their value."""
CHANNEL = "C0CLOUDSEC"
PATIENCE = 40.0
UNHURRIED = {"ack_seconds": 20.0, "trigger_seconds": 20.0}
"""A workspace that waits: whether three seconds are enough is for a benchmark, on a machine of its own."""


SECRET_SETTINGS = ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET", "AWS_SECRET_ACCESS_KEY")
LOOKS_SECRET = re.compile(
    r"xox[a-z]-|xapp-[\w-]|\b(AKIA|ASIA)[A-Z0-9]{12}|v0=[0-9a-f]|/response/|\b\d{4,}\.\d{4,}\.[0-9a-f]{16}|://[^\s/:@]+:[^\s/@]+@"
)
"""Whatever its value: a token, an access key's id, a signature, a response URL, a trigger id, a password in a URL."""


class Stage:
    """What the stories share. `folder` holds the database and the bot's log; `clock` is everybody's."""

    def __init__(self, aws: RunningAws, slack: RunningWorkspace, folder: Path) -> None:
        self.clock = MovableClock(folder / "clock")
        self.aws = aws
        self.slack = slack
        self.folder = folder
        self.environments: list[dict[str, str]] = []
        self.alice, self.bob, self.carol, self.dave = map(slack.person, ("alice", "bob", "carol", "dave"))

    @contextmanager
    def bot(self, **settings: str) -> Iterator[ForkServerProcess]:
        """`trailwarden serve`, connected; stopped gently at the end unless it is dead by then."""
        process = self.started(**settings)
        try:
            yield process
        finally:
            process.terminate()
            process.join(30)

    def started(self, **settings: str) -> ForkServerProcess:
        told = {**environment(self.slack, self.aws.environment(), self.folder), **settings}
        self.environments.append(told)
        process = begun(("serve",), told, self.folder, errors=self.folder / "bot.log", clock=self.clock.file)
        self.until(lambda: self.slack.connected() or process.exitcode is not None)
        assert process.exitcode is None, self.log()
        return process

    def log(self) -> str:
        """Of the bots that were started here, if any was."""
        log = self.folder / "bot.log"
        return log.read_text() if log.exists() else ""

    def secrets(self) -> set[str]:
        """What this stage knows of: what Slack and AWS handed out, and what the bot was told."""
        told = {told[name] for told in self.environments for name in SECRET_SETTINGS if told.get(name)}
        return {*self.slack.secrets, *self.aws.secrets, *told}

    def until(self, true: Callable[[], T | None]) -> T:
        return self.slack.wait_for(true, timeout=PATIENCE)

    def types(self, who: Actor, text: str, channel: str = CHANNEL) -> None:
        result = who.types(channel, f"/trail-audit {text}".strip())
        assert result.acked, result

    def audit(self, who: Actor, scope: str = "") -> Message:
        """The finished report."""
        before = len(self.slack.messages(CHANNEL))
        self.types(who, scope)
        return self.until(lambda: next((m for m in self.slack.messages(CHANNEL)[before:] if " Run " in m.text), None))

    def proposal(self, ask: Callable[[], object]) -> Message:
        """The approval card that comes of asking."""
        known = {m.ts for m in self.slack.messages(CHANNEL)}
        ask()
        new = lambda: (m for m in self.slack.messages(CHANNEL) if m.ts not in known)  # noqa: E731 - read anew
        return self.until(lambda: next((m for m in new() if "APPROVAL NEEDED" in m.text), None))

    def now(self, card: Message) -> Message:
        """The card as it is painted now."""
        return self.slack.message(CHANNEL, card.ts)

    def create_form(self, who: Actor, account: str) -> View:
        """The first step of a new trail's form, once the account was looked at."""
        self.types(who, f"create {account}")
        return self.modal(who, "trail_form")

    def update_form(self, who: Actor, trail: str, account: str) -> View:
        """The same step for a trail that exists."""
        self.types(who, f"update {trail} {account}")
        return self.modal(who, "trail_form")

    def modal(self, who: Actor, callback: str) -> View:
        """The modal on top, once it is this one."""
        return self.until(lambda: view if (view := who.modal()) and view.callback_id == callback else None)

    def review(self, who: Actor, trail: Answers, events: Answers | None = None) -> View:
        """From the first step to the review."""
        sent = who.submits(trail)
        assert not sent.errors, sent
        self.modal(who, "trail_events")
        sent = who.submits(events or {})
        assert not sent.errors, sent
        return self.modal(who, "trail_review")

    def created(self, who: Actor, account: str, trail: Answers, events: Answers | None = None) -> Message:
        """The approval card that the three steps lead to."""
        self.create_form(who, account)
        self.review(who, trail, events)
        return self.proposal(lambda: who.submits({}))

    def becomes(self, card: Message, word: str) -> Message:
        return self.until(lambda: self.now(card) if f"{word}:" in self.now(card).text else None)

    def ended(self, card: Message) -> Message:
        """The card once the change has ended, however it did."""
        words = ("VERIFIED:", "FAILED:", "UNKNOWN:", "SUPERSEDED:")
        return self.until(lambda: self.now(card) if any(word in self.now(card).text for word in words) else None)

    def told(self, who: Actor, word: str) -> str:
        """What only this person is told, once it has that word in it."""
        texts = lambda: (m.all_text() for m in reversed(who.ephemerals(CHANNEL)))  # noqa: E731 - read anew
        return self.until(lambda: next((t for t in texts() if word in t), None))

    def writes(self, account: str) -> list[str]:
        """The writes that AWS carried out in the account, in order."""
        return [c.operation for c in self.effective(account)]

    def aws_is_asked(self, operation: str, account: str) -> bool | None:
        """Whether a write of that kind is under way there, and not answered yet."""
        calls = (c for c in self.aws.calls() if (c.operation, c.account_id) == (operation, account))
        return any(c.role == "TrailwardenChange" and c.status == 0 for c in calls) or None

    def effective(self, account: str) -> list[Call]:
        seeded_by = "TrailwardenChange"
        return [
            c
            for c in self.aws.calls()
            if c.target_account == account and not c.reads and c.status == 200 and c.role == seeded_by
        ]


def log_is_fit_for_machines_and_tells_no_secret(stage: Stage) -> None:
    """Of all that the bot said on this stage. Each line by itself, so that a failure shows one."""
    secrets, lines = stage.secrets(), stage.log().splitlines()
    for line in lines:
        said = json.loads(line)
        assert {"time", "level", "logger", "message"} <= said.keys(), line
        assert not LOOKS_SECRET.search(line), line
        assert not [secret for secret in secrets if secret in line], line
    assert lines or not stage.environments


def change_id(card: Message) -> str:
    found = re.match(r"C-\d+", card.text)
    assert found, card.text
    return found[0]
