"""The evidence as numbers: how often what happened, and how long it took. Read once, then only what is new."""

import threading
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Engine, select

from bot.adapters.db.engine import for_reading
from bot.adapters.db.tables import evidence

DECIDED = ("approved", "denied")


@dataclass
class Spread:
    """Seconds, by the smallest bound that they are within; the last count is of those beyond all bounds."""

    bounds: tuple[float, ...]
    counts: list[int] = field(init=False)
    total: float = 0.0

    def __post_init__(self) -> None:
        self.counts = [0] * (len(self.bounds) + 1)

    def add(self, seconds: float) -> None:
        self.counts[bisect_left(self.bounds, seconds)] += 1
        self.total += seconds


class EvidenceTally:
    """Entries are never altered nor taken away, so what was counted once stays counted; safe between threads."""

    def __init__(self, engine: Engine, deciding: tuple[float, ...], applying: tuple[float, ...]) -> None:
        self._reading = for_reading(engine)
        self._lock = threading.Lock()
        self._seen = 0
        self._proposed: dict[str, datetime] = {}
        self._approved: dict[str, datetime] = {}
        self.events: Counter[str] = Counter()
        self.deciding = Spread(deciding)
        self.applying = Spread(applying)

    def read(self) -> None:
        columns = select(evidence.c.seq, evidence.c.at, evidence.c.change, evidence.c.what)
        with self._lock, self._reading.connect() as connection:
            new = connection.execute(columns.where(evidence.c.seq > self._seen).order_by(evidence.c.seq))
            self._count((row.seq, row.at, row.change, row.what) for row in new)

    def _count(self, entries: Iterable[tuple[int, datetime, str, str]]) -> None:
        for seq, at, change, what in entries:
            self._seen = seq
            self.events[what] += 1
            self._time(at, change, what)

    def _time(self, at: datetime, change: str, what: str) -> None:
        if what == "proposed":
            self._proposed[change] = at
        elif what in DECIDED and (since := self._proposed.pop(change, None)):
            self.deciding.add((at - since).total_seconds())
        if what == "approved":
            self._approved[change] = at
        elif what == "verified" and (since := self._approved.pop(change, None)):
            self.applying.add((at - since).total_seconds())
