"""The port Runs: audits that were asked for, and their reports."""

import json
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Engine, Row, delete, exists, insert, select, update

from bot.adapters.db import codec
from bot.adapters.db.engine import for_reading
from bot.adapters.db.tables import runs
from bot.domain.finding import Report
from bot.ports import Run

EVERYTHING = runs.c.scope == json.dumps(())


class RunsTable:
    """Those of one workspace. `owner` is the process that runs what is started through it."""

    def __init__(
        self, engine: Engine, owner: str = "", team: str = "", ended: Callable[[Report | None], object] = lambda _: None
    ) -> None:
        """`ended` is told of each audit that ends through it, with its report if it has one."""
        self._engine = engine
        self._team = team
        self._ours = runs.c.team == team
        self._ended = ended
        self._owner = owner
        self._reading = for_reading(engine)

    def start(self, run: Run) -> None:
        values = {name: getattr(run, name) for name in ("id", "channel", "requester", "started")}
        values |= {"scope": json.dumps(run.scope), "owner": self._owner, "team": self._team}
        with self._engine.begin() as connection:
            connection.execute(insert(runs).values(**values))

    def finish(self, run: str, report: Report | None, at: datetime) -> None:
        packed = codec.dump_report(report) if report else None
        with self._engine.begin() as connection:
            connection.execute(update(runs).where(self._ours, runs.c.id == run).values(finished=at, packed=packed))
        self._ended(report)

    def unfinished(self, owner: str) -> tuple[Run, ...]:
        theirs = select(runs).where(self._ours, runs.c.finished.is_(None), runs.c.owner == owner)
        with self._reading.connect() as connection:
            return tuple(_run(row) for row in connection.execute(theirs))

    def owners(self) -> frozenset[str]:
        """Of all that is unfinished."""
        with self._reading.connect() as connection:
            unfinished = select(runs.c.owner).where(self._ours, runs.c.finished.is_(None))
            return frozenset(connection.execute(unfinished).scalars())

    def get(self, run: str) -> tuple[Run, Report | None] | None:
        with self._reading.connect() as connection:
            row = connection.execute(select(runs).where(self._ours, runs.c.id == run)).first()
        return (_run(row), codec.load_any_report(row.packed)) if row else None

    def previous(self, channel: str, scope: tuple[str, ...], before: datetime) -> Report | None:
        """The last finished report on the same scope in this channel, started before then."""
        same = (runs.c.channel == channel) & (runs.c.scope == json.dumps(scope)) & runs.c.packed.is_not(None)
        newest = select(runs.c.packed).where(self._ours, same, runs.c.started < before)
        newest = newest.order_by(runs.c.started.desc()).limit(1)
        with self._reading.connect() as connection:
            packed = connection.execute(newest).scalar()
        return codec.load_any_report(packed)

    def newest(self) -> tuple[Run, Report] | None:
        last = select(runs).where(self._ours, EVERYTHING, runs.c.packed.is_not(None))
        last = last.order_by(runs.c.finished.desc()).limit(1)
        with self._reading.connect() as connection:
            row = connection.execute(last).first()
        report = codec.load_any_report(row.packed) if row else None
        return (_run(row), report) if row and report else None

    def underway(self) -> tuple[Run, ...]:
        running = select(runs).where(self._ours, EVERYTHING, runs.c.finished.is_(None)).order_by(runs.c.started)
        with self._reading.connect() as connection:
            return tuple(_run(row) for row in connection.execute(running))

    def prune(self, before: datetime) -> int:
        newer = runs.alias()
        same = (newer.c.channel == runs.c.channel) & (newer.c.scope == runs.c.scope) & newer.c.packed.is_not(None)
        same &= newer.c.team == self._team
        outdone = exists().where(same, newer.c.started > runs.c.started) | runs.c.packed.is_(None)
        over = runs.c.finished.is_not(None) & (runs.c.started < before)
        with self._engine.begin() as connection:
            return connection.execute(delete(runs).where(self._ours, over, outdone)).rowcount


def _run(row: Row[tuple[object, ...]]) -> Run:
    return Run(row.id, row.channel, row.requester, tuple(json.loads(row.scope)), row.started, row.finished)
