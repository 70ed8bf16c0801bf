"""Whose rows are whose: every table of what a workspace sees has its team's id in each row."""

from sqlalchemy import Delete, Engine, delete, exists, select, update

from bot.adapters.db.engine import for_reading
from bot.adapters.db.tables import changes, digests, inbox, outbox, runs, subscriptions
from bot.domain.change import OPEN, State

TABLES = (changes, runs, subscriptions, digests, inbox, outbox)
UNFINISHED = (*OPEN, State.ACTIVE)


def adopt(engine: Engine, team: str) -> None:
    """What no release before this one gave a team belongs to the only workspace that there was."""
    for table in TABLES:
        with engine.begin() as connection:
            if table is inbox:
                connection.execute(_came_again(team))
            connection.execute(update(table).where(table.c.team == "").values(team=team))


def _came_again(team: str) -> Delete:
    """What came to an older release's replica, and to one of ours too: two rows of one id cannot be one team's."""
    ours = inbox.alias()
    return delete(inbox).where(inbox.c.team == "", exists().where(ours.c.team == team, ours.c.id == inbox.c.id))


class Teams:
    """Finds the workspace of what is known by its number alone."""

    def __init__(self, engine: Engine) -> None:
        self._reading = for_reading(engine)

    def of_change(self, number: int) -> str | None:
        with self._reading.connect() as connection:
            return connection.execute(select(changes.c.team).where(changes.c.number == number)).scalar()

    def of_subscription(self, id: int) -> str | None:
        with self._reading.connect() as connection:
            return connection.execute(select(subscriptions.c.team).where(subscriptions.c.id == id)).scalar()

    def unfinished(self) -> frozenset[str]:
        """Those with a change that has not ended, or an exception that is active."""
        with self._reading.connect() as connection:
            there = select(changes.c.team).where(changes.c.state.in_(UNFINISHED)).distinct()
            return frozenset(connection.execute(there).scalars())

    def with_subscriptions(self) -> tuple[str, ...]:
        with self._reading.connect() as connection:
            return tuple(connection.execute(select(subscriptions.c.team).distinct()).scalars())

    def with_digests(self) -> tuple[str, ...]:
        with self._reading.connect() as connection:
            return tuple(connection.execute(select(digests.c.team).distinct().order_by(digests.c.team)).scalars())
