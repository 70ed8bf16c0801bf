"""CIS "Ensure CloudTrail logs are encrypted at rest using KMS CMKs": every multi-region trail.

CIS asks it of each trail, as it asks for log file validation, and for the same reason the scope is the same: every
multi-region trail writes the whole account's log, and one unencrypted copy is enough to be read. A single-region trail
is not what the account's log rests on. Whether the key still lets CloudTrail use it shows in `log-delivery`.
"""

from bot.domain.control import Assessment, Control, Profile, unreadable, without_multi_region, worst_of
from bot.domain.finding import Finding, Verdict
from bot.domain.steps import Step
from bot.domain.trail import Snapshot, Trail, Unreadable

ID = "kms-encryption"


def judge(world: Snapshot, _profile: Profile) -> Finding:
    if isinstance(world.trails, Unreadable):
        return unreadable(ID, world.trails)
    if not world.multi_region:
        return without_multi_region(ID, "whose log files could be encrypted")
    return worst_of(tuple(map(_assess, world.multi_region))).finding(ID)


def _assess(trail: Trail) -> Assessment:
    if trail.kms_key:
        return Assessment(trail, Verdict.PASS, because=f"encrypts its log files with the KMS key {trail.kms_key}")
    because = "has no KMS key: its log files are encrypted with S3's own key, which everybody who may read them may use"
    return Assessment(trail, Verdict.FAIL, ("no-kms-key",), because=because)


def fix(_world: Snapshot, _profile: Profile) -> tuple[tuple[Step, ...], ...]:
    """None yet: a key whose policy does not let CloudTrail in would stop delivery, and no step mends that policy."""
    return ()


CONTROL = Control(
    ID,
    "CloudTrail log files are encrypted with a KMS key",
    "medium",
    judge,
    fix,
    cis={
        "1.4": "3.7",
        "1.5": "3.7",
        "2.0": "3.7",
        "3.0": "3.5",
        "4.0": "3.5",
        "5.0": "3.5",
        "6.0": "4.5",
        "7.0": "4.5",
    },
    security_hub="CloudTrail.2",
    repairable=False,
)
