"""The card of a change is a view of the database: announced after each move, and by the sweep if the process died."""

from bot.domain.change import Change
from bot.ports import World


def paint(world: World, change: Change) -> None:
    """Show this version; an older one never goes over a newer one, and one that cannot be shown now is shown later."""
    world.announcer.repaint(change)
