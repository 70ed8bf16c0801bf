"""Votes on a change. No AWS call happens here; of two who decide at once, one wins and the other is told."""

from collections.abc import Callable
from datetime import datetime

from bot.domain import change as rules
from bot.domain.change import Change, State
from bot.domain.evidence import BOT, Fact
from bot.domain.refusal import Refused
from bot.ports import World
from bot.services.cards import paint
from bot.services.entitlement import deciders, requesters_standing

Decision = Callable[[Change, datetime], Change]


def approve(world: World, number: int, user: str, typed: str = "") -> Change:
    """One vote; the last one needed starts the work. Raises Refused."""
    return _decide(world, number, user, lambda c, now: rules.approve(c, user, deciders(world, c, user), now, typed))


def deny(world: World, number: int, user: str, reason: str) -> Change:
    return _decide(world, number, user, lambda c, now: rules.deny(c, user, deciders(world, c, user), now, reason))


def cancel(world: World, number: int, user: str) -> Change:
    return _decide(world, number, user, lambda c, now: rules.cancel(c, user, now, requesters_standing(world, c, user)))


def may_approve(world: World, number: int, user: str) -> Change:
    """The change, if this person's approval would count: asked before a form is shown. Raises Refused."""
    change = found(world, number)
    name = change.plan.trail_name
    _decided(world, change, lambda c, now: rules.approve(c, user, deciders(world, c, user), now, name))
    return change


def may_deny(world: World, number: int, user: str) -> Change:
    change = found(world, number)
    _decided(world, change, lambda c, now: rules.deny(c, user, deciders(world, c, user), now, "asked"))
    return change


def found(world: World, number: int) -> Change:
    change = world.changes.get(number)
    if change is None:
        raise Refused(f"There is no change C-{number}. `/trail-audit changes` shows those that are open.")
    return change


def _decide(world: World, number: int, user: str, decision: Decision) -> Change:
    """Decide on what is saved; where somebody else saved first, decide anew on that."""
    while True:
        decided = _decided(world, found(world, number), decision)
        fact = _voted(decided, user, world.clock.now())
        saved = world.changes.save(decided, fact, start=decided.state is State.APPROVED)
        if saved:
            paint(world, saved)
            return saved


def _decided(world: World, change: Change, decision: Decision) -> Change:
    """A change that is closed is answered as that, whatever can be read of who may decide."""
    now = world.clock.now()
    try:
        rules.refuse_closed(change, now)
        return decision(change, now)
    except Refused:
        _repaint_late(world, change, now)
        raise


def _repaint_late(world: World, change: Change, now: datetime) -> None:
    """A click on a card that says what is no longer so: the card is painted again."""
    if expire(world, change, now) is None and change.state is not State.PROPOSED:
        paint(world, change)


def expire(world: World, change: Change, now: datetime) -> Change | None:
    """The saved expired change, or None where it has time, is decided, or somebody was faster."""
    expired = rules.expire(change, now)
    fact = Fact(now, change.id, "expired", BOT, {})
    saved = world.changes.save(expired, fact) if expired else None
    if saved:
        paint(world, saved)
    return saved


def _voted(change: Change, user: str, now: datetime) -> Fact:
    vote = next((v for v in change.votes if v.user == user), None)
    what = {State.PROPOSED: "vote", State.ACTIVE: "approved"}.get(change.state, change.state.value)
    reason = {"reason": vote.reason} if vote and vote.reason else {}
    return Fact(now, change.id, what, user, {"fingerprint": change.plan.fingerprint, **reason, **_begun(change)})


def _begun(change: Change) -> dict[str, str]:
    """That an exception is active from this approval on."""
    if change.state is not State.ACTIVE or change.plan.accepts is None:
        return {}
    return {"state": change.state.value, "until": str(change.plan.accepts.until)}
