"""The port Evidence: an append-only table, chained."""

import json
from collections.abc import Iterator

from sqlalchemy import Engine, Row, cast, exists, insert, literal, select
from sqlalchemy.engine import Connection

from bot.adapters.db import locks
from bot.adapters.db.engine import for_reading
from bot.adapters.db.tables import changes, evidence
from bot.domain.evidence import GENESIS, Entry, Fact, chained


class EvidenceTable:
    """One chain over all workspaces, so that nothing can be cut out of it. With a team only its entries are read."""

    def __init__(self, engine: Engine, team: str | None = None) -> None:
        self._engine = engine
        self._team = team
        self._reading = for_reading(engine)

    def entries(self, change: str = "") -> Iterator[Entry]:
        rows = select(evidence).order_by(evidence.c.seq)
        if change:
            rows = rows.where(evidence.c.change == change)
        if self._team is not None:
            its = literal("C-") + cast(changes.c.number, evidence.c.change.type) == evidence.c.change
            rows = rows.where(exists().where(changes.c.team == self._team, its))
        with self._reading.connect() as connection:
            for row in connection.execute(rows):
                yield as_entry(row)

    def record(self, fact: Fact) -> None:
        with self._engine.begin() as connection:
            append(connection, fact)

    def head(self) -> str:
        """The hash of the newest entry, whoever's it is."""
        with self._reading.connect() as connection:
            return _head(connection)[1]


def append(connection: Connection, fact: Fact) -> None:
    """Within the caller's transaction, one at a time to its end; a predecessor is unique, so no chain can fork.

    A lock on the table would need UPDATE on it, which the bot's database user should not have.
    """
    locks.until_commit(connection, "evidence")
    seq, previous = _head(connection)
    entry = chained(fact, seq + 1, previous)
    connection.execute(
        insert(evidence).values(
            seq=entry.seq,
            at=entry.at,
            change=entry.change,
            what=entry.what,
            actor=entry.actor,
            facts=json.dumps(entry.facts, sort_keys=True),
            previous=entry.previous,
            hash=entry.hash,
        )
    )


def _head(connection: Connection) -> tuple[int, str]:
    newest = select(evidence.c.seq, evidence.c.hash).order_by(evidence.c.seq.desc()).limit(1)
    row = connection.execute(newest).first()
    return (row.seq, row.hash) if row else (0, GENESIS)


def as_entry(row: Row[tuple[object, ...]]) -> Entry:
    """A row of the table as what it is."""
    return Entry(row.seq, row.at, row.change, row.what, row.actor, _facts(row.facts), row.previous, row.hash)


def _facts(text: str) -> dict[str, object]:
    """What somebody made no JSON is still an entry, so that the chain can name it."""
    try:
        facts: dict[str, object] = json.loads(text)
    except ValueError:
        return {"not JSON": text}
    return facts
