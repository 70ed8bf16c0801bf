"""The first log file after a trail was started: seen, or missing after half an hour; a change is verified before."""

from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.change import Change
from bot.domain.plan import Plan
from bot.domain.steps import StartLogging
from bot.domain.trail import Delivery, Snapshot, Status
from bot.ports import World
from bot.services.cards import paint
from bot.services.moves import fact

WATCHED_FOR = timedelta(minutes=30)
"""CloudTrail delivers within about five minutes on average. Source: CloudTrail user guide, "How CloudTrail works"."""


def started(plan: Plan) -> str:
    """The ARN of the trail that the plan starts, or ""."""
    return next((step.arn for step in plan.steps if isinstance(step, StartLogging)), "")


def watch(world: World) -> None:
    """Look at each trail whose first log file has not been seen; say so once when it has, or when the time is over."""
    for change in world.changes.awaiting_delivery():
        delivery = _delivery(world.cloud.snapshot(change.plan.account), started(change.plan))
        first = _first_file(delivery)
        if first:
            words = f"First log file seen at {first:%Y-%m-%d %H:%M} UTC."
            _say(world, replace(change, delivery="seen"), words, "first-delivery")
        elif world.clock.now() - (change.decided_at or change.proposed_at) >= WATCHED_FOR:
            _say(world, replace(change, delivery="missing"), _missing(delivery), "no-delivery")


def _delivery(fresh: Snapshot, arn: str) -> Delivery | None:
    """None where it could not be read, or the trail is gone."""
    trail = fresh.trail(arn)
    status = trail.status if trail else None
    known = status.delivery if isinstance(status, Status) else None
    return known if isinstance(known, Delivery) else None


def _first_file(delivery: Delivery | None) -> datetime | None:
    """When the last file came, if that was after the start: one from before a stop proves nothing."""
    if delivery is None or delivery.last is None or delivery.error:
        return None
    return delivery.last if delivery.started is None or delivery.last >= delivery.started else None


def _missing(delivery: Delivery | None) -> str:
    if delivery is None:
        return "Whether log files arrive could not be seen within 30 minutes. Audit the account."
    why = f": AWS says {delivery.error}" if delivery.error else ""
    return f"Warning: no log file arrived within 30 minutes{why}. See to the bucket and its policy, then audit again."


def _say(world: World, change: Change, words: str, what: str) -> None:
    told = replace(change, outcome=f"{change.outcome} {words}")
    saved = world.changes.save(told, fact(world, change, what, {"outcome": words}))
    if saved:
        paint(world, saved)
