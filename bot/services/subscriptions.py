"""Who gets a digest: asked for, changed and ended in its channel, or from the App Home."""

from dataclasses import dataclass, replace

from bot.domain.refusal import Refused
from bot.domain.subscription import Ended, Subscribed, Subscription
from bot.ports import World
from bot.services.audit import in_scope, known_controls

MOST = 10
"""A channel; every one is an audit of its own."""
EXAMPLE = "Say it like `/trail-audit digest 09:00 Europe/Paris weekdays`."


@dataclass(frozen=True)
class Off:
    """What `by` wants to end in a channel: `which` is the id of one; None: the only one; or `everything`."""

    channel: str
    by: str
    which: int | None = None
    everything: bool = False


def subscribe(world: World, wanted: Subscription) -> Subscribed:
    """Saved, in the place of the one with its id, or of the channel's that is of the same; the channel is told.

    Raises Refused.
    """
    if not wanted.zone_is_known:
        raise Refused(f"{wanted.zone} is no time zone that I know. {EXAMPLE}")
    known_controls(wanted.controls)
    in_scope(world.cloud, wanted.scope)
    world.directory.reach(wanted.channel)
    there = world.subscriptions.of(wanted.channel)
    same = _in_its_place(there, wanted)
    if same is None and len(there) >= MOST:
        raise Refused(f"This channel has {MOST} digests, and more nobody reads. `/trail-audit digest` lists them.")
    saved = world.subscriptions.put(replace(wanted, id=same.id if same else 0, since=world.clock.now()))
    subscribed = Subscribed(saved, same)
    if subscribed.is_news:
        world.announcer.subscribed(subscribed)
    return subscribed


def _in_its_place(there: tuple[Subscription, ...], wanted: Subscription) -> Subscription | None:
    """Refused where it was switched off meanwhile, or would become the same as another one."""
    alike = next((s for s in there if s.is_of == wanted.is_of), None)
    if not wanted.id:
        return alike
    changed = next((s for s in there if s.id == wanted.id), None)
    if changed is None:
        raise _gone(wanted.id)
    if alike and alike.id != changed.id:
        raise Refused(f"{alike.name} is of the same accounts and controls already. Change that one, or choose others.")
    return changed


def _gone(id: int) -> Refused:
    return Refused(f"D-{id} was changed or switched off meanwhile. `/trail-audit digest` shows what there is.")


def unsubscribe(world: World, off: Off) -> Ended:
    """The channel is told. Raises Refused where it has no such one, or it is not clear which."""
    chosen = _chosen(world.subscriptions.of(off.channel), off)
    gone = tuple(s for s in chosen if world.subscriptions.remove(s.id))
    if not gone:
        raise _gone(chosen[0].id)
    ended = Ended(off.by, world.clock.now(), gone, world.subscriptions.of(off.channel))
    world.announcer.unsubscribed(ended)
    return ended


def _chosen(there: tuple[Subscription, ...], off: Off) -> tuple[Subscription, ...]:
    if not there:
        raise Refused(f"This channel has no digest. {EXAMPLE}")
    if off.everything or (off.which is None and len(there) == 1):
        return there
    chosen = tuple(s for s in there if s.id == off.which)
    if not chosen:
        unknown = "" if off.which is None else f"This channel has no D-{off.which}. "
        named = ", ".join(s.name for s in there)
        example = f"`/trail-audit digest off {there[0].name}`"
        raise Refused(f"{unknown}Say which: {named}, as in {example}, or `digest off all`.")
    return chosen


def found(world: World, id: int) -> Subscription:
    """Raises Refused."""
    subscription = world.subscriptions.get(id)
    if subscription is None:
        raise _gone(id)
    return subscription
