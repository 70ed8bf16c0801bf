"""The port Changes: compare-and-set on the version, with the evidence in the same transaction."""

from collections.abc import Callable

from sqlalchemy import Engine, Row, Select, insert, select, update
from sqlalchemy.engine import Connection

from bot.adapters.db import codec
from bot.adapters.db.engine import for_reading
from bot.adapters.db.evidence import append
from bot.adapters.db.tables import changes, votes
from bot.domain.change import OPEN, Change, State, Vote
from bot.domain.evidence import Fact

Enqueue = Callable[[Connection, Change], None]
"""Enqueues applying the change, within the caller's transaction."""


class ChangesTable:
    def __init__(self, engine: Engine, enqueue: Enqueue) -> None:
        self._engine = engine
        self._reading = for_reading(engine)
        self._enqueue = enqueue

    def add(self, change: Change, fact: Callable[[Change], Fact]) -> Change:
        with self._engine.begin() as connection:
            values = {**_columns(change), "plan": codec.dump_plan(change.plan), "message": "", "painted": -1}
            made = connection.execute(insert(changes).values(**values))
            number = made.lastrowid if made.inserted_primary_key is None else made.inserted_primary_key[0]
            added = _read(connection, select(changes).where(changes.c.number == number))[0]
            append(connection, fact(added))
        return added

    def get(self, number: int) -> Change | None:
        with self._reading.connect() as connection:
            return next(iter(_read(connection, select(changes).where(changes.c.number == number))), None)

    def open(self) -> tuple[Change, ...]:
        return self._all(select(changes).where(changes.c.state.in_(OPEN)))

    def awaiting_delivery(self) -> tuple[Change, ...]:
        return self._all(select(changes).where(changes.c.delivery == "awaited"))

    def unpainted(self) -> tuple[Change, ...]:
        """Those whose card does not show their newest version, or was never posted."""
        return self._all(select(changes).where(changes.c.painted < changes.c.version))

    def _all(self, query: Select[tuple[object, ...]]) -> tuple[Change, ...]:
        with self._reading.connect() as connection:
            return tuple(_read(connection, query.order_by(changes.c.number)))

    def save(self, change: Change, fact: Fact | None = None, start: bool = False) -> Change | None:
        with self._engine.begin() as connection:
            if not _compare_and_set(connection, change):
                return None
            _add_votes(connection, change)
            if fact:
                append(connection, fact)
            if start:
                self._enqueue(connection, change)
            return _read(connection, select(changes).where(changes.c.number == change.number))[0]

    def card_painted(self, number: int, message: str, version: int) -> None:
        newer = changes.c.painted < version
        with self._engine.begin() as connection:
            connection.execute(
                update(changes).where(changes.c.number == number, newer).values(message=message, painted=version)
            )


def _compare_and_set(connection: Connection, change: Change) -> bool:
    """Of two who read the same version, the first to save it wins."""
    same = (changes.c.number == change.number) & (changes.c.version == change.version)
    values = {**_columns(change), "version": change.version + 1}
    return connection.execute(update(changes).where(same).values(**values)).rowcount == 1


COLUMNS = (
    "version",
    "requester",
    "channel",
    "proposed_at",
    "expires_at",
    "decided_at",
    "quorum",
    "done",
    "outcome",
    "delivery",
)
"""Those that are the change's own fields as they are."""


def _columns(change: Change) -> dict[str, object]:
    return {"state": change.state.value, **{name: getattr(change, name) for name in COLUMNS}}


def _add_votes(connection: Connection, change: Change) -> None:
    cast = set(connection.execute(select(votes.c.user).where(votes.c.change == change.number)).scalars())
    for vote in change.votes:
        if vote.user not in cast:
            values = {"user": vote.user, "approve": vote.approve, "at": vote.at, "reason": vote.reason}
            connection.execute(insert(votes).values(change=change.number, **values))


def _read(connection: Connection, query: Select[tuple[object, ...]]) -> list[Change]:
    rows = connection.execute(query).all()
    return [_change(row, _votes(connection, row.number)) for row in rows]


def _votes(connection: Connection, number: int) -> tuple[Vote, ...]:
    rows = connection.execute(select(votes).where(votes.c.change == number).order_by(votes.c.at))
    return tuple(Vote(r.user, r.approve, r.at, r.reason) for r in rows)


def _change(row: Row[tuple[object, ...]], cast: tuple[Vote, ...]) -> Change:
    return Change(
        number=row.number,
        plan=codec.load_any_plan(row.plan, row.proposed_at),
        requester=row.requester,
        channel=row.channel,
        proposed_at=row.proposed_at,
        expires_at=row.expires_at,
        state=State(row.state),
        version=row.version,
        votes=cast,
        quorum=row.quorum,
        done=row.done,
        outcome=row.outcome,
        decided_at=row.decided_at,
        message=row.message,
        delivery=row.delivery,
    )
