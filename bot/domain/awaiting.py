"""A repair of delivery is proved by a delivery, which takes its time: has it come?"""

from bot.domain.plan import Plan
from bot.domain.trail import Delivery, Snapshot, Status, Trail, Unreadable


def has_delivered(plan: Plan, fresh: Snapshot) -> bool | Unreadable:
    """Has every trail that the plan mended delivered since? Unreadable where that could not be seen.

    True for a plan that awaits none. AWS's own times are compared with each other, so no clock of ours plays a part: a
    later delivery than the last one known when the plan was made, and no error any more.
    """
    if isinstance(fresh.trails, Unreadable):
        return fresh.trails
    seen = [_has_come(plan.before.trail(arn), fresh.trail(arn)) for arn in plan.awaits_delivery]
    if False in seen:
        return False
    return next((s for s in seen if isinstance(s, Unreadable)), True)


def _has_come(before: Trail | None, now: Trail | None) -> bool | Unreadable:
    if now is None:
        return False
    delivery = _delivery(now)
    if isinstance(delivery, Unreadable):
        return delivery
    earlier = _delivery(before) if before else None
    known = earlier.last if isinstance(earlier, Delivery) else None
    return not delivery.error and delivery.last is not None and (known is None or delivery.last > known)


def _delivery(trail: Trail) -> Delivery | Unreadable:
    return trail.status.delivery if isinstance(trail.status, Status) else trail.status
