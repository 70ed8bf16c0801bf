"""CIS "Ensure CloudTrail logs are encrypted at rest using KMS CMKs": every multi-region trail.

CIS asks it of each trail, as it asks for log file validation, and for the same reason the scope is the same: every
multi-region trail writes the whole account's log, and one unencrypted copy is enough to be read. A single-region trail
is not what the account's log rests on. Whether the key still lets CloudTrail use it shows in `log-delivery`.
"""

from bot.domain.control import Assessment, Control, Look, Profile, unreadable, without_multi_region, worst_of
from bot.domain.encryption import encrypting, own_alias
from bot.domain.finding import Finding, Verdict
from bot.domain.resources import Key
from bot.domain.steps import Step, predict
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


def fix(world: Snapshot, _profile: Profile) -> tuple[tuple[Step, ...], ...]:
    """A key for each multi-region trail of the account: that of another trail, or else one new key a region.

    The key's policy lets CloudTrail in first; without, delivery would stop.
    """
    bare = [t for t in world.multi_region if world.is_ours(t) and not t.kms_key]
    steps: tuple[Step, ...] = ()
    for trail in bare:
        steps = (*steps, *encrypting(predict(world, steps), trail))
    return (steps,)


def looks(world: Snapshot) -> Look:
    """The buckets of the trails without a key, the keys of the others, and the one that would be made."""
    ours = [t for t in world.known_trails if world.is_ours(t)]
    bare = [t for t in ours if not t.kms_key]
    if not bare:
        return Look()
    homes = dict.fromkeys(b.region for t in bare if (b := world.bucket(t.bucket)) and b.region)
    keys = dict.fromkeys(Key(t.kms_key, exists=False) for t in ours if t.kms_key.startswith("arn:"))
    new = (Key(own_alias(region), exists=False, region=region) for region in homes)
    return Look(tuple(t.bucket for t in bare), (*keys, *new))


CONTROL = Control(
    ID,
    "CloudTrail log files are encrypted with a KMS key",
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
    looks=looks,
)
