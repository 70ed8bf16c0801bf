"""What the clock runs."""

from collections.abc import Callable

from bot.domain.change import State
from bot.domain.subscription import Subscription
from bot.ports import Clock, Runner, World
from bot.services import cards, decisions, deliveries, digests, exceptions, notices, proposals

OUTBOX_SECONDS = 0.5
SWEEP_SECONDS = 5.0
NOTICE_SECONDS = 5.0
HOME_SECONDS = 2.0
CHAIN_SECONDS = 300
REFRESH_SECONDS = 30.0
WORKSPACES_SECONDS = 5.0
TOKENS_SECONDS = 3600
SETTLE_SECONDS = 300
AWAIT_SECONDS = 20
DELIVERY_SECONDS = 20
PRUNE_SECONDS = 3600
"""Not a day: whoever restarts the bot each day would never come to the end of one."""

REMOVED = "Trailwarden was removed from this workspace, where nobody could see and decide it any more. Ask again."


def sweep(world: World) -> None:
    """End and expire what is over, take back what nobody can see, and paint what a crash left unpainted."""
    now = world.clock.now()
    for change, why in world.changes.unseen():
        proposals.withdraw(world, change, why)
    digests.take_back(world)
    for change in world.changes.open():
        decisions.expire(world, change, now)
    exceptions.end_over(world)
    for change in world.changes.unpainted():
        cards.paint(world, change)


def close_former(world: World) -> None:
    """Of a workspace without the app: nobody sees a proposal there, so it is none. What was approved goes on."""
    for change in world.changes.open():
        if change.state is State.PROPOSED:
            proposals.withdraw(world, change, REMOVED)
    sweep(world)


def send_notices(world: World) -> None:
    """A reminder half-way, how long exceptions hold, and how each change ended to whoever asked for it."""
    notices.remind(world)
    notices.review(world)
    notices.tell(world)


def watch_deliveries(world: World) -> None:
    """The first log file of each trail that was started lately."""
    deliveries.watch(world)


def settle_awaited(world: World, runner: Runner) -> None:
    """Look again at each repair that waits for a log file to prove it: `settle` has said so on its card."""
    attempt = f"awaited-{int(world.clock.now().timestamp()) // AWAIT_SECONDS}"
    for change in world.changes.open():
        if change.state is State.APPLYING and change.outcome and change.plan.awaits_delivery:
            runner.settle(change.number, attempt)


def settle_unknown(world: World, runner: Runner) -> None:
    """Look again at each change of which nobody knows what became of it; one look for each interval."""
    attempt = str(int(world.clock.now().timestamp()) // SETTLE_SECONDS)
    for change in world.changes.open():
        if change.state is State.UNKNOWN:
            runner.settle(change.number, attempt)


def prune(world: World) -> None:
    """What was found longer ago than the setting keeps it; changes and evidence stay for ever."""
    before = world.clock.now() - world.rules.keep
    world.history.prune(before)
    world.runs.prune(before)


def fire_digest(clock: Clock, runner: Runner) -> Callable[[Subscription], None]:
    """APScheduler does not tell a job its fire time, so the latest one is computed."""

    def fire(subscription: Subscription) -> None:
        due = subscription.last_before(clock.now())
        if due:
            runner.digest(subscription.id, subscription.slot(due))

    return fire


def catch_up(world: World, runner: Runner) -> None:
    """What was due while nobody was there, or the scheduler had no time; the runner makes each once."""
    for subscription, slot in digests.missed(world):
        runner.digest(subscription.id, slot)
