"""Signed HTTP: what is posted, how it is signed, and what the person sees of the answer."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs

import pytest
from slack_sdk.signature import SignatureVerifier

from bot.playground.slack import RunningWorkspace, start_workspace
from tests.playground.slack_app import actions, button, client, modal, text_input

Answer = tuple[int, str, str]
DONE: Answer = (200, "text/plain", "")


@dataclass
class App:
    """Answers POSTs as told, one by one, then with 200; None takes longer than Slack waits."""

    answers: list[Answer | None] = field(default_factory=list)
    got: list[tuple[dict[str, str], str]] = field(default_factory=list)


@pytest.fixture
def workspace() -> Iterator[RunningWorkspace]:
    running = start_workspace(delivery="http", ack_seconds=0.5)
    yield running
    running.stop()


@contextmanager
def listening(app: App, workspace: RunningWorkspace) -> Iterator[None]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/readyz" else 404)
            self.end_headers()

        def do_POST(self) -> None:
            app.got.append((dict(self.headers), self.rfile.read(int(self.headers["Content-Length"])).decode()))
            answer = app.answers.pop(0) if app.answers else DONE
            if answer is None:
                time.sleep(1)
                return
            self.send_response(answer[0])
            self.send_header("Content-Type", answer[1])
            self.end_headers()
            self.wfile.write(answer[2].encode())

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", int(workspace.settings["PORT"])), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    workspace.wait_for(workspace.connected)
    yield
    server.shutdown()
    server.server_close()


def test_a_command_is_a_form_and_its_signature_holds(workspace: RunningWorkspace) -> None:
    app = App()
    with listening(app, workspace):
        result = workspace.person("alice").types("cloud-security", "/trail-audit fix R&D <x>")
    [(headers, body)] = app.got
    assert result.acked
    assert parse_qs(body)["text"] == ["fix R&D <x>"]
    assert headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert SignatureVerifier(workspace.settings["SLACK_SIGNING_SECRET"]).is_valid_request(body, headers)


def test_a_click_is_json_in_a_form(workspace: RunningWorkspace) -> None:
    client(workspace).chat_postMessage(channel="C0CLOUDSEC", text="Card", blocks=[actions(button("approve", "C-1"))])
    app = App()
    with listening(app, workspace):
        click = workspace.person("bob").clicks(workspace.messages("cloud-security")[0], "approve")
    assert click.acked
    assert json.loads(parse_qs(app.got[0][1])["payload"][0]) == click.payload


def test_the_answer_is_said_or_put_into_the_form(workspace: RunningWorkspace) -> None:
    alice = workspace.person("alice")
    wrong = json.dumps({"response_action": "errors", "errors": {"why": "Say more."}})
    app = App([(200, "text/plain", "On it."), DONE, (200, "application/json", wrong)])
    with listening(app, workspace):
        alice.types("cloud-security", "/trail-audit")
        sent = alice.types("cloud-security", "/trail-audit").payload
        assert sent
        client(workspace).views_open(trigger_id=sent["trigger_id"], view=modal(text_input("why")))
        assert alice.submits({"why": "because"}).errors == {"why": "Say more."}
    assert [m.text for m in alice.ephemerals("cloud-security")] == ["On it."]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ((500, "text/plain", ""), "dispatch_failed"),
        ((401, "text/plain", "no"), "dispatch_failed"),
        (None, "operation_timeout"),
    ],
)
def test_what_is_not_acknowledged_is_told(workspace: RunningWorkspace, answer: Answer | None, error: str) -> None:
    with listening(App([answer]), workspace):
        assert workspace.person("alice").types("cloud-security", "/trail-audit").error == error


def test_nobody_there_is_told(workspace: RunningWorkspace) -> None:
    assert not workspace.connected()
    assert workspace.person("alice").types("cloud-security", "/trail-audit").error == "dispatch_failed"


def test_an_event_is_json_and_comes_again_as_it_was_until_it_is_acknowledged(
    workspace: RunningWorkspace,
) -> None:
    app = App([(500, "text/plain", "")])
    with listening(app, workspace):
        workspace.person("alice").opens_home()
        workspace.wait_for(lambda: len(app.got) == 2 or None)
    (first, body), (again, same) = app.got
    assert body == same
    assert json.loads(body)["event"]["type"] == "app_home_opened"
    assert "X-Slack-Retry-Num" not in first
    assert (again["X-Slack-Retry-Num"], again["Content-Type"]) == ("1", "application/json")


def test_socket_mode_posts_nothing() -> None:
    running = start_workspace()
    assert set(running.settings) == {"SLACK_APP_TOKEN"}
    with pytest.raises(LookupError):
        _ = running.posts
    running.stop()
