"""From facts to the smallest plan that helps, or to a refusal that says who can."""

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings

from bot.domain import log_writing
from bot.domain.consequences import UNSEARCHED
from bot.domain.control import Profile
from bot.domain.controls import CONTROLS, named
from bot.domain.encryption import own_alias
from bot.domain.finding import Verdict
from bot.domain.plan import Plan, judged, verdicts
from bot.domain.refusal import Refused
from bot.domain.repair import plan_fix
from bot.domain.resources import Key
from bot.domain.selectors import BasicSelector, Selectors, coverage
from bot.domain.statements import Writer, bucket_statements
from bot.domain.steps import CreateBucket, CreateTrail, PutBucketPolicy, PutEventSelectors, StartLogging
from bot.domain.trail import Bucket, Snapshot, Survey, Unreadable
from tests.builders import (
    ACCOUNT,
    DEFAULTS,
    HOUR,
    KMS_KEY,
    NO_MANAGEMENT,
    OWNER,
    READ_ONLY,
    REGION,
    WRITE_ONLY,
    account,
    advanced,
    basic,
    data_events,
    data_resource,
    delivery,
    denied,
    exemplary_world,
    management,
    organization_trail,
    safe_bucket,
    snapshot,
    surveyed,
    trail,
    trail_arn,
    update,
)
from tests.domain.worlds import BUCKET, readable_snapshots

KMS = "kms.amazonaws.com"
LEFT_OPEN = Bucket("logs-of-ours", exists=True, region=REGION)
GRANTING = replace(
    LEFT_OPEN,
    policy=json.dumps({"Statement": [*bucket_statements(Writer(account(), trail_arn()), "logs-of-ours", "", False)]}),
)
OPEN = {"policy_public": True, "acl_public": True, "restricts_policy": False, "ignores_acl": False, "logs_to": ""}
TO_BE_MADE = (
    *log_writing.looks(account(), trail()).resources,
    Key(own_alias(REGION), exists=False, region=REGION),
)
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
        "its delivery fails: the bucket's policy",
        surveyed(trail(delivery=delivery(error="AccessDenied")), buckets=(LEFT_OPEN,)),
        ["put-bucket-policy"],
    ),
    (
        "its delivery fails: the bucket is gone, and never a new trail",
        surveyed(trail("a", delivery=delivery(error="NoSuchBucket")), buckets=(Bucket("logs-of-ours", exists=False),)),
        ["create-bucket", *["protect-bucket"] * 4, "put-bucket-policy"],
    ),
    (
        "nothing arrives, and AWS does not say why",
        surveyed(trail(delivery=delivery(last=48 * HOUR)), buckets=(LEFT_OPEN,)),
        ["put-bucket-policy"],
    ),
    (
        "stopped, and its last delivery failed",
        surveyed(trail(logging=False, delivery=delivery(error="AccessDenied")), buckets=(LEFT_OPEN,)),
        ["put-bucket-policy", "start-logging"],
    ),
    (
        "a single-region trail is converted where there is room",
        surveyed(
            trail("b", multi_region=False),
            *(trail(f"t{n}", multi_region=False, status=denied()) for n in range(4)),
        ),
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


PUBLIC = '{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}]}'


def test_a_policy_that_keeps_a_public_statement_is_put_before_the_block_of_public_policies() -> None:
    """With the block on, S3 refuses such a policy."""
    open_to_all = replace(LEFT_OPEN, restricts_policy=False, policy_public=True, policy=PUBLIC)
    world = surveyed(trail(delivery=delivery(error="AccessDenied")), buckets=(open_to_all,))
    made = plan_fix(world, named(("log-delivery", "bucket-not-public")), Profile.CIS)
    assert kinds(made) == ["put-bucket-policy", "protect-bucket"]


def test_where_only_that_fails_which_no_step_can_repair_there_is_no_repair() -> None:
    with pytest.raises(Refused, match=r"No repair fits.*does not log who reads it"):
        plan_fix(exemplary_world(buckets=(safe_bucket(logs_to=""),)), CONTROLS, Profile.CIS)


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


def test_a_repair_brings_back_what_aws_lets_nobody_leave_out() -> None:
    world = surveyed(trail(selectors=advanced(management(eventSource={"NotEquals": [KMS, "iam.amazonaws.com"]}))))
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
    ("nothing fails", surveyed(trail()), f"Nothing fails in {ACCOUNT}: `/trail-audit {ACCOUNT}` shows each verdict."),
    ("we could not look", snapshot(unreadable=denied("cloudtrail:DescribeTrails")), "Could not look"),
    ("only unknown", surveyed(trail(status=denied())), f"Nothing fails in {ACCOUNT}, but not all could be judged: "),
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
        "such a member with a stopped multi-region trail of its own",
        surveyed(organization_trail(logging=False), trail("a", logging=False)),
        f"/trail-audit fix {OWNER}",
    ),
    (
        "five trails in another region leave no room to convert one",
        surveyed(
            trail("mine", multi_region=False),
            *(trail(f"t{n}", region="eu-west-1", multi_region=False, status=denied()) for n in range(5)),
        ),
        "No repair fits",
    ),
    (
        "five trails in each of two regions: nothing can be converted, and somebody has to delete one",
        surveyed(*(trail(f"t{n}", region=r, multi_region=False) for r in ("eu-west-1", REGION) for n in range(5))),
        f"holds 5 trails already, which AWS does not raise. Whoever owns them has to delete one that nobody needs: "
        f"`/trail-audit delete NAME {ACCOUNT}`",
    ),
    (
        "delivery fails, and the bucket is another account's",
        surveyed(trail(delivery=delivery(error="AccessDenied")), buckets=(denied("s3:GetBucketPolicy"),)),
        "its owner has to see that it exists and that its policy lets CloudTrail write",
    ),
    (
        "delivery fails, and the key is disabled",
        surveyed(
            trail(kms_key=KMS_KEY, delivery=delivery(error="AccessDenied")),
            buckets=(LEFT_OPEN,),
            resources=(Key(KMS_KEY, True, REGION, KMS_KEY, "Disabled"),),
        ),
        "is Disabled, so nothing can be encrypted with it. Whoever administers it",
    ),
    (
        "delivery fails, and nothing that we could see is in the way",
        surveyed(trail(delivery=delivery(error="AccessDenied")), buckets=(GRANTING,)),
        "look as they should",
    ),
    (
        "delivery fails: no other trail is touched for nothing",
        surveyed(trail("a", multi_region=False), trail("b", delivery=delivery(error="AccessDenied"))),
        "was not looked at",
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


def test_what_is_somebody_elses_stands_not_in_the_way_of_the_rest_and_is_said() -> None:
    plan = fix(surveyed(trail(validation=False, delivery=delivery(error="x")), buckets=(denied("s3:GetBucketPolicy"),)))
    assert kinds(plan) == ["update-trail"]
    (note,) = plan.notes
    assert note.startswith("Not mended by this: log-delivery: Bucket logs-of-ours could not be looked at")
    assert plan.before.buckets == (), "what no step rests on would be another fact at the next look"


def test_a_members_own_trail_is_mended_though_the_organizations_is_somebody_elses() -> None:
    """What would add a paid copy, or change the organization's trail, is left and said."""
    own = trail(logging=False, validation=False)
    plan = fix(surveyed(organization_trail(logging=False), own))
    assert kinds(plan) == ["update-trail"]
    assert plan.touched == {own.arn}
    (note,) = plan.notes
    assert note.startswith("Not mended by this: multi-region-trail:")
    assert f"`/trail-audit fix {OWNER}`" in note


def test_a_trail_that_is_made_while_regions_are_hidden_says_so() -> None:
    plan = fix(snapshot(survey=Survey((), ("Other regions were not searched.",)), buckets=NO_BUCKET))
    assert UNSEARCHED in plan.notes


def test_one_approval_covers_several_findings() -> None:
    """All nine controls, and one trail that lacks everything but a bucket."""
    bare = trail(logging=False, selectors=WRITE_ONLY, validation=False)
    world = surveyed(bare, buckets=(replace(GRANTING, **OPEN),), resources=TO_BE_MADE)
    plan = plan_fix(world, CONTROLS, Profile.CIS)
    assert kinds(plan) == [
        "protect-bucket",
        "create-key",
        "create-alias",
        "create-log-group",
        "create-role",
        "put-role-policy",
        "update-trail",
        "put-event-selectors",
        "start-logging",
    ]
    after = verdicts(judged(plan.after, CONTROLS, Profile.CIS))
    assert {c for c, v in after.items() if v is not Verdict.PASS} == {"bucket-access-logging", "cloudwatch-logs"}


def test_a_trail_that_has_to_be_made_is_made_with_all_that_the_controls_ask_for() -> None:
    made = trail(name="trailwarden")
    resources = (*log_writing.looks(account(), made).resources, Key(own_alias(REGION), exists=False, region=REGION))
    plan = plan_fix(surveyed(buckets=NO_BUCKET, resources=resources), CONTROLS, Profile.CIS)
    (create,) = (s for s in plan.steps if isinstance(s, CreateTrail))
    assert create.kms_key == own_alias(REGION)
    assert create.log_group.endswith(":log-group:/trailwarden/cloudtrail/trailwarden:*")
    assert "update-trail" not in kinds(plan)


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
