"""Faults on demand: what a test or a scenario wants to go wrong next."""

import threading
from collections.abc import Collection
from dataclasses import dataclass

from bot.playground.slack.refusal import ApiError, RateLimitError


@dataclass(frozen=True)
class Fault:
    """`error` is Slack's code; "http_500" answers with a status 500 and no JSON, `ratelimited` with 429, "no_answer"
    ends the connection in the middle of the answer, "slow" is none but takes `seconds`.

    `carried_out` means that the call is done and only its answer is lost. `retry_after` in seconds.
    """

    error: str
    carried_out: bool = False
    retry_after: int = 1
    seconds: float = 0.0

    def refusal(self) -> ApiError:
        return RateLimitError(self.retry_after) if self.error == "ratelimited" else ApiError(self.error)


class Faults:
    """A queue of faults, each for one method or for the first call of several."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._next: list[tuple[frozenset[str], Fault]] = []

    def plan(self, methods: Collection[str], fault: Fault, times: int) -> None:
        with self._lock:
            self._next += [(frozenset(methods), fault)] * times

    def next_for(self, method: str) -> Fault | None:
        with self._lock:
            for place, (methods, fault) in enumerate(self._next):
                if method in methods:
                    del self._next[place]
                    return fault
        return None

    def left(self) -> int:
        with self._lock:
            return len(self._next)

    def clear(self) -> None:
        with self._lock:
            self._next.clear()
