"""What a digest says: today's report against the one of the last digest in the same channel."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.domain.finding import AccountReport, Attention, Report, Verdict


@dataclass(frozen=True)
class Subscription:
    """When a channel gets its digest: wall-clock `at` in `zone` (an IANA name), daily or on weekdays only."""

    channel: str
    at: time
    zone: str
    weekdays: bool
    owner: str
    since: datetime
    id: int = 0

    @property
    def words(self) -> str:
        return f"{self.at:%H:%M} {self.zone}{' on weekdays' if self.weekdays else ', every day'}"

    def is_due_on(self, day: date) -> bool:
        return not self.weekdays or day.weekday() < 5

    def fire_on(self, day: date) -> datetime:
        """The moment of that day's digest. A time that the clocks skip is moved on by as much; one that they show
        twice is the first of the two."""
        return datetime.combine(day, self.at, ZoneInfo(self.zone))

    def last_before(self, now: datetime) -> datetime | None:
        """The latest fire at or before `now` within a week, or None where it has not had one since it was made."""
        today = now.astimezone(ZoneInfo(self.zone)).date()
        days = (today - timedelta(days=n) for n in range(8))
        fires = (self.fire_on(day) for day in days if self.is_due_on(day))
        return next((f for f in fires if self.since <= f <= now), None)

    def next_after(self, now: datetime) -> datetime:
        today = now.astimezone(ZoneInfo(self.zone)).date()
        days = (today + timedelta(days=n) for n in range(8))
        return next(f for f in (self.fire_on(d) for d in days if self.is_due_on(d)) if f > now)


@dataclass(frozen=True)
class Comparison:
    """Accounts by what became of them: newly failing, fixed, still failing, not to be read, and failing as accepted."""

    new: tuple[AccountReport, ...]
    fixed: tuple[AccountReport, ...]
    still: tuple[AccountReport, ...]
    unreadable: tuple[AccountReport, ...]
    accepted: tuple[AccountReport, ...] = ()

    @property
    def changed(self) -> bool:
        return bool(self.new or self.fixed)


def compare(before: Report | None, now: Report) -> Comparison:
    """Without an earlier report everything that fails is new. What failed and is unreadable now is not fixed."""
    failed, accepted = _ids(before, Attention.FAIL), _ids(before, Attention.ACCEPTED)
    failing = now.asking(Attention.FAIL)
    return Comparison(
        new=tuple(a for a in failing if a.account.id not in failed),
        fixed=tuple(a for a in now.accounts if a.verdict is Verdict.PASS and a.account.id in failed | accepted),
        still=tuple(a for a in failing if a.account.id in failed),
        unreadable=now.asking(Attention.UNKNOWN),
        accepted=now.asking(Attention.ACCEPTED),
    )


def _ids(report: Report | None, attention: Attention) -> frozenset[str]:
    return frozenset(a.account.id for a in report.asking(attention)) if report else frozenset()


def score(report: Report) -> int:
    """Percent of the accounts that pass, rounded down: 100 means all."""
    return 100 * report.count(Verdict.PASS) // len(report.accounts) if report.accounts else 0
