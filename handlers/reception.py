"""To which workspace a payload goes. One of a workspace where the app is not installed is acknowledged, and dropped."""

import logging
from collections.abc import Callable
from typing import Protocol

from slack_bolt import BoltRequest, BoltResponse

from handlers.sparing import SparingLog

log = logging.getLogger(__name__)

NOT_INSTALLED = "Trailwarden is not installed in this workspace any more. Whoever runs it knows where to install it."


class Dispatcher(Protocol):
    """What Bolt's App is to a door."""

    def dispatch(self, req: BoltRequest) -> BoltResponse: ...


class Reception:
    """`app_of` gives a team's app, or None."""

    def __init__(self, app_of: Callable[[str], Dispatcher | None]) -> None:
        self._app_of = app_of
        self._strangers = SparingLog(log)

    def dispatch(self, req: BoltRequest) -> BoltResponse:
        team: object = req.context.team_id
        app = self._app_of(team) if isinstance(team, str) else None
        return app.dispatch(req) if app else self._to_nobody(req)

    def _to_nobody(self, req: BoltRequest) -> BoltResponse:
        """Slack asks whether our address is ours before anybody has installed anything."""
        if req.body.get("type") == "url_verification":
            return BoltResponse(status=200, body=str(req.body.get("challenge", "")))
        self._strangers.warning("payload of a workspace refused where the app is not installed")
        return BoltResponse(status=200, body=NOT_INSTALLED if "command" in req.body else "")
