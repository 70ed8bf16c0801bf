"""The card of a change is a view of the database: painted after each move, and again by the sweep if that failed."""

import logging

from bot.domain.change import Change
from bot.ports import CannotAnnounceError, World

log = logging.getLogger(__name__)


def post(world: World, change: Change) -> Change:
    """Post the card. Raises CannotAnnounceError: a change that nobody sees is no proposal, and the asker is told."""
    message = world.announcer.card(change)
    world.changes.card_painted(change.number, message, change.version)
    newest = world.changes.get(change.number) or change
    if newest.version > change.version:  # somebody was quick enough to decide before we had noted where the card is
        paint(world, newest)
    return newest


def paint(world: World, change: Change) -> None:
    """Repaint the card; what fails here is tried again by the sweep. One that is being posted is its poster's."""
    if not change.message:
        return
    try:
        newest = _painted(world, change)
        while newest.version > change.version:  # somebody painted that meanwhile, and our older card went over it
            change, newest = newest, _painted(world, newest)
    except CannotAnnounceError as failed:
        log.warning("card of %s not painted: %s", change.id, failed)


def post_again(world: World, change: Change) -> None:
    """For the sweep: a card that was never posted, because the process died."""
    try:
        post(world, change)
    except CannotAnnounceError as failed:
        log.warning("card of %s not posted: %s", change.id, failed)


def _painted(world: World, change: Change) -> Change:
    """The change as it is saved, once this card is shown."""
    world.announcer.repaint(change)
    world.changes.card_painted(change.number, change.message, change.version)
    return world.changes.get(change.number) or change
