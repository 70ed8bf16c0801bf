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
    for change in (*world.changes.open(), *world.changes.active()):
        end_if_lost(world, change)


def end_if_lost(world: World, change: Change) -> bool:
    """Superseded before anything was written, failed after that: what is true then, an audit finds out.

    An active exception that cannot be read accepts nothing any more.
    """
    if not change.plan.is_lost:
        return False
    to = next(s for s in (State.SUPERSEDED, State.ENDED, State.FAILED) if s in NEXT[change.state])
    written = f" Steps done before: {change.done}." if to is State.FAILED else ""
    move(world, change, to, f"{WORDS}{written}")
    log.warning("%s is of another release and was ended as %s", change.id, to)
    return True
