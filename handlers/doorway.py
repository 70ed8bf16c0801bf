"""How Slack reaches us. The listeners behind a door do not know which one it is; this is Socket Mode's."""

import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

from slack_bolt import App
from slack_bolt.adapter.socket_mode.websocket_client import SocketModeHandler
from slack_sdk.errors import SlackClientError
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.socket_mode.websocket_client import SocketModeClient
from starlette.requests import Request
from starlette.responses import Response

from bot.ports import CannotRunError
from handlers import payload, slack_errors

log = logging.getLogger(__name__)

THREADS = 50
"""For acknowledging; Bolt's own five make the sixth user wait past Slack's three seconds."""
CONNECTS_WITHIN = 10.0


class Door(Protocol):
    """Shut until `open`. What came in before `shut` is acknowledged all the same.

    `endpoints` are what our server must serve for it, by path.
    """

    endpoints: Mapping[str, Callable[[Request], Awaitable[Response]]]

    def open(self) -> None:
        """Raises CannotRunError."""

    def shut(self) -> None: ...

    def is_open(self) -> bool: ...


class Doorway(SocketModeHandler):
    """A malformed payload is acknowledged, so that it is not sent again, logged once and dropped."""

    def __init__(self, app: App, token: str) -> None:
        super().__init__(app, token, concurrency=THREADS)
        self.endpoints: Mapping[str, Callable[[Request], Awaitable[Response]]] = {}

    def handle(self, client: SocketModeClient, req: SocketModeRequest) -> None:  # type: ignore[override]  # as Bolt's own
        if admits(req.payload):
            super().handle(client, req)
        else:
            client.send_socket_mode_response(SocketModeResponse(envelope_id=req.envelope_id))

    def open(self) -> None:
        """The connection is made on another thread; where it takes long, it goes on being tried there.

        What looks after it begins when it is made. With `connect()` it would find no socket yet and open a second
        session, and what Slack sends over the first is lost.
        """
        self.client.current_app_monitor_started = True
        try:
            self.client.connect()
        except (SlackClientError, OSError) as failed:
            raise CannotRunError(f"The socket to Slack cannot be opened: {slack_errors.socket(failed)}") from failed
        deadline = time.monotonic() + CONNECTS_WITHIN
        while not self.is_open() and time.monotonic() < deadline:
            time.sleep(0.05)
        self.client.current_app_monitor.start()

    def shut(self) -> None:
        """Not `close()`: that waits for a thread that looks up only every ten seconds. The thread that runs the
        session would begin it again half a second after its end.
        """
        self.client.auto_reconnect_enabled = False
        self.client.current_session_runner.event.set()
        self.client.disconnect()
        self.client.message_workers.shutdown()

    def is_open(self) -> bool:
        return bool(self.client.is_connected())


def admits(found: object) -> bool:
    """Whether Bolt may see it."""
    problem = payload.problem(found)
    if problem:
        log.warning("payload refused: %s", problem)
    return not problem
