"""Work out a plan and ask for its approval. Reads AWS, writes nothing to it."""

from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.acceptance import Acceptance
from bot.domain.change import Change, State, quorum
from bot.domain.commands import aws_command
from bot.domain.control import Control, Look
from bot.domain.controls import named
from bot.domain.creation import plan_create
from bot.domain.deletion import plan_delete
from bot.domain.evidence import BOT, Fact
from bot.domain.plan import Plan, facts
from bot.domain.refusal import Refused
from bot.domain.repair import looks_at, plan_fix
from bot.domain.steps import Step, permission, permissions
from bot.domain.trail import Account, Bucket, Snapshot, Unreadable
from bot.domain.twins import refuse_twin
from bot.domain.undo import plan_undo
from bot.domain.update import plan_update
from bot.ports import CannotAnnounceError, Cloud, Wish, World
from bot.services.audit import needed, one_account, with_owners
from bot.services.entitlement import electorate, refuse_requester
from bot.services.preflight import checked


@dataclass(frozen=True)
class Asker:
    """Who asks, and the channel that the answer goes to."""

    user: str
    channel: str


def propose_fix(world: World, asker: Asker, word: str) -> Change:
    """The smallest repair of the account's failing controls. Raises Refused, CannotRunError."""
    account = one_account(world.cloud, word)
    refuse_requester(world, asker.user, account)
    plan = plan_fix(_look_for_fix(world, account), controls(world), world.rules.profile)
    return propose(world, asker, plan)


def propose_delete(world: World, asker: Asker, word: str, which: str) -> Change:
    """`which` is the trail's name or ARN."""
    account = one_account(world.cloud, word)
    refuse_requester(world, asker.user, account)
    snapshot = look(world.cloud, account, Wish(survey=True, needs=needed(controls(world))))
    return propose(world, asker, plan_delete(snapshot, which, controls(world), world.rules.profile))


def propose_undo(world: World, asker: Asker, number: int) -> Change:
    """The inverse of a change that was carried out, as a change of its own. Raises Refused."""
    undone = world.changes.get(number)
    if undone is None:
        raise Refused(f"There is no change C-{number}. `/trail-audit changes` shows those that are open.")
    refuse_requester(world, asker.user, undone.plan.account)
    fresh = look_again(world.cloud, replace(undone.plan, controls=world.rules.controls))
    return propose(world, asker, plan_undo(fresh, undone, controls(world), world.rules.profile))


def controls(world: World) -> tuple[Control, ...]:
    return named(world.rules.controls)


def look(cloud: Cloud, account: Account, wish: Wish) -> Snapshot:
    """The account as it is, with what only an organization trail's owner can see."""
    return with_owners(cloud, (cloud.snapshot(account, wish),))[0]


LOOKS = 3
"""The trails; then what they lean on; and then, rarely, a new key, which must be where the bucket is."""


def _look_for_fix(world: World, account: Account) -> Snapshot:
    """Again as long as what was seen asks for more; each look is whole, so that all of a plan is of one moment."""
    wanted = controls(world)
    wish = Wish(survey=True, needs=needed(wanted), organization=True)
    for _ in range(LOOKS):
        snapshot = look(world.cloud, account, wish)
        further = Look(wish.buckets, wish.resources) | looks_at(snapshot, wanted)
        if further == Look(wish.buckets, wish.resources):
            break
        wish = replace(wish, buckets=further.buckets, resources=further.resources)
    return snapshot


def look_again(cloud: Cloud, plan: Plan) -> Snapshot:
    """As far as the plan looked; a region that cannot be searched any more hides its trails, so none are known then.

    A bucket that was looked at by its name has a region, or is missing; the others were read for a control's needs.
    """
    named_ones = (b for b in plan.before.buckets if isinstance(b, Bucket) and (b.region or not b.exists))
    wish = Wish(
        survey=plan.before.survey is not None,
        buckets=tuple(b.name for b in named_ones),
        resources=plan.before.resources,
        needs=needed(named(plan.controls)),
        organization=bool(plan.before.organization),
    )
    fresh = look(cloud, plan.account, wish)
    before = {_place(note) for note in plan.before.survey.notes} if plan.before.survey else set()
    unseen = [n for n in (fresh.survey.notes if fresh.survey else ()) if _place(n) not in before]
    return replace(fresh, trails=Unreadable("the search of every region", "Incomplete", unseen[0])) if unseen else fresh


def _place(note: str) -> str:
    """The region that a survey's note is about."""
    return note.partition(":")[0]


def propose(world: World, asker: Asker, plan: Plan) -> Change:
    """Save the plan as a change and put its card into the asker's channel. Raises Refused, CannotAnnounceError."""
    refuse_twin(plan, world.changes.open())  # before the preflight takes its time; `add` asks again, for good
    plan = checked(world.cloud, plan) if plan.steps else plan
    now = world.clock.now()
    needed = quorum(plan, asker.user, electorate(world, plan, asker.user))
    expires = _expiry(world, plan, now)
    change = Change(0, plan, asker.user, asker.channel, now, expires, quorum=needed)
    added = world.changes.add(change, _proposed)
    try:
        world.announcer.card(added)
    except CannotAnnounceError as unseen:
        withdraw(world, added, str(unseen))
        world.changes.claim_notice(added.number)  # who asked is told by this refusal
        raise
    return world.changes.get(added.number) or added


def _expiry(world: World, plan: Plan, now: datetime) -> datetime:
    """An exception whose own end comes first has no more time than that."""
    decided_by = now + world.rules.approval_ttl
    return min(decided_by, plan.accepts.ends_at) if plan.accepts else decided_by


def withdraw(world: World, change: Change, why: str) -> None:
    """A change that nobody can see is no proposal."""
    now = world.clock.now()
    fact = Fact(now, change.id, "cancelled", BOT, {"outcome": why})
    world.changes.save(change.moved(State.CANCELLED, now, why), fact)


def _proposed(change: Change) -> Fact:
    """What was asked for, and the facts that it rests on."""
    plan = change.plan
    return Fact(
        change.proposed_at,
        change.id,
        "proposed",
        change.requester,
        {
            "kind": plan.kind,
            "account": plan.account.id,
            "fingerprint": plan.fingerprint,
            "steps": [_recorded(step, plan.account.id) for step in plan.steps],
            **({"accepts": _accepted(plan.accepts)} if plan.accepts else {}),
            "preflight": [{"state": c.state, "sentence": c.sentence} for c in plan.checks],
            "before": facts(plan.before),
            "expires": change.expires_at.isoformat(),
        },
    )


def _accepted(accepts: Acceptance) -> dict[str, object]:
    return {"controls": list(accepts.controls), "until": str(accepts.until), "reason": accepts.reason}


def _recorded(step: Step, account: str) -> dict[str, object]:
    what = {"call": step.call, "permission": permission(step), "diff": list(step.diff)}
    return {**what, "permissions": list(permissions(step)), "command": aws_command(step, account)}


def renew(world: World, change: Change, fresh: Snapshot) -> Change:
    """The same wish against the world as it is now. Raises Refused where nothing is left to do."""
    plan = _replanned(world, change, fresh)
    return propose(world, Asker(change.requester, change.channel), plan)


def _replanned(world: World, change: Change, fresh: Snapshot) -> Plan:
    rules, wanted, plan = world.rules, controls(world), change.plan
    match plan.kind:
        case "fix":
            return plan_fix(fresh, wanted, rules.profile)
        case "create" if plan.form:
            return plan_create(fresh, plan.form, wanted, rules.profile)
        case "update" if plan.form:
            return plan_update(fresh, plan.form, wanted, rules.profile)
        case "delete":
            return plan_delete(fresh, next(iter(plan.touched)), wanted, rules.profile)
    undone = world.changes.get(plan.undoes)
    if undone is None:
        raise Refused("What was to be undone is not known any more. Ask for what is needed now.")
    return plan_undo(fresh, undone, wanted, rules.profile)
