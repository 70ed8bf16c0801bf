"""Messages that nobody asked for: a reminder half-way to the expiry, how long an exception holds, and how it ended.

Each has a name of its own in the outbox, so that saying it twice is one message; it is marked as said once it is there.
A process that dies in between says it again to the same effect, and so does a second replica.
"""

from datetime import timedelta

from bot.domain.change import Change, State, half_way
from bot.domain.exceptions import review_due
from bot.ports import World
from bot.services.applying import CHANGED_MEANWHILE

SUCCESSOR_WITHIN = timedelta(seconds=60)
"""So long the notice of a superseded change waits for its outcome to name the change that follows."""


def remind(world: World) -> None:
    now = world.clock.now()
    for change in world.changes.unreminded():
        due = half_way(change) <= now < change.expires_at
        if due:
            world.announcer.remind(change)
            world.changes.claim_reminder(change.number)


def tell(world: World) -> None:
    """How each change ended, to whoever asked for it."""
    for change in world.changes.untold():
        if not _is_being_followed(world, change):
            world.announcer.tell(change)
            world.changes.claim_notice(change.number)


def review(world: World) -> None:
    """To the owner of each exception: that it is active, and a week and a day before its end."""
    now = world.clock.now()
    for change in world.changes.active():
        due = review_due(change, now)
        if due:
            world.announcer.review(change, due)
            world.changes.claim_review(change.number, due)


def _is_being_followed(world: World, change: Change) -> bool:
    age = world.clock.now() - (change.decided_at or change.proposed_at)
    return change.state is State.SUPERSEDED and change.outcome == CHANGED_MEANWHILE and age < SUCCESSOR_WITHIN
