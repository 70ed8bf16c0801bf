"""So many commands and proposals a minute for each person: one who types on and on leaves room for the others."""

import math
import threading

from bot.domain.pace import Bucket
from bot.domain.refusal import Refused
from bot.ports import Clock

A_MINUTE = 20
MOST_KNOWN = 1_000
"""People whose buckets are kept before the full ones, which are as good as none, are thrown away."""


class Pace:
    """Of this process: several share nothing, so each allows as much. `a_minute` 0 is no limit."""

    def __init__(self, clock: Clock, a_minute: int = A_MINUTE) -> None:
        self._clock = clock
        self._a_minute = a_minute
        self._lock = threading.Lock()
        self._buckets: dict[str, Bucket] = {}

    def take(self, user: str) -> None:
        """Raises Refused where this person has had their share, and says when to try again."""
        if not self._a_minute:
            return
        with self._lock:
            bucket = self._bucket(user)
            if wait := bucket.wait(self._a_minute):
                raise Refused(
                    f"Slow down, please: I take {self._a_minute} commands a minute from each person, and did nothing "
                    f"now. Try again in {math.ceil(wait.total_seconds())} s."
                )
            self._buckets[user] = bucket.without_one()

    def _bucket(self, user: str) -> Bucket:
        now = self._clock.now()
        if len(self._buckets) >= MOST_KNOWN:
            filled = {who: bucket.filled(now, self._a_minute) for who, bucket in self._buckets.items()}
            self._buckets = {who: bucket for who, bucket in filled.items() if bucket.tokens < self._a_minute}
        return self._buckets.get(user, Bucket(self._a_minute, now)).filled(now, self._a_minute)
