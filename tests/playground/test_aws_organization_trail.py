"""Organization trails: who makes them, who sees them, who may touch them."""

from typing import Any

import pytest
from moto.organizations.models import organizations_backends

from bot.playground.aws import RunningAws, bucket_policy
from tests.playground.aws_policies import deliver_logs, document
from tests.playground.aws_steps import (
    arn_of,
    described,
    log_destination,
    make_bucket,
    make_group,
    make_role,
    make_trail,
    new_account,
    refused,
)


@pytest.fixture
def owner(aws: RunningAws) -> str:
    """The management account of a new organization that trusts CloudTrail."""
    account = new_account()
    organizations = aws.client(account, "organizations")
    organizations.create_organization(FeatureSet="ALL")
    organizations.enable_aws_service_access(ServicePrincipal="cloudtrail.amazonaws.com")
    return account


@pytest.fixture
def member(aws: RunningAws, owner: str) -> str:
    answer = aws.client(owner, "organizations").create_account(AccountName="member", Email="member@example.com")
    return str(answer["CreateAccountStatus"]["AccountId"])


def make_organization_trail(aws: RunningAws, owner: str) -> str:
    organization = aws.client(owner, "organizations").describe_organization()["Organization"]["Id"]
    arn = arn_of(owner, "everyone")
    bucket = make_bucket(aws, owner, policy=bucket_policy(f"logs-{owner}", [owner, organization], arn))
    aws.client(owner, "cloudtrail").create_trail(
        Name="everyone", S3BucketName=bucket, IsMultiRegionTrail=True, IsOrganizationTrail=True
    )
    return arn


def test_members_see_it_with_its_owners_arn(aws: RunningAws, owner: str, member: str) -> None:
    arn = make_organization_trail(aws, owner)
    assert described(aws, owner) == described(aws, member) == described(aws, member, "eu-west-1") == [arn]
    assert described(aws, member, includeShadowTrails=False) == []
    (trail,) = aws.client(member, "cloudtrail").describe_trails()["trailList"]
    assert trail["IsOrganizationTrail"]
    assert not trail["HasCustomEventSelectors"]
    assert described(aws, new_account()) == []


def test_a_member_reads_its_status_by_arn_but_never_its_errors(aws: RunningAws, owner: str, member: str) -> None:
    arn = make_organization_trail(aws, owner)
    aws.client(owner, "cloudtrail").start_logging(Name=arn)
    aws.break_delivery(owner, "everyone")
    theirs = aws.client(owner, "cloudtrail").get_trail_status(Name=arn)
    ours = aws.client(member, "cloudtrail").get_trail_status(Name=arn)
    assert (theirs["LatestDeliveryError"], ours["IsLogging"]) == ("AccessDenied", True)
    assert "LatestDeliveryError" not in ours
    with refused("TrailNotFoundException"):
        aws.client(member, "cloudtrail").get_trail_status(Name="everyone")


def test_a_member_neither_reads_its_selectors_nor_changes_it(aws: RunningAws, owner: str, member: str) -> None:
    arn = make_organization_trail(aws, owner)
    cloudtrail = aws.client(member, "cloudtrail")
    with refused("TrailNotFoundException"):
        cloudtrail.get_event_selectors(TrailName=arn)
    for change in (cloudtrail.start_logging, cloudtrail.stop_logging, cloudtrail.delete_trail, cloudtrail.update_trail):
        with refused("NotOrganizationMasterAccountException"):
            change(Name=arn)
    with refused("NotOrganizationMasterAccountException"):
        cloudtrail.put_event_selectors(TrailName=arn, EventSelectors=[{"ReadWriteType": "All"}])


def test_it_counts_in_its_members(aws: RunningAws, owner: str, member: str) -> None:
    make_organization_trail(aws, owner)
    for number in range(4):
        make_trail(aws, member, f"trail-{number}")
    with refused("MaximumNumberOfTrailsExceededException"):
        make_trail(aws, member, "one-more")


def test_only_the_management_account_makes_one(aws: RunningAws, member: str) -> None:
    with refused("NotOrganizationMasterAccountException"):
        make_trail(aws, member, IsOrganizationTrail=True)
    with refused("OrganizationsNotInUseException"):
        make_trail(aws, new_account(), IsOrganizationTrail=True)


def test_its_bucket_must_be_open_for_the_organization(aws: RunningAws, owner: str) -> None:
    with refused("InsufficientS3BucketPolicyException"):
        make_trail(aws, owner, IsOrganizationTrail=True)


def test_cloudtrail_must_be_trusted(aws: RunningAws, owner: str) -> None:
    aws.client(owner, "organizations").disable_aws_service_access(ServicePrincipal="cloudtrail.amazonaws.com")
    with refused("CloudTrailAccessNotEnabledException"):
        make_organization_trail(aws, owner)


def test_the_organization_needs_all_features(aws: RunningAws) -> None:
    account = new_account()
    aws.client(account, "organizations").create_organization(FeatureSet="CONSOLIDATED_BILLING")
    with refused("OrganizationNotInAllFeaturesModeException", status=400):
        make_organization_trail(aws, account)


def test_only_the_management_account_sees_the_organization(aws: RunningAws, owner: str, member: str) -> None:
    organizations: Any = aws.client(member, "organizations")
    with refused("AccessDeniedException", "You don't have permissions to access this resource."):
        organizations.list_accounts()
    assert organizations.describe_organization()["Organization"]["MasterAccountId"] == owner
    with refused("AWSOrganizationsNotInUseException"):
        aws.client(new_account(), "organizations").list_accounts()
    assert organizations_backends[owner]["aws"].org


@pytest.fixture
def delegate(aws: RunningAws, owner: str, member: str) -> str:
    """The member, now CloudTrail's delegated administrator."""
    aws.client(owner, "cloudtrail").register_organization_delegated_admin(MemberAccountId=member)
    return member


def test_only_the_management_account_delegates_and_only_to_its_members(
    aws: RunningAws, owner: str, member: str
) -> None:
    with refused("NotOrganizationMasterAccountException", status=400):
        aws.client(member, "cloudtrail").register_organization_delegated_admin(MemberAccountId=member)
    with refused("AccountNotFoundException", status=400):
        aws.client(owner, "cloudtrail").register_organization_delegated_admin(MemberAccountId=new_account())


def test_a_delegated_administrator_changes_the_owners_trail(aws: RunningAws, owner: str, delegate: str) -> None:
    arn = make_organization_trail(aws, owner)
    cloudtrail = aws.client(delegate, "cloudtrail")
    cloudtrail.start_logging(Name=arn)
    cloudtrail.put_event_selectors(TrailName=arn, EventSelectors=[{"ReadWriteType": "WriteOnly"}])
    assert cloudtrail.get_event_selectors(TrailName=arn)["EventSelectors"][0]["ReadWriteType"] == "WriteOnly"
    cloudtrail.update_trail(Name=arn, EnableLogFileValidation=True)
    cloudtrail.delete_trail(Name=arn)
    assert described(aws, owner) == []


def test_what_a_delegated_administrator_makes_belongs_to_the_owner(aws: RunningAws, owner: str, delegate: str) -> None:
    organization = aws.client(owner, "organizations").describe_organization()["Organization"]["Id"]
    arn = arn_of(owner, "everyone")
    bucket = make_bucket(aws, delegate, policy=bucket_policy(f"logs-{delegate}", [owner, organization], arn))
    made = aws.client(delegate, "cloudtrail").create_trail(
        Name="everyone", S3BucketName=bucket, IsMultiRegionTrail=True, IsOrganizationTrail=True
    )
    assert made["TrailARN"] == arn
    assert described(aws, owner) == described(aws, delegate) == [arn]


def test_a_delegated_administrator_cannot_convert_a_trail_of_its_own(aws: RunningAws, delegate: str) -> None:
    make_trail(aws, delegate)
    with refused("NotOrganizationMasterAccountException", status=400):
        aws.client(delegate, "cloudtrail").update_trail(Name="main", IsOrganizationTrail=True)


def test_its_log_role_may_write_for_the_whole_organization(aws: RunningAws, owner: str) -> None:
    arn = make_organization_trail(aws, owner)
    iam, own = aws.client(owner, "iam"), deliver_logs(owner, "trails")
    to = log_destination(make_group(aws, owner), make_role(aws, owner, document(*own)))
    with refused("InvalidCloudWatchLogsLogGroupArnException", "Check the permissions for your role", status=400):
        aws.client(owner, "cloudtrail").update_trail(Name=arn, **to)
    streams = f"arn:aws:logs:us-east-1:{owner}:log-group:trails:log-stream:o-*"
    every = [{**s, "Resource": [*s["Resource"], streams]} for s in own]
    iam.put_role_policy(RoleName="logs", PolicyName="deliver", PolicyDocument=document(*every))
    aws.client(owner, "cloudtrail").update_trail(Name=arn, **to)
