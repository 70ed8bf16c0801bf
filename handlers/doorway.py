"""Socket Mode's way in: a malformed payload is acknowledged, so that it is not sent again, logged once and dropped."""

import logging

from slack_bolt.adapter.socket_mode.websocket_client import SocketModeHandler
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.socket_mode.websocket_client import SocketModeClient

from handlers import payload

log = logging.getLogger(__name__)


class Doorway(SocketModeHandler):
    def handle(self, client: SocketModeClient, req: SocketModeRequest) -> None:  # type: ignore[override]  # as Bolt's own
        if admits(req.payload):
            super().handle(client, req)
        else:
            client.send_socket_mode_response(SocketModeResponse(envelope_id=req.envelope_id))


def admits(found: object) -> bool:
    """Whether Bolt may see it."""
    problem = payload.problem(found)
    if problem:
        log.warning("payload refused: %s", problem)
    return not problem
