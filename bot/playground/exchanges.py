"""What went between the bot, Slack and AWS: each question with its answer and its time, for whoever looks."""

import time
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from threading import Lock
from typing import Literal

Kind = Literal["envelope", "web", "reply", "aws"]
"""Slack to the bot; the bot to Slack's Web API; the bot to a response URL; the bot to AWS."""
KINDS: tuple[Kind, ...] = ("envelope", "web", "reply", "aws")
MOST = 300
"""Of each kind, so that an audit's thousand calls do not push a click out."""

_numbers = count(1)


@dataclass(frozen=True)
class Began:
    """When a question was asked, by the clock and by a watch that nobody moves."""

    at: datetime = field(default_factory=lambda: datetime.now(UTC))
    tick: float = field(default_factory=time.monotonic)


@dataclass(frozen=True)
class Exchange:
    """`name` is what was asked, `about` who or where, `outcome` a word or two: "ok", "ratelimited", "400 …".

    `asked` and `answered` are as they were sent, secrets included; `seconds` is how long the answer took. `number`
    grows with each exchange of this process.
    """

    kind: Kind
    name: str
    about: str
    outcome: str
    asked: object
    answered: object
    at: datetime
    seconds: float
    number: int = field(default_factory=lambda: next(_numbers))


class Journal:
    """The last MOST exchanges of each kind. Thread-safe."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: dict[Kind, deque[Exchange]] = {kind: deque(maxlen=MOST) for kind in KINDS}

    def add(
        self, began: Began, kind: Kind, name: str, about: str, asked: object, answered: object, outcome: str
    ) -> None:
        took = time.monotonic() - began.tick
        with self._lock:
            self._kept[kind].append(Exchange(kind, name, about, outcome, asked, answered, began.at, took))

    def clear(self) -> None:
        with self._lock:
            for kept in self._kept.values():
                kept.clear()

    def all(self) -> list[Exchange]:
        """The newest first."""
        with self._lock:
            found = [exchange for kept in self._kept.values() for exchange in kept]
        return sorted(found, key=lambda exchange: exchange.number, reverse=True)
