"""An answer that somebody waits for only so long: a database that is away may let its caller wait for minutes."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

from sqlalchemy.exc import SQLAlchemyError

T = TypeVar("T")
SECONDS = 2.0


class InTime(Generic[T]):
    """Asks on a thread of its own, one at a time, which keeps no process from ending. Safe to share between threads."""

    def __init__(self, ask: Callable[[], T], seconds: float = SECONDS) -> None:
        self._ask = ask
        self._seconds = seconds
        self._lock = threading.Lock()
        self._underway: Future[T | None] | None = None

    def __call__(self) -> T | None:
        """None where the answer did not come in time, or the database has none."""
        try:
            return self._asked().result(self._seconds)
        except TimeoutError:
            return None

    def _asked(self) -> Future[T | None]:
        with self._lock:
            if self._underway is None or self._underway.done():
                self._underway = Future()
                threading.Thread(target=self._answer, args=(self._underway,), name="in-time", daemon=True).start()
            return self._underway

    def _answer(self, future: Future[T | None]) -> None:
        answer = None
        try:
            answer = self._ask()
        except SQLAlchemyError:
            """Said by whoever works with it; here it is one figure."""
        finally:
            future.set_result(answer)
