"""The port Changes: compare-and-set on the version, with the evidence in the same transaction."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import ColumnElement, Engine, Row, Select, cast, delete, insert, select, update
from sqlalchemy.engine import Connection

from bot.adapters.db import codec, locks
from bot.adapters.db.engine import for_reading
from bot.adapters.db.evidence import append
from bot.adapters.db.outbox import NEVER_SEEN
from bot.adapters.db.tables import changes, outbox, votes
from bot.domain.change import OPEN, TOLD, Change, State, Vote
from bot.domain.evidence import Fact
from bot.domain.exceptions import Review
from bot.domain.outgoing import Stage, card_of, reminder_of
from bot.domain.twins import refuse_foreign, refuse_twin

CARD = outbox.c.subject == card_of("C-") + cast(changes.c.number, outbox.c.subject.type)
Enqueue = Callable[[Connection, Change], None]
"""Enqueues applying the change, within the caller's transaction."""


class ChangesTable:
    """The changes of one workspace; their numbers are counted over all of them."""

    def __init__(self, engine: Engine, enqueue: Enqueue, team: str = "") -> None:
        self._engine = engine
        self._team = team
        self._ours = changes.c.team == team
        self._reading = for_reading(engine)
        self._enqueue = enqueue

    def add(self, change: Change, fact: Callable[[Change], Fact]) -> Change:
        with self._engine.begin() as connection:
            locks.until_commit(connection, f"account:{change.plan.account.id}")
            ongoing = select(changes).where(changes.c.state.in_(OPEN))
            refuse_twin(change.plan, _read(connection, ongoing.where(self._ours)))
            refuse_foreign(change.plan, _read(connection, ongoing.where(~self._ours)))
            values = {**_columns(change), "plan": codec.dump_plan(change.plan), "message": "", "team": self._team}
            made = connection.execute(insert(changes).values(**values))
            number = made.lastrowid if made.inserted_primary_key is None else made.inserted_primary_key[0]
            added = _read(connection, select(changes).where(changes.c.number == number))[0]
            append(connection, fact(added))
        return added

    def get(self, number: int) -> Change | None:
        with self._reading.connect() as connection:
            return next(iter(_read(connection, select(changes).where(self._ours, changes.c.number == number))), None)

    def open(self) -> tuple[Change, ...]:
        return self._all(select(changes).where(changes.c.state.in_(OPEN)))

    def active(self) -> tuple[Change, ...]:
        return self._all(select(changes).where(changes.c.state == State.ACTIVE))

    def exceptions(self, since: datetime) -> tuple[Change, ...]:
        lately = (changes.c.state == State.ENDED) & (changes.c.decided_at >= since)
        found = self._all(select(changes).where(changes.c.state.in_((State.PROPOSED, State.ACTIVE)) | lately))
        return tuple(c for c in found if c.plan.accepts)

    def ended(self, most: int) -> tuple[Change, ...]:
        newest = select(changes).where(self._ours, changes.c.state.not_in((*OPEN, State.ACTIVE)))
        newest = newest.order_by(changes.c.decided_at.desc(), changes.c.number.desc()).limit(most)
        with self._reading.connect() as connection:
            return tuple(_read(connection, newest))

    def awaiting_delivery(self) -> tuple[Change, ...]:
        return self._all(select(changes).where(changes.c.delivery == "awaited"))

    def unpainted(self) -> tuple[Change, ...]:
        never = outbox.c.subject.is_(None) & changes.c.state.in_(OPEN)
        older = (outbox.c.version < changes.c.version) & ~NEVER_SEEN
        return self._all(select(changes).outerjoin(outbox, CARD).where(never | older))

    def unseen(self) -> tuple[tuple[Change, str], ...]:
        query = select(changes.c.number, outbox.c.error).join(outbox, CARD)
        with self._reading.connect() as connection:
            rows = connection.execute(query.where(self._ours, NEVER_SEEN, changes.c.state == State.PROPOSED)).all()
        return tuple((change, row.error) for row in rows if (change := self.get(row.number)))

    def unreminded(self) -> tuple[Change, ...]:
        waiting = (changes.c.state == State.PROPOSED.value) & (changes.c.message != "")
        return self._all(select(changes).where(waiting, changes.c.reminded.is_(False)))

    def untold(self) -> tuple[Change, ...]:
        ended = changes.c.state.in_(TOLD) | (changes.c.state == State.CANCELLED) & (changes.c.outcome != "")
        return self._all(select(changes).where(ended, changes.c.told.is_(False)))

    def claim_reminder(self, number: int) -> bool:
        return self._claim(number, "reminded", frozenset({State.PROPOSED}))

    def claim_notice(self, number: int) -> bool:
        return self._claim(number, "told", TOLD | {State.CANCELLED})

    def claim_review(self, number: int, review: Review) -> bool:
        earlier = (changes.c.number == number) & (changes.c.state == State.ACTIVE) & (changes.c.reviewed < review)
        claimed = update(changes).where(self._ours, earlier).values(reviewed=int(review))
        with self._engine.begin() as connection:
            return connection.execute(claimed).rowcount == 1

    def _claim(self, number: int, column: str, states: frozenset[State]) -> bool:
        """Compare-and-set: of all replicas one gets it. No part of the version, so that it disturbs no vote."""
        free = (changes.c.number == number) & changes.c.state.in_(states) & changes.c[column].is_(False)
        with self._engine.begin() as connection:
            return connection.execute(update(changes).where(self._ours, free).values({column: True})).rowcount == 1

    def _all(self, query: Select[tuple[object, ...]]) -> tuple[Change, ...]:
        with self._reading.connect() as connection:
            return tuple(_read(connection, query.where(self._ours).order_by(changes.c.number)))

    def save(self, change: Change, fact: Fact | None = None, start: bool = False) -> Change | None:
        with self._engine.begin() as connection:
            if not _compare_and_set(connection, change, self._ours):
                return None
            _add_votes(connection, change)
            if change.state is not State.PROPOSED:
                connection.execute(update(outbox).where(_unsent_reminder(change)).values(NO_MORE))
            if fact:
                append(connection, fact)
            if start:
                self._enqueue(connection, change)
            return _read(connection, select(changes).where(changes.c.number == change.number))[0]


NO_MORE = {"stage": Stage.GIVEN_UP.value, "error": "decided meanwhile"}


def _unsent_reminder(change: Change) -> ColumnElement[bool]:
    """It would be said after the decision."""
    return (outbox.c.subject == reminder_of(change.id)) & (outbox.c.stage == Stage.WAITING)


def _compare_and_set(connection: Connection, change: Change, ours: ColumnElement[bool]) -> bool:
    """Of two who read the same version, the first to save it wins."""
    same = (changes.c.number == change.number) & (changes.c.version == change.version)
    values = {**_columns(change), "version": change.version + 1}
    return connection.execute(update(changes).where(ours, same).values(**values)).rowcount == 1


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
    "ended_by",
)
"""Those that are the change's own fields as they are."""


def _columns(change: Change) -> dict[str, object]:
    return {"state": change.state.value, **{name: getattr(change, name) for name in COLUMNS}}


def _add_votes(connection: Connection, change: Change) -> None:
    """One for each person: who denies what they approved before has changed their mind."""
    cast = set(_votes(connection, change.number))
    for vote in (v for v in change.votes if v not in cast):
        theirs = (votes.c.change == change.number) & (votes.c.user == vote.user)
        connection.execute(delete(votes).where(theirs))
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
        ended_by=row.ended_by,
        reviewed=row.reviewed,
    )
