"""The trail that somebody names to have it updated or deleted."""

from bot.domain.plan import refuse_unreadable
from bot.domain.refusal import Refused
from bot.domain.trail import Snapshot, Trail


def own_trail(world: Snapshot, which: str, verb: str) -> Trail:
    """By its name or ARN. Refused: nobody could look, no such trail, several, or another account's."""
    refuse_unreadable(world)
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
