"""After the last step: read afresh, judge with the same function, and say what is true."""

from dataclasses import replace
from datetime import timedelta

from bot.domain.awaiting import has_delivered
from bot.domain.change import Change, State
from bot.domain.plan import Plan, facts, is_as_predicted
from bot.domain.trail import Snapshot, Unreadable
from bot.ports import World
from bot.services import deliveries
from bot.services.cards import paint
from bot.services.moves import change_of, fact, move
from bot.services.patience import LOOK_EVERY, SETTLES_WITHIN
from bot.services.proposals import controls, look_again
from bot.services.releases import end_if_lost


def settle(world: World, number: int) -> None:
    """Read afresh until the world is as predicted, or the time is over; then say what is true."""
    change = change_of(world, number)
    if change.state not in (State.APPLYING, State.UNKNOWN) or end_if_lost(world, change):
        return
    fresh, seen = _look_until_true(world, change)
    state, words = _outcome(change, fresh, seen)
    if state is State.VERIFIED:  # the step whose answer was lost is seen to be done, so an undo takes it back too
        change = replace(change, done=len(change.plan.steps))
    if state is State.VERIFIED and (delivered := has_delivered(change.plan, fresh)) is not True:
        state, words = _until_it_delivers(world, change, delivered)
    if state is change.state is State.APPLYING:
        _say_what_is_waited_for(world, change, words)
    elif state is not change.state:
        waits = state is State.VERIFIED and deliveries.started(change.plan)
        settled = replace(change, delivery="awaited") if waits else change
        move(world, settled, state, words, {"after": facts(fresh)})


AWAITED_FOR = timedelta(minutes=30)
"""A repair of delivery is proved by a log file; CloudTrail takes some five minutes for one."""
GIVEN_UP_AFTER = timedelta(days=1)
"""An open change keeps every other one of its account waiting, also the one that would help."""


def _until_it_delivers(world: World, change: Change, delivered: bool | Unreadable) -> tuple[State, str]:
    """Still APPLYING, with nothing left to write; after half an hour nobody knows, after a day it has not helped."""
    since, now = change.decided_at or change.proposed_at, world.clock.now()
    end = since + AWAITED_FOR
    if change.state is State.APPLYING and now < end:
        return State.APPLYING, f"The repair is in place. Waiting for a log file to prove it, until {end:%H:%M} UTC."
    if isinstance(delivered, Unreadable):
        return State.UNKNOWN, f"The repair is in place, but {delivered.sentence}. {LOOKS_AGAIN}"
    if change.state is State.UNKNOWN and now >= since + GIVEN_UP_AFTER:
        return State.FAILED, NO_LOG_FILE
    return State.UNKNOWN, f"The repair is in place, but no log file has come yet. {LOOKS_AGAIN}"


LOOKS_AGAIN = "It is looked at again every 5 minutes."
NO_LOG_FILE = (
    "The repair is in place, but no log file came within a day. Look for what else keeps CloudTrail from the bucket (a "
    "service control policy, an Object Lock, the key), then audit again."
)


def _say_what_is_waited_for(world: World, change: Change, words: str) -> None:
    """Once: the next look says the same."""
    if words != change.outcome:
        saved = world.changes.save(replace(change, outcome=words), fact(world, change, "awaiting", {"outcome": words}))
        paint(world, saved or change)


def _look_until_true(world: World, change: Change) -> tuple[Snapshot, bool | Unreadable]:
    deadline = world.clock.now() + SETTLES_WITHIN
    while True:
        fresh = look_again(world.cloud, change.plan)
        seen = is_as_predicted(change.plan, fresh, controls(world))
        seen = _shown_elsewhere(world, change.plan, fresh) if seen is True else seen
        stopped_short = change.done < len(change.plan.steps) and seen is False
        if seen is True or stopped_short or world.clock.now() >= deadline:
            return fresh, seen
        world.clock.sleep(LOOK_EVERY)


REGIONS_TRIED = 3


def _shown_elsewhere(world: World, plan: Plan, fresh: Snapshot) -> bool | Unreadable:
    """A second look: a multi-region trail has a shadow in each other region. The first that can be seen decides."""
    for trail in (t for t in plan.after.multi_region if t.arn in plan.touched):
        regions = fresh.survey.regions if fresh.survey else ()
        for region in [r for r in regions if r != trail.home_region][:REGIONS_TRIED]:
            shown = world.cloud.shows(plan.account, trail.arn, region)
            if shown is False:
                why = f"the trail {trail.name} is not shown there yet"
                return Unreadable(f"cloudtrail:DescribeTrails in {region}", "NoShadowTrail", why)
            if shown is True:
                break
    return True


def _outcome(change: Change, fresh: Snapshot, seen: bool | Unreadable) -> tuple[State, str]:
    if isinstance(seen, Unreadable):
        return State.UNKNOWN, f"Nobody could look what is true: {seen.sentence}. {LOOKS_AGAIN}"
    if seen and _all_done(change, fresh):
        return State.VERIFIED, "A fresh read shows what was planned."
    if change.done < len(change.plan.steps):
        return State.FAILED, _stopped_short(change, fresh)
    return State.FAILED, NOT_AS_PLANNED


NOT_AS_PLANNED = (
    "Every step was accepted, but a fresh read does not show the planned result: somebody else may have changed the "
    "account meanwhile. Audit again, then propose what is still needed."
)


def _all_done(change: Change, fresh: Snapshot) -> bool:
    """A step whose answer was lost counts only if it is seen; one that no read shows does not."""
    return all(step.already(fresh) for step in change.plan.steps[change.done :])


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
    change = change_of(world, number)
    if change.state is State.APPLYING:
        move(world, change, State.UNKNOWN, f"Trailwarden met an error ({error}) and looks again every 5 minutes.")
    if change.state is State.APPROVED:
        move(world, change, State.FAILED, f"Nothing was changed: Trailwarden met an error ({error}).")
