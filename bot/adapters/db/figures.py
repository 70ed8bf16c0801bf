"""The tables as numbers, for whoever watches the bot: a few short queries, each by an index or over a small table."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, Select, func, select, text
from sqlalchemy.engine import Connection

from bot.adapters.db.engine import for_reading
from bot.adapters.db.runs import EVERYTHING
from bot.adapters.db.tables import changes, digests, outbox, runs
from bot.domain.change import State
from bot.domain.outgoing import UNSENT, Stage


@dataclass(frozen=True)
class Figures:
    """`since` is when the oldest change came into each state that has one; `newest` names the newest reports of
    everything, so that whoever has read those need not read them again.
    """

    changes: dict[str, int]
    since: dict[str, datetime]
    outbox: dict[str, int]
    unsent_since: datetime | None
    newest: tuple[str | None, str | None]


class FiguresTable:
    def __init__(self, engine: Engine) -> None:
        self._reading = for_reading(engine)

    def read(self, teams: Collection[str]) -> Figures:
        """Messages only of these: where the app was removed, what is unsent waits until it is installed again."""
        here = outbox.c.team.in_(teams)
        with self._reading.connect() as connection:
            states = connection.execute(STATES).all()
            return Figures(
                changes={row.state: row.number for row in states},
                since={row.state: row.decided or row.proposed for row in states},
                outbox={row.stage: row.number for row in connection.execute(STAGES.where(here))},
                unsent_since=connection.execute(OLDEST.where(here)).scalar(),
                newest=(_first(connection, RUN), _first(connection, DIGEST)),
            )

    def ping(self) -> bool:
        with self._reading.connect() as connection:
            return connection.execute(text("SELECT 1")).scalar() == 1

    def last_run(self) -> tuple[datetime, bool] | None:
        """When the last audit that was asked for ended, and whether with a report; None where none has."""
        ended = select(runs.c.finished, runs.c.packed.is_not(None)).where(runs.c.finished.is_not(None))
        with self._reading.connect() as connection:
            row = connection.execute(ended.order_by(runs.c.finished.desc()).limit(1)).first()
        return (row[0], bool(row[1])) if row else None


STATES = (
    select(
        changes.c.state,
        func.count().label("number"),
        func.min(changes.c.decided_at).label("decided"),
        func.min(changes.c.proposed_at).label("proposed"),
    )
    .group_by(changes.c.state)
    .order_by(changes.c.state)
)
"""A change that waits has no moment of decision."""
STAGES = (
    select(outbox.c.stage, func.count().label("number")).where(outbox.c.stage != Stage.SENT).group_by(outbox.c.stage)
)
OLDEST = select(func.min(outbox.c.since)).where(outbox.c.stage.in_(UNSENT))
RUN = select(runs.c.id).where(EVERYTHING, runs.c.packed.is_not(None)).order_by(runs.c.finished.desc())
DIGEST = select(digests.c.key).where(digests.c.whole).order_by(digests.c.at.desc())


def _first(connection: Connection, query: Select[Any]) -> str | None:
    name: str | None = connection.execute(query.limit(1)).scalar()
    return name


ALL_STATES = tuple(state.value for state in State)
ALL_STAGES = tuple(stage.value for stage in Stage if stage is not Stage.SENT)
