"""Socket Mode: envelopes, acks, time-outs, retries, several sockets."""

import json
import threading
import urllib.request
from typing import Any

import pytest
import websocket

from bot.playground.slack import RunningWorkspace
from tests.playground.slack_app import actions, bolt_app, button, client, modal, running, text_input


def open_socket(workspace: RunningWorkspace) -> websocket.WebSocket:
    answer = client(workspace).apps_connections_open(app_token=workspace.app_token)
    socket = websocket.create_connection(answer["url"], timeout=5)
    assert json.loads(socket.recv())["type"] == "hello"
    return socket


def test_a_slow_listener_is_seen_as_a_time_out(workspace: RunningWorkspace) -> None:
    app = bolt_app(workspace)
    told = threading.Event()

    @app.command("/trail-audit")
    def slow(ack: Any) -> None:
        told.wait(5)
        ack()

    with running(app, workspace):
        result = workspace.person("alice").types("cloud-security", "/trail-audit")
        told.set()

    assert (result.timed_out, result.error) == (True, "operation_timeout")
    assert 'failed with the error "operation_timeout"' in workspace.person("alice").ephemerals("C0CLOUDSEC")[0].text


def test_a_click_and_a_submission_that_nobody_acks_time_out(workspace: RunningWorkspace) -> None:
    web = client(workspace)
    web.chat_postMessage(channel="C0CLOUDSEC", text="Card", blocks=[actions(button("approve", "C-1"))])
    bob = workspace.person("bob")

    click = bob.clicks(workspace.messages("cloud-security")[0], "approve")

    assert click.timed_out
    assert click.payload is not None
    web.views_open(trigger_id=click.payload["trigger_id"], view=modal(text_input("why")))
    assert bob.submits({"why": "because"}).error == "We had some trouble connecting. Try again?"
    assert bob.modal() is not None


def test_each_envelope_goes_to_one_of_two_sockets(workspace: RunningWorkspace) -> None:
    first, second = open_socket(workspace), open_socket(workspace)
    received: list[int] = []

    def answer(number: int, socket: websocket.WebSocket) -> None:
        for _ in range(2):
            envelope = json.loads(socket.recv())
            received.append(number)
            socket.send(json.dumps({"envelope_id": envelope["envelope_id"]}))

    threads = [threading.Thread(target=answer, args=pair) for pair in enumerate((first, second))]
    for thread in threads:
        thread.start()
    results = [workspace.person("alice").types("cloud-security", "/trail-audit") for _ in range(4)]
    for thread in threads:
        thread.join(5)
    first.close()
    second.close()

    assert [result.acked for result in results] == [True] * 4
    assert sorted(received) == [0, 0, 1, 1]


def test_an_event_comes_again_with_the_same_id_until_it_is_acked(workspace: RunningWorkspace) -> None:
    socket = open_socket(workspace)
    home = threading.Thread(target=workspace.person("alice").opens_home)
    home.start()
    first = json.loads(socket.recv())
    second = json.loads(socket.recv())
    socket.send(json.dumps({"envelope_id": second["envelope_id"]}))
    client(workspace).views_publish(user_id="U0ALICE", view={"type": "home", "blocks": []})
    home.join(5)
    socket.close()

    assert first["payload"]["event"]["type"] == "app_home_opened"
    assert first["payload"]["event_id"] == second["payload"]["event_id"]
    assert (second["retry_attempt"], second["retry_reason"]) == (1, "timeout")


def test_an_envelope_can_be_delivered_twice(workspace: RunningWorkspace) -> None:
    app = bolt_app(workspace)
    seen: list[str] = []

    @app.command("/trail-audit")
    def audit(ack: Any, body: Any) -> None:
        ack()
        seen.append(body["trigger_id"])

    workspace.deliver_twice()
    with running(app, workspace):
        workspace.person("alice").types("cloud-security", "/trail-audit")
        workspace.wait_for(lambda: len(seen) == 2)

    assert seen[0] == seen[1]


def test_the_app_comes_back_after_a_broken_connection(workspace: RunningWorkspace) -> None:
    app = bolt_app(workspace)

    @app.command("/trail-audit")
    def audit(ack: Any) -> None:
        ack()

    with running(app, workspace):
        before = _openings(workspace)
        workspace.drop_sockets()
        workspace.wait_for(lambda: _openings(workspace) > before)
        workspace.wait_for(workspace.connected)
        assert workspace.person("alice").types("cloud-security", "/trail-audit").acked


def test_a_disconnect_envelope_ends_the_socket(workspace: RunningWorkspace) -> None:
    socket = open_socket(workspace)

    workspace.ask_to_reconnect("warning")

    assert not workspace.connected()
    told = json.loads(socket.recv())
    assert (told["type"], told["reason"]) == ("disconnect", "warning")
    with pytest.raises(websocket.WebSocketConnectionClosedException):
        socket.recv()
    socket.close()


def _openings(workspace: RunningWorkspace) -> int:
    return sum(call.method == "apps.connections.open" for call in workspace.calls)


def test_a_ticket_opens_one_socket(workspace: RunningWorkspace) -> None:
    url = client(workspace).apps_connections_open(app_token=workspace.app_token)["url"]
    websocket.create_connection(url, timeout=5).close()

    with pytest.raises(websocket.WebSocketBadStatusException, match="403"):
        websocket.create_connection(url, timeout=5)


def test_a_stopped_workspace_is_gone(workspace: RunningWorkspace) -> None:
    workspace.stop()

    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(workspace.url, timeout=2)  # noqa: S310 - our own http URL
