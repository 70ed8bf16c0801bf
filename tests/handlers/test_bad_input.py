"""Whatever arrives, through Bolt itself: refused, logged once, nothing changed, and nobody meets an error of ours."""

import logging
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

from bot.domain.change import State
from handlers import payload
from handlers.doorway import Doorway
from handlers.views import ids
from tests.handlers.fake_slack import TEAM
from tests.handlers.gate import APP, GENUINE, Gate, Json, interaction, odd, opened, pressed, submitted, tampered, typed


@pytest.fixture(scope="module")
def gate() -> Iterator[Gate]:
    with opened() as made:
        yield made


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
    "another change's id, to end": (pressed(ids.END_NOW, "C-2:0"), "This button is not on C-2's card"),
    "what is no exception, to end": (pressed(ids.END_NOW), "C-1 waits for approval"),
    "an unknown button": (pressed("retired_button"), "This is of another version of me."),
    "an unknown form": (submitted("retired_form"), "This is of another version of me."),
    "an unknown command": ({**typed(), "command": "/other"}, "This is of another version of me."),
    "somebody of another workspace": (
        {**pressed(ids.APPROVE), "user": {"id": "UALICE", "team_id": "T2"}},
        "You are from another workspace.",
    ),
    "a form for no account": (submitted(ids.TRAIL_FORM, "{}"), ""),
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
    "nobody's shortcut": (interaction("shortcut", callback_id="x") | {"user": {}}, "user.id is missing"),
    "nobody's command": ({"command": "/trail-audit"}, "user_id is missing"),
    "a user with markup": ({**typed(), "user_id": "<!channel>"}, "user_id is malformed"),
    "a value that is no text": (pressed(ids.APPROVE, {"a": 1}), "value is malformed"),  # type: ignore[arg-type]  # on purpose
    "an oversized value": (pressed(ids.APPROVE, "C" * 2_001), "value is malformed"),
    "an oversized command": (typed("x" * 40_001), "text is malformed"),
    "an oversized form": (submitted(ids.DENY_FORM, "x" * 3_001), "view.private_metadata is malformed"),
    "half a character": (typed("fix \ud800"), "text is malformed"),
    "a zero character": (typed("fix \0"), "text is malformed"),
    "an event that is none": ({"team_id": TEAM, "api_app_id": APP, "event": None}, "event is no object"),
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
