"""Work out a plan and ask for its approval. Reads AWS, writes nothing to it."""

from dataclasses import dataclass, replace

from bot.domain.change import Change, State, quorum
from bot.domain.control import Control
from bot.domain.controls import named
from bot.domain.creation import TrailForm, default_form, plan_create
from bot.domain.deletion import plan_delete
from bot.domain.evidence import Fact
from bot.domain.plan import Plan, facts
from bot.domain.refusal import Refused, listed
from bot.domain.repair import plan_fix
from bot.domain.steps import CreateBucket, CreateTrail, permission
from bot.domain.trail import Account, Bucket, Snapshot, Unreadable
from bot.ports import CannotAnnounceError, Cloud, Wish, World
from bot.services.audit import one_account, with_owners
from bot.services.cards import post


@dataclass(frozen=True)
class Asker:
    """Who asks, and the channel that the answer goes to."""

    user: str
    channel: str


def propose_fix(world: World, asker: Asker, word: str) -> Change:
    """The smallest repair of the account's failing controls. Raises Refused, CannotRunError."""
    refuse_requester(world, asker.user)
    account = one_account(world.cloud, word)
    plan = plan_fix(_look_for_fix(world.cloud, account), controls(world), world.rules.profile)
    return _propose(world, asker, plan)


def propose_create(world: World, asker: Asker, word: str, form: TrailForm) -> Change:
    refuse_requester(world, asker.user)
    account = one_account(world.cloud, word)
    snapshot = look(world.cloud, account, Wish(survey=True, buckets=(form.bucket,)))
    return _propose(world, asker, plan_create(snapshot, form, controls(world), world.rules.profile))


def propose_delete(world: World, asker: Asker, word: str, which: str) -> Change:
    """`which` is the trail's name or ARN."""
    refuse_requester(world, asker.user)
    account = one_account(world.cloud, word)
    snapshot = look(world.cloud, account, Wish(survey=True))
    return _propose(world, asker, plan_delete(snapshot, which, controls(world), world.rules.profile))


def controls(world: World) -> tuple[Control, ...]:
    return named(world.rules.controls)


def look(cloud: Cloud, account: Account, wish: Wish) -> Snapshot:
    """The account as it is, with what only an organization trail's owner can see."""
    return with_owners(cloud, (cloud.snapshot(account, wish),))[0]


def _look_for_fix(cloud: Cloud, account: Account) -> Snapshot:
    """Where there is no trail at all, one would be made, and its bucket matters too."""
    snapshot = look(cloud, account, Wish(survey=True))
    if snapshot.trails != ():
        return snapshot
    return look(cloud, account, Wish(survey=True, buckets=(default_form(account).bucket,)))


def look_again(cloud: Cloud, plan: Plan) -> Snapshot:
    """As far as the plan looked; a region that cannot be searched any more hides its trails, so none are known then."""
    buckets = tuple(b.name for b in plan.before.buckets if isinstance(b, Bucket))
    fresh = look(cloud, plan.account, Wish(survey=plan.before.survey is not None, buckets=buckets))
    before = {_place(note) for note in plan.before.survey.notes} if plan.before.survey else set()
    unseen = [n for n in (fresh.survey.notes if fresh.survey else ()) if _place(n) not in before]
    return replace(fresh, trails=Unreadable("the search of every region", "Incomplete", unseen[0])) if unseen else fresh


def _place(note: str) -> str:
    """The region that a survey's note is about."""
    return note.partition(":")[0]


def refuse_requester(world: World, user: str) -> None:
    allowed = world.directory.requesters()
    if allowed is not None and user not in allowed.users:
        raise Refused("You may not ask for changes here. Ask ", *listed(allowed.named), ".")


def _propose(world: World, asker: Asker, plan: Plan) -> Change:
    _refuse_twin(world, plan)
    now = world.clock.now()
    needed = quorum(plan, asker.user, world.directory.approvers())
    expires = now + world.rules.approval_ttl
    change = Change(0, plan, asker.user, asker.channel, now, expires, quorum=needed)
    added = world.changes.add(change, _proposed)
    try:
        return post(world, added)
    except CannotAnnounceError as unseen:
        _withdraw(world, added, str(unseen))
        raise


def _withdraw(world: World, change: Change, why: str) -> None:
    """A change that nobody can see is no proposal."""
    now = world.clock.now()
    fact = Fact(now, change.id, "cancelled", "trailwarden", {"outcome": why})
    world.changes.save(change.moved(State.CANCELLED, now, why), fact)


def _refuse_twin(world: World, plan: Plan) -> None:
    """One open change an account: two plans for one world would supersede each other."""
    twins = (c for c in world.changes.open() if c.plan.account.id == plan.account.id)
    for twin in twins:
        what = "waits for approval" if twin.state is State.PROPOSED else f"is {twin.state}"
        raise Refused(
            f"{twin.id} for {plan.account.label} {what} already. See it with `/trail-audit change {twin.id}`; "
            "when it has ended, ask again."
        )


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
            "steps": [{"call": s.call, "permission": permission(s), "diff": list(s.diff)} for s in plan.steps],
            "before": facts(plan.before),
            "expires": change.expires_at.isoformat(),
        },
    )


def renew(world: World, change: Change, fresh: Snapshot) -> Change:
    """The same wish against the world as it is now. Raises Refused where nothing is left to do."""
    plan = _replanned(world, change, fresh)
    return _propose(world, Asker(change.requester, change.channel), plan)


def _replanned(world: World, change: Change, fresh: Snapshot) -> Plan:
    rules, wanted = world.rules, controls(world)
    match change.plan.kind:
        case "fix":
            return plan_fix(fresh, wanted, rules.profile)
        case "create":
            return plan_create(fresh, _form(change.plan), wanted, rules.profile)
        case "delete":
            return plan_delete(fresh, next(iter(change.plan.touched)), wanted, rules.profile)


def _form(plan: Plan) -> TrailForm:
    """What the form said, from the steps that it led to."""
    made = next(s for s in plan.steps if isinstance(s, CreateTrail))
    new_bucket = any(isinstance(s, CreateBucket) for s in plan.steps)
    return TrailForm(made.name, made.bucket, new_bucket, made.prefix, made.validation)
