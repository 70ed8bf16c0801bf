"""Verdicts and the findings that carry them."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from bot.domain.refusal import Person
from bot.domain.trail import Account


class Verdict(StrEnum):
    PASS = "PASS"  # noqa: S105 - a verdict, not a password
    FAIL = "FAIL"
    UNKNOWN = "UNKNOWN"


WORST_FIRST = (Verdict.FAIL, Verdict.UNKNOWN, Verdict.PASS)


def worst(verdicts: tuple[Verdict, ...]) -> Verdict:
    """FAIL over UNKNOWN over PASS. Nothing looked at is UNKNOWN, never PASS."""
    return min(verdicts, key=WORST_FIRST.index, default=Verdict.UNKNOWN)


@dataclass(frozen=True)
class Note:
    """One sentence beside a verdict, with the code of its warning."""

    code: str
    text: str


@dataclass(frozen=True)
class Accepted:
    """That a failure is accepted: to the end of that day (UTC), for whoever asked for it, by the change of this id."""

    until: date
    owner: Person
    change: str


class Attention(StrEnum):
    """What an account asks of a person, worst first: as its verdict, where it does not fail as accepted."""

    FAIL = "FAIL"
    UNKNOWN = "UNKNOWN"
    ACCEPTED = "ACCEPTED"
    PASS = "PASS"  # noqa: S105 - no password either


@dataclass(frozen=True)
class Finding:
    """What one control says of one account.

    `resource` is the deciding trail's ARN; `reasons` and `warnings` are codes for machines, `why` is one sentence
    for a person, and `notes` are sentences on what is worth knowing besides. `accepted` leaves the verdict alone.
    """

    control: str
    verdict: Verdict
    why: str
    resource: str | None = None
    reasons: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()
    accepted: Accepted | None = None

    @property
    def attention(self) -> Attention:
        accepted = self.verdict is Verdict.FAIL and self.accepted is not None
        return Attention.ACCEPTED if accepted else Attention(self.verdict.value)

    def warned(self, code: str, note: str) -> "Finding":
        """The same verdict, with one thing more to know."""
        warnings = tuple(dict.fromkeys((*self.warnings, code)))
        return replace(self, warnings=warnings, notes=(*self.notes, Note(code, note)))

    @property
    def told(self) -> str:
        """Why, and all that is worth knowing besides."""
        return " ".join((self.why, *(n.text for n in self.notes)))


@dataclass(frozen=True)
class AccountReport:
    account: Account
    findings: tuple[Finding, ...]

    @property
    def verdict(self) -> Verdict:
        return worst(tuple(f.verdict for f in self.findings))

    @property
    def attention(self) -> Attention:
        """ACCEPTED only where nothing else fails or could not be looked at."""
        if self.failing():
            return Attention.FAIL
        if self.verdict is Verdict.FAIL and not any(f.verdict is Verdict.UNKNOWN for f in self.findings):
            return Attention.ACCEPTED
        return Attention.PASS if self.verdict is Verdict.PASS else Attention.UNKNOWN

    def failing(self) -> tuple[Finding, ...]:
        """Those that nobody has accepted."""
        return tuple(f for f in self.findings if f.verdict is Verdict.FAIL and f.accepted is None)

    def accepted(self) -> tuple[Finding, ...]:
        """Those that fail as accepted."""
        return tuple(f for f in self.findings if f.verdict is Verdict.FAIL and f.accepted is not None)


@dataclass(frozen=True)
class Report:
    """One audit. `left_out` are sentences on accounts that were not looked at, such as suspended ones.

    Not `complete`: accounts are missing that could not be listed, so all passing is no PASS.
    """

    run: str
    profile: str
    controls: tuple[str, ...]
    accounts: tuple[AccountReport, ...]
    started: datetime
    finished: datetime
    left_out: tuple[str, ...] = ()
    complete: bool = True

    def count(self, verdict: Verdict) -> int:
        return sum(a.verdict is verdict for a in self.accounts)

    def asking(self, attention: Attention) -> tuple[AccountReport, ...]:
        """The accounts that ask for it, by name."""
        return tuple(sorted((a for a in self.accounts if a.attention is attention), key=_name))

    @property
    def verdict(self) -> Verdict:
        missing = () if self.complete else (Verdict.UNKNOWN,)
        return worst((*(a.verdict for a in self.accounts), *missing))

    def worst_first(self) -> tuple[AccountReport, ...]:
        """By what they ask of a person, then by name; one that could not be read stands right after those that fail."""
        return tuple(a for attention in Attention for a in self.asking(attention))


def _name(account: AccountReport) -> tuple[str, str]:
    return account.account.name, account.account.id
