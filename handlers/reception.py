"""To which workspace a payload goes. One of a workspace that is none of ours is acknowledged, and dropped."""

import logging
from collections.abc import Callable
from typing import Protocol

from slack_bolt import BoltRequest, BoltResponse

from handlers.sparing import SparingLog

log = logging.getLogger(__name__)

NOT_INSTALLED = "Trailwarden is not installed in this workspace any more. Whoever runs it knows where to install it."
CANNOT_BEGIN = "Trailwarden cannot begin in this workspace, so nothing was done: whoever runs it finds why in its log."


class Dispatcher(Protocol):
    """What Bolt's App is to a door."""

    def dispatch(self, req: BoltRequest) -> BoltResponse: ...


class Reception:
    """`app_of` gives a team's app, or None; `why_not` why it has none although it is installed, if so."""

    def __init__(self, app_of: Callable[[str], Dispatcher | None], why_not: Callable[[str], str | None]) -> None:
        self._app_of = app_of
        self._why_not = why_not
        self._strangers = SparingLog(log)

    def dispatch(self, req: BoltRequest) -> BoltResponse:
        found: object = req.context.team_id
        team = found if isinstance(found, str) else ""
        app = self._app_of(team)
        return app.dispatch(req) if app else self._to_nobody(req, team)

    def _to_nobody(self, req: BoltRequest, team: str) -> BoltResponse:
        """Slack asks whether our address is ours before anybody has installed anything."""
        if req.body.get("type") == "url_verification":
            return BoltResponse(status=200, body=str(req.body.get("challenge", "")))
        self._strangers.warning("payload of a workspace refused where the app is not installed, or cannot begin")
        words = CANNOT_BEGIN if self._why_not(team) else NOT_INSTALLED
        return BoltResponse(status=200, body=words if "command" in req.body else "")
