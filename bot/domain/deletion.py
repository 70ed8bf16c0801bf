"""The back-out: deleting a trail, and what is lost by it."""

from bot.domain.control import Control, Profile
from bot.domain.finding import Verdict
from bot.domain.own_trail import own_trail
from bot.domain.plan import Plan, judged, planned, verdicts
from bot.domain.steps import DeleteTrail
from bot.domain.trail import Snapshot


def plan_delete(world: Snapshot, which: str, controls: tuple[Control, ...], profile: Profile) -> Plan:
    """The back-out, by a trail's name or ARN. Refused: no such trail, several, or another account's."""
    trail = own_trail(world, which, "delete")
    step = DeleteTrail(trail.arn, trail.name, trail.home_region)
    return planned("delete", world, (step,), controls, profile)


def loses_last_compliant(plan: Plan, controls: tuple[Control, ...]) -> bool:
    """Does the account pass `multi-region-trail` before, and no longer afterwards?"""
    before, after = (
        verdicts(judged(w, controls, plan.profile)).get("multi-region-trail") for w in (plan.before, plan.after)
    )
    return before is Verdict.PASS and after is not Verdict.PASS
