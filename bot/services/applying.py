"""Carry out an approved change: look, write, look again. Each function may be repeated after a crash.

The runner calls `begin`, then `perform` for each step, then `settle`, and repeats the one that was in flight when the
process died. The intent is saved before each act.
"""

from dataclasses import replace
from datetime import timedelta

from bot.domain.change import Change, State
from bot.domain.evidence import Fact
from bot.domain.plan import could_not_look, facts, fingerprint, is_as_predicted
from bot.domain.refusal import Refused
from bot.domain.steps import Step, would_overwrite
from bot.domain.trail import Snapshot, Unreadable
from bot.ports import AnswerLostError, AwsRefusedError, CannotAnnounceError, World
from bot.services.advice import advice
from bot.services.cards import paint
from bot.services.proposals import controls, look_again, renew

SETTLES_WITHIN = timedelta(seconds=60)
"""AWS is not instantly consistent; a fresh read is tried again for this long."""
LOOK_EVERY = 2.0
PATIENCE = (1.0, 2.0, 4.0, 8.0, 16.0)
"""Seconds to wait before each further try of a step that AWS was not ready for."""
CHANGED_MEANWHILE = "The account changed after the plan was made; nothing was written."
NOT_READY = frozenset(
    {
        "InsufficientS3BucketPolicyException",
        "ThrottlingException",
        "Throttling",
        "SlowDown",
        "ConflictException",
        "OperationAborted",
    }
)


def begin(world: World, number: int) -> int:
    """How many steps to perform: none where the change may not be applied. Reads the world before any write."""
    change = _change(world, number)
    if change.state is State.APPLYING:
        return len(change.plan.steps)
    if change.state is State.SUPERSEDED and change.outcome == CHANGED_MEANWHILE:
        _succeed(world, change, look_again(world.cloud, change.plan))  # the process died before it could
    if change.state is not State.APPROVED:
        return 0
    fresh = look_again(world.cloud, change.plan)
    if blind := could_not_look(change.plan, fresh):
        _move(world, change, State.FAILED, f"Nothing was changed, because {blind.sentence}.")
        return 0
    if fingerprint(change.plan, fresh) != change.plan.fingerprint:
        _supersede(world, change, fresh)
        return 0
    return len(change.plan.steps) if _move(world, change, State.APPLYING, "") else 0


def _supersede(world: World, change: Change, fresh: Snapshot) -> None:
    """The world is not the one that was approved."""
    moved = _move(world, change, State.SUPERSEDED, CHANGED_MEANWHILE)
    if moved:
        _succeed(world, moved, fresh)


def _succeed(world: World, change: Change, fresh: Snapshot) -> None:
    """What is still wanted gets a card of its own; the outcome names it."""
    try:
        successor = f"{renew(world, change, fresh).id} proposes what is needed now."
    except (Refused, CannotAnnounceError) as nothing_left:
        successor = str(nothing_left)
    saved = world.changes.save(replace(change, outcome=f"{CHANGED_MEANWHILE} {successor}"))
    paint(world, saved or change)


def perform(world: World, number: int, index: int) -> bool:
    """Carry out one step; whether the next one may follow."""
    change = _change(world, number)
    if change.state is not State.APPLYING:
        return False
    if change.done > index:
        return True
    step = change.plan.steps[index]
    again = _was_started(world, change, index)
    fresh = _look_patiently(world, change)
    if again and step.already(fresh):
        return _done(world, change, index, "found done after an interruption")
    blind = could_not_look(change.plan, fresh)
    if again and blind:
        return False
    if blind or would_overwrite(step, fresh):
        why = blind.sentence if blind else "somebody else changed meanwhile what it would replace"
        _move(world, change, State.FAILED, f"{step.call} was not sent: {why}. {_done_before(change, index)} Ask again.")
        return False
    world.evidence.record(_fact(world, change, "step-started", {"step": index, "call": step.call}))
    return _try(world, change, index, again)


def _look_patiently(world: World, change: Change) -> Snapshot:
    """A moment of not being able to look should not end a change half-way."""
    deadline = world.clock.now() + SETTLES_WITHIN
    while could_not_look(change.plan, fresh := look_again(world.cloud, change.plan)):
        if world.clock.now() >= deadline:
            break
        world.clock.sleep(LOOK_EVERY)
    return fresh


def _done_before(change: Change, index: int) -> str:
    return f"Done before it: {', '.join(s.call for s in change.plan.steps[:index]) or 'nothing'}."


def _was_started(world: World, change: Change, index: int) -> bool:
    started = (e for e in world.evidence.entries(change.id) if e.what == "step-started")
    return any(e.facts["step"] == index for e in started)


def _try(world: World, change: Change, index: int, again: bool) -> bool:
    """`again`: the write may have happened before an interruption, too lately to be seen, and is refused for it."""
    step = change.plan.steps[index]
    try:
        return _done(world, change, index, _patiently(world, change, step))
    except AwsRefusedError as refused:
        if again and _is_seen(world, change, step):
            return _done(world, change, index, "found done after an interruption")
        _move(world, change, State.FAILED, _failure(change, index, refused))
        return False
    except AnswerLostError as lost:
        world.evidence.record(_fact(world, change, "answer-lost", {"step": index, "error": str(lost)}))
        seen = _is_seen(world, change, step)
        return seen and _done(world, change, index, "found done after a lost answer")


def _is_seen(world: World, change: Change, step: Step) -> bool:
    """Read afresh until the step is seen done, or the time is over."""
    deadline = world.clock.now() + SETTLES_WITHIN
    while not step.already(look_again(world.cloud, change.plan)):
        if world.clock.now() >= deadline:
            return False
        world.clock.sleep(LOOK_EVERY)
    return True


def _patiently(world: World, change: Change, step: Step) -> str:
    for seconds in PATIENCE:
        try:
            return world.writer.perform(change, step)
        except AwsRefusedError as refused:
            if refused.code not in NOT_READY:
                raise
            world.clock.sleep(seconds)
    return world.writer.perform(change, step)


def _failure(change: Change, index: int, refused: AwsRefusedError) -> str:
    step = change.plan.steps[index]
    return f"{step.call} was refused: {advice(refused.code, refused.message)} {_done_before(change, index)}"


def _done(world: World, change: Change, index: int, request_id: str) -> bool:
    call = change.plan.steps[index].call
    fact = _fact(world, change, "step-done", {"step": index, "call": call, "request": request_id})
    return world.changes.save(replace(change, done=index + 1), fact) is not None


def settle(world: World, number: int) -> None:
    """Read afresh until the world is as predicted, or the time is over; then say what is true."""
    change = _change(world, number)
    if change.state not in (State.APPLYING, State.UNKNOWN):
        return
    fresh, seen = _look_until_true(world, change)
    state, words = _outcome(change, fresh, seen)
    if state is not change.state:
        _move(world, change, state, words, {"after": facts(fresh)})


def _look_until_true(world: World, change: Change) -> tuple[Snapshot, bool | Unreadable]:
    deadline = world.clock.now() + SETTLES_WITHIN
    while True:
        fresh = look_again(world.cloud, change.plan)
        seen = is_as_predicted(change.plan, fresh, controls(world))
        stopped_short = change.done < len(change.plan.steps) and seen is False
        if seen is True or stopped_short or world.clock.now() >= deadline:
            return fresh, seen
        world.clock.sleep(LOOK_EVERY)


def _outcome(change: Change, fresh: Snapshot, seen: bool | Unreadable) -> tuple[State, str]:
    if isinstance(seen, Unreadable):
        return State.UNKNOWN, f"Nobody could look what is true: {seen.sentence}. It is looked at again every 5 minutes."
    if seen:
        return State.VERIFIED, "A fresh read shows what was planned."
    if change.done < len(change.plan.steps):
        return State.FAILED, _stopped_short(change, fresh)
    return State.FAILED, "Every step was accepted, but a fresh read does not show the planned result. Audit again."


def _stopped_short(change: Change, fresh: Snapshot) -> str:
    step = change.plan.steps[change.done]
    shown = "a fresh read shows that it did not happen"
    if step.already(fresh):
        shown = "a fresh read shows that it happened, but the plan did not go on"
    elif not step.already(step.apply(fresh)):  # no read would show it
        shown = f"whether {step.call} happened cannot be seen"
    return (
        f"AWS's answer to {step.call} was lost, and {shown}. Steps done before it: {change.done}. Audit again, then "
        "propose what is still needed."
    )


def give_up(world: World, number: int, error: str) -> None:
    """The work broke in a way nobody foresaw: what is true is found out by reading, never assumed."""
    change = _change(world, number)
    if change.state is State.APPLYING:
        _move(world, change, State.UNKNOWN, f"Trailwarden met an error ({error}) and looks again every 5 minutes.")
    if change.state is State.APPROVED:
        _move(world, change, State.FAILED, f"Nothing was changed: Trailwarden met an error ({error}).")


def _move(
    world: World, change: Change, to: State, outcome: str, more: dict[str, object] | None = None
) -> Change | None:
    fact = _fact(world, change, to.value, {"outcome": outcome, **(more or {})})
    saved = world.changes.save(change.moved(to, world.clock.now(), outcome), fact)
    if saved:
        paint(world, saved)
    return saved


def _fact(world: World, change: Change, what: str, more: dict[str, object]) -> Fact:
    facts = {"fingerprint": change.plan.fingerprint, **more}
    return Fact(world.clock.now(), change.id, what, "trailwarden", facts)


def _change(world: World, number: int) -> Change:
    change = world.changes.get(number)
    if change is None:
        raise LookupError(f"C-{number} is not in the database")
    return change
