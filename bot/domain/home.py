"""What one person's Home says, from what is stored: nothing of it asks AWS."""

from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.change import Change
from bot.domain.finding import AccountReport, Attention, Report
from bot.domain.refusal import Refused
from bot.domain.subscription import Subscription


@dataclass(frozen=True)
class Unit:
    """The accounts directly in one organizational unit, by what they ask. `path` is "" where it is not known."""

    path: str
    passing: int = 0
    failing: int = 0
    unknown: int = 0
    accepted: int = 0

    @property
    def total(self) -> int:
        return self.passing + self.failing + self.unknown + self.accepted

    @property
    def score(self) -> int:
        """Percent that pass, rounded down, as in a digest."""
        return 100 * self.passing // self.total


def units(report: Report) -> tuple[Unit, ...]:
    """Worst first: by score, then by how many fail, then by path."""
    found: dict[str, list[Attention]] = {}
    for each in report.accounts:
        found.setdefault(each.account.path, []).append(each.attention)
    counted = (Unit(path, *map(asks.count, ORDER)) for path, asks in found.items())
    return tuple(sorted(counted, key=lambda u: (u.score, -u.failing, u.path)))


ORDER = (Attention.PASS, Attention.FAIL, Attention.UNKNOWN, Attention.ACCEPTED)
"""As a Unit has them."""


def accounts_of(report: Report, path: str | None, asking: Attention | None) -> tuple[AccountReport, ...]:
    """Worst first; None for all paths, or for all that they ask."""
    chosen = (a for a in report.accounts if path in (None, a.account.path) and asking in (None, a.attention))
    return replace(report, accounts=tuple(chosen)).worst_first()


@dataclass(frozen=True)
class Audit:
    """The newest one over everything. `requester` is "" where it was a digest's."""

    report: Report
    channel: str
    requester: str = ""


@dataclass(frozen=True)
class Chain:
    """What a look through the whole chain of evidence found, and when. `problem` is "" where it holds."""

    at: datetime
    entries: int
    problem: str = ""


@dataclass(frozen=True)
class Health:
    """`answered` is how many seconds the database took for all of this; `unsent` counts messages still to be said."""

    answered: float
    unsent: int
    head: str
    chain: Chain | None


@dataclass(frozen=True)
class Desk:
    """What this person has to do with: changes to decide, and their own that are open.

    `unsure` are waiting ones of which nobody can tell without AWS whether they are for this person; `unread` is why
    nothing could be told at all.
    """

    decides: tuple[Change, ...] = ()
    mine: tuple[Change, ...] = ()
    unsure: int = 0
    unread: Refused | None = None


@dataclass(frozen=True)
class Home:
    """All of it. `audits_in` is where a new audit's report would come; `underway` since when one runs."""

    now: datetime
    audits_in: str
    desk: Desk
    health: Health
    audit: Audit | None = None
    underway: datetime | None = None
    moving: tuple[Change, ...] = ()
    ended: tuple[Change, ...] = ()
    digests: tuple[Subscription, ...] = ()
    exceptions: tuple[Change, ...] = ()
