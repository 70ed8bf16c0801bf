"""Before a person is asked: what of a plan is ready, what AWS would refuse, and what nobody could check.

A check is a forecast. It never stands in a plan's way: a person decides, knowing it.
"""

from collections.abc import Callable, Iterator

from bot.domain.census import MAX_TRAILS, regions_with
from bot.domain.check import Check, because, worst_first
from bot.domain.grant import Rulings, permission_checks
from bot.domain.plan import Plan
from bot.domain.readiness import bucket_checks, key_checks, log_checks, topic_checks
from bot.domain.steps import CreateTrail, PutInsightSelectors, Step, UpdateTrail, predict
from bot.domain.trail import Bucket, Snapshot, Trail, Unreadable

Judge = Callable[[Trail, Snapshot, Snapshot], Iterator[Check]]
SETS: dict[str, Judge] = {"kms_key": key_checks, "topic": topic_checks, "log_group": log_checks}
"""What a step can set, and who judges it. The bucket is judged by AWS whichever of them a step sets."""


def checks(plan: Plan, seen: Snapshot, rulings: Rulings) -> tuple[Check, ...]:
    """`seen` is the world of the plan with what `unseen_buckets` asked for; `rulings` are on the plan's grants."""
    after = predict(seen, plan.steps)
    found = (
        *(c for step in plan.steps for c in _leaning(step, seen, after)),
        *(c for step in plan.steps if isinstance(step, CreateTrail) for c in (_name(step, seen), *_trust(step, seen))),
        *_room(plan, seen, after),
        *permission_checks(rulings),
    )
    return worst_first(found)


def unseen_buckets(plan: Plan) -> tuple[str, ...]:
    """The buckets that AWS will look at, and that the plan did not need to."""
    known = {b.name for b in plan.before.buckets if isinstance(b, Bucket)}
    names = (t.bucket for step in plan.steps if (t := _judged_by_aws(step, plan.before)) is not None)
    return tuple(dict.fromkeys(name for name in names if name not in known))


def _judged_by_aws(step: Step, world: Snapshot) -> Trail | None:
    """The trail whose bucket these calls may be refused for (their errors in AWS's model), where it exists already."""
    return world.trail(step.arn) if isinstance(step, UpdateTrail | PutInsightSelectors) else None


def _leaning(step: Step, before: Snapshot, after: Snapshot) -> Iterator[Check]:
    trail = after.trail(step.arn) if isinstance(step, CreateTrail | UpdateTrail | PutInsightSelectors) else None
    if trail is None:
        return
    yield from bucket_checks(trail, before, after)
    chosen = step.to if isinstance(step, UpdateTrail) else step
    for name, judge in SETS.items():
        if getattr(chosen, name, ""):
            yield from judge(trail, before, after)


def _name(step: CreateTrail, world: Snapshot) -> Check:
    if any(t.name == step.name and world.is_ours(t) for t in world.known_trails):
        return Check("fails", f"There is a trail named {step.name} already. Choose another name.")
    return Check("ready", f"No trail is named {step.name}.")


def _trust(step: CreateTrail, world: Snapshot) -> Iterator[Check]:
    """Source: CloudTrail user guide, "Prepare for creating a trail for your organization"."""
    if not step.organization:
        return
    match world.trusts_cloudtrail:
        case Unreadable() as unseen:
            yield Check("unchecked", f"Whether the organization trusts CloudTrail: {because(unseen)}.")
        case True:
            yield Check("ready", "The organization gives CloudTrail trusted access.")
        case False:
            why = "The organization does not give CloudTrail trusted access"
            yield Check("fails", f"{why}. Turn it on in AWS Organizations, under Services, once.")


def _room(plan: Plan, before: Snapshot, after: Snapshot) -> Iterator[Check]:
    """A multi-region trail takes a place in every region."""
    if len(after.multi_region) <= len(before.multi_region):
        return
    full = regions_with(after, MAX_TRAILS + 1)
    if full:
        where = ", ".join(full)
        yield Check("fails", f"{where}: {MAX_TRAILS} trails already, and AWS allows no more. Delete one there first.")
    elif before.survey is None or before.survey.notes:
        notes = " ".join(before.survey.notes) if before.survey else "Other regions were not searched."
        yield Check("unchecked", f"Whether every region has room for the trail, and its name is free there: {notes}")
    else:
        yield Check("ready", f"No region of {plan.account.label} would hold more than {MAX_TRAILS} trails.")
