"""From facts to the smallest plan that helps, or to a refusal that says who can."""

import pytest
from hypothesis import given, settings

from bot.domain.control import Profile
from bot.domain.controls import CONTROLS
from bot.domain.finding import Verdict
from bot.domain.plan import Plan, judged, verdicts
from bot.domain.refusal import Refused
from bot.domain.repair import plan_fix
from bot.domain.selectors import BasicSelector, Selectors, coverage
from bot.domain.steps import (
    CreateBucket,
    CreateTrail,
    PutBucketPolicy,
    PutEventSelectors,
    StartLogging,
    predict,
)
from bot.domain.trail import Bucket, Snapshot, Unreadable
from tests.builders import (
    DEFAULTS,
    NO_MANAGEMENT,
    OWNER,
    READ_ONLY,
    WRITE_ONLY,
    account,
    advanced,
    basic,
    data_events,
    data_resource,
    delivery,
    denied,
    exemplary,
    management,
    organization_trail,
    snapshot,
    surveyed,
    trail,
    update,
)
from tests.domain.worlds import BUCKET, readable_snapshots, snapshots

KMS = "kms.amazonaws.com"
NO_BUCKET = (Bucket(BUCKET, exists=False),)


def fix(world: Snapshot, profile: Profile = Profile.CIS) -> Plan:
    return plan_fix(world, DEFAULTS, profile)


def kinds(plan: Plan) -> list[str]:
    return [step.kind for step in plan.steps]


REPAIRS = [
    ("stopped", surveyed(trail(logging=False)), ["start-logging"]),
    ("write only", surveyed(trail(selectors=WRITE_ONLY)), ["put-event-selectors"]),
    ("data events only", surveyed(trail(selectors=advanced(data_events()))), ["put-event-selectors"]),
    (
        "stopped and write only needs both",
        surveyed(trail(logging=False, selectors=WRITE_ONLY)),
        ["put-event-selectors", "start-logging"],
    ),
    ("single-region", surveyed(trail(multi_region=False)), ["update-trail"]),
    (
        "single-region, stopped, short, without validation",
        surveyed(trail(multi_region=False, logging=False, selectors=NO_MANAGEMENT, validation=False)),
        ["update-trail", "put-event-selectors", "start-logging"],
    ),
    ("validation off", surveyed(trail(validation=False)), ["update-trail"]),
    (
        "a stopped one is started rather than another converted",
        surveyed(trail("z", logging=False), trail("a", multi_region=False)),
        ["start-logging"],
    ),
    (
        "a stopped one is started rather than a short one completed",
        surveyed(trail("a", selectors=WRITE_ONLY), trail("z", logging=False)),
        ["start-logging"],
    ),
    (
        "the one with the fewest steps is chosen",
        surveyed(trail("a", logging=False, selectors=WRITE_ONLY), trail("b", multi_region=False)),
        ["update-trail"],
    ),
    (
        "nothing exists",
        surveyed(buckets=NO_BUCKET),
        [
            "create-bucket",
            *["protect-bucket"] * 4,
            "put-bucket-policy",
            "create-trail",
            "start-logging",
        ],
    ),
]


@pytest.mark.parametrize(("world", "steps"), [r[1:] for r in REPAIRS], ids=[r[0] for r in REPAIRS])
def test_a_situation_has_its_smallest_repair(world: Snapshot, steps: list[str]) -> None:
    assert kinds(fix(world)) == steps


@pytest.mark.parametrize("world", [r[1] for r in REPAIRS], ids=[r[0] for r in REPAIRS])
def test_a_repair_is_proved_before_anybody_is_asked(world: Snapshot) -> None:
    after = verdicts(judged(fix(world).after, DEFAULTS, Profile.CIS))
    assert after["multi-region-trail"] is Verdict.PASS
    assert after["log-file-validation"] is Verdict.PASS


@settings(max_examples=150)
@given(world=snapshots)
def test_any_plan_makes_what_it_repairs_pass_or_there_is_none(world: Snapshot) -> None:
    for profile in Profile:
        try:
            plan = plan_fix(world, DEFAULTS, profile)
        except Refused:
            continue
        before = verdicts(judged(world, DEFAULTS, profile))
        after = verdicts(judged(predict(world, plan.steps), DEFAULTS, profile))
        repaired = [c for c, v in before.items() if v is Verdict.FAIL and c != "log-delivery"]
        assert repaired
        assert all(after[c] is Verdict.PASS for c in repaired)
        assert all(after[c] is Verdict.PASS for c, v in before.items() if v is Verdict.PASS and c != "log-delivery")


@settings(max_examples=150)
@given(world=snapshots)
def test_with_every_control_asked_for_what_a_step_can_repair_is_repaired_and_nothing_is_broken(world: Snapshot) -> None:
    """A control that no step of ours can repair stands in nobody's way; where it passes, that is not given up."""
    try:
        plan = plan_fix(world, CONTROLS, Profile.CIS)
    except Refused:
        return
    before = verdicts(judged(world, CONTROLS, Profile.CIS))
    after = verdicts(judged(plan.after, CONTROLS, Profile.CIS))
    promised = [c for c in CONTROLS if not c.takes_time]
    repaired = [c.id for c in promised if c.repairable and before[c.id] is Verdict.FAIL]
    assert repaired
    assert all(after[c] is Verdict.PASS for c in repaired)
    assert all(after[c.id] is Verdict.PASS for c in promised if before[c.id] is Verdict.PASS)


@pytest.mark.parametrize("world", [surveyed(trail()), surveyed(exemplary(kms_key=""))], ids=["plain", "without a key"])
def test_where_only_that_fails_which_no_step_can_repair_there_is_no_repair(world: Snapshot) -> None:
    with pytest.raises(Refused, match="No repair fits"):
        plan_fix(world, CONTROLS, Profile.CIS)


@settings(max_examples=150)
@given(world=readable_snapshots)
def test_no_repair_records_less_of_any_trail_than_before(world: Snapshot) -> None:
    try:
        plan = plan_fix(world, DEFAULTS, Profile.CIS)
    except Refused:
        return
    for before in world.known_trails:
        after = plan.after.trail(before.arn)
        assert after is not None
        if isinstance(before.selectors, Selectors) and isinstance(after.selectors, Selectors):
            was, now = coverage(before.selectors), coverage(after.selectors)
            assert was | now == now


@given(world=readable_snapshots)
def test_no_fix_deletes_or_touches_what_is_another_accounts(world: Snapshot) -> None:
    try:
        plan = plan_fix(world, DEFAULTS, Profile.CIS)
    except Refused:
        return
    assert "delete-trail" not in kinds(plan)
    assert all(OWNER not in arn for arn in plan.touched)


def test_two_updates_of_one_trail_are_one_call() -> None:
    plan = fix(surveyed(trail(multi_region=False, validation=False)))
    assert plan.steps == (update(multi_region=True, validation=True),)


def test_every_data_selector_is_kept() -> None:
    writes = BasicSelector("WriteOnly", data_resources=(data_resource(),))
    (step,) = fix(surveyed(trail(selectors=basic(writes)))).steps
    assert isinstance(step, PutEventSelectors)
    assert step.after == basic(writes, BasicSelector())


def test_what_was_left_out_on_purpose_stays_left_out() -> None:
    world = surveyed(trail(selectors=basic(BasicSelector("ReadOnly", excluded_sources=(KMS,)))))
    (step,) = fix(world).steps
    assert isinstance(step, PutEventSelectors)
    assert coverage(step.after).excluded == (KMS,)


def test_security_hub_allows_nothing_to_be_left_out() -> None:
    world = surveyed(trail(selectors=basic(BasicSelector(excluded_sources=(KMS,)))))
    (step,) = fix(world, Profile.SECURITY_HUB).steps
    assert isinstance(step, PutEventSelectors)
    assert coverage(step.after).excluded == ()


def test_what_one_kind_records_is_not_left_out_of_both() -> None:
    """Reads without KMS, writes of KMS alone: leaving KMS out everywhere would lose its writes."""
    reads = management(readOnly={"Equals": ["true"]}, eventSource={"NotEquals": [KMS]})
    writes = management(readOnly={"Equals": ["false"]}, eventSource={"Equals": [KMS]})
    (step,) = fix(surveyed(trail(selectors=advanced(reads, writes)))).steps
    assert isinstance(step, PutEventSelectors)
    assert coverage(step.after).excluded == ()


REFUSALS = [
    ("nothing fails", surveyed(trail()), "Nothing fails"),
    ("we could not look", snapshot(unreadable=denied("cloudtrail:DescribeTrails")), "Could not look"),
    ("only unknown", surveyed(trail(status=denied())), "Nothing fails"),
    (
        "a member of an organization whose trail is stopped",
        surveyed(organization_trail(logging=False)),
        f"/trail-audit fix {OWNER}",
    ),
    (
        "such a member with a single-region trail of its own",
        surveyed(organization_trail(logging=False), trail("mine", multi_region=False)),
        f"/trail-audit fix {OWNER}",
    ),
    (
        "five basic selectors with data leave no room",
        surveyed(
            trail(
                selectors=basic(
                    *[BasicSelector("WriteOnly", data_resources=(data_resource(f"{n}"),)) for n in range(5)]
                )
            )
        ),
        "No repair fits",
    ),
    (
        "delivery fails: the bucket's owner is asked to look",
        surveyed(trail(delivery=delivery(error="AccessDenied"))),
        "See that the bucket exists",
    ),
    (
        "delivery fails: no other trail is touched for nothing",
        surveyed(trail("a", multi_region=False), trail("b", delivery=delivery(error="AccessDenied"))),
        "See that the bucket exists",
    ),
    (
        "single-region, but its status is unreadable",
        surveyed(trail(multi_region=False, status=denied())),
        "No repair fits",
    ),
    (
        "nothing exists, and the bucket's name is somebody else's",
        surveyed(buckets=(Unreadable("s3:GetBucketPolicy", "AccessDenied"),)),
        "bucket names are shared by all of AWS",
    ),
    ("nothing exists, and nobody looked at the bucket", surveyed(), "was not looked at"),
]


@pytest.mark.parametrize(("world", "words"), [r[1:] for r in REFUSALS], ids=[r[0] for r in REFUSALS])
def test_what_cannot_be_repaired_is_refused_with_what_to_do(world: Snapshot, words: str) -> None:
    with pytest.raises(Refused) as refusal:
        fix(world)
    assert words in str(refusal.value)


def test_a_bucket_left_from_a_deleted_trail_is_used_again() -> None:
    """Delete keeps the bucket, so the next fix finds it; its policy is merged into, not replaced."""
    policy = '{"Version": "2012-10-17", "Statement": [{"Sid": "Theirs", "Effect": "Deny"}]}'
    plan = fix(surveyed(buckets=(Bucket(BUCKET, exists=True, region="us-east-1", policy=policy),)))
    assert not any(isinstance(s, CreateBucket) for s in plan.steps)
    (put,) = (s for s in plan.steps if isinstance(s, PutBucketPolicy))
    assert put.before == policy
    assert '"Theirs"' in put.after


def test_a_created_trail_lives_where_its_partition_is_read() -> None:
    gov = account(partition="aws-us-gov")
    name = f"trailwarden-cloudtrail-{gov.id}-us-gov-west-1"
    plan = fix(snapshot(account=gov, buckets=(Bucket(name, exists=False),)))
    (made,) = (s for s in plan.steps if isinstance(s, CreateTrail))
    assert (made.region, made.arn.split(":")[1]) == ("us-gov-west-1", "aws-us-gov")


def test_the_first_copy_is_free_and_has_no_note() -> None:
    assert fix(surveyed(trail(logging=False))).notes == ()


NOTES = [
    (
        "starting a second one that records",
        surveyed(trail("a", selectors=WRITE_ONLY), trail("b", logging=False)),
    ),
    (
        "converting one of several single-region trails: their regions get a second copy",
        surveyed(
            trail("a", multi_region=False),
            trail("b", region="eu-west-1", multi_region=False, logging=True),
        ),
    ),
]


@pytest.mark.parametrize("world", [n[1] for n in NOTES], ids=[n[0] for n in NOTES])
def test_a_plan_that_adds_a_paid_copy_says_so(world: Snapshot) -> None:
    assert any("$2.00 per 100,000" in note for note in fix(world).notes)


def test_the_halves_are_repaired_by_completing_one_of_them() -> None:
    plan = fix(surveyed(trail("reads", selectors=READ_ONLY), trail("writes", selectors=WRITE_ONLY)))
    assert kinds(plan) == ["put-event-selectors"]


def test_steps_stand_in_the_order_in_which_they_are_carried_out() -> None:
    plan = fix(surveyed(buckets=NO_BUCKET))
    assert isinstance(plan.steps[-1], StartLogging)
    assert isinstance(plan.steps[-2], CreateTrail)
