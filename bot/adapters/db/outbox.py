"""The port Outbox. A row changes only under its lock, and by the rules of `bot.domain.outgoing`.

SQLite has one process and one writer. On PostgreSQL `FOR UPDATE` locks the row: of several replicas that want the
oldest message of a channel one gets it, and no later one of that channel can be had before it is sent or given up.
"""

from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import datetime
from uuid import uuid4

from sqlalchemy import ColumnElement, Engine, Row, func, insert, select, update
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from bot.adapters.db.engine import for_reading
from bot.adapters.db.tables import changes, outbox
from bot.domain import outgoing as rules
from bot.domain.outgoing import UNSENT, Draft, Outgoing, Stage, card_of

QUEUE = select(outbox).where(outbox.c.stage.in_(UNSENT)).order_by(outbox.c.place, outbox.c.id)
REFUSED_REPAINT = (outbox.c.stage == Stage.GIVEN_UP) & (outbox.c.message != "")
NEVER_SEEN = (outbox.c.stage == Stage.GIVEN_UP) & (outbox.c.message == "")
"""Refused for good before anybody saw it."""


class OutboxTable:
    """That of one workspace, which has a sender of its own."""

    def __init__(self, engine: Engine, team: str = "") -> None:
        self._engine = engine
        self._team = team
        self._ours = outbox.c.team == team
        self._reading = for_reading(engine)

    def recover(self, now: datetime) -> None:
        """SQLite has no other process, so every claim is a dead one's; on PostgreSQL a claim ends by itself."""
        with self._engine.begin() as connection:
            if self._engine.dialect.name == "sqlite":
                dead = update(outbox).where(self._ours, outbox.c.stage == Stage.SENDING)
                connection.execute(dead.values(not_before=now))
            for one in _locked(connection, self._ours & REFUSED_REPAINT):
                _save(connection, rules.tried_again(one, _next_place(connection), now))

    def put(self, draft: Draft, now: datetime) -> None:
        try:
            self._put(draft, now)
        except IntegrityError:  # another replica was faster to put the first of this subject
            self._put(draft, now)

    def _put(self, draft: Draft, now: datetime) -> None:
        with self._engine.begin() as connection:
            same = self._ours & (outbox.c.subject == draft.subject)
            known, place = _locked(connection, same), _next_place(connection)
            if not known:
                new = Outgoing(uuid4().hex, place, draft, now, now)
                connection.execute(insert(outbox).values(**_columns(new), team=self._team))
            elif newer := rules.redrafted(known[0], draft, place, now):
                _save(connection, newer)

    def get(self, subject: str) -> Outgoing | None:
        with self._reading.connect() as connection:
            row = connection.execute(select(outbox).where(self._ours, outbox.c.subject == subject)).first()
        return _outgoing(row) if row else None

    def claim(self, owner: str, now: datetime, channel: str = "") -> Outgoing | None:
        query = QUEUE.with_only_columns(outbox.c.key, outbox.c.channel, outbox.c.place, outbox.c.not_before)
        query = query.where(self._ours)
        with self._reading.connect() as connection:
            queue = connection.execute(query.where(outbox.c.channel == channel) if channel else query).all()
        for one in rules.claimable(queue, now):
            same = (outbox.c.key == one.key) & (outbox.c.place == one.place) & (outbox.c.not_before == one.not_before)
            if claim := self._claim(same & outbox.c.stage.in_(UNSENT), owner, now):
                return claim
        return None

    def _claim(self, same: ColumnElement[bool], owner: str, now: datetime) -> Outgoing | None:
        """None where another was faster since we looked."""
        with self._engine.begin() as connection:
            for one in _locked(connection, self._ours & same):
                claim = rules.claimed(one, owner, now)
                _save(connection, claim)
                return replace(claim, in_doubt=one.in_doubt)
        return None

    def sent(self, claim: Outgoing, message: str) -> None:
        with self._engine.begin() as connection:
            if self._settled(connection, claim, lambda saved: rules.sent(saved, claim, message)):
                self._note_the_card(connection, claim.draft.subject, message)

    def put_off(self, claim: Outgoing, until: datetime, why: str, in_doubt: bool) -> None:
        with self._engine.begin() as connection:
            self._settled(connection, claim, lambda saved: rules.put_off(saved, until, why, in_doubt))

    def give_up(self, claim: Outgoing, why: str) -> None:
        with self._engine.begin() as connection:
            self._settled(connection, claim, lambda saved: rules.given_up(saved, why))

    def depth(self) -> int:
        with self._reading.connect() as connection:
            counted = select(func.count()).select_from(outbox).where(self._ours, outbox.c.stage.in_(UNSENT))
            return int(connection.execute(counted).scalar_one())

    def _settled(self, connection: Connection, claim: Outgoing, rule: Callable[[Outgoing], Outgoing]) -> bool:
        """Whether the claim still held."""
        for saved in _locked(connection, self._ours & (outbox.c.key == claim.key)):
            if rules.is_claim_of(saved, claim):
                _save(connection, rule(saved))
                return True
        return False

    def _note_the_card(self, connection: Connection, subject: str, message: str) -> None:
        """Where a change's card is, for whoever wants to point to it."""
        number = subject.removeprefix(card_of("C-"))
        if number.isdecimal():
            this = (changes.c.team == self._team) & (changes.c.number == int(number))
            connection.execute(update(changes).where(this).values(message=message))


def _next_place(connection: Connection) -> int:
    return int(connection.execute(select(func.coalesce(func.max(outbox.c.place), 0))).scalar_one()) + 1


def _locked(connection: Connection, which: ColumnElement[bool]) -> list[Outgoing]:
    rows = connection.execute(select(outbox).where(which).order_by(outbox.c.place).with_for_update())
    return [_outgoing(row) for row in rows]


def _save(connection: Connection, one: Outgoing) -> None:
    connection.execute(update(outbox).where(outbox.c.key == one.key).values(**_columns(one)))


DRAFT = ("subject", "channel", "text", "blocks", "version", "thread")
OWN = ("key", "place", "since", "not_before", "message", "revision", "attempts", "owner", "in_doubt", "error")


def _columns(one: Outgoing) -> dict[str, object]:
    return {**asdict(one.draft), **{name: getattr(one, name) for name in OWN}, "stage": one.stage.value}


def _outgoing(row: Row[tuple[object, ...]]) -> Outgoing:
    draft = Draft(**{name: getattr(row, name) for name in DRAFT})
    return Outgoing(draft=draft, stage=Stage(row.stage), **{name: getattr(row, name) for name in OWN})
