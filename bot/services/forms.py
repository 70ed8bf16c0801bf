"""The form of a trail, a new one's or an existing one's: what it starts from, its review, and the proposal."""

from dataclasses import replace

from bot.domain.change import Change
from bot.domain.creation import plan_create, refuse_account
from bot.domain.form import TrailForm, default_form
from bot.domain.own_trail import own_trail
from bot.domain.plan import Plan
from bot.domain.support import leans_on
from bot.domain.trail import Account, Snapshot
from bot.domain.twins import refuse_twin
from bot.domain.update import asked, form_of, plan_update
from bot.ports import Cloud, Wish, World
from bot.services.audit import needed, one_account
from bot.services.entitlement import refuse_requester
from bot.services.proposals import Asker, controls, look, propose


def start_create(world: World, user: str, word: str) -> tuple[Snapshot, TrailForm]:
    """Before the form is filled in: the account, and whether it may make its organization's trail. Raises Refused."""
    account = one_account(world.cloud, word)
    refuse_requester(world, user, account)
    snapshot = look(world.cloud, account, Wish(organization=True))
    refuse_account(snapshot)
    return snapshot, default_form(account)


def start_update(world: World, user: str, word: str, which: str) -> tuple[Snapshot, TrailForm]:
    """The account, and its trail (by name or ARN) as the form has it. Raises Refused."""
    account = one_account(world.cloud, word)
    refuse_requester(world, user, account)
    snapshot = look(world.cloud, account, Wish(survey=True))
    return snapshot, form_of(own_trail(snapshot, which, "update"))


def review(world: World, asker: Asker, word: str, form: TrailForm) -> Plan:
    """The plan of the form against the account as it is now. Reads only, saves nothing. Raises Refused."""
    account = one_account(world.cloud, word)
    refuse_requester(world, asker.user, account)
    planner = _update if form.updates else _create
    plan = planner(world, account, form)
    refuse_twin(plan, world.changes.open())
    return plan


SINCE_REVIEW = "The account has changed since the requester reviewed the plan. This card shows what is true now."


def propose_form(world: World, asker: Asker, word: str, form: TrailForm, reviewed: str = "") -> Change:
    """Planned anew. `reviewed` is the fingerprint that the asker saw, "" for none: the card says where it differs."""
    plan = review(world, asker, word, form)
    if reviewed and plan.fingerprint != reviewed:
        plan = replace(plan, notes=(SINCE_REVIEW, *plan.notes))
    return propose(world, asker, plan)


def _create(world: World, account: Account, form: TrailForm) -> Plan:
    wish = replace(_wish(world, account, form), buckets=(form.bucket,))
    return plan_create(look(world.cloud, account, wish), form, controls(world), world.rules.profile)


def _update(world: World, account: Account, form: TrailForm) -> Plan:
    """What the trail is now decides what has to be looked at."""
    trail = own_trail(look(world.cloud, account, Wish(survey=True)), form.updates, "update")
    wanted = asked(trail, form)
    wish = replace(_wish(world, account, wanted), buckets=(trail.bucket,) if wanted.key else ())
    return plan_update(look(world.cloud, account, wish), form, controls(world), world.rules.profile)


def _wish(world: World, account: Account, form: TrailForm) -> Wish:
    return Wish(
        survey=True,
        resources=leans_on(account, form, _bucket_region(world.cloud, account, form)),
        needs=needed(controls(world)),
        organization=form.organization,
    )


def _bucket_region(cloud: Cloud, account: Account, form: TrailForm) -> str:
    """Where the bucket is, or would be; only a key must know."""
    found = look(cloud, account, Wish(buckets=(form.bucket,))).bucket(form.bucket) if form.key else None
    return found.region if found and found.region else account.reading_region
