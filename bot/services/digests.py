"""The digest: audit everything, compare with the last one in the channel, say it once."""

import logging
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.domain.change import State
from bot.domain.digest import Subscription, compare, score
from bot.domain.finding import Report
from bot.ports import CannotAnnounceError, Digest, World
from bot.services import exceptions
from bot.services.audit import Order, audit

log = logging.getLogger(__name__)

GRACE = timedelta(hours=6)
"""A digest that is later than this is not posted any more; the next one says what is true then."""
LATE_AFTER = timedelta(minutes=10)


def post_digest(world: World, channel: str, key: str, due: datetime | None = None) -> None:
    """Post the channel's digest, unless the one with this key was posted. Raises CannotAnnounceError."""
    if world.subscriptions.was_posted(channel, key):
        return
    order = Order(key, (), world.rules.controls, world.rules.profile)
    report = exceptions.mark(world, audit(world.cloud, world.clock, order))
    digest = _digest(world, channel, report, due)
    world.announcer.digest(channel, digest)
    world.subscriptions.posted(channel, key, report, world.clock.now())


def _digest(world: World, channel: str, report: Report, due: datetime | None) -> Digest:
    now = world.clock.now()
    before = world.subscriptions.last_report(channel)
    subscription = world.subscriptions.of(channel)
    return Digest(
        report=report,
        comparison=compare(before, report),
        score_before=score(before) if before else None,
        waiting=tuple(c for c in world.changes.open() if c.state is State.PROPOSED),
        next_run=subscription.next_after(now) if subscription else None,
        chain_head=world.evidence.head(),
        due=due,
        late=due is not None and now - due > LATE_AFTER,
    )


def post_scheduled(world: World, subscription: int, day: str) -> None:
    """The digest of that local date (ISO). A subscription that was replaced meanwhile has no digest."""
    found = world.subscriptions.get(subscription)
    if found is None:
        return
    due = datetime.fromisoformat(f"{day}T{found.at:%H:%M}").replace(tzinfo=ZoneInfo(found.zone))
    if world.clock.now() - due > GRACE:
        log.warning("%s was due at %s and is too late to be posted", key_of(found, day), due)
        return
    try:
        post_digest(world, found.channel, key_of(found, day), due)
    except CannotAnnounceError as refused:  # for good: to repeat it would ask AWS again, and Slack in vain
        log.error("%s is not posted in %s: %s", key_of(found, day), found.channel, refused)


def key_of(subscription: Subscription, day: str) -> str:
    return f"digest:{subscription.id}:{day}"


def missed(world: World) -> tuple[tuple[Subscription, str], ...]:
    """At the start: digests that were due while nobody was there, still within grace, and were not posted."""
    now = world.clock.now()
    found = []
    for subscription in world.subscriptions.all():
        last = subscription.last_before(now)
        if last and now - last <= GRACE:
            found.append((subscription, last.date().isoformat()))
    return tuple(found)
