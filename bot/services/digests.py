"""The digest: audit what it is of, compare with the one before it, say it once."""

import logging
from datetime import datetime, timedelta
from itertools import takewhile

from bot.domain.change import State
from bot.domain.digest import Comparison, Kept, compare, kept, score
from bot.domain.finding import Report
from bot.domain.refusal import Refused
from bot.domain.subscription import Subscription, Timeliness
from bot.domain.trend import SPAN, Week, weekly
from bot.ports import CannotAnnounceError, Digest, World
from bot.ports.context import working_on
from bot.services import exceptions
from bot.services.audit import Order, audit
from bot.services.trail_history import who_changed
from bot.services.units import placed

log = logging.getLogger(__name__)

GRACE = timedelta(hours=6)
"""A digest that is later than this is not posted any more; the next one says that it was missed."""
LATE_AFTER = timedelta(minutes=10)
MOMENT = timedelta(seconds=1)
HISTORY_GOES_BACK = timedelta(days=90)
"""Of what was before nobody can tell who did it. Source: CloudTrail user guide, "Event history"."""


def post_digest(
    world: World, channel: str, key: str, subscription: Subscription | None = None, due: datetime | None = None
) -> None:
    """Post it, unless the one with this key was. Raises CannotAnnounceError, CannotRunError, Refused (of its scope)."""
    with working_on(digest=key):
        if not world.history.has(channel, key):
            _make(world, channel, key, subscription, due)


def _make(
    world: World, channel: str, key: str, subscription: Subscription | None = None, due: datetime | None = None
) -> None:
    line = subscription.id if subscription else 0
    order = _order(world, key, subscription)
    report = exceptions.mark(world, audit(world.cloud, world.clock, order))
    report = report if order.scope else placed(world.cloud, report)
    before = world.history.last(channel, line)  # after the audit: another one may have ended meanwhile
    digest = _digest(world, before, report, subscription, due)
    if digest.is_news:
        world.announcer.digest(channel, digest)
    whole = order.scope == () and order.controls == world.rules.controls
    world.history.add(channel, line, key, kept(before, report), world.clock.now(), whole)


def _order(world: World, key: str, subscription: Subscription | None) -> Order:
    scope = subscription.scope if subscription else ()
    controls = subscription.controls if subscription else ()
    return Order(key, scope, controls or world.rules.controls, world.rules.profile)


def _digest(
    world: World, before: Kept | None, report: Report, subscription: Subscription | None, due: datetime | None
) -> Digest:
    now, comparison = world.clock.now(), compare(before, report)
    return Digest(
        report=report,
        comparison=comparison,
        since=kept(before, report).since,
        score_before=score(before.report) if before else None,
        waiting=tuple(c for c in world.changes.open() if c.state is State.PROPOSED),
        to_review=exceptions.to_review(world),
        next_run=subscription.next_after(now) if subscription else None,
        chain_head=world.evidence.head(),
        subscription=subscription,
        due=due,
        late=due is not None and now - due > LATE_AFTER,
        missed=_missed(world, subscription, due) if subscription and due else (),
        changed_by=_changed_by(world, before, comparison),
        trend=_trend(world, report, subscription, now) if subscription else (),
    )


def _trend(world: World, report: Report, subscription: Subscription, now: datetime) -> tuple[Week, ...]:
    known = world.history.scores(subscription.channel, subscription.id, now - SPAN)
    return weekly((*known, (now, score(report))), subscription.zone)


def _changed_by(world: World, before: Kept | None, comparison: Comparison) -> dict[str, str]:
    """Since the digest before; of what fails in the first one nobody knows since when."""
    if before is None:
        return {}
    since = max(before.report.started, world.clock.now() - HISTORY_GOES_BACK)
    return who_changed(world.cloud, comparison.new, since, before.report)


def _missed(world: World, subscription: Subscription, due: datetime) -> tuple[datetime, ...]:
    """The fires right before this one of which there is no digest, the latest first."""
    fires = subscription.fires_before(due - MOMENT)
    return tuple(takewhile(lambda f: not world.history.has(subscription.channel, _key(subscription, f)), fires))


def post_scheduled(world: World, id: int, slot: str) -> None:
    """The digest of that slot. Of a subscription that is gone there is none. Raises CannotRunError: try again."""
    found = world.subscriptions.get(id)
    if found is None or world.clock.now() - found.due(slot) > GRACE:
        log.warning("%s is not posted: it is too late, or nobody wants it any more", key_of(id, slot))
        return
    try:
        _post(world, found, slot)
    except CannotAnnounceError as refused:
        _pause(world, found, slot, str(refused))
    except Refused as unknown:
        give_up(world, id, slot, str(unknown))


def _post(world: World, found: Subscription, slot: str) -> None:
    """Where it is paused, Slack is asked before AWS: nobody could read what an audit finds."""
    if found.paused:
        world.announcer.digest_started(found.channel, key_of(found.id, slot))
    post_digest(world, found.channel, key_of(found.id, slot), found, found.due(slot))
    if found.paused:
        world.subscriptions.pause(found.id, "")


def _pause(world: World, found: Subscription, slot: str, why: str) -> None:
    """Its owner is told once; it goes on by itself at the first fire at which the channel can be written to."""
    log.error("%s is not posted in %s: %s", key_of(found.id, slot), found.channel, why)
    if not found.paused:
        world.announcer.digest_paused(found, slot, why)  # first: what is said twice is one message, a pause is silent
        world.subscriptions.pause(found.id, why)


def take_back(world: World) -> None:
    """What Slack refused only after a while: nobody saw it, so the next one compares with the one before it."""
    for channel, key, why in world.history.unseen():
        _, id, slot = (*key.split(":", 2), "", "")[:3]
        found = world.subscriptions.get(int(id)) if key.startswith("digest:") and id.isdecimal() else None
        if found:
            _pause(world, found, slot, why)
        world.history.forget(channel, key)


def give_up(world: World, id: int, slot: str, why: str) -> None:
    """Silence must mean broken, so a digest that cannot be made says so in its place."""
    found = world.subscriptions.get(id)
    if found:
        world.announcer.digest_failed(found.channel, key_of(id, slot), found, why)


def key_of(id: int, slot: str) -> str:
    return f"digest:{id}:{slot}"


def _key(subscription: Subscription, fire: datetime) -> str:
    return key_of(subscription.id, subscription.slot(fire))


def missed(world: World) -> tuple[tuple[Subscription, str], ...]:
    """Digests that were due while nobody was there, or nobody had time, and that are still within grace."""
    now = world.clock.now()
    latest = ((s, s.last_before(now)) for s in world.subscriptions.all() if s.zone_is_known)
    due = ((s, s.slot(fire)) for s, fire in latest if fire and now - fire <= GRACE)
    return tuple((s, slot) for s, slot in due if not world.history.has(s.channel, key_of(s.id, slot)))


def timeliness(world: World) -> Timeliness:
    """Of all digests; one that could not be made is overdue until its next one is made."""
    known = world.subscriptions.all()
    active = tuple(s for s in known if not s.paused)
    late = tuple(_late(world, s) for s in active if s.zone_is_known)
    overdue = sum(by > LATE_AFTER for by in late)
    return Timeliness(len(active), len(known) - len(active), overdue, max(late, default=timedelta()))


def _late(world: World, subscription: Subscription) -> timedelta:
    now = world.clock.now()
    fire = subscription.last_before(now)
    made = fire is None or world.history.has(subscription.channel, _key(subscription, fire))
    return timedelta() if made or fire is None else now - fire
