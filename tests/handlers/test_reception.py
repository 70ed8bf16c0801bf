"""Each payload goes to the workspace that it is of, and to no other."""

import json
from typing import Any

import pytest
from slack_bolt import BoltRequest, BoltResponse

from handlers import payload
from handlers.reception import Reception


class App:
    def __init__(self) -> None:
        self.got: list[Any] = []

    def dispatch(self, req: BoltRequest) -> BoltResponse:
        self.got.append(req.body)
        return BoltResponse(status=200, body="ours")


@pytest.fixture
def apps() -> dict[str, App]:
    return {"T0ACME": App(), "T0BETA": App()}


def given(apps: dict[str, App], body: dict[str, Any]) -> BoltResponse:
    return Reception(apps.get, {"T0LOCKED": "No key."}.get).dispatch(BoltRequest(mode="socket_mode", body=body))


OF_BETA: dict[str, dict[str, Any]] = {
    "a command": {"command": "/trail-audit", "team_id": "T0BETA", "user_id": "U1"},
    "a click": {"type": "block_actions", "team": {"id": "T0BETA"}, "user": {"id": "U1", "team_id": "T0BETA"}},
    "a click of somebody of the other one, in a channel of both": {
        "type": "block_actions",
        "team": {"id": "T0BETA"},
        "user": {"id": "U1", "team_id": "T0ACME"},
    },
    "a form": {"type": "view_submission", "team": {"id": "T0BETA"}, "view": {"team_id": "T0BETA"}},
    "a form that was opened in the other one": {
        "type": "view_submission",
        "team": {"id": "T0ACME"},
        "view": {"app_installed_team_id": "T0BETA"},
    },
    "an event": {"type": "event_callback", "team_id": "T0BETA", "event": {"type": "app_home_opened"}},
    "an event of a channel of both": {
        "type": "event_callback",
        "team_id": "T0ACME",
        "authorizations": [{"team_id": "T0BETA"}],
        "event": {"type": "app_home_opened"},
    },
}


@pytest.mark.parametrize("body", OF_BETA.values(), ids=OF_BETA.keys())
def test_a_payload_goes_to_its_workspace_alone(apps: dict[str, App], body: dict[str, Any]) -> None:
    assert given(apps, body).body == "ours"
    assert apps["T0BETA"].got == [body]
    assert apps["T0ACME"].got == []


def test_before_anybody_installed_it_slack_finds_that_the_address_is_ours() -> None:
    answer = given({}, {"type": "url_verification", "challenge": "3eZbrw1a"})
    assert (answer.status, answer.body) == (200, "3eZbrw1a")


def test_where_it_is_not_installed_a_command_is_told_so_and_nothing_is_sent_again() -> None:
    told = given({}, {"command": "/trail-audit", "team_id": "T0BETA", "user_id": "U1"})
    assert (told.status, "is not installed in this workspace" in told.body) == (200, True)
    quiet = given({}, {"type": "block_actions", "team": {"id": "T0BETA"}})
    assert (quiet.status, quiet.body) == (200, "")


def test_where_it_is_installed_and_cannot_begin_a_command_is_told_who_knows_why() -> None:
    told = given({}, {"command": "/trail-audit", "team_id": "T0LOCKED", "user_id": "U1"})
    assert (told.status, "cannot begin in this workspace" in told.body) == (200, True)
    assert "No key" not in told.body


@pytest.mark.parametrize("team", [None, 7, ["T0BETA"], {"id": "T0BETA"}, {}, ""], ids=json.dumps)
def test_a_team_that_is_none_is_nobodys(apps: dict[str, App], team: object) -> None:
    body = {"type": "event_callback", "authorizations": [{"team_id": team}], "event": {}}
    assert given(apps, body).status == 200
    assert not any(app.got for app in apps.values())


@pytest.mark.parametrize("kind", ["app_uninstalled", "tokens_revoked"])
def test_events_of_the_app_itself_name_nobody(kind: str) -> None:
    event = {"type": "event_callback", "team_id": "T1", "event": {"type": kind, "tokens": {"bot": ["U1"]}}}
    assert payload.problem(event) == ""
    assert payload.problem({**event, "event": {"type": "app_home_opened"}}) == "event.user is missing"
    assert payload.problem({**event, "event": {"type": kind, "user": "<script>"}}) == "event.user is malformed"
