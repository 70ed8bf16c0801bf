"""The port Inbox: of those who take the same id, in whichever process, the row of one goes in."""

from datetime import datetime, timedelta

from sqlalchemy import Engine, delete, insert
from sqlalchemy.exc import IntegrityError

from bot.adapters.db.tables import inbox

REMEMBERED = timedelta(hours=1)
"""A signature is good for five minutes, and a socket brings again within seconds what was not acknowledged."""


class InboxTable:
    """That of one workspace: what came to another one is nothing to it."""

    def __init__(self, engine: Engine, team: str = "") -> None:
        self._engine = engine
        self._team = team

    def take(self, id: str, now: datetime) -> bool:
        try:
            with self._engine.begin() as connection:
                connection.execute(delete(inbox).where(inbox.c.team == self._team, inbox.c.at < now - REMEMBERED))
                connection.execute(insert(inbox).values(team=self._team, id=id, at=now))
        except IntegrityError:
            return False
        return True
