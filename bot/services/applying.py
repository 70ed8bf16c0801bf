"""Carry out an approved change: look, write, look again. Each function may be repeated after a crash.

The runner calls `begin`, then `perform` for each step, then `settling.settle`, and repeats the one that was in flight
when the process died. The intent is saved before each act.
"""

from dataclasses import replace

from bot.domain.change import Change, State
from bot.domain.plan import could_not_look, fingerprint
from bot.domain.refusal import Refused
from bot.domain.steps import Step, could_not_see, would_overwrite
from bot.domain.trail import Snapshot, Unreadable
from bot.ports import AnswerLostError, AwsRefusedError, CannotAnnounceError, World
from bot.services.advice import advice
from bot.services.cards import paint
from bot.services.moves import change_of, fact, move
from bot.services.patience import LOOK_EVERY, SETTLES_WITHIN, patience
from bot.services.proposals import look_again, renew
from bot.services.releases import end_if_lost

CHANGED_MEANWHILE = "The account changed after the plan was made; nothing was written."
ONCE = frozenset({"create-key"})
"""Steps that AWS would carry out a second time: after an interruption they are looked for, not sent again at once."""
PACE = 1.0
"""Seconds between two of CloudTrail's mutations in one account and region: AWS allows one a second."""


def begin(world: World, number: int) -> int:
    """How many steps to perform: none where the change may not be applied. Reads the world before any write."""
    change = change_of(world, number)
    if change.state in (State.APPROVED, State.APPLYING) and end_if_lost(world, change):
        return 0
    if change.state is State.APPLYING:
        return len(change.plan.steps)
    if change.state is State.SUPERSEDED and change.outcome == CHANGED_MEANWHILE:
        _succeed(world, change, look_again(world.cloud, change.plan))  # the process died before it could
    if change.state is not State.APPROVED:
        return 0
    fresh = look_again(world.cloud, change.plan)
    if blind := could_not_look(change.plan, fresh):
        why = f"Nothing was changed, because {blind.sentence}. When that is mended, ask again."
        move(world, change, State.FAILED, why)
        return 0
    if fingerprint(change.plan, fresh) != change.plan.fingerprint:
        _supersede(world, change, fresh)
        return 0
    return len(change.plan.steps) if move(world, change, State.APPLYING, "") else 0


def _supersede(world: World, change: Change, fresh: Snapshot) -> None:
    """The world is not the one that was approved."""
    moved = move(world, change, State.SUPERSEDED, CHANGED_MEANWHILE)
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
    """Carry out one step; whether the next one may follow. Of two processes that both take it on, one sends it."""
    change = change_of(world, number)
    if change.state is not State.APPLYING or end_if_lost(world, change):
        return False
    if change.done > index:
        return True
    step = change.plan.steps[index]
    again = _was_started(world, change, index)
    fresh = _look_patiently(world, change, step)
    if again and (step.already(fresh) or (step.kind in ONCE and _is_seen(world, change, step))):
        return _done(world, change, index, "found done after an interruption")
    if again and _blind(change, step, fresh):
        return False
    if why := _in_the_way(change, step, fresh):
        return _stop(world, change, index, why)
    if any(_is_cloudtrails(s) for s in change.plan.steps[:index]) and _is_cloudtrails(step):
        world.clock.sleep(PACE)
    mine = world.changes.save(change, fact(world, change, "step-started", {"step": index, "call": step.call}))
    return mine is not None and _try(world, mine, index, again)


def _is_cloudtrails(step: Step) -> bool:
    return step.call.startswith("cloudtrail:")


def _blind(change: Change, step: Step, fresh: Snapshot) -> Unreadable | None:
    return could_not_look(change.plan, fresh) or could_not_see(step, fresh)


def _in_the_way(change: Change, step: Step, fresh: Snapshot) -> str:
    """Why the step may not be sent into this world, or ""."""
    if blind := _blind(change, step, fresh):
        return blind.sentence
    return "somebody else changed meanwhile what it would replace" if would_overwrite(step, fresh) else ""


def _stop(world: World, change: Change, index: int, why: str) -> bool:
    call = change.plan.steps[index].call
    move(world, change, State.FAILED, f"{call} was not sent: {why}. {_done_before(change, index)} Ask again.")
    return False


def _look_patiently(world: World, change: Change, step: Step) -> Snapshot:
    """A moment of not being able to look should not end a change half-way."""
    deadline = world.clock.now() + SETTLES_WITHIN
    while _blind(change, step, fresh := look_again(world.cloud, change.plan)):
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
        return _done(world, change, index, _patiently(world, change, index))
    except _InTheWayError as way:
        return _stop(world, change, index, str(way))
    except AwsRefusedError as refused:
        if again and _is_seen(world, change, step):
            return _done(world, change, index, "found done after an interruption")
        move(world, change, State.FAILED, _failure(change, index, refused))
        return False
    except AnswerLostError as lost:
        world.evidence.record(fact(world, change, "answer-lost", {"step": index, "error": str(lost)}))
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


class _InTheWayError(Exception):
    """While AWS was not ready for the step, the world became one that it may not be sent into."""


def _patiently(world: World, change: Change, index: int) -> str:
    """Send the step, and send it again where AWS was not ready for it, as often as its error is worth."""
    step, waited = change.plan.steps[index], 0
    while True:
        try:
            return world.writer.perform(change, step)
        except AwsRefusedError as refused:
            waits = patience(refused.code, change.plan.steps[:index])
            if waited >= len(waits):
                raise
            world.clock.sleep(waits[waited])
            waited += 1
        if why := _in_the_way(change, step, _look_patiently(world, change, step)):
            raise _InTheWayError(why)


def _failure(change: Change, index: int, refused: AwsRefusedError) -> str:
    step = change.plan.steps[index]
    return f"{step.call} was refused: {advice(refused.code, refused.message)} {_done_before(change, index)}"


def _done(world: World, change: Change, index: int, request_id: str) -> bool:
    call = change.plan.steps[index].call
    entry = fact(world, change, "step-done", {"step": index, "call": call, "request": request_id})
    return world.changes.save(replace(change, done=index + 1), entry) is not None
