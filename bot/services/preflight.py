"""Look at what a plan needs, simulate the change role's permissions, and note in the plan what was found."""

from dataclasses import replace

from bot.domain.grant import grants
from bot.domain.plan import Plan
from bot.domain.preflight import checks, unseen_buckets
from bot.domain.trail import Snapshot, Unreadable
from bot.ports import Cloud, Wish


def checked(cloud: Cloud, plan: Plan) -> Plan:
    """The plan with its checks. Reads AWS, writes nothing, and raises nothing of its own."""
    seen = _seen(cloud, plan)
    rulings = cloud.simulate(plan.account, grants(plan))
    return replace(plan, checks=checks(plan, seen, rulings))


def _seen(cloud: Cloud, plan: Plan) -> Snapshot:
    """The plan's own world, and the buckets that it did not need to look at."""
    wanted = unseen_buckets(plan)
    if not wanted:
        return plan.before
    further = cloud.snapshot(plan.account, Wish(buckets=wanted))
    found = (further.trails,) if isinstance(further.trails, Unreadable) else further.buckets
    return replace(plan.before, buckets=(*plan.before.buckets, *found))
