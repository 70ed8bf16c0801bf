"""Asking for a change: one card, one record, and nothing written to AWS."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from bot import jobs
from bot.domain.change import Change, State
from bot.domain.commands import aws_command
from bot.domain.control import Need
from bot.domain.encryption import own_alias
from bot.domain.form import Choice, TrailForm, default_form
from bot.domain.plan import Plan, fingerprint
from bot.domain.refusal import Group, Refused
from bot.domain.resources import Key
from bot.domain.steps import PutBucketPolicy, permission, permissions
from bot.domain.support import leans_on
from bot.domain.trail import Bucket, Snapshot
from bot.ports import CannotAnnounceError, CannotRunError, Wish
from bot.services import decisions, forms, proposals
from bot.services.forms import SINCE_REVIEW
from bot.services.proposals import Asker, controls, look_again
from tests.builders import (
    ACCOUNT,
    KMS_KEY,
    OWNER,
    REGION,
    account,
    delivery,
    denied,
    entitled,
    organization_trail,
    safe_bucket,
    surveyed,
    trail,
)
from tests.fakes_bot import Bot, Crash, bot, stopped
from tests.services.crashing import Fuse, fused, until_done

ASKER = Asker("UREQUESTER", "C1")
FORM = TrailForm("audit", "logs-of-111122223333", new_bucket=True, prefix="trail", validation=False)


def empty() -> Bot:
    return bot(surveyed())


def healthy() -> Bot:
    return bot(surveyed(trail("main"), trail("spare")))


Propose = Callable[[Bot], Change]


def fix(made: Bot) -> Change:
    return proposals.propose_fix(made.world, ASKER, ACCOUNT)


def create(made: Bot) -> Change:
    return forms.propose_form(made.world, ASKER, ACCOUNT, FORM)


def delete(made: Bot) -> Change:
    return proposals.propose_delete(made.world, ASKER, ACCOUNT, "spare")


KINDS = pytest.mark.parametrize(
    ("world", "propose", "kind"),
    [(bot, fix, "fix"), (empty, create, "create"), (healthy, delete, "delete")],
    ids=["fix", "create", "delete"],
)


@KINDS
def test_a_proposal_is_one_card_and_one_record(world: Callable[[], Bot], propose: Propose, kind: str) -> None:
    made = world()
    change = propose(made)
    assert (change.state, change.plan.kind, change.requester, change.channel) == (
        State.PROPOSED,
        kind,
        "UREQUESTER",
        "C1",
    )
    assert [c.number for c in made.announcer.shown] == [1]
    assert made.evidence.whats() == ["proposed"]
    assert made.changes.unpainted() == ()
    assert made.aws.calls == []


@KINDS
def test_the_record_says_plan_permissions_and_fingerprint(
    world: Callable[[], Bot], propose: Propose, kind: str
) -> None:
    made = world()
    change, entry = propose(made), made.evidence.all[0]
    assert (entry.change, entry.actor, entry.facts["kind"]) == ("C-1", "UREQUESTER", kind)
    assert entry.facts["fingerprint"] == change.plan.fingerprint
    assert entry.facts["account"] == ACCOUNT
    assert entry.facts["expires"] == change.expires_at.isoformat()
    steps = entry.facts["steps"]
    assert isinstance(steps, list)
    assert [s["permission"] for s in steps] == [permission(s) for s in change.plan.steps]
    assert [s["permissions"] for s in steps] == [list(permissions(s)) for s in change.plan.steps]
    assert [s["command"] for s in steps] == [aws_command(s, ACCOUNT) for s in change.plan.steps]
    assert entry.facts["preflight"] == [{"state": c.state, "sentence": c.sentence} for c in change.plan.checks]
    assert change.plan.steps[0].call in json.dumps(entry.facts)


@KINDS
def test_a_requester_who_may_not_is_told_whom_to_ask(world: Callable[[], Bot], propose: Propose, kind: str) -> None:
    made = world()
    made.directory.may_request = entitled("UCAROL")
    with pytest.raises(Refused, match="Ask @UCAROL"):
        propose(made)
    assert made.changes.all() == ()
    assert made.aws.reads == [], kind


def test_a_requester_who_is_named_may_ask() -> None:
    made = bot()
    made.directory.may_request = entitled("UREQUESTER")
    assert fix(made).state is State.PROPOSED


def test_requesters_that_cannot_be_read_may_not_ask() -> None:
    made = bot()
    made.directory.may_request = entitled("UREQUESTER")
    made.directory.unreadable = Refused(Group("S1"), " could not be read.")
    with pytest.raises(Refused, match="could not be read"):
        fix(made)
    assert made.changes.all() == ()


@pytest.mark.parametrize("state", [State.PROPOSED, State.APPROVED, State.APPLYING, State.UNKNOWN])
def test_one_account_has_one_open_change(state: State) -> None:
    made = bot()
    fix(made)
    made.changes.save(replace(made.change(), state=state))
    with pytest.raises(Refused, match="See it with `/trail-audit change C-1`"):
        fix(made)
    assert len(made.changes.all()) == 1
    assert len(made.announcer.of("card")) == 1


def test_after_it_has_ended_one_may_ask_again() -> None:
    made = bot()
    fix(made)
    decisions.deny(made.world, 1, "UALICE", "no")
    assert fix(made).number == 2


def test_another_account_has_a_change_of_its_own() -> None:
    other = account("222222222222")
    made = bot(stopped(), replace(surveyed(trail(owner=other.id, logging=False)), account=other))
    fix(made)
    assert proposals.propose_fix(made.world, ASKER, other.id).number == 2


def test_a_card_that_cannot_be_posted_ends_the_change_and_the_asker_is_told() -> None:
    made = bot()
    made.announcer.fails = CannotAnnounceError("I am not in this channel.")
    with pytest.raises(CannotAnnounceError, match="not in this channel"):
        fix(made)
    assert made.change().state is State.CANCELLED
    assert made.evidence.whats() == ["proposed", "cancelled"]
    assert made.evidence.all[1].facts["outcome"] == "I am not in this channel."


def test_a_change_that_nobody_saw_is_never_posted_later() -> None:
    made = bot()
    made.announcer.fails = CannotAnnounceError("I am not in this channel.")
    with pytest.raises(CannotAnnounceError):
        fix(made)
    made.announcer.fails = None
    made.clock.move(minutes=5)
    jobs.sweep(made.world)
    assert made.announcer.said == []


@pytest.mark.parametrize(
    ("world", "word", "why"),
    [
        (healthy, ACCOUNT, "Nothing fails"),
        (bot, "999999999999", "No account in scope is called 999999999999"),
        (lambda: bot(surveyed(unreadable=denied())), ACCOUNT, "Could not look into"),
        (lambda: bot(surveyed(organization_trail(logging=False))), ACCOUNT, f"belongs to account {OWNER}"),
    ],
    ids=["nothing fails", "no such account", "cannot look", "an organization's"],
)
def test_what_cannot_be_fixed_is_refused_and_leaves_nothing(world: Callable[[], Bot], word: str, why: str) -> None:
    made = world()
    with pytest.raises(Refused, match=why):
        proposals.propose_fix(made.world, ASKER, word)
    assert made.changes.all() == ()
    assert made.announcer.said == []
    assert made.evidence.all == []


def test_accounts_that_cannot_be_listed_stop_the_proposal() -> None:
    made = bot()
    made.aws.broken = CannotRunError("No AWS credentials.")
    with pytest.raises(CannotRunError):
        fix(made)


FIX = Wish(survey=True, organization=True)
"""What is looked at for a fix, before it is known what its repairs lean on."""


def test_a_fix_of_an_organizations_trail_lets_every_member_write() -> None:
    failing = trail(organization=True, delivery=delivery(error="AccessDenied"))
    made = bot(surveyed(failing, buckets=(safe_bucket(region=REGION),), organization="o-1"))
    (put,) = fix(made).plan.steps
    assert isinstance(put, PutBucketPolicy)
    assert f"{BUCKET}/AWSLogs/o-1/*" in put.after
    assert all(wish.organization for wish in made.aws.reads[:2])


def test_a_fix_of_an_account_without_trails_looks_at_the_bucket_too() -> None:
    made = empty()
    change = fix(made)
    assert [s.call for s in change.plan.steps][-2:] == ["cloudtrail:CreateTrail", "cloudtrail:StartLogging"]
    assert made.aws.reads == [FIX, replace(FIX, buckets=(default_form(account()).bucket,))]


def test_a_fix_uses_the_bucket_that_an_earlier_try_left() -> None:
    left = Bucket(default_form(account()).bucket, exists=True, region=REGION)
    made = bot(surveyed(buckets=(left,)))
    assert "s3:CreateBucket" not in [s.call for s in fix(made).plan.steps]


NEEDS = frozenset({Need.BUCKET_ACCESS})
BUCKET = "logs-of-ours"
LOOKS = [
    (
        "bucket-not-public",
        surveyed(trail(), buckets=(safe_bucket(region=REGION, policy_public=True),)),
        [replace(FIX, needs=NEEDS), replace(FIX, buckets=(BUCKET,), needs=NEEDS)],
    ),
    (
        "log-delivery",
        surveyed(
            trail(kms_key=KMS_KEY, delivery=delivery(error="AccessDenied")),
            buckets=(safe_bucket(region=REGION),),
            resources=(Key(KMS_KEY, True, REGION, KMS_KEY, "Enabled", '{"Statement": []}'),),
        ),
        [FIX, replace(FIX, buckets=(BUCKET,), resources=(Key(KMS_KEY, exists=False),))],
    ),
    (
        "kms-encryption",
        surveyed(
            trail(),
            buckets=(safe_bucket(region=REGION),),
            resources=(Key(own_alias(REGION), exists=False, region=REGION),),
        ),
        [
            FIX,
            replace(FIX, buckets=(BUCKET,)),
            replace(FIX, buckets=(BUCKET,), resources=(Key(own_alias(REGION), exists=False, region=REGION),)),
        ],
    ),
]


@pytest.mark.parametrize(("control", "seen", "reads"), LOOKS, ids=[look[0] for look in LOOKS])
def test_a_fix_looks_at_what_its_repairs_lean_on_and_again_at_the_same(
    control: str, seen: Snapshot, reads: list[Wish]
) -> None:
    made = bot(seen)
    made.rules = replace(made.rules, controls=(control,))
    plan = fix(made).plan
    assert made.aws.reads == reads
    again = look_again(made.aws, plan)
    assert fingerprint(plan, again) == plan.fingerprint


def test_a_bucket_that_was_read_for_a_controls_needs_alone_is_not_looked_at_by_name() -> None:
    """It would have a policy and a region then, and the world would seem to have changed."""
    made = bot(surveyed(trail(logging=False)))
    plan = replace(fix(made).plan, before=surveyed(trail(), buckets=(safe_bucket(),)), controls=("bucket-not-public",))
    look_again(made.aws, plan)
    assert made.aws.reads[-1] == Wish(survey=True, needs=NEEDS)


def test_the_form_is_what_the_plan_makes() -> None:
    made = empty()
    change = create(made)
    trail_made = change.plan.after.known_trails[0]
    assert (trail_made.name, trail_made.bucket, trail_made.prefix, trail_made.validation) == (
        FORM.name,
        FORM.bucket,
        FORM.prefix,
        FORM.validation,
    )
    assert made.aws.reads == [Wish(survey=True, buckets=(FORM.bucket,))]


# The review of a trail's form


def review(made: Bot, form: TrailForm = FORM) -> Plan:
    return forms.review(made.world, ASKER, ACCOUNT, form)


def test_a_review_is_the_plan_that_is_then_proposed_and_leaves_nothing() -> None:
    made = empty()
    reviewed = review(made)
    assert made.changes.all() == ()
    assert made.announcer.said == []
    assert made.evidence.all == []
    change = forms.propose_form(made.world, ASKER, ACCOUNT, FORM, reviewed.fingerprint)
    assert change.plan.fingerprint == reviewed.fingerprint
    assert SINCE_REVIEW not in change.plan.notes


def test_a_plan_that_differs_from_the_reviewed_one_is_proposed_as_it_is_now_and_says_so() -> None:
    made = empty()
    reviewed = review(made)
    made.aws.becomes(surveyed(trail("other")))
    change = forms.propose_form(made.world, ASKER, ACCOUNT, FORM, reviewed.fingerprint)
    assert change.plan.fingerprint != reviewed.fingerprint
    assert change.plan.notes[0] == SINCE_REVIEW


def test_a_review_of_an_account_with_an_open_change_is_refused() -> None:
    made = empty()
    create(made)
    with pytest.raises(Refused, match=r"C-1 .* waits for approval already"):
        review(made)


def test_a_review_is_for_those_who_may_ask() -> None:
    made = empty()
    made.directory.may_request = entitled("UCAROL")
    with pytest.raises(Refused, match="Ask @UCAROL"):
        review(made)


def test_all_that_the_form_leans_on_is_looked_at() -> None:
    made = empty()
    form = replace(FORM, key=Choice("new", "alias/x"), logs=Choice("new", "g"), role=Choice("new", "r"))
    review(made, form)
    assert made.aws.reads[-1].resources == leans_on(account(), form, REGION)
    assert not made.aws.reads[-1].organization


MANAGER = replace(surveyed(), organization="o-1", manager=ACCOUNT)
WHOLE = replace(FORM, organization=True)


def test_whether_the_account_manages_an_organization_is_looked_at_where_it_matters() -> None:
    assert review(bot(MANAGER), WHOLE).after.known_trails[0].organization
    with pytest.raises(Refused, match=f"/trail-audit create {OWNER}"):
        review(bot(replace(surveyed(), manager=OWNER)), WHOLE)


def test_an_organizations_plan_is_looked_at_again_as_far_and_can_be_renewed() -> None:
    made = bot(MANAGER)
    change = forms.propose_form(made.world, ASKER, ACCOUNT, WHOLE)
    fresh = look_again(made.aws, change.plan)
    assert fresh.organization == "o-1"
    decisions.deny(made.world, 1, "UALICE", "no")
    assert proposals.renew(made.world, change, fresh).plan.fingerprint == change.plan.fingerprint


def test_before_the_form_it_is_said_what_no_answer_could_change() -> None:
    assert forms.start_create(bot(MANAGER).world, "UREQUESTER", ACCOUNT)[0].organization == "o-1"
    for world, why in (
        (surveyed(unreadable=denied()), "Could not look into"),
        (surveyed(organization_trail()), "a second, paid copy"),
        (surveyed(*(trail(f"t{n}") for n in range(5))), "holds 5 trails already"),
    ):
        with pytest.raises(Refused, match=why):
            forms.start_create(bot(world).world, "UREQUESTER", ACCOUNT)


def test_it_expires_when_the_settings_say() -> None:
    made = bot()
    change = fix(made)
    assert change.expires_at - change.proposed_at == made.rules.approval_ttl


@pytest.mark.parametrize(("approvers", "needed"), [(("UALICE",), 1), (("UALICE", "UBOB"), 2)])
def test_a_delete_needs_two_where_there_are_two(approvers: tuple[str, ...], needed: int) -> None:
    made = healthy()
    made.directory.may_approve = entitled(*approvers)
    assert delete(made).quorum == needed


def test_looking_again_looks_as_far_as_the_plan_did() -> None:
    made = empty()
    change = create(made)
    made.aws.reads.clear()
    look_again(made.aws, change.plan)
    assert made.aws.reads == [Wish(survey=True, buckets=(FORM.bucket,))]


def test_the_controls_are_those_of_the_settings() -> None:
    made = bot()
    made.rules = replace(made.rules, controls=("log-file-validation",))
    assert [c.id for c in controls(made.world)] == ["log-file-validation"]
    with pytest.raises(Refused, match="Nothing fails"):
        fix(made)


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
def test_a_crash_at_any_call_of_a_proposal_leaves_no_change_without_a_card(before: bool) -> None:
    whole = Fuse()
    proposals.propose_fix(fused(bot().world, whole), ASKER, ACCOUNT)
    for at in range(1, whole.calls + 1):
        made = bot()
        with pytest.raises(Crash):
            proposals.propose_fix(fused(made.world, Fuse(at, before=before)), ASKER, ACCOUNT)
        until_done(lambda: jobs.sweep(made.world))  # noqa: B023 - called at once
        assert made.changes.unpainted() == ()
        assert made.announcer.cards == {c.number: c for c in made.changes.all()}


def test_a_card_that_is_refused_later_withdraws_the_change() -> None:
    made = bot()
    fix(made)
    made.announcer.refused[1] = "This channel is archived."
    for _ in range(2):
        jobs.sweep(made.world)
    assert (made.change().state, made.change().outcome) == (State.CANCELLED, "This channel is archived.")
    assert made.evidence.whats() == ["proposed", "cancelled"]
