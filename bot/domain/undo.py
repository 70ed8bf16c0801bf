"""The back-out of a change that was carried out: the inverse steps, from the facts before it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from bot.domain.change import Change, State
from bot.domain.control import Control, Profile
from bot.domain.plan import Plan, planned, refuse_unreadable, settled
from bot.domain.policy import same
from bot.domain.refusal import Refused
from bot.domain.selectors import BasicSelector, Selectors
from bot.domain.steps import (
    CreateTrail,
    DeleteTrail,
    PutBucketPolicy,
    PutEventSelectors,
    PutInsightSelectors,
    PutKeyPolicy,
    PutTopicPolicy,
    StartLogging,
    Step,
    StopLogging,
    UpdateTrail,
    predict,
    would_overwrite,
)
from bot.domain.trail import Snapshot

UNDOABLE = frozenset({State.VERIFIED, State.FAILED})
"""A change that has failed may have carried out its first steps."""


def offers_undo(change: Change) -> bool:
    """Was anything carried out that a step can take back?"""
    return change.state in UNDOABLE and any(inverse(step) for step in change.plan.steps[: change.done])


def plan_undo(world: Snapshot, undone: Change, controls: tuple[Control, ...], profile: Profile) -> Plan:
    """Refused: nothing was carried out, or nothing of it can be taken back, or it was changed since."""
    if undone.state in (State.APPLYING, State.UNKNOWN):
        raise Refused(
            f"What became of {undone.id} is still being found out. When it has ended, ask again: "
            f"`/trail-audit change {undone.id}` shows how it stands."
        )
    if undone.state not in UNDOABLE or not undone.done:
        raise Refused(f"{undone.id} is {undone.state} and has changed nothing, so there is nothing to undo.")
    refuse_unreadable(world)
    steps = _back(undone, world)
    if not steps:
        raise _nothing_left(undone)
    plan = planned("undo", world, steps, controls, profile)
    return replace(plan, undoes=undone.number)


def _nothing_left(undone: Change) -> Refused:
    could = any(inverse(step) for step in undone.plan.steps[: undone.done])
    why = f"What of {undone.id} can be undone is undone already."
    return Refused(
        f"{why if could else f'Nothing of {undone.id} can be undone, as its card says.'} "
        f"`/trail-audit change {undone.id}` shows its steps; what else shall go has to be undone by hand."
    )


def _back(undone: Change, world: Snapshot) -> tuple[Step, ...]:
    """The inverses, the last step first; a trail that is deleted needs nothing else taken back."""
    inverses = [i for s in reversed(undone.plan.steps[: undone.done]) if (i := inverse(s)) is not None]
    deleted = {i.arn for i in inverses if isinstance(i, DeleteTrail)}
    wanted = [i for i in inverses if isinstance(i, DeleteTrail) or getattr(i, "arn", "") not in deleted]
    for step in wanted:
        if isinstance(step, DeleteTrail) and not _is_still_ours(undone, step.arn, world):
            raise Refused(
                f"Trail {step.name} is no longer as {undone.id} left it: its undo would delete somebody else's work. "
                f"If it shall go, ask for that: `/trail-audit delete {step.name} {world.account.id}`."
            )
        if would_overwrite(step, world):
            raise Refused(f"What {step.call} would take back was changed by somebody else since. Mend it by hand.")
    return tuple(i for i in wanted if not i.already(world) and _is_there(i, world))


def _is_still_ours(undone: Change, arn: str, world: Snapshot) -> bool:
    """As the change left it; a trail that is gone already is nobody's."""
    left = predict(undone.plan.before, undone.plan.steps[: undone.done])
    now, then = world.trail(arn), left.trail(arn)
    return now is None or then is None or settled(world.canonical(now)) == settled(left.canonical(then))


def _is_there(step: Step, world: Snapshot) -> bool:
    return world.trail(step.arn) is not None if hasattr(step, "arn") and not isinstance(step, PutTopicPolicy) else True


def inverse(step: Step) -> Step | None:
    """The step that takes it back; None where nothing does, or nothing has to."""
    inverted = INVERSES.get(type(step))
    return inverted(step) if inverted else None


def _policy_back(step: Any) -> Step | None:
    """A policy that was not there before stays: it grants nothing but what the trail needed."""
    if same(step.before, ""):
        return None
    back: Step = replace(step, before=step.after, after=step.before, added=("what was there before",))
    return back


def _selectors_back(step: PutEventSelectors) -> PutEventSelectors:
    """No selectors are the default, which has to be spelled out to be put."""
    before = Selectors(basic=(BasicSelector(),)) if step.before == Selectors() else step.before
    return replace(step, before=step.after, after=before)


INVERSES: dict[type[Step], Callable[[Any], Step | None]] = {
    PutBucketPolicy: _policy_back,
    PutKeyPolicy: _policy_back,
    PutTopicPolicy: _policy_back,
    CreateTrail: lambda s: DeleteTrail(s.arn, s.name, s.region),
    UpdateTrail: lambda s: replace(s, before=s.to, to=s.before),
    PutEventSelectors: _selectors_back,
    PutInsightSelectors: lambda s: replace(s, on=not s.on),
    StartLogging: lambda s: StopLogging(s.arn, s.region),
    StopLogging: lambda s: StartLogging(s.arn, s.region),
}
"""What is not here stays: buckets, keys, topics, log groups and roles, and a trail that was deleted."""
