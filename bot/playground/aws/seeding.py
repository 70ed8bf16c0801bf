"""The table of `organization` made real: accounts and roles through moto's backends, trails through the API.

So every seeded trail has passed the strict rules itself; then its past is set back, for it has "logged for months".
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from moto.iam.models import iam_backends
from moto.organizations.models import FakeOrganizationalUnit, OrganizationsBackend, organizations_backends

from bot.playground.aws.cloudtrail import find_trail
from bot.playground.aws.organization import ACCOUNTS
from bot.playground.aws.permissions import AUDIT_ROLE, CHANGE_ROLE
from bot.playground.aws.seeds import MANAGEMENT_ACCOUNT, SeededAccount, SeededOrganization, SeededTrail

if TYPE_CHECKING:
    from bot.playground.aws.server import RunningAws

AGE = timedelta(days=90, minutes=3)
SILENCE = timedelta(days=3)
"""How long trails have been logging (so their last file came three minutes ago), and how long nothing has come from
the broken and the stopped ones."""


def seed_organization(aws: "RunningAws") -> SeededOrganization:
    """Fill an empty AWS. Takes about a second."""
    directory = _create_organization()
    organization = SeededOrganization(directory.describe_organization()["Organization"]["Id"], ACCOUNTS)
    for account in ACCOUNTS:
        _add_account(directory, account)
    for account in ACCOUNTS:
        for trail in account.trails:
            _create_bucket(aws, organization, account, trail)
            _create_trail(aws, account, trail)
            _set_past(account, trail)
    return organization


def _create_organization() -> OrganizationsBackend:
    directory = organizations_backends[MANAGEMENT_ACCOUNT]["aws"]
    directory.create_organization(region="us-east-1", FeatureSet="ALL")
    directory.enable_aws_service_access(ServicePrincipal="cloudtrail.amazonaws.com")
    return directory


def _add_account(directory: OrganizationsBackend, account: SeededAccount) -> None:
    if account.id == MANAGEMENT_ACCOUNT:
        directory.accounts[0].name = account.name
    else:
        _create_member(directory, account)
    if account.roles:
        let_in(account.id)


def _create_member(directory: OrganizationsBackend, account: SeededAccount) -> None:
    """moto draws the account's id at random; the table's replaces it."""
    email = f"aws+{account.id}@example.com"
    directory.create_account(AccountName=account.name, Email=email)
    member = directory.accounts[-1]
    organizations_backends.master_accounts.pop(member.id)
    organizations_backends.master_accounts[account.id] = (MANAGEMENT_ACCOUNT, "aws")
    member.id = account.id
    member.parent_id = _unit(directory, account.path).id
    if account.suspended:
        member.close()


def _unit(directory: OrganizationsBackend, path: str) -> FakeOrganizationalUnit:
    """The OU at a path of one level below the root, "Root/Prod", made when first asked for."""
    name = path.split("/")[-1]
    known = next((unit for unit in directory.ou if unit.name == name), None)
    if known is None:
        directory.create_organizational_unit(ParentId=directory.ou[0].id, Name=name)
    return known or directory.ou[-1]


def missing_roles(account_id: str) -> tuple[str, ...]:
    """Which of our two roles the account lacks."""
    there = {role.name for role in iam_backends[account_id]["aws"].roles.values()}
    return tuple(role for role in (AUDIT_ROLE, CHANGE_ROLE) if role not in there)


def let_in(account_id: str) -> None:
    """Make our two roles where they are missing, as a stack set of the organization would."""
    for role in missing_roles(account_id):
        _create_role(account_id, role)


def _create_role(account_id: str, name: str) -> None:
    trust = _statement("AWS", f"arn:aws:iam::{MANAGEMENT_ACCOUNT}:root", "sts:AssumeRole")
    iam_backends[account_id]["aws"].create_role(
        role_name=name,
        assume_role_policy_document=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
        path="/",
        permissions_boundary=None,
        description="Made by the playground",
        tags=[],
        max_session_duration="3600",
    )


def bucket_name(account: SeededAccount, trail: SeededTrail) -> str:
    return f"cloudtrail-{account.id}-{trail.name.lower().replace('_', '-')}"


def _create_bucket(
    aws: "RunningAws", organization: SeededOrganization, account: SeededAccount, trail: SeededTrail
) -> None:
    s3 = aws.client(trail.bucket_of or account.id, "s3", trail.region)
    bucket = bucket_name(account, trail)
    elsewhere = {"CreateBucketConfiguration": {"LocationConstraint": trail.region}}
    s3.create_bucket(Bucket=bucket, **({} if trail.region == "us-east-1" else elsewhere))
    owners = [account.id, *([organization.id] if trail.replicated_to else [])]
    source = f"arn:aws:cloudtrail:{trail.region}:{account.id}:trail/{trail.name}"
    s3.put_bucket_policy(Bucket=bucket, Policy=bucket_policy(bucket, owners, source))


def bucket_policy(bucket: str, owners: list[str], source_arn: str) -> str:
    """As the console writes it; without `owners` only plain HTTP is refused, and CloudTrail has no access."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(_statements(bucket, owners, source_arn))})


def _statements(bucket: str, owners: list[str], source_arn: str) -> Iterator[dict[str, Any]]:
    arn, source = f"arn:aws:s3:::{bucket}", {"aws:SourceArn": source_arn}
    yield {
        **_statement("AWS", "*", "s3:*", Sid="PlainHttp", Resource=[arn, f"{arn}/*"]),
        "Effect": "Deny",
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    if not owners:
        return
    service = ("Service", "cloudtrail.amazonaws.com")
    yield _statement(
        *service,
        "s3:GetBucketAcl",
        Sid="AWSCloudTrailAclCheck20150319",
        Resource=arn,
        Condition={"StringEquals": source},
    )
    yield _statement(
        *service,
        "s3:PutObject",
        Sid="AWSCloudTrailWrite20150319",
        Resource=[f"{arn}/AWSLogs/{owner}/*" for owner in owners],
        Condition={"StringEquals": {**source, "s3:x-amz-acl": "bucket-owner-full-control"}},
    )


def _statement(kind: str, principal: str, action: str, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": {kind: principal}, "Action": action, **more}


def _create_trail(aws: "RunningAws", account: SeededAccount, trail: SeededTrail) -> None:
    cloudtrail = aws.client(account.id, "cloudtrail", trail.region)
    cloudtrail.create_trail(
        Name=trail.name,
        S3BucketName=bucket_name(account, trail),
        IsMultiRegionTrail=trail.multi_region,
        EnableLogFileValidation=trail.validation,
        IsOrganizationTrail=bool(trail.replicated_to),
    )
    family = {"EventSelectors": list(trail.basic), "AdvancedEventSelectors": list(trail.advanced)}
    chosen = {key: selectors for key, selectors in family.items() if selectors}
    if chosen:
        cloudtrail.put_event_selectors(TrailName=trail.name, **chosen)
    cloudtrail.start_logging(Name=trail.name)
    if not trail.logging:
        cloudtrail.stop_logging(Name=trail.name)
    if not trail.delivers:
        bucket = bucket_name(account, trail)
        policy = bucket_policy(bucket, [], "")
        aws.client(account.id, "s3", trail.region).put_bucket_policy(Bucket=bucket, Policy=policy)


def _set_past(account: SeededAccount, trail: SeededTrail) -> None:
    made = find_trail(account.id, trail.name)
    now = datetime.now(UTC)
    works = trail.logging and trail.delivers
    made.deliveries.started = now - AGE
    made.deliveries.healthy_since = now - AGE if works else None
    made.deliveries.last = None if works else now - SILENCE
    made.deliveries.stopped = None if trail.logging else now - SILENCE
    if trail.replicated_to:
        made.replicated_to = frozenset(trail.replicated_to)
