"""The page's small API: only for our own page, one person at a time."""

import http.client
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import websocket

from bot.playground.slack import RunningWorkspace, page_api
from tests.playground.conftest import MovableClock
from tests.playground.slack_app import actions, bolt_app, button, client, running, section


def ask(
    workspace: RunningWorkspace, path: str, body: Any = None, **headers: str
) -> tuple[int, http.client.HTTPMessage, str]:
    """(status, headers, body) of one request; header names with _ for -."""
    port = urlsplit(workspace.url).port
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    verb = "GET" if body is None else "POST"
    connection.request(verb, path, body=None if body is None else json.dumps(body), headers=sent)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, answer.headers, text


class Tide:
    """A part of the panel."""

    def __init__(self) -> None:
        self.deeds: dict[str, Callable[[dict[str, Any]], str]] = {"turn": self._turn}

    def shown(self) -> dict[str, Any]:
        return {"height": 3}

    def _turn(self, asked: dict[str, Any]) -> str:
        if "by" not in asked:
            raise ValueError("By how much?")
        return f"Turned by {asked['by']}."


@pytest.mark.parametrize("path", ["/", "/api/api.test", "/page/app.js", "/page/state/U0ALICE"])
@pytest.mark.parametrize(
    "headers",
    [{"Host": "evil.example"}, {"Origin": "https://evil.example"}, {"Origin": "null"}],
    ids=["host", "origin", "null-origin"],
)
def test_a_foreign_host_or_origin_is_refused(untouched: RunningWorkspace, path: str, headers: dict[str, str]) -> None:
    assert ask(untouched, path, X_Page_Token=untouched.page_token, **headers)[0] == 403


def test_the_page_carries_its_token_and_strict_headers(untouched: RunningWorkspace) -> None:
    status, headers, page = ask(untouched, "/")

    assert status == 200
    assert re.search(f'<meta name="page-token" content="{untouched.page_token}"', page)
    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"


def test_nothing_is_told_without_the_token(untouched: RunningWorkspace) -> None:
    assert ask(untouched, "/page/state/U0ALICE")[0] == 403
    assert ask(untouched, "/page/state/U0ALICE", X_Page_Token="guess")[0] == 403
    assert ask(untouched, "/page/type/U0ALICE", {"channel": "C0CLOUDSEC", "text": "x"})[0] == 403


def test_a_person_sees_their_own_workspace(workspace: RunningWorkspace) -> None:
    client(workspace).chat_postEphemeral(channel="C0CLOUDSEC", user="U0BOB", text="<b>Psst</b>")

    def texts(user: str) -> list[str]:
        answer = ask(workspace, f"/page/state/{user}", X_Page_Token=workspace.page_token)[2]
        return [each["text"] for each in json.loads(answer)["messages"]["C0CLOUDSEC"]]

    assert texts("U0BOB") == ["<b>Psst</b>"]
    assert texts("U0ALICE") == []


def test_the_page_is_told_the_workspaces_time_and_when_it_moves(
    workspace: RunningWorkspace, clock: MovableClock
) -> None:
    def state() -> Any:
        return json.loads(ask(workspace, "/page/state/U0ALICE", X_Page_Token=workspace.page_token)[2])

    before = state()
    clock.jump(86_400)
    workspace.tell_the_pages()
    after = state()
    assert 86_400 <= after["now"] - before["now"] < 86_460
    assert after["version"] != before["version"]


def test_the_page_types_and_clicks(workspace: RunningWorkspace) -> None:
    app = bolt_app(workspace)
    token = workspace.page_token

    @app.command("/trail-audit")
    def audit(ack: Any, say: Any) -> None:
        ack()
        say(text="Report", blocks=[section("Report"), actions(button("fix", "111"))])

    @app.action("fix")
    def fix(ack: Any, action: Any, say: Any) -> None:
        ack()
        say(f"Fixing {action['value']}")

    typed = {"channel": "C0CLOUDSEC", "text": "/trail-audit all"}
    with running(app, workspace):
        answer = ask(workspace, "/page/type/U0ALICE", typed, X_Page_Token=token)
        report = workspace.wait_for(lambda: workspace.messages("C0CLOUDSEC"))[0]
        pressed = {
            "channel": report.channel,
            "ts": report.ts,
            "block_id": report.blocks[1]["block_id"],
            "action_id": "fix",
        }
        ask(workspace, "/page/act/U0BOB", pressed, X_Page_Token=token)
        workspace.wait_for(lambda: workspace.messages("C0CLOUDSEC")[1].text == "Fixing 111")
        gone = ask(workspace, "/page/act/U0BOB", pressed | {"action_id": "other"}, X_Page_Token=token)

    assert json.loads(answer[2]) == {"acked": True, "error": None}
    assert (gone[0], json.loads(gone[2])["error"]) == (400, "That button is no longer there.")


def test_a_foreign_page_can_not_open_a_socket(untouched: RunningWorkspace) -> None:
    url = client(untouched).apps_connections_open(app_token=untouched.app_token)["url"]

    with pytest.raises(websocket.WebSocketBadStatusException, match="403"):
        websocket.create_connection(url, timeout=5, origin="https://evil.example")


def test_every_file_of_the_page_is_served_and_nothing_else(untouched: RunningWorkspace) -> None:
    folder = Path(page_api.__file__).parent / "page"
    names = {file.name for file in folder.iterdir()} - {"index.html"}

    types = {name: ask(untouched, f"/page/{name}")[1]["Content-Type"] for name in names}

    kinds = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}
    assert types == {name: kinds[Path(name).suffix] for name in names}
    assert [ask(untouched, f"/page/{name}")[0] for name in ("page_api.py", "index.html")] == [404] * 2


def test_what_stands_behind_the_workspace_is_told_with_the_token_only(untouched: RunningWorkspace) -> None:
    untouched.open_backstage({"tide": Tide()})
    token = {"X_Page_Token": untouched.page_token}
    assert ask(untouched, "/page/backstage/tide")[0] == 403
    assert ask(untouched, "/page/backstage/tide/turn", {})[0] == 403
    assert json.loads(ask(untouched, "/page/backstage/tide", **token)[2]) == {"height": 3}
    assert json.loads(ask(untouched, "/page/backstage/tide/turn", {"by": 2}, **token)[2]) == {"said": "Turned by 2."}
    assert json.loads(ask(untouched, "/page/backstage/tide/turn", {}, **token)[2]) == {"error": "By how much?"}
    assert ask(untouched, "/page/backstage/tide/stop", {}, **token)[0] == 404
    assert ask(untouched, "/page/backstage/moon", **token)[0] == 400


def test_the_page_never_parses_html_and_loads_nothing_foreign() -> None:
    folder = Path(page_api.__file__).parent / "page"
    script = "".join(file.read_text() for file in folder.glob("*.js"))
    page = (folder / "index.html").read_text()

    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|eval\(", script)
    assert not re.search(r"(src|href)=\"(https?:)?//", page)
    assert not re.search(r"<script>|\son\w+=|\sstyle=", page)


def test_typed_words_are_never_markup(workspace: RunningWorkspace) -> None:
    workspace.person("alice").types("random", "<script> & <@U0BOB>")

    assert workspace.messages("random")[0].text == "&lt;script&gt; &amp; &lt;@U0BOB&gt;"
