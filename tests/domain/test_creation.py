"""The create form: what is wrong with an answer to it, and the plan it leads to."""

import json

import pytest

from bot.domain.consequences import EXTRA_COPY
from bot.domain.control import Profile
from bot.domain.creation import plan_create
from bot.domain.finding import Verdict
from bot.domain.form import TrailForm, bucket_problem, name_problem, prefix_problem
from bot.domain.plan import Plan, judged, verdicts
from bot.domain.refusal import Refused
from bot.domain.steps import CreateBucket, CreateTrail, PutBucketPolicy
from bot.domain.trail import Bucket, Snapshot, Unreadable
from tests.builders import ACCOUNT, DEFAULTS, denied, organization_trail, snapshot, surveyed, trail

ABSENT, PRESENT = Bucket("new-logs", exists=False), Bucket("new-logs", exists=True, region="eu-west-1")
NEW = TrailForm("audit", "new-logs", new_bucket=True)
EXISTING = TrailForm("audit", "new-logs", new_bucket=False)


def create(world: Snapshot, form: TrailForm = NEW) -> Plan:
    return plan_create(world, form, DEFAULTS, Profile.CIS)


@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        ("abc", True),
        ("a" * 128, True),
        ("my-trail_1.x", True),
        ("Trail", True),
        ("192.168.5", True),
        ("ab", False),
        ("a" * 129, False),
        ("-abc", False),
        ("abc-", False),
        ("a..b", False),
        ("a-_b", False),
        ("a b", False),
        ("trail/x", False),
        ("192.168.5.4", False),
        ("größe", False),
        ("abc\n", False),
        ("", False),
    ],
)
def test_a_name_is_taken_only_if_cloudtrail_would_take_it(name: str, allowed: bool) -> None:
    assert (name_problem(name) == "") is allowed


@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        ("abc", True),
        ("logs.of-1", True),
        ("a" * 63, True),
        ("ab", False),
        ("a" * 64, False),
        ("Logs", False),
        ("-logs", False),
        ("logs.", False),
        ("a..b", False),
        ("10.0.0.1", False),
        ("a_b", False),
        ("abc\n", False),
    ],
)
def test_a_buckets_name_is_taken_only_if_s3_would_take_it(name: str, allowed: bool) -> None:
    assert (bucket_problem(name) == "") is allowed


@pytest.mark.parametrize(
    ("prefix", "allowed"),
    [("", True), ("a/b", True), ("x" * 200, True), ("x" * 201, False), ("a/", False), ("a b", False), ("a*", False)],
)
def test_a_prefix_is_taken_only_if_it_needs_no_quoting(prefix: str, allowed: bool) -> None:
    assert (prefix_problem(prefix) == "") is allowed


def test_the_plan_of_a_new_bucket_protects_it_before_the_trail_writes() -> None:
    plan = create(surveyed(buckets=(ABSENT,)))
    assert [s.call for s in plan.steps] == [
        "s3:CreateBucket",
        "s3:PutPublicAccessBlock",
        "s3:PutBucketVersioning",
        "s3:PutBucketEncryption",
        "s3:PutBucketLifecycleConfiguration",
        "s3:PutBucketPolicy",
        "cloudtrail:CreateTrail",
        "cloudtrail:StartLogging",
    ]
    assert all(
        v is Verdict.PASS for c, v in verdicts(judged(plan.after, DEFAULTS, Profile.CIS)).items() if c != "log-delivery"
    )


def test_the_plan_of_an_existing_bucket_only_adds_to_its_policy() -> None:
    plan = create(surveyed(buckets=(PRESENT,)), EXISTING)
    assert [s.call for s in plan.steps] == ["s3:PutBucketPolicy", "cloudtrail:CreateTrail", "cloudtrail:StartLogging"]
    (put,) = (s for s in plan.steps if isinstance(s, PutBucketPolicy))
    assert put.region == "eu-west-1"
    assert "TrailwardenHttpsOnly" not in put.after


def test_a_policy_that_suffices_is_left_alone() -> None:
    (put,) = (s for s in create(surveyed(buckets=(PRESENT,)), EXISTING).steps if isinstance(s, PutBucketPolicy))
    ready = Bucket("new-logs", exists=True, region="eu-west-1", policy=put.after)
    assert not any(isinstance(s, PutBucketPolicy) for s in create(surveyed(buckets=(ready,)), EXISTING).steps)


def test_the_policy_is_bound_to_the_trail_that_does_not_exist_yet() -> None:
    plan = create(surveyed(buckets=(ABSENT,)), TrailForm("audit", "new-logs", True, prefix="aws"))
    (put,) = (s for s in plan.steps if isinstance(s, PutBucketPolicy))
    (made,) = (s for s in plan.steps if isinstance(s, CreateTrail))
    allowed = [s for s in json.loads(put.after)["Statement"] if s["Effect"] == "Allow"]
    assert {s["Condition"]["StringEquals"]["aws:SourceArn"] for s in allowed} == {made.arn}
    assert allowed[1]["Resource"] == f"arn:aws:s3:::new-logs/aws/AWSLogs/{ACCOUNT}/*"


REFUSALS = [
    ("a wrong trail name", surveyed(buckets=(ABSENT,)), TrailForm("a..b", "new-logs", True), "3 to 128"),
    ("a wrong bucket name", surveyed(buckets=(ABSENT,)), TrailForm("audit", "New_Logs", True), "3 to 63"),
    ("a wrong prefix", surveyed(buckets=(ABSENT,)), TrailForm("audit", "new-logs", True, "a b"), "A prefix has"),
    ("a name that is taken", surveyed(trail("audit"), buckets=(ABSENT,)), NEW, "named audit already"),
    (
        "a name that is taken by a single-region trail",
        surveyed(trail("audit", multi_region=False, region="eu-west-1"), buckets=(ABSENT,)),
        NEW,
        "named audit already",
    ),
    ("a bucket that exists, as new", surveyed(buckets=(PRESENT,)), NEW, "exists already"),
    ("a bucket that does not, as existing", surveyed(buckets=(ABSENT,)), EXISTING, "There is no bucket"),
    ("a bucket that nobody looked at", surveyed(), EXISTING, "was not looked at"),
    (
        "a bucket that could not be seen",
        surveyed(buckets=(Unreadable("s3:GetBucketPolicy", "AccessDenied"),)),
        EXISTING,
        "If it belongs to another account",
    ),
    ("an account that could not be read", snapshot(unreadable=denied()), NEW, "Could not look"),
    ("five trails", surveyed(*[trail(f"t{n}") for n in range(5)], buckets=(ABSENT,)), NEW, "holds 5 trails"),
]


@pytest.mark.parametrize(("world", "form", "words"), [r[1:] for r in REFUSALS], ids=[r[0] for r in REFUSALS])
def test_what_cannot_be_made_is_refused_with_what_to_do(world: Snapshot, form: TrailForm, words: str) -> None:
    with pytest.raises(Refused) as refusal:
        create(world, form)
    assert words in str(refusal.value)


def test_a_member_of_an_organization_trail_is_sent_to_its_owner() -> None:
    with pytest.raises(Refused, match="second, paid copy"):
        create(surveyed(organization_trail("audit"), buckets=(ABSENT,)))


def test_a_second_copy_is_said_to_cost() -> None:
    assert EXTRA_COPY in create(surveyed(trail("first"), buckets=(ABSENT,))).notes


def test_a_second_copy_in_one_region_is_said_to_cost() -> None:
    world = surveyed(trail("local", multi_region=False, region="eu-west-1"), buckets=(ABSENT,))
    assert EXTRA_COPY in create(world).notes


@pytest.mark.parametrize("idle", [[], [trail("stopped", logging=False)]], ids=["no trail", "a stopped one"])
def test_the_first_copy_is_not_said_to_cost(idle: list[object]) -> None:
    assert create(surveyed(*idle, buckets=(ABSENT,))).notes == ()  # type: ignore[arg-type]  # Trails


def test_the_bucket_stands_where_the_trail_does() -> None:
    (made,) = (s for s in create(surveyed(buckets=(ABSENT,))).steps if isinstance(s, CreateBucket))
    assert made.region == "us-east-1"
