"""CIS "Ensure CloudTrail log file validation is enabled": on every multi-region trail that records the account."""

from bot.domain.control import Assessment, Control, Profile, unreadable, without_multi_region
from bot.domain.finding import Finding, Verdict
from bot.domain.steps import Settings, Step, updating
from bot.domain.trail import Snapshot, Trail, Unreadable

ID = "log-file-validation"


def judge(world: Snapshot, _profile: Profile) -> Finding:
    if isinstance(world.trails, Unreadable):
        return unreadable(ID, world.trails)
    if not world.multi_region:
        return without_multi_region(ID, "whose log files could be validated")
    without = next((t for t in world.multi_region if not t.validation), None)
    return _assess(without or world.multi_region[0]).finding(ID)


def _assess(trail: Trail) -> Assessment:
    if trail.validation:
        return Assessment(trail, Verdict.PASS, because="writes digest files, so its log files can be validated")
    return Assessment(trail, Verdict.FAIL, ("validation-off",), because="writes no digest files: validation is off")


def fix(world: Snapshot, _profile: Profile) -> tuple[tuple[Step, ...], ...]:
    """Every multi-region trail of the account."""
    without = (t for t in world.multi_region if world.is_ours(t) and not t.validation)
    return (tuple(updating(t, Settings(validation=True)) for t in without),)


CONTROL = Control(
    ID,
    "CloudTrail log file validation is enabled",
    judge,
    fix,
    cis={
        "1.4": "3.2",
        "1.5": "3.2",
        "2.0": "3.2",
        "3.0": "3.2",
        "4.0": "3.2",
        "5.0": "3.2",
        "6.0": "4.2",
        "7.0": "4.2",
    },
    security_hub="CloudTrail.4",
)
