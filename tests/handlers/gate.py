"""A bot behind a real Bolt app, and what Slack sends to it: as Slack makes it, and tampered with."""

import copy
import logging
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from hypothesis import strategies as st
from slack_bolt import App, BoltRequest
from slack_sdk import WebClient

from bot.playground.slack import start_workspace
from bot.services import proposals
from bot.services.proposals import Asker
from handlers import register
from handlers.doorway import admits
from handlers.home import Homes
from handlers.views import ids
from tests.builders import ACCOUNT, account, entitled, surveyed, trail
from tests.fakes_bot import Bot, bot, stopped
from tests.handlers.fake_slack import CHANNEL, TEAM, FakeSlack, TalkAtOnce

Json = dict[str, Any]
APP = "A1"
SECOND = "222233334444"


class AtOnce(Executor):
    """Listeners run on the caller's thread, so that a test need not wait."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        done: Future[Any] = Future()
        done.set_result(fn(*args, **kwargs))
        return done


@dataclass
class Gate:
    """A bot with two open changes behind a real Bolt app; `log` is what was logged from INFO on."""

    bot: Bot
    slack: FakeSlack
    app: App
    log: list[logging.LogRecord] = field(default_factory=list)

    def sends(self, body: object) -> None:
        """Each for the first time, whatever its id."""
        self.bot.inbox.taken.clear()
        if admits(body):
            self.app.dispatch(BoltRequest(mode="socket_mode", body=body))  # type: ignore[arg-type]  # whatever it is

    def state(self) -> tuple[object, ...]:
        made = self.bot
        return made.changes.all(), tuple(made.evidence.all), tuple(made.aws.calls), made.subscriptions.all()


class Kept(logging.Handler):
    def __init__(self, records: list[logging.LogRecord]) -> None:
        super().__init__(logging.INFO)
        self._records = records

    def emit(self, record: logging.LogRecord) -> None:
        self._records.append(record)


@contextmanager
def opened() -> Iterator[Gate]:
    workspace = start_workspace()
    second = replace(surveyed(trail(owner=SECOND, logging=False)), account=account(SECOND))
    made, slack = bot(stopped(), second), FakeSlack()
    made.directory.may_request = entitled("UREQUESTER")
    for number in (ACCOUNT, SECOND):
        proposals.propose_fix(made.world, Asker("UREQUESTER", CHANNEL), number)
    client = WebClient(token=workspace.bot_token, base_url=workspace.api_url)
    app = App(
        client=client,
        signing_secret="not used",
        token_verification_enabled=False,
        listener_executor=AtOnce(),
    )
    talk = TalkAtOnce(made.world, slack, TEAM, frozenset(), APP)  # type: ignore[arg-type]  # our stand-in
    register(app, talk, Homes(talk))
    made_gate = Gate(made, slack, app)
    kept, root = Kept(made_gate.log), logging.getLogger()
    level = root.level
    root.addHandler(kept)
    root.setLevel(logging.INFO)
    yield made_gate
    root.setLevel(level)
    root.removeHandler(kept)
    workspace.stop()


# What Slack sends, from somebody who may nothing


def typed(text: str = f"fix {ACCOUNT}") -> Json:
    return {
        "command": "/trail-audit",
        "text": text,
        "user_id": "UMALLORY",
        "team_id": TEAM,
        "channel_id": CHANNEL,
        "api_app_id": APP,
        "trigger_id": "t",
    }


def interaction(kind: str, **more: Any) -> Json:
    who = {"id": "UMALLORY", "team_id": TEAM, "name": "UALICE"}
    return {"type": kind, "user": who, "team": {"id": TEAM}, "api_app_id": APP, "trigger_id": "t", **more}


def pressed(button: str, value: str = "C-1:0", ts: str = "1.0", **more: Any) -> Json:
    action = {"type": "button", "action_id": button, "block_id": "b", "value": value}
    container = {"type": "message", "message_ts": ts, "channel_id": CHANNEL}
    return interaction("block_actions", actions=[action], channel={"id": CHANNEL}, container=container, **more)


def submitted(form: str, private: str = f"C-1 {CHANNEL}") -> Json:
    values = {"typed": {"typed": {"value": "main"}}, "reason": {"reason": {"value": "no"}}}
    kind = {"bucket_kind": {"bucket_kind": {"selected_option": {"value": "new"}}}}
    view = {"type": "modal", "callback_id": form, "private_metadata": private, "state": {"values": {**values, **kind}}}
    return interaction("view_submission", view=view)


def opened_home() -> Json:
    event = {"type": "app_home_opened", "user": "UMALLORY", "channel": "D0MALLORY", "tab": "home", "event_ts": "1.0"}
    return {"type": "event_callback", "team_id": TEAM, "api_app_id": APP, "event_id": "Ev1", "event": event}


def pressed_at_home(button: str, kind: str = "home") -> Json:
    picked = {"selected_option": {"value": "FAIL"}}
    action = {"type": "button", "action_id": button, "block_id": "b", "value": "C-1:0", **picked}
    view = {"id": "V1", "hash": "1.h", "type": kind, "private_metadata": '{"unit": "all", "verdict": "all", "page": 0}'}
    container = {"type": "view", "view_id": "V1"}
    return interaction("block_actions", actions=[action], container=container, view=view)


ON_CARDS = (ids.PROPOSE_FIX, ids.APPROVE, ids.DENY, ids.CANCEL, ids.PROPOSE_UNDO, ids.END_NOW, ids.FULL_PLAN)
BUTTONS = (*ON_CARDS, ids.DIGEST_CHANGE, ids.DIGEST_OFF, "retired_button")
FORMS = (ids.TRAIL_FORM, ids.DELETE_FORM, ids.DENY_FORM, ids.DIGEST_FORM, "retired_form")
ON_HOME = (ids.APPROVE, ids.DENY, ids.CANCEL, ids.FULL_PLAN, ids.END_NOW, ids.DIGEST_CHANGE, ids.DIGEST_OFF)
AT_HOME = (*ON_HOME, ids.AUDIT_NOW, ids.ACCOUNTS, "retired_button")
TURNING = (ids.ACCOUNTS_UNIT, ids.ACCOUNTS_VERDICT, ids.ACCOUNTS_PREVIOUS, ids.ACCOUNTS_NEXT)
GENUINE = [
    *(typed(), interaction("shortcut", callback_id="x"), opened_home()),
    *(*map(pressed, BUTTONS), *map(submitted, FORMS)),
    *(*map(pressed_at_home, AT_HOME), *(pressed_at_home(turning, "modal") for turning in TURNING)),
    submitted(ids.DELETE_FORM, "C-1 home"),
]

TAMPERED = ["C-2:0", "C-1", "C-0:0", "C-999999999", "C-9999999999999", "C-٤٢:0", "C-1:0; DROP TABLE", "\0", "\ud800"]
MISPLACED = ["UALICE ", "<@UALICE>", TEAM, "T2", "A2", ACCOUNT, SECOND, "all", "ou:Prod", "{}", "../..", "*" * 50_000]
odd_text = st.one_of(
    st.text(max_size=30),
    st.text(st.characters(codec=None), max_size=10),
    st.sampled_from(TAMPERED),
    st.sampled_from(MISPLACED),
)
odd = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | odd_text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(odd_text, inner, max_size=3),
    max_leaves=6,
)


def places(part: object, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    inner = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
    for key, each in inner:
        yield from places(each, (*path, key))


@st.composite
def tampered(draw: st.DrawFn) -> Json:
    """A genuine payload of which some places are something else, or are missing."""
    body = copy.deepcopy(draw(st.sampled_from(GENUINE)))
    for _ in range(draw(st.integers(1, 3))):
        *above, last = draw(st.sampled_from(list(places(body)) or [("type",)]))
        part: Any = body
        for key in above:
            part = part[key]
        if draw(st.booleans()):
            part[last] = draw(odd)
        elif isinstance(part, dict):
            del part[last]
    return body
