"""When what a trail records arrived somewhere: in its bucket, in its log group, at its topic."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar


@dataclass
class Deliveries:
    """When log files arrived. All times are UTC; `healthy_since` is when deliveries last began to succeed.

    A trail that works delivers every `interval`, about five minutes (user guide, "How CloudTrail works"), the first
    time one interval after it began; nothing happens between two reads, so the times are worked out at a read.
    `error` is one switched on by hand; `silent` means that nothing arrives and nothing is said.
    """

    interval: ClassVar[timedelta] = timedelta(minutes=5)

    started: datetime | None = None
    stopped: datetime | None = None
    healthy_since: datetime | None = None
    last: datetime | None = None
    error: str = ""
    silent: bool = False

    def proceed(self, now: datetime, healthy: bool) -> None:
        """Bring `last` up to `now`."""
        if not healthy:
            self.healthy_since = None
            return
        self.healthy_since = self.healthy_since or now
        step = self.interval.total_seconds()
        passed = (now - self.healthy_since).total_seconds()
        arrived = self.healthy_since + timedelta(seconds=passed - passed % step if step else passed)
        if arrived > self.healthy_since or not step:
            self.last = arrived
