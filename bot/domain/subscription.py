"""When a channel gets a digest, and of what."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Literal, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

Rhythm = Literal[
    "daily", "weekdays", "mondays", "tuesdays", "wednesdays", "thursdays", "fridays", "saturdays", "sundays", "hourly"
]
RHYTHMS: tuple[Rhythm, ...] = get_args(Rhythm)
DAYS: dict[Rhythm, frozenset[int]] = {
    "daily": frozenset(range(7)),
    "weekdays": frozenset(range(5)),
    **{rhythm: frozenset({day}) for day, rhythm in enumerate(RHYTHMS[2:9])},
}
"""The days of the week on which it comes, Monday is 0; `hourly` knows no days."""
HOUR = timedelta(hours=1)
LOOKS_BACK = timedelta(days=31)
"""Further back nobody asks what was missed."""


@dataclass(frozen=True)
class Timeliness:
    """How many digests there are, and of the active ones how many are overdue; `latest` is how late the latest is."""

    active: int
    paused: int
    overdue: int
    latest: timedelta


def together(each: Iterable[Timeliness]) -> Timeliness:
    """Of several workspaces."""
    of = tuple(each)
    counts = (sum(t.active for t in of), sum(t.paused for t in of), sum(t.overdue for t in of))
    return Timeliness(*counts, max((t.latest for t in of), default=timedelta()))


@dataclass(frozen=True)
class Subscription:
    """A channel's digest at wall-clock `at` in `zone` (an IANA name); `hourly` at its minute of each hour, in UTC.

    `scope` and `controls` are as in an audit; empty for all accounts, and for the controls of the settings.
    `only_changes`: nothing is posted where nothing changed. `paused` says why it cannot be posted at present, or "".
    """

    channel: str
    at: time
    zone: str
    owner: str
    since: datetime
    rhythm: Rhythm = "daily"
    scope: tuple[str, ...] = ()
    controls: tuple[str, ...] = ()
    only_changes: bool = False
    paused: str = ""
    id: int = 0

    @property
    def name(self) -> str:
        """What people call it by."""
        return f"D-{self.id}"

    @property
    def words(self) -> str:
        return ", ".join([self._when, *self._what])

    @property
    def _when(self) -> str:
        match self.rhythm:
            case "hourly":
                return f"every hour at :{self.at:%M}"
            case "daily":
                return f"{self.at:%H:%M} {self.zone} every day"
            case days:
                return f"{self.at:%H:%M} {self.zone} on {days.capitalize() if days != 'weekdays' else days}"

    @property
    def _what(self) -> list[str]:
        return [
            *([f"of {' '.join(self.scope)}"] if self.scope else []),
            *([f"by {' '.join(self.controls)}"] if self.controls else []),
            *(["only changes"] if self.only_changes else []),
        ]

    @property
    def zone_is_known(self) -> bool:
        """Not every machine knows every zone: lists of them differ from one release to the next."""
        try:
            ZoneInfo(self.zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            return False
        return True

    @property
    def is_of(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Two of a channel that are of the same are one."""
        return tuple(sorted(self.scope)), tuple(sorted(self.controls))

    def slot(self, fire: datetime) -> str:
        """What the digest of that moment is kept under: its local date and time, so an hour that comes twice is one."""
        if self.rhythm == "hourly":
            return f"{fire.astimezone(UTC):%Y-%m-%dT%H}"
        return f"{fire.astimezone(ZoneInfo(self.zone)).date().isoformat()}T{self.at:%H%M}"

    def due(self, slot: str) -> datetime:
        """The moment of that slot, also after the time was changed; one of an earlier release names the date alone."""
        day, _, clock = slot.partition("T")
        if len(clock) == len("09"):
            return datetime.strptime(slot, "%Y-%m-%dT%H").replace(minute=self.at.minute, tzinfo=UTC)
        at = datetime.strptime(clock, "%H%M").time() if clock else self.at
        return datetime.combine(date.fromisoformat(day), at, ZoneInfo(self.zone))

    def _fire_on(self, day: date) -> datetime:
        """A time that the clocks skip is moved on by as much; one that they show twice is the first of the two."""
        return datetime.combine(day, self.at, ZoneInfo(self.zone))

    def last_before(self, now: datetime) -> datetime | None:
        """The latest fire at or before `now`, or None where it has not had one since it was made."""
        return next(self.fires_before(now), None)

    def fires_before(self, now: datetime) -> Iterator[datetime]:
        """The fires at or before `now`, the latest first, as far back as it was there and somebody asks."""
        earliest = max(self.since, now - LOOKS_BACK)
        return (f for f in self._fires(now, -1) if earliest <= f <= now)

    def next_after(self, now: datetime) -> datetime:
        return next(f for f in self._fires(now, 1) if f > now)

    def next_three(self, now: datetime) -> tuple[datetime, ...]:
        return tuple(islice((f for f in self._fires(now, 1) if f > now), 3))

    def _fires(self, now: datetime, step: Literal[1, -1]) -> Iterator[datetime]:
        """From around now on, forward or back in time."""
        if self.rhythm == "hourly":
            hour = now.astimezone(UTC).replace(minute=self.at.minute, second=0, microsecond=0)
            yield from (hour + step * n * HOUR for n in range(-1, 24 * (LOOKS_BACK.days + 1)))
            return
        today = now.astimezone(ZoneInfo(self.zone)).date()
        days = (today + timedelta(days=step * n) for n in range(-1, LOOKS_BACK.days + 2))
        yield from (self._fire_on(day) for day in days if day.weekday() in DAYS[self.rhythm])


@dataclass(frozen=True)
class Subscribed:
    """What is saved now, by its owner, and what was in its place before."""

    subscription: Subscription
    before: Subscription | None = None

    @property
    def is_news(self) -> bool:
        return self.before is None or self.before.words != self.subscription.words


@dataclass(frozen=True)
class Ended:
    """A channel's digests that this user ended at that moment, at least one, and those that are left."""

    by: str
    at: datetime
    ended: tuple[Subscription, ...]
    left: tuple[Subscription, ...] = ()
