"""What a control is, and how the trails of an account decide its verdict."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bot.domain.finding import WORST_FIRST, Finding, Verdict
from bot.domain.steps import Step
from bot.domain.trail import OWNER_NOT_READ, REGION_DISABLED, Snapshot, Trail, Unreadable


class Profile(StrEnum):
    """Whose reading of the control: CIS's, or AWS Security Hub's, which allows no event source to be left out."""

    CIS = "cis"
    SECURITY_HUB = "security-hub"


class Need(StrEnum):
    """A fact that costs calls of its own, of the bucket of each multi-region trail."""

    BUCKET_ACCESS = "bucket-access"
    BUCKET_LOGGING = "bucket-logging"


@dataclass(frozen=True)
class Control:
    """One rule. `cis` maps a benchmark's version to its number there; `security_hub` is AWS's own number.

    `judge` needs no evidence but the snapshot. `fix` gives alternative lists of steps, the preferred first; the
    planner tries them against `judge`, so an option that does not help is harmless. `needs` are facts beyond the three
    calls of every audit, which are read only when a control asks for them.

    `repairable` says that some step of ours can make it pass; a plan is not held to account for a failure that none
    can. `takes_time` says that its evidence arrives by itself, later: no plan is proved or verified by it.
    """

    id: str
    title: str
    severity: str
    judge: Callable[[Snapshot, Profile], Finding]
    fix: Callable[[Snapshot, Profile], tuple[tuple[Step, ...], ...]]
    cis: Mapping[str, str] = field(default_factory=dict)
    security_hub: str = ""
    needs: frozenset[Need] = frozenset()
    repairable: bool = True
    takes_time: bool = False


@dataclass(frozen=True)
class Assessment:
    """What one trail proves: its verdict with reason codes, warnings, and words that complete "trail X …"."""

    trail: Trail
    verdict: Verdict
    reasons: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    because: str = ""

    def finding(self, control: str) -> Finding:
        return Finding(
            control,
            self.verdict,
            f"Trail {self.trail.name} ({self.trail.home_region}) {self.because}.",
            self.trail.arn,
            self.reasons,
            self.warnings,
        )


BEST_FIRST = tuple(reversed(WORST_FIRST))


def best(assessments: tuple[Assessment, ...]) -> Assessment:
    """One passing trail is enough; else one unknown trail could be it; else the one that lacks least."""
    return min(assessments, key=lambda a: (BEST_FIRST.index(a.verdict), len(a.reasons), a.trail.arn))


def worst_of(assessments: tuple[Assessment, ...]) -> Assessment:
    """Where every trail must pass: the one that fails decides, else one that is unknown."""
    return min(assessments, key=lambda a: (WORST_FIRST.index(a.verdict), -len(a.reasons), a.trail.arn))


def without_multi_region(control: str, what: str) -> Finding:
    """FAIL: there is no multi-region trail `what` could be true of, as in "whose log files could arrive"."""
    why = f"There is no multi-region trail {what}."
    return Finding(control, Verdict.FAIL, why, reasons=("no-multi-region-trail",))


def unreadable(control: str, evidence: Unreadable) -> Finding:
    """UNKNOWN, with the call, the error and the permission that would let us look."""
    why = f"Could not look: {evidence.sentence}."
    return Finding(control, Verdict.UNKNOWN, why, reasons=(reason_code(evidence),))


def reason_code(evidence: Unreadable) -> str:
    """The code of not being able to look: what AWS answered decides what a person does next."""
    if "Denied" in evidence.error or "Unauthorized" in evidence.error:
        return "access-denied"
    return UNREADABLE_CODES.get(evidence.error, "unreadable")


UNREADABLE_CODES = {
    OWNER_NOT_READ: "verify-in-management-account",
    REGION_DISABLED: "region-disabled",
    "UnknownShape": "unknown-shape",
    "Throttling": "throttled",
    "ThrottlingException": "throttled",
    "SlowDown": "throttled",
    "Timeout": "timeout",
    "ExpiredToken": "credentials-expired",
    "ExpiredTokenException": "credentials-expired",
    "UnrecognizedClientException": "credentials-not-accepted",
    "InvalidClientTokenId": "credentials-not-accepted",
    "ForeignBucket": "foreign-bucket",
    "NotAsked": "not-asked",
}
