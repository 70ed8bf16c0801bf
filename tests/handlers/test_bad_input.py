"""Whatever arrives, through Bolt itself: refused, logged once, nothing changed, and nobody meets an error of ours."""

import copy
import logging
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from slack_bolt import App, BoltRequest
from slack_sdk import WebClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

from bot.domain.change import State
from bot.playground.slack import start_workspace
from bot.services import proposals
from bot.services.proposals import Asker
from handlers import payload, register
from handlers.doorway import Doorway, admits
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


@pytest.fixture(scope="module")
def gate() -> Iterator[Gate]:
    with opened() as made:
        yield made


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


BUTTONS = (ids.PROPOSE_FIX, ids.APPROVE, ids.DENY, ids.CANCEL, ids.PROPOSE_UNDO, ids.FULL_PLAN, "retired_button")
FORMS = (ids.CREATE_FORM, ids.DELETE_FORM, ids.DENY_FORM, "retired_form")
AT_HOME = (ids.APPROVE, ids.DENY, ids.CANCEL, ids.FULL_PLAN, ids.AUDIT_NOW, ids.ACCOUNTS, "retired_button")
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


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=tampered() | odd)
def test_whatever_arrives_nothing_changes_and_nothing_breaks(gate: Gate, body: object) -> None:
    before = gate.state()
    gate.log.clear()
    gate.slack.calls.clear()
    gate.sends(body)
    assert gate.state() == before
    assert [r.getMessage() for r in gate.log if r.exc_info or r.levelno >= logging.ERROR] == []
    assert len(gate.log) <= 1, [r.getMessage() for r in gate.log]
    assert len(gate.slack.told()) <= 1
    assert "Something broke" not in str(gate.slack.told())


def logged(gate: Gate, body: object) -> list[str]:
    gate.log.clear()
    gate.slack.calls.clear()
    gate.sends(body)
    return [r.getMessage() for r in gate.log]


@pytest.mark.parametrize("body", GENUINE, ids=lambda b: b.get("command") or b["type"])
def test_what_is_genuine_is_admitted(body: Json) -> None:
    assert payload.problem(body) == ""


REFUSED: dict[str, tuple[Json, str]] = {
    "no change": (pressed(ids.APPROVE, "C-999999999:0"), "There is no change C-999999999."),
    "no number": (pressed(ids.APPROVE, "DROP TABLE"), "This button names no change."),
    "digits of another script": (pressed(ids.APPROVE, "C-١:0"), "This button names no change."),
    "too long a number": (pressed(ids.CANCEL, "C-12345678901:0"), "This button names no change."),
    "another change's id": (pressed(ids.APPROVE, "C-2:0"), "This button is not on C-2's card, which is in <#C1>."),
    "another change's id, to deny": (pressed(ids.DENY, "C-2:0"), "This button is not on C-2's card"),
    "another change's id, to cancel": (pressed(ids.CANCEL, "C-2:0"), "This button is not on C-2's card"),
    "an unknown button": (pressed("retired_button"), "This is of another version of me."),
    "an unknown form": (submitted("retired_form"), "This is of another version of me."),
    "an unknown command": ({**typed(), "command": "/other"}, "This is of another version of me."),
    "somebody of another workspace": (
        {**pressed(ids.APPROVE), "user": {"id": "UALICE", "team_id": "T2"}},
        "You are from another workspace.",
    ),
    "a form for no account": (submitted(ids.CREATE_FORM, "{}"), ""),
}


@pytest.mark.parametrize(("body", "answer"), REFUSED.values(), ids=REFUSED)
def test_what_is_tampered_with_is_refused_logged_once_and_changes_nothing(gate: Gate, body: Json, answer: str) -> None:
    before = gate.state()
    lines = logged(gate, body)
    assert gate.state() == before
    if answer:
        (told,) = gate.slack.told()
        assert answer in told
        assert len(lines) == 1


def test_the_payload_of_another_app_is_logged_once_and_not_answered(gate: Gate) -> None:
    assert logged(gate, {**pressed(ids.APPROVE), "api_app_id": "A2"}) == ["payload of another app refused: 'A2'"]
    assert gate.slack.calls == []


MALFORMED: dict[str, tuple[object, str]] = {
    "no object": (["x"], "no object"),
    "a user that is no object": ({**pressed(ids.APPROVE), "user": 5}, "user is no object"),
    "actions that are none": ({**pressed(ids.APPROVE), "actions": ["x"]}, "actions is no list of objects"),
    "no action": ({**pressed(ids.APPROVE), "actions": []}, "action_id is missing"),
    "no user": ({**pressed(ids.APPROVE), "user": {}}, "user.id is missing"),
    "nobody's command": ({"command": "/trail-audit"}, "user_id is missing"),
    "a user with markup": ({**typed(), "user_id": "<!channel>"}, "user_id is malformed"),
    "a value that is no text": (pressed(ids.APPROVE, {"a": 1}), "value is malformed"),  # type: ignore[arg-type]  # on purpose
    "an oversized value": (pressed(ids.APPROVE, "C" * 2_001), "value is malformed"),
    "an oversized command": (typed("x" * 40_001), "text is malformed"),
    "an oversized form": (submitted(ids.DENY_FORM, "x" * 3_001), "view.private_metadata is malformed"),
    "half a character": (typed("fix \ud800"), "text is malformed"),
    "a zero character": (typed("fix \0"), "text is malformed"),
    "a view that is none": ({"team": {"id": TEAM}, "api_app_id": APP, "view": None}, "view is no object"),
    "a form without a state": (
        interaction("view_submission", view={"type": "modal", "callback_id": "x"}),
        "view.state is malformed",
    ),
    "a state that is none": (
        interaction(
            "view_submission", view={"type": "modal", "callback_id": "x", "state": {"values": {"a": {"b": 1}}}}
        ),
        "view.state.values is malformed",
    ),
}


@pytest.mark.parametrize(("body", "problem"), MALFORMED.values(), ids=MALFORMED)
def test_what_is_malformed_is_logged_once_without_what_was_sent(gate: Gate, body: object, problem: str) -> None:
    assert logged(gate, body) == [f"payload refused: {problem}"]
    assert gate.slack.calls == []


def test_what_is_genuine_from_who_may_gets_through() -> None:
    """Or the fuzz would prove nothing."""
    who = {"id": "UALICE", "team_id": TEAM}
    with opened() as gate:
        gate.sends({**pressed(ids.APPROVE), "user": who})
        gate.sends({**pressed(ids.APPROVE, "C-2:0", "2.0"), "user": who})
        assert [c.state for c in gate.bot.changes.all()] == [State.APPROVED, State.APPROVED]


class Socket:
    """Slack's side of an open socket, as far as an answer goes."""

    logger = logging.getLogger("socket")

    def __init__(self) -> None:
        self.answered: list[str] = []

    def send_socket_mode_response(self, response: SocketModeResponse) -> None:
        self.answered.append(response.envelope_id)


def test_a_malformed_payload_is_acknowledged_so_that_it_does_not_come_again(gate: Gate) -> None:
    doorway, socket = Doorway(gate.app, "xapp-1-A1-1-x"), Socket()
    try:
        for n, body in enumerate([{"type": "block_actions"}, pressed("retired_button"), typed("changes")]):
            doorway.handle(socket, SocketModeRequest(type="interactive", envelope_id=f"e{n}", payload=body))  # type: ignore[arg-type]  # our stand-in
    finally:
        doorway.client.close()
    assert socket.answered == ["e0", "e1", "e2"]
