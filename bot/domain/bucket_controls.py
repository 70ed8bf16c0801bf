"""What the two controls on buckets have in common: EVERY multi-region trail's bucket, and whether it can be seen."""

from collections.abc import Callable

from bot.domain.control import Assessment, Look, reason_code, unreadable, without_multi_region, worst_of
from bot.domain.finding import Finding, Verdict
from bot.domain.resources import Key
from bot.domain.trail import NOT_ASKED, Bucket, Snapshot, Trail, Unreadable

Assess = Callable[[Trail, Bucket], Assessment]


def judge_buckets(control: str, world: Snapshot, what: str, assess: Assess) -> Finding:
    """`assess` judges a bucket that exists; `what` completes "no multi-region trail …"."""
    if isinstance(world.trails, Unreadable):
        return unreadable(control, world.trails)
    if not world.multi_region:
        return without_multi_region(control, what)
    return worst_of(tuple(_of_trail(t, world.bucket(t.bucket), assess) for t in world.multi_region)).finding(control)


def _of_trail(trail: Trail, bucket: Bucket | None, assess: Assess) -> Assessment:
    if bucket is None:
        return unknown(trail, (NOT_ASKED,))
    if bucket.exists:
        return assess(trail, bucket)
    because = (
        f"delivers to bucket {bucket.name}, which does not exist: whoever takes the name decides who reads the logs"
    )
    return Assessment(trail, Verdict.FAIL, ("no-such-bucket",), because=because)


def looks_at_buckets(world: Snapshot) -> Look:
    """Those of all trails of the account: one that is single-region now may be made multi-region by the repair."""
    ours = [t for t in world.known_trails if world.is_ours(t)]
    missing = [t.bucket for t in ours if (b := world.bucket(t.bucket)) and not b.exists]
    keys = tuple(Key(t.kms_key, exists=False) for t in ours if t.kms_key and t.bucket in missing)
    return Look(tuple(t.bucket for t in ours), keys)


def unknown(trail: Trail, unseen: tuple[Unreadable, ...]) -> Assessment:
    codes = tuple(dict.fromkeys(map(reason_code, unseen)))
    sentences = ", and ".join(dict.fromkeys(e.sentence for e in unseen))
    because = f"delivers to bucket {trail.bucket}, which could not be looked at: {sentences}"
    return Assessment(trail, Verdict.UNKNOWN, codes, because=because)
