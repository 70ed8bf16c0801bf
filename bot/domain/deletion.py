"""The back-out: deleting a trail, and what is lost by it."""

from bot.domain.control import Control, Profile
from bot.domain.finding import Verdict
from bot.domain.plan import Plan, judged, planned, refuse_unreadable, verdicts
from bot.domain.refusal import Refused
from bot.domain.steps import DeleteTrail
from bot.domain.trail import Snapshot, Trail


def plan_delete(world: Snapshot, which: str, controls: tuple[Control, ...], profile: Profile) -> Plan:
    """The back-out, by a trail's name or ARN. Refused: no such trail, several, or another account's."""
    refuse_unreadable(world)
    trail = own_trail(world, which, "delete")
    step = DeleteTrail(trail.arn, trail.name, trail.home_region)
    return planned("delete", world, (step,), controls, profile)


def own_trail(world: Snapshot, which: str, verb: str) -> Trail:
    """The account's trail of this name or ARN. Refused: no such trail, several, or another account's."""
    trail = _named(world, which)
    if not world.is_ours(trail):
        raise Refused(
            f"{trail.name} belongs to account {trail.owner}; only that account can {verb} it: "
            f"`/trail-audit {verb} {trail.name} {trail.owner}`."
        )
    return trail


def _named(world: Snapshot, which: str) -> Trail:
    matching = [t for t in world.known_trails if which in (t.name, t.arn)]
    if len(matching) == 1:
        return matching[0]
    if matching:
        arns = ", ".join(t.arn for t in matching)
        raise Refused(f"{world.account.label} has several trails named {which}. Say which by its ARN: {arns}.")
    names = ", ".join(sorted(t.name for t in world.known_trails)) or "none at all"
    raise Refused(f"{world.account.label} has no trail named {which}. It has: {names}.")


def loses_last_compliant(plan: Plan, controls: tuple[Control, ...]) -> bool:
    """Does the account pass `multi-region-trail` before, and no longer afterwards?"""
    before, after = (
        verdicts(judged(w, controls, plan.profile)).get("multi-region-trail") for w in (plan.before, plan.after)
    )
    return before is Verdict.PASS and after is not Verdict.PASS
