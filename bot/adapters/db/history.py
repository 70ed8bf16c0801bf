"""The port History: what each digest found, compressed, for the next one to compare with and for whoever exports it."""

from collections.abc import Callable, Iterator
from datetime import datetime

from sqlalchemy import ColumnElement, Engine, delete, exists, insert, literal, select

from bot.adapters.db import codec
from bot.adapters.db.engine import for_reading
from bot.adapters.db.outbox import NEVER_SEEN
from bot.adapters.db.tables import digests, outbox
from bot.domain.digest import Kept, score
from bot.domain.finding import Report
from bot.domain.outgoing import DIGEST


class HistoryTable:
    """That of one workspace."""

    def __init__(self, engine: Engine, team: str = "", added: Callable[[Report], object] = lambda _: None) -> None:
        """`added` is told of each digest that is kept through it."""
        self._engine = engine
        self._team = team
        self._ours = digests.c.team == team
        self._added = added
        self._reading = for_reading(engine)

    def add(self, channel: str, subscription: int, key: str, kept: Kept, at: datetime, whole: bool = True) -> None:
        named = {"channel": channel, "subscription": subscription, "key": key, "at": at, "whole": whole}
        values = {**named, "score": score(kept.report), "packed": codec.dump_kept(kept), "team": self._team}
        with self._engine.begin() as connection:
            connection.execute(insert(digests).values(**values))
        self._added(kept.report)

    def has(self, channel: str, key: str) -> bool:
        same = (digests.c.channel == channel) & (digests.c.key == key)
        with self._reading.connect() as connection:
            return connection.execute(select(digests.c.key).where(self._ours, same)).first() is not None

    def unseen(self) -> tuple[tuple[str, str, str], ...]:
        subject = literal(DIGEST) + digests.c.channel + literal(":") + digests.c.key
        found = select(digests.c.channel, digests.c.key, outbox.c.error).join(outbox, outbox.c.subject == subject)
        with self._reading.connect() as connection:
            rows = connection.execute(found.where(self._ours, NEVER_SEEN))
            return tuple((row.channel, row.key, row.error) for row in rows)

    def forget(self, channel: str, key: str) -> None:
        here = (digests.c.channel == channel) & (digests.c.key == key)
        with self._engine.begin() as connection:
            connection.execute(delete(digests).where(self._ours, here))

    def last(self, channel: str, subscription: int) -> Kept | None:
        here = _line(channel, subscription)
        newest = select(digests.c.packed).where(self._ours, here).order_by(digests.c.at.desc()).limit(1)
        with self._reading.connect() as connection:
            packed = connection.execute(newest).scalar()
        return codec.load_any_kept(packed)

    def newest(self, after: datetime | None = None) -> tuple[str, Report] | None:
        last = select(digests.c.channel, digests.c.packed).where(self._ours, digests.c.whole)
        last = last.order_by(digests.c.at.desc()).limit(1)
        with self._reading.connect() as connection:
            row = connection.execute(last.where(digests.c.at > after) if after else last).first()
        kept = codec.load_any_kept(row.packed) if row else None
        return (row.channel, kept.report) if row and kept else None

    def scores(self, channel: str, subscription: int, since: datetime) -> tuple[tuple[datetime, int], ...]:
        here = _line(channel, subscription) & (digests.c.at >= since)
        found = select(digests.c.at, digests.c.score).where(self._ours, here).order_by(digests.c.at)
        with self._reading.connect() as connection:
            return tuple((row.at, row.score) for row in connection.execute(found))

    def each(self, since: datetime) -> Iterator[tuple[str, Kept | None]]:
        """One at a time: two years of them do not fit into memory."""
        named = select(digests.c.channel, digests.c.key).where(self._ours, digests.c.at >= since)
        with self._reading.connect() as connection:
            keys = connection.execute(named.order_by(digests.c.at)).all()
        for channel, key in keys:
            here = (digests.c.channel == channel) & (digests.c.key == key)
            with self._reading.connect() as connection:
                packed = connection.execute(select(digests.c.packed).where(self._ours, here)).scalar()
            yield key, codec.load_any_kept(packed)

    def prune(self, before: datetime) -> int:
        newer = digests.alias()
        same_line = (newer.c.channel == digests.c.channel) & (newer.c.subscription == digests.c.subscription)
        outdone = exists().where(newer.c.team == self._team, same_line, newer.c.at > digests.c.at)
        with self._engine.begin() as connection:
            return connection.execute(delete(digests).where(self._ours, digests.c.at < before, outdone)).rowcount


def _line(channel: str, subscription: int) -> ColumnElement[bool]:
    """What belongs together: one subscription's, or what was asked for at once in a channel without one."""
    return (digests.c.channel == channel) & (digests.c.subscription == subscription)
