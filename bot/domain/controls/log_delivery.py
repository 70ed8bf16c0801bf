"""Log files arrive: the trail that proves (or would prove) the account's coverage delivers to its bucket.

Our own control: AWS keeps `IsLogging` true while not one file arrives.
"""

from datetime import datetime, timedelta

from bot.domain.control import (
    BEST_FIRST,
    Assessment,
    Control,
    Profile,
    best,
    reason_code,
    unreadable,
    without_multi_region,
)
from bot.domain.controls import multi_region_trail
from bot.domain.finding import Finding, Verdict
from bot.domain.steps import Step
from bot.domain.trail import Delivery, Snapshot, Trail, Unreadable

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
    top = min((a.verdict for a in judged), key=BEST_FIRST.index)
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


def fix(_world: Snapshot, _profile: Profile) -> tuple[tuple[Step, ...], ...]:
    """Nothing of its own: a stopped trail is started for `multi-region-trail`; a broken bucket needs its owner."""
    return ()


CONTROL = Control(
    ID, "CloudTrail log files arrive in their bucket", "high", judge, fix, repairable=False, takes_time=True
)
