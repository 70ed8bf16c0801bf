"""Work out a plan and ask for its approval. Reads AWS, writes nothing to it."""

from dataclasses import dataclass, replace

from bot.domain.change import Change, State, quorum
from bot.domain.control import Control
from bot.domain.controls import named
from bot.domain.creation import leans_on, plan_create
from bot.domain.deletion import plan_delete
from bot.domain.evidence import Fact
from bot.domain.form import TrailForm, default_form
from bot.domain.plan import Plan, facts
from bot.domain.refusal import Refused
from bot.domain.repair import plan_fix
from bot.domain.steps import permission
from bot.domain.trail import Account, Bucket, Snapshot, Unreadable
from bot.domain.undo import plan_undo
from bot.ports import CannotAnnounceError, Cloud, Wish, World
from bot.services.audit import one_account, with_owners
from bot.services.cards import post
from bot.services.entitlement import electorate, refuse_requester


@dataclass(frozen=True)
class Asker:
    """Who asks, and the channel that the answer goes to."""

    user: str
    channel: str


def propose_fix(world: World, asker: Asker, word: str) -> Change:
    """The smallest repair of the account's failing controls. Raises Refused, CannotRunError."""
    account = one_account(world.cloud, word)
    refuse_requester(world, asker.user, account)
    plan = plan_fix(_look_for_fix(world.cloud, account), controls(world), world.rules.profile)
    return _propose(world, asker, plan)


def propose_create(world: World, asker: Asker, word: str, form: TrailForm) -> Change:
    account = one_account(world.cloud, word)
    refuse_requester(world, asker.user, account)
    region = _bucket_region(world.cloud, account, form)
    wish = Wish(survey=True, buckets=(form.bucket,), resources=leans_on(account, form, region))
    plan = plan_create(look(world.cloud, account, wish), form, controls(world), world.rules.profile)
    return _propose(world, asker, plan)


def _bucket_region(cloud: Cloud, account: Account, form: TrailForm) -> str:
    """Where the bucket is, or would be; only a key must know."""
    found = look(cloud, account, Wish(buckets=(form.bucket,))).bucket(form.bucket) if form.key else None
    return found.region if found and found.region else account.reading_region


def propose_delete(world: World, asker: Asker, word: str, which: str) -> Change:
    """`which` is the trail's name or ARN."""
    account = one_account(world.cloud, word)
    refuse_requester(world, asker.user, account)
    snapshot = look(world.cloud, account, Wish(survey=True))
    return _propose(world, asker, plan_delete(snapshot, which, controls(world), world.rules.profile))


def propose_undo(world: World, asker: Asker, number: int) -> Change:
    """The inverse of a change that was carried out, as a change of its own. Raises Refused."""
    undone = world.changes.get(number)
    if undone is None:
        raise Refused(f"There is no change C-{number}. `/trail-audit changes` shows those that are open.")
    refuse_requester(world, asker.user, undone.plan.account)
    fresh = look_again(world.cloud, undone.plan)
    return _propose(world, asker, plan_undo(fresh, undone, controls(world), world.rules.profile))


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
    survey = plan.before.survey is not None
    fresh = look(cloud, plan.account, Wish(survey=survey, buckets=buckets, resources=plan.before.resources))
    before = {_place(note) for note in plan.before.survey.notes} if plan.before.survey else set()
    unseen = [n for n in (fresh.survey.notes if fresh.survey else ()) if _place(n) not in before]
    return replace(fresh, trails=Unreadable("the search of every region", "Incomplete", unseen[0])) if unseen else fresh


def _place(note: str) -> str:
    """The region that a survey's note is about."""
    return note.partition(":")[0]


def _propose(world: World, asker: Asker, plan: Plan) -> Change:
    _refuse_twin(world, plan)
    now = world.clock.now()
    needed = quorum(plan, asker.user, electorate(world, plan, asker.user))
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
    rules, wanted, plan = world.rules, controls(world), change.plan
    match plan.kind:
        case "fix":
            return plan_fix(fresh, wanted, rules.profile)
        case "create" if plan.form:
            return plan_create(fresh, plan.form, wanted, rules.profile)
        case "delete":
            return plan_delete(fresh, next(iter(plan.touched)), wanted, rules.profile)
    undone = world.changes.get(plan.undoes)
    if undone is None:
        raise Refused("What was to be undone is not known any more. Ask for what is needed now.")
    return plan_undo(fresh, undone, wanted, rules.profile)
