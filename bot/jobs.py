"""What the clock runs."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from bot.domain.change import OPEN, Change, State
from bot.domain.digest import Subscription
from bot.ports import Runner, World
from bot.services import cards, decisions, deliveries, notices

log = logging.getLogger(__name__)

SWEEP_SECONDS = 5.0
NOTICE_SECONDS = 5.0
REFRESH_SECONDS = 30.0
SETTLE_SECONDS = 300
DELIVERY_SECONDS = 60
POSTING_TAKES = timedelta(seconds=60)
"""A change whose card is not recorded after so long was never posted: its process died in between."""
PAINTED_WITHIN = timedelta(days=1)
"""So long the card of a change that has ended is tried again: its channel may be archived, or the message deleted."""


def sweep(world: World) -> None:
    """Expire what is over, and paint what a crash or an absent Slack left unpainted."""
    now = world.clock.now()
    for change in world.changes.open():
        decisions.expire(world, change, now)
    for change in world.changes.unpainted():
        if _wants_paint(change, now):
            show = cards.paint if change.message else cards.post_again
            show(world, change)


def _wants_paint(change: Change, now: datetime) -> bool:
    """What ended before anybody saw it is not shown any more; what cannot be painted is not tried for ever."""
    if change.state in OPEN:
        return bool(change.message) or now - change.proposed_at > POSTING_TAKES
    return bool(change.message) and now - (change.decided_at or now) <= PAINTED_WITHIN


def send_notices(world: World) -> None:
    """A reminder half-way, and how each change ended to whoever asked for it."""
    notices.remind(world)
    notices.tell(world)


def watch_deliveries(world: World) -> None:
    """The first log file of each trail that was started lately."""
    deliveries.watch(world)


def settle_unknown(world: World, runner: Runner) -> None:
    """Look again at each change of which nobody knows what became of it; one look for each interval."""
    attempt = str(int(world.clock.now().timestamp()) // SETTLE_SECONDS)
    for change in world.changes.open():
        if change.state is State.UNKNOWN:
            runner.settle(change.number, attempt)


def fire_digest(world: World, runner: Runner) -> Callable[[Subscription], None]:
    """APScheduler does not tell a job its fire time, so the latest one is computed."""

    def fire(subscription: Subscription) -> None:
        due = subscription.last_before(world.clock.now())
        if due:
            runner.digest(subscription.id, due.date().isoformat())

    return fire
