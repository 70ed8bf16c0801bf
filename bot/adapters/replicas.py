"""The processes that share a database: a live one finds what a dead one left, and goes on with it."""

import logging
from collections.abc import Callable

from sqlalchemy.exc import SQLAlchemyError

from bot.adapters.presence import Presence

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0


class Watch:
    """Finds what the dead have left, and takes it over. `owners` are the ids to which anything unfinished belongs."""

    def __init__(
        self, presence: Presence, owners: Callable[[], frozenset[str]], take_over: Callable[[str], None]
    ) -> None:
        self._presence = presence
        self._owners = owners
        self._take_over = take_over
        self._missed: dict[str, int] = {}

    def look(self) -> None:
        """One look at everybody; called again and again. An absent database is looked for at the next one."""
        try:
            self._presence.hold()
            missing = self._presence.missing(self._owners())
            self._missed = {id: self._missed.get(id, 0) + 1 for id in missing - {self._presence.id}}
            for id in [id for id, times in self._missed.items() if times >= self._presence.looks]:
                self._bury(id)
        except SQLAlchemyError as away:
            self._missed = {}
            log.warning("The database cannot be asked who is alive: %s", str(away).splitlines()[0])

    def _bury(self, id: str) -> None:
        with self._presence.claim(id) as ours:
            if ours:
                log.warning("%s is gone; its work goes on here.", id or "A process")
                self._take_over(id)
