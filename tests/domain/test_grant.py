"""What the change role must be allowed for a plan, and what is said of a simulation's answer."""

from dataclasses import replace

import pytest

from bot.domain.grant import Grant, Ruling, grants, permission_checks
from bot.domain.resources import Key
from bot.domain.steps import (
    ORGANIZATION,
    CreateAlias,
    CreateBucket,
    CreateKey,
    CreateLogGroup,
    CreateRole,
    CreateTrail,
    PutKeyPolicy,
    PutRolePolicy,
    StartLogging,
    Step,
    permission,
    permissions,
)
from bot.domain.trail import Unreadable
from tests.builders import ACCOUNT, account, denied, plan, snapshot, trail, trail_arn, update
from tests.domain.test_steps import EVERY_STEP

ARN, HOME = trail_arn(), "us-east-1"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/CloudTrailLogs"
MADE = CreateTrail(ARN, "main", HOME, "logs")


@pytest.mark.parametrize("step", EVERY_STEP, ids=lambda s: f"{s.kind} {s.call}")
def test_the_permission_of_the_call_itself_comes_first(step: Step) -> None:
    assert permissions(step)[0] == permission(step)


@pytest.mark.parametrize(
    ("step", "more"),
    [
        (MADE, ()),
        (replace(MADE, log_role=ROLE), ("iam:PassRole",)),
        (replace(MADE, organization=True), ORGANIZATION),
        (replace(MADE, organization=True, log_role=ROLE), ("iam:PassRole", *ORGANIZATION)),
        (update(log_role=ROLE), ("iam:PassRole",)),
        (update(validation=True), ()),
    ],
)
def test_a_trail_with_a_role_or_an_organization_needs_more_than_its_call(step: Step, more: tuple[str, ...]) -> None:
    assert permissions(step)[1:] == more


@pytest.mark.parametrize(
    ("step", "resource"),
    [
        (StartLogging(ARN, HOME), ARN),
        (CreateBucket("logs", HOME), "arn:aws:s3:::logs"),
        (CreateKey("alias/a", HOME, "{}", ""), "*"),
        (CreateAlias("alias/a", HOME, ""), f"arn:aws:kms:us-east-1:{ACCOUNT}:alias/a"),
        (PutKeyPolicy("alias/old", HOME, "", "", ()), f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1"),
        (CreateLogGroup("/trails", HOME), f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:/trails:log-stream:"),
        (CreateRole("CloudTrailLogs", HOME, "{}"), ROLE),
        (PutRolePolicy("CloudTrailLogs", HOME, "", "{}"), ROLE),
    ],
    ids=lambda value: getattr(value, "kind", ""),
)
def test_each_is_asked_on_what_the_call_acts_on_for_a_policy_may_be_narrowed_to_it(step: Step, resource: str) -> None:
    world = snapshot(trail(), resources=(Key("alias/old", exists=True, arn=f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1"),))
    assert grants(plan(step, before=world)) == (Grant(permission(step), resource, HOME),)


def test_a_role_that_is_passed_is_asked_about_itself() -> None:
    for step in (replace(MADE, log_role=ROLE), update(log_role=ROLE)):
        assert Grant("iam:PassRole", ROLE, HOME) in grants(plan(step, before=snapshot(trail())))


def test_a_step_on_an_organizations_trail_asks_for_what_making_one_needs() -> None:
    world = snapshot(trail(logging=False, organization=True))
    asked = grants(plan(StartLogging(ARN, HOME), before=world))
    assert [g.action for g in asked] == ["cloudtrail:StartLogging", *ORGANIZATION]
    slr = f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/cloudtrail.amazonaws.com/AWSServiceRoleForCloudTrail"
    assert {g.resource for g in asked} == {ARN, slr, "*"}


def test_the_partition_is_the_accounts() -> None:
    world = replace(snapshot(), account=account(partition="aws-cn"))
    assert grants(plan(CreateBucket("logs", "cn-north-1"), before=world))[0].resource == "arn:aws-cn:s3:::logs"


ONE, OTHER = Grant("s3:CreateBucket", "arn:aws:s3:::logs", HOME), Grant("kms:CreateKey", "*", HOME)


def test_all_allowed_is_ready_with_their_number() -> None:
    (check,) = permission_checks({ONE: Ruling.ALLOWED, OTHER: Ruling.ALLOWED})
    assert (check.state, check.sentence) == (
        "ready",
        "The change role has the permissions that the plan needs (2, simulated).",
    )


@pytest.mark.parametrize(
    ("ruling", "state", "words"),
    [
        (Ruling.MISSING, "fails", "lacks s3:CreateBucket on arn:aws:s3:::logs. Give it the policy in config/iam/"),
        (Ruling.DENIED, "fails", "denies s3:CreateBucket on arn:aws:s3:::logs. Take that Deny out."),
        (Ruling.ORGANIZATION, "fails", "A service control policy of the organization forbids s3:CreateBucket"),
        (Ruling.BOUNDARY, "fails", "permissions boundary leaves out s3:CreateBucket"),
        (Ruling.DEPENDS, "unchecked", "may s3:CreateBucket on arn:aws:s3:::logs depends on conditions"),
        (denied("iam:SimulatePrincipalPolicy"), "unchecked", "it needs iam:SimulatePrincipalPolicy"),
        (Unreadable("iam:SimulatePrincipalPolicy", "NoSuchEntity"), "fails", "has no change role. Make it"),
    ],
)
def test_each_denial_says_whose_it_is_and_what_to_do(ruling: Ruling | Unreadable, state: str, words: str) -> None:
    (check,) = permission_checks({ONE: ruling, OTHER: Ruling.ALLOWED})
    assert check.state == state
    assert words in check.sentence


def test_one_sentence_names_all_that_lack_in_the_same_way() -> None:
    (check,) = permission_checks({ONE: Ruling.MISSING, OTHER: Ruling.MISSING})
    assert "lacks s3:CreateBucket on arn:aws:s3:::logs, kms:CreateKey." in check.sentence


def test_what_nobody_could_simulate_is_said_once() -> None:
    lost = denied("iam:SimulatePrincipalPolicy")
    assert len(permission_checks({ONE: lost, OTHER: lost})) == 1


@pytest.mark.parametrize(("name", "said"), [("writer", True), ("TrailwardenCloudTrailLogs", False)])
def test_a_new_role_that_our_policy_is_not_for_is_told_its_name(name: str, said: bool) -> None:
    grant = Grant("iam:CreateRole", f"arn:aws:iam::{ACCOUNT}:role/{name}", HOME)
    (check,) = permission_checks({grant: Ruling.MISSING})
    assert ("begins with TrailwardenCloudTrail, so name the role like that." in check.sentence) is said
