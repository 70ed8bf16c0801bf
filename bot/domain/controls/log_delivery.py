"""Log files arrive: the trail that proves (or would prove) the account's coverage delivers to its bucket.

Our own control: AWS keeps `IsLogging` true while not one file arrives.
"""

from datetime import datetime, timedelta

from bot.domain.control import (
    BEST_FIRST,
    Assessment,
    Control,
    Look,
    Profile,
    best,
    reason_code,
    unreadable,
    without_multi_region,
)
from bot.domain.controls import multi_region_trail
from bot.domain.delivery import can_deliver, wanting
from bot.domain.finding import Finding, Verdict
from bot.domain.refusal import Refused
from bot.domain.resources import Key
from bot.domain.steps import Step
from bot.domain.trail import Delivery, Snapshot, Status, Trail, Unreadable

ID = "log-delivery"
STALE_AFTER = timedelta(hours=24)
PENDING_FOR = timedelta(hours=1)


def judge(world: Snapshot, profile: Profile) -> Finding:
    if isinstance(world.trails, Unreadable):
        return unreadable(ID, world.trails)
    if not world.multi_region:
        return without_multi_region(ID, "whose log files could arrive")
    return best(tuple(_assess(t, world.taken_at) for t in _that_count(world, profile))).finding(ID)


def _that_count(world: Snapshot, profile: Profile) -> tuple[Trail, ...]:
    """The trails with the best multi-region verdict: a healthy write-only trail does not make up for the other."""
    judged = [multi_region_trail.assess(t, profile) for t in world.multi_region]
    top = min((a.verdict for a in judged), key=BEST_FIRST.index, default=Verdict.UNKNOWN)
    return tuple(a.trail for a in judged if a.verdict is top)


def _assess(trail: Trail, now: datetime) -> Assessment:
    if isinstance(trail.status, Unreadable):
        return _unknown(trail, trail.status)
    if not trail.status.logging:
        return Assessment(trail, Verdict.FAIL, ("not-logging",), because="is not logging, so nothing is delivered")
    if isinstance(trail.status.delivery, Unreadable):
        return _unknown(trail, trail.status.delivery)
    return _of_delivery(trail, trail.status.delivery, now)


def _unknown(trail: Trail, evidence: Unreadable) -> Assessment:
    because = f"may or may not deliver: {evidence.sentence}"
    return Assessment(trail, Verdict.UNKNOWN, (reason_code(evidence),), because=because)


def _of_delivery(trail: Trail, delivery: Delivery, now: datetime) -> Assessment:
    if delivery.error:
        because = f"cannot deliver to bucket {trail.bucket}: {delivery.error}"
        return Assessment(trail, Verdict.FAIL, ("delivery-error",), because=because)
    if delivery.last and now - delivery.last <= STALE_AFTER:
        return Assessment(trail, Verdict.PASS, because=f"delivers to bucket {trail.bucket}")
    if not delivery.last and not delivery.started:
        because = "does not say since when it logs, nor whether it ever delivered"
        return Assessment(trail, Verdict.UNKNOWN, ("delivery-unknown",), because=because)
    if delivery.started and now - delivery.started < PENDING_FOR:
        because = "was started less than an hour ago and has not delivered yet"
        return Assessment(trail, Verdict.UNKNOWN, ("delivery-pending",), because=because)
    since = f"since {delivery.last:%Y-%m-%d %H:%M} UTC" if delivery.last else "ever"
    return Assessment(
        trail, Verdict.FAIL, ("delivery-stale",), because=f"has delivered nothing to {trail.bucket} {since}"
    )


def fix(world: Snapshot, profile: Profile) -> tuple[tuple[Step, ...], ...]:
    """Mend the bucket, its policy or the key's policy, of one trail that counts; never a new trail.

    A stopped trail is started for `multi-region-trail`.
    """
    failing = [t for t in _that_count(world, profile) if world.is_ours(t) and _does_not_arrive(t, world.taken_at)]
    mended = [_mended(world, t) for t in failing]
    options = tuple(steps for steps in mended if not isinstance(steps, str))
    if mended and not options:
        raise Refused(str(mended[0]))
    return options


def _mended(world: Snapshot, trail: Trail) -> tuple[Step, ...] | str:
    """The steps, or why there are none."""
    try:
        steps = wanting(world, trail)
    except Refused as refused:
        return str(refused)
    return steps or (
        f"Trail {trail.name} does not deliver, though its bucket {trail.bucket}, the policy of it and the key look as "
        "they should. After a repair it takes a while; else compare what AWS says with service control policies and "
        "with the bucket's Object Lock."
    )


def _does_not_arrive(trail: Trail, now: datetime) -> bool:
    """It has an error, or it logs and delivers nothing."""
    if not isinstance(trail.status, Status) or not isinstance(trail.status.delivery, Delivery):
        return False
    delivery = trail.status.delivery
    return bool(delivery.error) or (trail.status.logging and _of_delivery(trail, delivery, now).verdict is Verdict.FAIL)


def looks(world: Snapshot) -> Look:
    """The bucket and the key of each trail that does not deliver."""
    failing = [t for t in world.known_trails if world.is_ours(t) and _does_not_arrive(t, world.taken_at)]
    keys = tuple(Key(t.kms_key, exists=False) for t in failing if t.kms_key)
    return Look(tuple(t.bucket for t in failing), keys)


def expects(world: Snapshot, profile: Profile) -> bool:
    """Log files will arrive of one of the trails that count: it logs, and nothing is in the way."""
    return any(
        isinstance(t.status, Status) and t.status.logging and can_deliver(world, t) for t in _that_count(world, profile)
    )


CONTROL = Control(ID, "CloudTrail log files arrive in their bucket", judge, fix, looks=looks, expects=expects)
