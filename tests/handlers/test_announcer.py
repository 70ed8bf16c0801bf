"""What the bot says first: each message has a name for ever, and is posted and painted again under it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, time, timedelta
from typing import Any

import pytest

from bot.domain.change import State
from bot.domain.digest import Comparison
from bot.domain.refusal import Refused
from bot.domain.subscription import Ended, Subscribed, Subscription
from bot.domain.trend import Week, words
from bot.ports import CannotAnnounceError, Digest, Run
from bot.services import home, runs
from handlers.announcer import SlackAnnouncer, _blocks
from handlers.pictures import Pictures
from handlers.slack_errors import SENTENCES, passes
from handlers.views.blockkit import problems
from handlers.views.message import Message, context, section
from tests.builders import NOW, account_report, change, report
from tests.fakes import FakeClock
from tests.fakes_bot import FakeDirectory, InMemoryOutbox, bot
from tests.handlers.fake_slack import CHANNEL, FakeSlack, SenderByHand, refusal, slow_down

RUN = Run("run-1", CHANNEL, "UALICE", (), NOW)
DIGEST = Digest(report(account_report()), Comparison((), (), (), ()), {}, None, (), None, "f" * 64)


class Announcing(SlackAnnouncer):
    """With its outbox and its Slack."""

    def __init__(self, slack: FakeSlack | None = None, directory: FakeDirectory | None = None) -> None:
        self.slack, self.outbox, self.clock = slack or FakeSlack(), InMemoryOutbox(), FakeClock()
        self.sender = SenderByHand(self.outbox, self.slack, self.clock)  # type: ignore[arg-type]  # our stand-in
        pictures = Pictures(self.slack, lambda name, weeks: f"{name}: {len(weeks)}".encode())  # type: ignore[arg-type]  # our stand-in
        super().__init__(self.sender, directory or FakeDirectory(), pictures)


BEGINNINGS: dict[str, Callable[[SlackAnnouncer], object]] = {
    "audit started": lambda a: a.audit_started(RUN),
    "card": lambda a: a.card(change()),
    "digest": lambda a: a.digest(CHANNEL, DIGEST),
}
REPAINTS: dict[str, Callable[[SlackAnnouncer], object]] = {
    "audit progress": lambda a: a.audit_progress(RUN, 1, 2),
    "audit finished": lambda a: a.audit_finished(RUN, report(account_report()), None),
    "audit failed": lambda a: a.audit_failed(RUN, "No AWS credentials."),
    "repaint": lambda a: a.repaint(change()),
}
BEGINNING = pytest.mark.parametrize("speak", BEGINNINGS.values(), ids=BEGINNINGS)
ALL = pytest.mark.parametrize("speak", [*BEGINNINGS.values(), *REPAINTS.values()], ids=[*BEGINNINGS, *REPAINTS])


@ALL
def test_each_message_is_one_post_with_text_and_blocks(speak: Callable[[SlackAnnouncer], object]) -> None:
    announcing = Announcing()
    speak(announcing)
    announcing.sender.drain()
    ((name, told),) = announcing.slack.calls
    assert (name, told["channel"]) == ("chat_postMessage", CHANNEL)
    assert told["text"]
    assert told["blocks"]


@ALL
def test_what_is_said_again_is_painted_on_the_same_message(speak: Callable[[SlackAnnouncer], object]) -> None:
    announcing = Announcing()
    for _ in range(2):
        speak(announcing)
        announcing.sender.drain()
    assert [name for name, _ in announcing.slack.calls] == ["chat_postMessage", "chat_update"]
    assert announcing.slack.calls[1][1]["ts"] == "1.0"


def test_an_audits_message_shows_its_report_at_the_end() -> None:
    announcing = Announcing()
    announcing.audit_started(RUN)
    announcing.audit_progress(RUN, 1, 2)
    announcing.audit_finished(RUN, report(account_report()), None)
    announcing.audit_failed(RUN, "Trailwarden was restarted meanwhile.")
    announcing.sender.drain()
    (shown,) = announcing.slack.messages
    assert "FAIL: 1 of 1 account" in shown["text"]
    assert len(announcing.slack.calls) == 2, "the progress that nobody had seen is not sent"


@BEGINNING
@pytest.mark.parametrize("code", [*SENTENCES, "some_new_error"])
def test_whoever_begins_is_told_what_slack_refuses(speak: Callable[[SlackAnnouncer], object], code: str) -> None:
    error = refusal(code)
    if passes(error):
        return
    announcing = Announcing(FakeSlack(refuses={"chat_postMessage": [error]}))
    with pytest.raises(CannotAnnounceError) as why:
        speak(announcing)
    assert str(why.value) == SENTENCES.get(
        code, "Slack answered some_new_error. Whoever runs Trailwarden finds more in its log."
    )
    assert len(announcing.slack.calls) == 1


@BEGINNING
def test_whoever_begins_while_slack_is_away_is_told_nothing_false(speak: Callable[[SlackAnnouncer], object]) -> None:
    announcing = Announcing(FakeSlack(refuses={"chat_postMessage": [ConnectionResetError()] * 9}))
    speak(announcing)
    assert announcing.slack.messages == []
    for _ in range(9):
        announcing.clock.move(minutes=5)
        announcing.sender.drain()
    assert len(announcing.slack.messages) == 1


def test_blocks_that_slack_sdk_refuses_are_put_plainly() -> None:
    too_many = Message("hello", (context(*["x"] * 10), section("x")))
    too_many.blocks[0].elements *= 2  # type: ignore[attr-defined]  # a context
    assert [b["type"] for b in _blocks(too_many)] == ["section"]


def test_a_repaint_of_a_card_shows_its_newest_state_whatever_comes_last() -> None:
    announcing = Announcing()
    announcing.card(change())
    announcing.repaint(change(version=2, state=State.EXPIRED))
    announcing.repaint(change(version=1))
    announcing.sender.drain()
    assert "EXPIRED" in announcing.slack.messages[0]["text"]


def test_a_card_is_posted_even_where_the_approvers_cannot_be_read() -> None:
    directory = FakeDirectory()
    directory.unreadable = Refused("not now")
    announcing = Announcing(directory=directory)
    announcing.card(change())
    assert "could not be read just now" in str(announcing.slack.messages[0]["blocks"])


def test_a_digest_has_one_message_for_each_channel_and_key() -> None:
    announcing = Announcing()
    for channel, run in (("C1", "a"), ("C1", "b"), ("C2", "a"), ("C1", "a")):
        announcing.digest(channel, replace(DIGEST, report=replace(DIGEST.report, run=run)))
    assert [m["channel"] for m in announcing.slack.messages] == ["C1", "C1", "C2"]


# The picture of the week

WEEKS = (Week(date(2026, 9, 7), 60), Week(date(2026, 11, 23), 80))
LINE = Subscription(CHANNEL, time(9), "UTC", "UALICE", NOW, id=3)
PICTURED = replace(DIGEST, subscription=LINE, trend=WEEKS)
UPLOAD = "files_upload_v2"


def said(announcing: Announcing, *digests: Digest) -> list[dict[str, Any]]:
    for one in digests:
        announcing.digest(CHANNEL, one)
    announcing.sender.drain()
    return announcing.slack.messages


def another(run: str) -> Digest:
    return replace(PICTURED, report=replace(PICTURED.report, run=run))


def test_a_picture_hangs_below_its_digest_with_its_words() -> None:
    announcing = Announcing()
    above, picture = said(announcing, PICTURED)
    assert picture["thread_ts"] == above["ts"]
    assert picture["blocks"] == [{"type": "image", "slack_file": {"id": "F0PICTURE"}, "alt_text": words(WEEKS)}]
    assert picture["text"] == f"D-3: {words(WEEKS)}"
    (uploaded,) = announcing.slack.of(UPLOAD)
    assert (uploaded["content"], uploaded["alt_txt"]) == (b"D-3: 2", words(WEEKS))
    assert "channel" not in uploaded, "nobody sees it before its message"
    assert problems(picture["blocks"], "message") == ()


def test_a_week_has_one_picture_however_many_digests_it_has() -> None:
    announcing = Announcing()
    assert len(said(announcing, PICTURED, PICTURED, another("run-2"))) == 3
    assert len(announcing.slack.of(UPLOAD)) == 1
    next_week = replace(another("run-3"), trend=(*WEEKS, Week(date(2026, 11, 30), 90)))
    assert len(said(announcing, next_week)) == 5


@pytest.mark.parametrize("why", [refusal("missing_scope"), OSError("no route"), slow_down()])
def test_an_upload_that_fails_costs_the_picture_alone_until_the_next_digest(why: Exception) -> None:
    announcing = Announcing(FakeSlack(refuses={UPLOAD: [why]}))
    assert len(said(announcing, PICTURED)) == 1
    assert len(said(announcing, another("run-2"))) == 3


def test_a_digest_without_a_trend_has_no_picture() -> None:
    announcing = Announcing()
    assert len(said(announcing, DIGEST, replace(another("run-2"), trend=()))) == 2
    assert announcing.slack.of(UPLOAD) == []


def test_the_report_of_an_audit_reaches_a_person_though_nothing_is_painted_again_there() -> None:
    """A conversation has an id of its own, which we do not know, so what was said in it stays."""
    made = bot()
    announcing = Announcing(FakeSlack())
    made.announcer = announcing  # type: ignore[assignment]  # the real one
    runs.run_audit(made.world, home.order_audit(made.world, "UALICE", frozenset(), "r1"))
    announcing.sender.drain()
    looking, report = (m["text"] for m in announcing.slack.messages)
    assert "Looking" in looking
    assert report.startswith("FAIL")


def test_each_time_that_somebody_sets_or_ends_a_digest_is_a_message_of_its_own_in_the_channel() -> None:
    announcing = Announcing()
    first = Subscription(CHANNEL, time(9), "UTC", "UALICE", NOW, id=1)
    second = replace(first, at=time(10), owner="UDAVE", since=NOW + timedelta(minutes=1))
    announcing.subscribed(Subscribed(first))
    announcing.subscribed(Subscribed(second, before=first))
    announcing.unsubscribed(Ended("UDAVE", NOW + timedelta(minutes=2), (second,)))
    announcing.sender.drain()
    assert [(told["channel"], told["text"].split(":")[0]) for told in announcing.slack.messages] == [
        (CHANNEL, "<@UALICE> set up D-1"),
        (CHANNEL, "<@UDAVE> changed D-1"),
        (CHANNEL, "<@UDAVE> ended D-1 (10"),
    ]
