"""A new release and the changes of the old one: what it cannot read, it ends and says so; it is never applied."""

import logging

from bot.domain.change import NEXT, Change, State
from bot.ports import World
from bot.services.moves import move

log = logging.getLogger(__name__)

WORDS = (
    "This was proposed by another release of Trailwarden, and its plan cannot be read any more. Audit the account, "
    "then ask again."
)


def end_lost(world: World) -> None:
    """At the start alone: while replicas are exchanged, an older one should not end what a newer one proposes."""
    for change in world.changes.open():
        end_if_lost(world, change)


def end_if_lost(world: World, change: Change) -> bool:
    """Superseded before anything was written, failed after that: what is true then, an audit finds out."""
    if not change.plan.is_lost:
        return False
    to = State.SUPERSEDED if State.SUPERSEDED in NEXT[change.state] else State.FAILED
    written = "" if to is State.SUPERSEDED else f" Steps done before: {change.done}."
    move(world, change, to, f"{WORDS}{written}")
    log.warning("%s is of another release and was ended as %s", change.id, to)
    return True
