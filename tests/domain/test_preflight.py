"""Preflight: what is ready, what AWS would refuse with how to mend it, and what nobody could check."""

import json
from dataclasses import replace

import pytest

from bot.domain.check import Check
from bot.domain.control import Profile
from bot.domain.creation import creation
from bot.domain.form import Choice, TrailForm
from bot.domain.grant import Ruling, grants
from bot.domain.plan import Plan, fingerprint
from bot.domain.preflight import checks, unseen_buckets
from bot.domain.resources import Key, LogGroup, Role, Topic
from bot.domain.statements import (
    Writer,
    bucket_statements,
    key_statements,
    log_role_policy,
    log_role_trust,
    topic_statements,
)
from bot.domain.steps import CreateTrail, PutInsightSelectors, StartLogging, Step, UpdateTrail
from bot.domain.support import leans_on
from bot.domain.trail import Bucket, Snapshot, Survey, Unreadable
from tests.builders import (
    ACCOUNT,
    KMS_KEY,
    REGION,
    account,
    denied,
    plan,
    snapshot,
    surveyed,
    trail,
    trail_arn,
    update,
)

ARN = trail_arn("audit")
WRITER = Writer(account(), ARN)
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:news"
GROUP = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/trails:*"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/writer"
MAKE = CreateTrail(ARN, "audit", REGION, "logs")


def policy(*statements: dict[str, object]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


FIT = Bucket(
    "logs",
    exists=True,
    region=REGION,
    policy=policy(*bucket_statements(WRITER, "logs", "", new_bucket=False)),
    requester_pays=False,
)
FIT_KEY = Key(KMS_KEY, True, REGION, KMS_KEY, "Enabled", policy(*key_statements(WRITER)))
FIT_TOPIC = Topic(TOPIC, True, policy(*topic_statements(WRITER, TOPIC)))
LOGS = log_role_policy(WRITER, "/trails")
FIT_GROUP, FIT_ROLE = LogGroup("/trails", True, REGION), Role("writer", True, log_role_trust(), LOGS)


def checked(*steps: Step, before: Snapshot) -> tuple[Check, ...]:
    """With every permission given."""
    made = plan(*steps, before=before)
    return checks(made, before, dict.fromkeys(grants(made), Ruling.ALLOWED))


def states(found: tuple[Check, ...]) -> dict[str, list[str]]:
    return {state: [c.sentence for c in found if c.state == state] for state in ("fails", "unchecked", "ready")}


def making(step: Step = MAKE, **different: object) -> dict[str, list[str]]:
    """A trail made beside a fit bucket, in an account that was searched; other words are Snapshot's own fields."""
    world = replace(surveyed(buckets=(FIT,)), **different)  # type: ignore[arg-type]  # its own
    return states(checked(step, before=world))


def test_where_all_is_fit_everything_is_ready() -> None:
    found = making()
    assert (found["fails"], found["unchecked"]) == ([], [])
    assert len(found["ready"]) == 5


def test_what_a_plan_makes_itself_is_ready() -> None:
    form = TrailForm(
        "audit",
        "new-logs",
        new_bucket=True,
        key=Choice("new", "alias/trails"),
        topic=Choice("new", "news"),
        logs=Choice("new", "/trails"),
        role=Choice("new", "writer"),
    )
    world = surveyed(
        buckets=(Bucket("new-logs", exists=False),),
        resources=leans_on(account(), form, REGION),
    )
    found = states(checked(*creation(world, form), before=world))
    assert (found["fails"], found["unchecked"]) == ([], [])
    assert any("Bucket new-logs does not exist yet, and will be made in us-east-1." in s for s in found["ready"])


def bucket(**different: object) -> tuple[Bucket, ...]:
    return (replace(FIT, **different),)  # type: ignore[arg-type]  # its own


GRANTED = bucket_statements(WRITER, "logs", "", new_bucket=False)
DENY = {"Sid": "Guard", "Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::logs/*"}
BUCKETS: list[tuple[str, tuple[Bucket | Unreadable, ...], str, str]] = [
    ("requester pays", bucket(requester_pays=True), "fails", "is a requester-pays bucket"),
    ("payer unreadable", bucket(requester_pays=denied("s3:X")), "unchecked", "s3:X answered AccessDeniedException"),
    ("missing", bucket(exists=False), "fails", f"There is no bucket logs in {ACCOUNT}. Make it"),
    ("without a policy", bucket(policy=""), "fails", "has no policy, so CloudTrail may not use it. Add: allow"),
    ("other policy", bucket(policy=policy()), "unchecked", "does not plainly say: allow CloudTrail s3:GetBucketAcl"),
    ("a Deny", bucket(policy=policy(*GRANTED, DENY)), "unchecked", "has a Deny (Guard) that may be for CloudTrail too"),
    ("odd policy", bucket(policy="x"), "unchecked", "is not understood"),
    ("unreadable", (denied("s3:GetBucketPolicy"),), "unchecked", "it needs s3:GetBucketPolicy"),
    ("not looked at", (), "unchecked", "Bucket logs was not looked at."),
]


@pytest.mark.parametrize(("buckets", "state", "words"), [b[1:] for b in BUCKETS], ids=[b[0] for b in BUCKETS])
def test_a_bucket_that_is_not_known_to_be_fit_is_said(
    buckets: tuple[Bucket | Unreadable, ...], state: str, words: str
) -> None:
    found = making(buckets=buckets)
    assert any(words in sentence for sentence in found[state]), found
    assert len(found["fails"]) + len(found["unchecked"]) == 1


def test_what_an_organizations_trail_needs_is_not_known_without_the_organization() -> None:
    found = making(replace(MAKE, organization=True))
    assert any("organization's id is not known here" in sentence for sentence in found["unchecked"]), found


def key(**different: object) -> Key:
    return replace(FIT_KEY, **different)  # type: ignore[arg-type]  # its own


KEYS: list[tuple[str, tuple[Key, ...], str, str]] = [
    ("elsewhere", (key(region="eu-west-1"),), "fails", "is in eu-west-1, and the bucket in us-east-1. Choose a key of"),
    ("disabled", (key(state="Disabled"),), "fails", "is Disabled. Enable it"),
    ("missing", (key(exists=False),), "fails", "There is no key"),
    ("unreadable", (key(exists=denied("kms:DescribeKey")),), "unchecked", "it needs kms:DescribeKey"),
    ("policy unreadable", (key(policy=denied("kms:GetKeyPolicy")),), "unchecked", "it needs kms:GetKeyPolicy"),
    ("other policy", (key(policy=policy()),), "unchecked", "does not plainly say: allow CloudTrail kms:Generate"),
    ("not looked at", (), "unchecked", "was not looked at"),
]


@pytest.mark.parametrize(("keys", "state", "words"), [k[1:] for k in KEYS], ids=[k[0] for k in KEYS])
def test_a_key_that_is_not_known_to_be_fit_is_said(keys: tuple[Key, ...], state: str, words: str) -> None:
    found = making(replace(MAKE, kms_key=KMS_KEY), resources=keys)
    assert any(words in sentence for sentence in found[state]), found
    assert len(found["fails"]) + len(found["unchecked"]) == 1


def test_a_fit_key_is_ready_by_arn_and_by_alias() -> None:
    for name in (KMS_KEY, "alias/trails"):
        found = making(replace(MAKE, kms_key=name), resources=(key(name=name),))
        assert (found["fails"], found["unchecked"]) == ([], [])


GUARDED = log_role_trust().replace('"Action"', '"Condition": {"Bool": {"a": "b"}}, "Action"')
OTHERS: list[tuple[str, tuple[Topic | LogGroup | Role, ...], str, str]] = [
    ("no topic", (Topic(TOPIC, False), FIT_GROUP, FIT_ROLE), "fails", "There is no topic"),
    ("topic policy", (replace(FIT_TOPIC, policy=policy()), FIT_GROUP, FIT_ROLE), "unchecked", "SNS:Publish"),
    ("no group", (FIT_TOPIC, LogGroup("/trails", False, REGION), FIT_ROLE), "fails", "There is no log group /trails"),
    ("no role", (FIT_TOPIC, FIT_GROUP, Role("writer", False)), "fails", f"There is no role {ROLE}"),
    ("role unread", (FIT_TOPIC, FIT_GROUP, Role("writer", denied("iam:GetRole"))), "unchecked", "needs iam:GetRole"),
    (
        "trust",
        (FIT_TOPIC, FIT_GROUP, replace(FIT_ROLE, trust=policy())),
        "fails",
        "does not name cloudtrail.amazonaws.com",
    ),
    ("a guarded role", (FIT_TOPIC, FIT_GROUP, replace(FIT_ROLE, trust=GUARDED)), "unchecked", "has no condition"),
    ("odd trust", (FIT_TOPIC, FIT_GROUP, replace(FIT_ROLE, trust="{")), "unchecked", "is not understood"),
    ("a role of theirs", (FIT_TOPIC, FIT_GROUP, replace(FIT_ROLE, policy="")), "unchecked", "may write to the group"),
    ("of another", (FIT_TOPIC, FIT_GROUP, replace(FIT_ROLE, policy=policy())), "unchecked", "may write to the group"),
    ("nothing looked at", (FIT_TOPIC, FIT_GROUP), "unchecked", "was not looked at"),
]


@pytest.mark.parametrize(("resources", "state", "words"), [o[1:] for o in OTHERS], ids=[o[0] for o in OTHERS])
def test_a_topic_group_or_role_that_is_not_known_to_be_fit_is_said(
    resources: tuple[Topic | LogGroup | Role, ...], state: str, words: str
) -> None:
    found = making(replace(MAKE, topic=TOPIC, log_group=GROUP, log_role=ROLE), resources=resources)
    assert any(words in sentence for sentence in found[state]), found
    assert len(found["fails"]) + len(found["unchecked"]) == 1


def test_a_fit_topic_group_and_role_are_ready() -> None:
    resources = (FIT_TOPIC, FIT_GROUP, FIT_ROLE)
    found = making(replace(MAKE, topic=TOPIC, log_group=GROUP, log_role=ROLE), resources=resources)
    assert (found["fails"], found["unchecked"]) == ([], [])


def test_an_update_is_checked_for_what_it_sets_and_for_its_bucket_only() -> None:
    world = snapshot(trail("audit", bucket="logs", topic=TOPIC), buckets=(FIT,), resources=(FIT_KEY,))
    found = states(checked(update(ARN, kms_key=KMS_KEY), before=world))
    assert (found["fails"], found["unchecked"]) == ([], [])


@pytest.mark.parametrize(
    ("step", "buckets"),
    [
        (update(ARN, validation=True), ("logs",)),
        (PutInsightSelectors(ARN, REGION, on=True), ("logs",)),
        (StartLogging(ARN, REGION), ()),
        (MAKE, ()),
    ],
    ids=lambda value: getattr(value, "kind", ""),
)
def test_the_bucket_of_a_trail_is_looked_at_where_aws_will(step: Step, buckets: tuple[str, ...]) -> None:
    assert unseen_buckets(plan(step, before=snapshot(trail("audit", bucket="logs")))) == buckets
    assert unseen_buckets(plan(step, before=snapshot(trail("audit", bucket="logs"), buckets=(FIT,)))) == ()


def test_a_name_that_is_taken_fails() -> None:
    world = surveyed(trail("audit", region="eu-west-1", multi_region=False), buckets=(FIT,))
    assert "There is a trail named audit already. Choose another name." in states(checked(MAKE, before=world))["fails"]


def locals_in(region: str, count: int) -> tuple[object, ...]:
    return tuple(trail(f"t{n}", region=region, multi_region=False) for n in range(count))


CONVERT = update(trail_arn("t0", "eu-west-1"), multi_region=True)


@pytest.mark.parametrize(
    ("step", "there", "full"),
    [
        (MAKE, ("eu-west-1", 4), False),
        (MAKE, ("eu-west-1", 5), True),
        (CONVERT, ("eu-west-1", 5), False),
    ],
    ids=["one place left", "no place left", "a conversion takes no place at home"],
)
def test_every_region_must_have_room(step: Step, there: tuple[str, int], full: bool) -> None:
    world = surveyed(*locals_in(*there), buckets=(FIT, replace(FIT, name="logs-of-ours")))  # type: ignore[arg-type]  # trails
    failing = states(checked(step, before=world))["fails"]
    assert (failing == ["eu-west-1: 5 trails already, and AWS allows no more. Delete one there first."]) is full


def test_a_conversion_needs_a_place_in_all_other_regions() -> None:
    there = (*locals_in("eu-west-1", 1), *(trail(f"u{n}", multi_region=False) for n in range(5)))
    world = surveyed(*there, buckets=(replace(FIT, name="logs-of-ours"),))  # type: ignore[arg-type]  # trails
    assert any(s.startswith("us-east-1: 5 trails") for s in states(checked(CONVERT, before=world))["fails"])


@pytest.mark.parametrize("survey", [None, Survey(notes=("eu-west-1: no.",))], ids=["not searched", "not all of them"])
def test_room_in_regions_that_nobody_searched_is_unchecked(survey: Survey | None) -> None:
    (sentence,) = making(survey=survey)["unchecked"]
    assert sentence.startswith("Whether every region has room")


def test_the_worst_comes_first_and_each_once() -> None:
    world = snapshot(buckets=(replace(FIT, requester_pays=True),))
    found = checked(MAKE, MAKE, before=world)
    assert [c.state for c in found] == sorted((c.state for c in found), key=("fails", "unchecked", "ready").index)
    assert len(set(found)) == len(found)


def test_the_checks_are_no_part_of_the_fingerprint() -> None:
    made = plan()
    assert replace(made, checks=(Check("fails", "x"),)).fingerprint == made.fingerprint


@pytest.mark.parametrize(("later", "same"), [(False, True), (denied(), True), (True, False)])
def test_who_pays_changes_the_world_only_where_it_is_known_to_be_the_requester(
    later: bool | Unreadable, same: bool
) -> None:
    made = plan(MAKE, before=snapshot(buckets=(FIT,)))
    fresh = snapshot(buckets=(replace(FIT, requester_pays=later),))
    assert (fingerprint(made, fresh) == made.fingerprint) is same


def test_a_plan_that_leans_on_nothing_is_checked_for_its_permissions_alone() -> None:
    assert len(checked(StartLogging(trail_arn(), REGION), before=snapshot(trail(logging=False)))) == 1


def test_profiles_play_no_part() -> None:
    made: Plan = plan(MAKE, before=surveyed(buckets=(FIT,)))
    rulings = dict.fromkeys(grants(made), Ruling.ALLOWED)
    hub = replace(made, profile=Profile.SECURITY_HUB)
    assert checks(made, made.before, rulings) == checks(hub, hub.before, rulings)


def test_an_update_of_a_trail_that_is_gone_says_nothing_of_its_bucket() -> None:
    gone: UpdateTrail = update(ARN, validation=True)
    assert len(checked(gone, before=snapshot())) == 1


# An organization's trail


@pytest.mark.parametrize(
    ("trusts", "state", "words"),
    [
        (True, "ready", "gives CloudTrail trusted access"),
        (False, "fails", "Turn it on in AWS Organizations"),
        (
            denied("organizations:ListAWSServiceAccessForOrganization"),
            "unchecked",
            "it needs organizations:ListAWSServiceAccessForOrganization",
        ),
    ],
    ids=["trusted", "not trusted", "nobody could look"],
)
def test_whether_the_organization_trusts_cloudtrail_is_said(trusts: bool | Unreadable, state: str, words: str) -> None:
    world = surveyed(buckets=(FIT,), organization="o-1", trusts_cloudtrail=trusts)
    found = [c for c in checked(replace(MAKE, organization=True), before=world) if "trust" in c.sentence.lower()]
    assert [c.state for c in found if words in c.sentence] == [state]
    assert not [c for c in checked(MAKE, before=world) if "trusted" in c.sentence]
