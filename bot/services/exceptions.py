"""Exceptions: asked for and approved like a change, active without any write to AWS, and ended by the clock."""

from dataclasses import replace
from datetime import date
from functools import partial

from bot.domain import exceptions as rules
from bot.domain.acceptance import Acceptance, Wanted, agreed, refused
from bot.domain.change import Change
from bot.domain.controls import near_control
from bot.domain.evidence import BOT, Fact
from bot.domain.finding import Report
from bot.domain.refusal import Person, Refused
from bot.domain.trail import Account
from bot.ports import Wish, World
from bot.services.audit import known_controls, needed, one_account
from bot.services.cards import paint
from bot.services.decisions import found
from bot.services.entitlement import deciders, refuse_requester
from bot.services.proposals import Asker, controls, look, propose


def propose_accept(world: World, asker: Asker, wanted: Wanted) -> Change:
    """An exception for what fails in the account now. Reads AWS. Raises Refused, with an example of what would do."""
    today = world.clock.now().date()
    until, reason = agreed(_exemplary(wanted), today)
    account = _account(world, wanted, today)
    refuse_requester(world, asker.user, account)
    wish = Acceptance(_control(world, wanted, account, today), until, reason)
    snapshot = look(world.cloud, account, Wish(needs=needed(controls(world))))
    return propose(world, asker, rules.plan_accept(snapshot, controls(world), world.rules.profile, wish))


def _exemplary(wanted: Wanted) -> Wanted:
    """With the control that was meant, if any: the example of a refusal repeats no slip of the pen."""
    account, *controls = wanted.named or ("",)
    if len(controls) != 1:
        return wanted
    return replace(wanted, named=(account, *filter(None, map(near_control, controls))))


def _account(world: World, wanted: Wanted, today: date) -> Account:
    try:
        return one_account(world.cloud, wanted.named[0])
    except Refused as unknown:
        some = next((a.id for a in world.cloud.accounts().accounts), "")
        raise refused(str(unknown), some, today, near_control(wanted.control)) from unknown


def _control(world: World, wanted: Wanted, account: Account, today: date) -> tuple[str, ...]:
    """The one that is named, which must be among those that are audited; () for all of them."""
    if not wanted.control:
        return ()
    audited = world.rules.controls
    try:
        known_controls((wanted.control,))
    except Refused as unknown:
        meant = near_control(wanted.control)
        raise refused(str(unknown), account.id, today, meant if meant in audited else audited[0]) from unknown
    if wanted.control not in audited:
        problem = f"{wanted.control} is not audited here, so there is nothing to accept; {', '.join(audited)} are."
        raise refused(problem, account.id, today, audited[0])
    return (wanted.control,)


def listed(world: World) -> tuple[Change, ...]:
    """Those that wait, are active, or have ended within 30 days."""
    return world.changes.exceptions(world.clock.now() - rules.KEPT)


def to_review(world: World) -> tuple[Change, ...]:
    """Those that end soon, or have ended by themselves."""
    now = world.clock.now()
    return tuple(c for c in listed(world) if rules.to_review(c, now))


def end_early(world: World, number: int, user: str) -> Change:
    """At once, by its owner or an approver. Raises Refused."""
    while True:
        change = found(world, number)
        now = world.clock.now()
        ended = rules.end_early(change, user, partial(deciders, world, change, user), now)
        saved = world.changes.save(ended, _ended(ended, user))
        if saved:
            paint(world, saved)
            if user == saved.requester:
                world.changes.claim_notice(number)  # who ends it knows it
            return saved


def end_over(world: World) -> None:
    """Those whose last day is over, or whose place a later one has taken."""
    active, now = world.changes.active(), world.clock.now()
    for change in active:
        ended = rules.ended(change, active, now)
        saved = world.changes.save(ended, _ended(ended, BOT)) if ended else None
        if saved:
            paint(world, saved)


def _ended(change: Change, actor: str) -> Fact:
    at = change.decided_at or change.proposed_at
    facts = {"fingerprint": change.plan.fingerprint, "outcome": change.outcome}
    return Fact(at, change.id, "ended", actor, facts)


def mark(world: World, report: Report) -> Report:
    """The report with the failures that are accepted now."""
    active = world.changes.active()
    owners = {c.requester: world.directory.named(Person(c.requester)) for c in active}
    return rules.marked(report, active, lambda user: owners[user], world.clock.now())
