"""What a digest says: today's report against the one before it of the same subscription, finding by finding."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.finding import AccountReport, Finding, Report, Verdict

Key = tuple[str, str]
"""An account's id and a control's."""


@dataclass(frozen=True)
class Kept:
    """A report, and since when each of its failures is known to be one."""

    report: Report
    since: Mapping[Key, datetime]


def kept(before: Kept | None, now: Report) -> Kept:
    """The report with its failures' ages. What failed and could not be judged since is as old as it was."""
    known = before.since if before else {}
    return Kept(now, {key: known.get(key, now.started) for key, found in _findings(now) if _is_open(key, found, known)})


def _is_open(key: Key, finding: Finding, known: Mapping[Key, datetime]) -> bool:
    return finding.verdict is Verdict.FAIL or (finding.verdict is Verdict.UNKNOWN and key in known)


def _findings(report: Report) -> list[tuple[Key, Finding]]:
    return [((a.account.id, f.control), f) for a in report.accounts for f in a.findings]


@dataclass(frozen=True)
class Comparison:
    """Accounts with those of their findings that are new failures, are fixed, still fail, or could not be judged."""

    new: tuple[AccountReport, ...]
    fixed: tuple[AccountReport, ...]
    still: tuple[AccountReport, ...]
    unreadable: tuple[AccountReport, ...]

    @property
    def changed(self) -> bool:
        return bool(self.new or self.fixed)


def compare(before: Kept | None, now: Report) -> Comparison:
    """Without an earlier report everything that fails is new. What failed and is unreadable now is not fixed."""
    known = before.since if before else {}

    def those(true: Callable[[Verdict, bool], bool]) -> tuple[AccountReport, ...]:
        return _with(now, lambda account, finding: true(finding.verdict, (account, finding.control) in known))

    return Comparison(
        new=those(lambda verdict, failed: verdict is Verdict.FAIL and not failed),
        fixed=those(lambda verdict, failed: verdict is Verdict.PASS and failed),
        still=those(lambda verdict, failed: verdict is Verdict.FAIL and failed),
        unreadable=those(lambda verdict, _failed: verdict is Verdict.UNKNOWN),
    )


def _with(report: Report, true: Callable[[str, Finding], bool]) -> tuple[AccountReport, ...]:
    """The accounts with only these findings, the worst first."""
    parts = (replace(a, findings=tuple(f for f in a.findings if true(a.account.id, f))) for a in report.worst_first())
    return tuple(part for part in parts if part.findings)


def score(report: Report) -> int:
    """Percent of the accounts that pass, rounded down: 100 means all."""
    return 100 * report.count(Verdict.PASS) // len(report.accounts) if report.accounts else 0
