"""What a digest says: today's report against the one before it of the same subscription, finding by finding."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.finding import AccountReport, Attention, Finding, Report, Verdict

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
    found = {key: known.get(key, now.started) for key, finding in _findings(now) if _is_open(key, finding, known)}
    return Kept(now, {**_unlisted(now, known), **found})


def _unlisted(now: Report, known: Mapping[Key, datetime]) -> dict[Key, datetime]:
    """The failures of accounts that are missing because not all could be listed: nobody has seen them mended."""
    listed = {a.account.id for a in now.accounts}
    return {} if now.complete else {key: since for key, since in known.items() if key[0] not in listed}


def _is_open(key: Key, finding: Finding, known: Mapping[Key, datetime]) -> bool:
    return finding.attention is Attention.FAIL or (finding.attention is Attention.UNKNOWN and key in known)


def _findings(report: Report) -> list[tuple[Key, Finding]]:
    return [((a.account.id, f.control), f) for a in report.accounts for f in a.findings]


@dataclass(frozen=True)
class Comparison:
    """Accounts with those of their findings that are new failures, are fixed, still fail, could not be judged, or fail
    as accepted. `lost` are those of the unreadable ones that could be judged before."""

    new: tuple[AccountReport, ...]
    fixed: tuple[AccountReport, ...]
    still: tuple[AccountReport, ...]
    unreadable: tuple[AccountReport, ...]
    accepted: tuple[AccountReport, ...] = ()
    lost: tuple[AccountReport, ...] = ()

    @property
    def changed(self) -> bool:
        return bool(self.new or self.fixed)


def compare(before: Kept | None, now: Report) -> Comparison:
    """Without an earlier report everything that fails is new. What failed and is unreadable now is not fixed, nor what
    another profile judges otherwise."""
    known = before.since if before else {}
    judged_alike = before is None or before.report.profile == now.profile
    accepted = _asking(before, Attention.ACCEPTED)
    blind = _asking(before, Attention.UNKNOWN)

    def those(true: Callable[[Attention, Key], bool]) -> tuple[AccountReport, ...]:
        return _with(now, lambda account, finding: true(finding.attention, (account, finding.control)))

    return Comparison(
        new=those(lambda asks, key: asks is Attention.FAIL and key not in known),
        fixed=those(lambda asks, key: judged_alike and asks is Attention.PASS and (key in known or key in accepted)),
        still=those(lambda asks, key: asks is Attention.FAIL and key in known),
        unreadable=those(lambda asks, _key: asks is Attention.UNKNOWN),
        accepted=those(lambda asks, _key: asks is Attention.ACCEPTED),
        lost=those(lambda asks, key: before is not None and asks is Attention.UNKNOWN and key not in blind),
    )


def _asking(kept: Kept | None, attention: Attention) -> frozenset[Key]:
    found = _findings(kept.report) if kept else []
    return frozenset(key for key, finding in found if finding.attention is attention)


def _with(report: Report, true: Callable[[str, Finding], bool]) -> tuple[AccountReport, ...]:
    """The accounts with only these findings, the worst first."""
    parts = (replace(a, findings=tuple(f for f in a.findings if true(a.account.id, f))) for a in report.worst_first())
    return tuple(part for part in parts if part.findings)


def score(report: Report) -> int:
    """Percent of the accounts that pass, rounded down: 100 means all."""
    return 100 * report.count(Verdict.PASS) // len(report.accounts) if report.accounts else 0
