"""A small real Bolt app, on a real websocket, against a local workspace."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from slack_bolt import App
from slack_bolt.adapter.socket_mode.websocket_client import SocketModeHandler
from slack_sdk import WebClient

from bot.playground.slack import RunningWorkspace

Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def button(action_id: str, value: str, label: str = "Press") -> Json:
    return {"type": "button", "action_id": action_id, "value": value, "text": plain(label)}


def actions(*elements: Json) -> Json:
    return {"type": "actions", "elements": list(elements)}


def section(text: str) -> Json:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def text_input(block_id: str, action_id: str = "text") -> Json:
    element = {"type": "plain_text_input", "action_id": action_id}
    return {"type": "input", "block_id": block_id, "label": plain(block_id), "element": element}


def modal(*blocks: Json, title: str = "A form", **more: Any) -> Json:
    return {
        "type": "modal",
        "callback_id": "form",
        "title": plain(title),
        "submit": plain("Send"),
        "blocks": list(blocks),
        **more,
    }


def client(workspace: RunningWorkspace) -> WebClient:
    return WebClient(token=workspace.bot_token, base_url=workspace.api_url)


def bolt_app(workspace: RunningWorkspace) -> App:
    return App(client=client(workspace), process_before_response=False)


@contextmanager
def running(app: App, workspace: RunningWorkspace) -> Iterator[SocketModeHandler]:
    """The app with one open socket."""
    handler = SocketModeHandler(app, workspace.app_token)
    handler.connect()  # type: ignore[no-untyped-call]  # Bolt's own
    try:
        workspace.wait_for(workspace.connected)
        yield handler
    finally:
        hang_up(handler)


def hang_up(handler: SocketModeHandler) -> None:
    """Ends the client at once: by itself websocket-client may sleep up to 10 s in select() before it notices."""
    client = handler.client
    client.auto_reconnect_enabled = False
    session = client.current_session
    if session and session.sock and session.sock.sock:
        session.sock.sock.shutdown(socket.SHUT_RDWR)
    deadline = time.monotonic() + 5
    while client.is_connected() and time.monotonic() < deadline:
        time.sleep(0.01)
    client.closed = True
    client.message_queue.put("")
    handler.close()  # type: ignore[no-untyped-call]  # Bolt's own
