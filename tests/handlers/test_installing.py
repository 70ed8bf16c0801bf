"""Installing: what is asked for, who is let in, and what a browser is told."""

import asyncio
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from starlette.requests import Request
from starlette.responses import Response

from bot.ports import Installation
from handlers.installing import INSTALL, REDIRECT, SCOPES, Credentials, Installing
from tests.handlers.fake_slack import refusal

CREDENTIALS = Credentials("1.2", "secret", "https://slack.example.com/oauth/v2/authorize")
GRANTED: dict[str, Any] = {
    "app_id": "A1",
    "access_token": "xoxb-1",
    "team": {"id": "T0ACME", "name": "<b>Acme</b>"},
    "authed_user": {"id": "U0ALICE"},
    "bot_user_id": "U0BOT",
    "is_enterprise_install": False,
}


class Slack:
    """Slack's side: `granted` is what a code is exchanged for."""

    def __init__(self) -> None:
        self.granted: dict[str, Any] = dict(GRANTED)
        self.trouble: Exception | None = None
        self.cannot_revoke: Exception | None = None
        self.asked: list[dict[str, Any]] = []
        self.revoked: list[str] = []

    def oauth_v2_access(self, **asked: Any) -> dict[str, Any]:
        self.asked.append(asked)
        if self.trouble:
            raise self.trouble
        return self.granted

    def auth_test(self, token: str) -> dict[str, Any]:
        assert token == self.granted["access_token"]
        return {"bot_id": "B1"}

    def auth_revoke(self, token: str) -> None:
        self.revoked.append(token)
        if self.cannot_revoke:
            raise self.cannot_revoke


class States:
    """Each is good once."""

    def __init__(self) -> None:
        self.issued: list[str] = []
        self.used: list[str] = []

    def issue(self) -> str:
        self.issued.append(f"state-{len(self.issued)}")
        return self.issued[-1]

    def consume(self, state: str) -> bool:
        good = state in self.issued and state not in self.used
        self.used.append(state)
        return good


class Play:
    def __init__(self) -> None:
        self.slack, self.states, self.saved = Slack(), States(), list[Installation]()
        self.installing = Installing(
            self.slack,  # type: ignore[arg-type]  # our stand-in
            CREDENTIALS,
            self.states,
            frozenset({"T0ACME", "T0BETA"}),
            self.saved.append,
        )

    def opens(self, path: str, cookie: str = "", **query: str) -> Response:
        headers = [(b"cookie", cookie.encode())] if cookie else []
        scope = {"type": "http", "method": "GET", "path": path, "headers": headers}
        request = Request({**scope, "query_string": urlencode(query).encode()})

        async def opened() -> Response:
            return await self.installing.pages[path](request)

        return asyncio.run(opened())

    def begun(self) -> tuple[str, str]:
        """The state, and the cookie that goes with it."""
        answer = self.opens(INSTALL)
        return parse_qs(urlsplit(answer.headers["location"]).query)["state"][0], answer.headers["set-cookie"]

    def installs(self) -> Response:
        state, cookie = self.begun()
        return self.opens(REDIRECT, cookie.partition(";")[0], state=state, code="c")


@pytest.fixture
def play() -> Play:
    return Play()


def words(answer: Response) -> str:
    return bytes(answer.body).decode()


def test_slacks_page_is_asked_for_what_the_manifest_says_and_nothing_in_a_persons_name(play: Play) -> None:
    location = play.opens(INSTALL).headers["location"]
    asked = parse_qs(urlsplit(location).query, keep_blank_values=True)
    assert location.startswith("https://slack.example.com/oauth/v2/authorize?")
    assert asked == {"state": ["state-0"], "client_id": ["1.2"], "scope": [",".join(SCOPES)], "user_scope": [""]}


def test_its_cookie_is_read_by_no_script_and_sent_over_https_alone(play: Play) -> None:
    _, cookie = play.begun()
    assert {"httponly", "secure"} <= {part.strip().lower() for part in cookie.split(";")}


def test_an_installation_is_kept_as_slack_granted_it(play: Play) -> None:
    answer = play.installs()
    assert (answer.status_code, "Trailwarden is installed" in words(answer)) == (200, True)
    assert play.saved == [Installation("T0ACME", "A1", "xoxb-1", "<b>Acme</b>", "U0ALICE")]
    assert [(a["code"], a["client_id"], a["client_secret"]) for a in play.slack.asked] == [("c", "1.2", "secret")]
    assert play.slack.revoked == []


OBJECTIONS: dict[str, tuple[dict[str, Any], str]] = {
    "a stranger's": ({"team": {"id": "T0EVIL"}}, "T0EVIL is not among TRAILWARDEN_WORKSPACES"),
    "a whole organization's": ({"is_enterprise_install": True}, "not for a whole organization"),
    "an organization's without a team": ({"team": None, "enterprise": {"id": "E1"}}, "not for a whole organization"),
    "with a token that expires": ({"refresh_token": "xoxe-1", "expires_in": 43_200}, "switch token rotation off"),
    "without an app": ({"app_id": None}, "Slack sent no bot token"),
}


@pytest.mark.parametrize(("different", "sentence"), OBJECTIONS.values(), ids=OBJECTIONS.keys())
def test_what_may_not_be_installed_is_refused_and_its_token_revoked(
    play: Play, different: dict[str, Any], sentence: str
) -> None:
    play.slack.granted |= different
    answer = play.installs()
    assert (answer.status_code, sentence in words(answer)) == (403, True), words(answer)
    assert play.saved == []
    assert play.slack.revoked == ["xoxb-1"]


def test_a_token_that_cannot_be_revoked_is_refused_all_the_same(play: Play) -> None:
    play.slack.granted |= {"team": {"id": "T0EVIL"}}
    play.slack.cannot_revoke = refusal("internal_error")
    assert play.installs().status_code == 403
    assert play.saved == []


@pytest.mark.parametrize(
    ("trouble", "status"), [(refusal("invalid_code"), 401), (OSError("no network"), 502)], ids=["refused", "away"]
)
def test_what_slack_does_not_exchange_is_no_installation(play: Play, trouble: Exception, status: int) -> None:
    play.slack.trouble = trouble
    answer = play.installs()
    assert (answer.status_code, f"Begin again at {INSTALL}" in words(answer)) == (status, True)
    assert play.saved == []


def test_a_way_back_without_the_browsers_state_asks_slack_for_nothing(play: Play) -> None:
    state, cookie = play.begun()
    other, _ = play.begun()
    sent = cookie.partition(";")[0]
    tries = [
        play.opens(REDIRECT, "", state=state, code="c"),
        play.opens(REDIRECT, sent, state=other, code="c"),
        play.opens(REDIRECT, sent, code="c"),
        play.opens(REDIRECT, "slack-app-oauth-state=made", state="made", code="c"),
        play.opens(REDIRECT, sent, state=state),
        play.opens(REDIRECT, sent, state=state, code="c"),
    ]
    assert [answer.status_code for answer in tries] == [400, 400, 400, 401, 401, 401]
    assert play.slack.asked == []


@pytest.mark.parametrize("error", ["access_denied", "<script>alert(1)</script>", "invalid_browser\r\nx: y"])
def test_what_stands_in_the_address_is_never_repeated(play: Play, error: str) -> None:
    answer = play.opens(REDIRECT, error=error)
    assert answer.headers["content-type"].startswith("text/plain")
    assert error not in words(answer)
    assert "x" not in answer.headers


def test_no_page_is_kept_and_no_address_passed_on(play: Play) -> None:
    play.slack.granted |= {"team": {"id": "T0EVIL"}}
    for answer in (play.opens(INSTALL), play.opens(REDIRECT, error="access_denied"), play.installs()):
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"


def test_no_secret_is_printed() -> None:
    assert "secret" not in repr(CREDENTIALS)
