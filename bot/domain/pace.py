"""How often one person may start something: a token bucket."""

from dataclasses import dataclass
from datetime import datetime, timedelta

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Bucket:
    """`tokens` were in it at that moment. It holds a minute's worth, and fills by as much in a minute."""

    tokens: float
    at: datetime

    def filled(self, now: datetime, a_minute: int) -> "Bucket":
        """As it is now; a clock that was set back fills nothing."""
        more = max(0.0, (now - self.at) / MINUTE) * a_minute
        return Bucket(min(float(a_minute), self.tokens + more), now)

    def wait(self, a_minute: int) -> timedelta:
        """Until there is a token in it."""
        return max(0.0, 1 - self.tokens) * MINUTE / a_minute

    def without_one(self) -> "Bucket":
        return Bucket(self.tokens - 1, self.at)
