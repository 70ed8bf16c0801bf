"""What a control is, and how the trails of an account decide its verdict."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bot.domain.finding import WORST_FIRST, Finding, Verdict
from bot.domain.resources import Resource
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
class Look:
    """What else must be looked at before a repair can be worked out: buckets by name, resources by their identity."""

    buckets: tuple[str, ...] = ()
    resources: tuple[Resource, ...] = ()

    def __or__(self, other: "Look") -> "Look":
        buckets = dict.fromkeys((*self.buckets, *other.buckets))
        return Look(tuple(buckets), tuple(dict.fromkeys((*self.resources, *other.resources))))


def _nothing_more(_world: Snapshot) -> Look:
    return Look()


@dataclass(frozen=True)
class Control:
    """One rule. `cis` maps a benchmark's version to its number there; `security_hub` is AWS's own number.

    `judge` needs no evidence but the snapshot. `fix` gives alternative lists of steps, the preferred first; the
    planner tries them against `judge`, so an option that does not help is harmless; it raises Refused where somebody
    else has to act, and says who. `looks` says what `fix` must know beyond the trails. `needs` are facts beyond the
    three calls of every audit, which are read only when a control asks for them.

    `repairable` says that some step of ours can make it pass. `expects` is given where the evidence arrives by itself,
    later (`takes_time`): does all that is known promise that it will? A plan is proved by that,
    and verified by neither.
    """

    id: str
    title: str
    judge: Callable[[Snapshot, Profile], Finding]
    fix: Callable[[Snapshot, Profile], tuple[tuple[Step, ...], ...]]
    cis: Mapping[str, str] = field(default_factory=dict)
    security_hub: str = ""
    needs: frozenset[Need] = frozenset()
    repairable: bool = True
    looks: Callable[[Snapshot], Look] = _nothing_more
    expects: Callable[[Snapshot, Profile], bool] | None = None

    @property
    def takes_time(self) -> bool:
        return self.expects is not None

    def fails(self, world: Snapshot, profile: Profile) -> bool:
        return self.judge(world, profile).verdict is Verdict.FAIL

    def holds(self, world: Snapshot, profile: Profile) -> bool:
        """It passes; or, where its evidence takes time, nothing is known to keep it from coming."""
        verdict = self.judge(world, profile).verdict
        if self.expects is None:
            return verdict is Verdict.PASS
        return verdict is not Verdict.FAIL or self.expects(world, profile)


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


def not_read_whole(trail: Trail) -> Assessment | None:
    """UNKNOWN where the trail's status or selectors could not be read."""
    unseen = tuple(e for e in (trail.status, trail.selectors) if isinstance(e, Unreadable))
    if not unseen:
        return None
    codes = tuple(dict.fromkeys(map(reason_code, unseen)))
    because = f"could not be read whole: {', and '.join(e.sentence for e in unseen)}"
    return Assessment(trail, Verdict.UNKNOWN, codes, because=because)


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
