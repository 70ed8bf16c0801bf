"""Two messages that nobody asked for: a reminder half-way to the expiry, and to the requester how it ended.

Each is claimed in the database before it is sent, by one of all replicas, and so sent once at most: a process that dies
in between, or a Slack that does not take it, loses a notice and never repeats one. The card says the same in any case.
"""

import logging
from collections.abc import Callable
from datetime import timedelta

from bot.domain.change import Change, State, half_way
from bot.ports import CannotAnnounceError, World
from bot.services.applying import CHANGED_MEANWHILE

log = logging.getLogger(__name__)

SUCCESSOR_WITHIN = timedelta(seconds=60)
"""So long the notice of a superseded change waits for its outcome to name the change that follows."""


def remind(world: World) -> None:
    now = world.clock.now()
    for change in world.changes.unreminded():
        due = half_way(change) <= now < change.expires_at
        if due and world.changes.claim_reminder(change.number):
            _send(change, world.announcer.remind)


def tell(world: World) -> None:
    """How each change ended, to whoever asked for it."""
    for change in world.changes.untold():
        if not _is_being_followed(world, change) and world.changes.claim_notice(change.number):
            _send(change, world.announcer.tell)


def _is_being_followed(world: World, change: Change) -> bool:
    age = world.clock.now() - (change.decided_at or change.proposed_at)
    return change.state is State.SUPERSEDED and change.outcome == CHANGED_MEANWHILE and age < SUCCESSOR_WITHIN


def _send(change: Change, send: Callable[[Change], None]) -> None:
    """One that cannot be delivered (its reader has left, say) holds up nothing."""
    try:
        send(change)
    except CannotAnnounceError as failed:
        log.warning("notice on %s not delivered: %s", change.id, failed)
