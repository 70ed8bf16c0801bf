"""The seeded organization as the bot sees it: through AssumeRole and the API, with its own credentials."""

import json
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import botocore.session
import pytest

from bot.playground.aws import MANAGEMENT_ACCOUNT, RunningAws, SeededAccount, SeededOrganization, start_aws
from tests.playground.aws_steps import refused


@pytest.fixture(scope="module")
def aws() -> Iterator[RunningAws]:
    running = start_aws()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def organization(aws: RunningAws) -> SeededOrganization:
    assert aws.organization
    return aws.organization


@pytest.fixture(scope="module")
def session() -> botocore.session.Session:
    return botocore.session.Session()


class Bot:
    """Clients with the bot's own keys, or with a role's."""

    def __init__(self, aws: RunningAws, session: botocore.session.Session) -> None:
        self.aws, self.session = aws, session
        self.made: list[Any] = []

    def client(self, service: str, region: str = "us-east-1", keys: Mapping[str, str] | None = None) -> Any:
        given = keys or self._own_keys()
        client = self.session.create_client(
            service,
            region_name=region,
            endpoint_url=self.aws.environment()["AWS_ENDPOINT_URL"],
            aws_access_key_id=given["AccessKeyId"],
            aws_secret_access_key=given["SecretAccessKey"],
            aws_session_token=given.get("SessionToken"),
        )
        self.made.append(client)
        return client

    def _own_keys(self) -> Mapping[str, str]:
        environment = self.aws.environment()
        return {
            "AccessKeyId": environment["AWS_ACCESS_KEY_ID"],
            "SecretAccessKey": environment["AWS_SECRET_ACCESS_KEY"],
        }

    def assume(self, account: str, role: str = "TrailwardenAudit") -> Mapping[str, str]:
        sts = self.client("sts")
        answer = sts.assume_role(RoleArn=f"arn:aws:iam::{account}:role/{role}", RoleSessionName="test")
        credentials: Mapping[str, str] = answer["Credentials"]
        return credentials


@pytest.fixture(scope="module")
def bot(aws: RunningAws, session: botocore.session.Session) -> Iterator[Bot]:
    bot = Bot(aws, session)
    yield bot
    for client in bot.made:
        client.close()


def test_the_management_account_lists_everybody(bot: Bot, organization: SeededOrganization) -> None:
    listed = bot.client("organizations").list_accounts()["Accounts"]
    wanted = {(a.id, a.name, "SUSPENDED" if a.suspended else "ACTIVE") for a in organization.accounts}
    assert {(a["Id"], a["Name"], a["Status"]) for a in listed} == wanted
    assert len(organization.audited) == len(organization.accounts) - 1


def test_the_units_are_as_in_the_table(bot: Bot, organization: SeededOrganization) -> None:
    client = bot.client("organizations")
    root = client.list_roots()["Roots"][0]["Id"]
    units = {
        u["Name"]: u["Id"] for u in client.list_organizational_units_for_parent(ParentId=root)["OrganizationalUnits"]
    }
    assert set(units) == {"Prod", "Dev", "Security", "Sandbox"}
    for name, unit in units.items():
        inside = {a["Id"] for a in client.list_accounts_for_parent(ParentId=unit)["Accounts"]}
        assert inside == {a.id for a in organization.accounts if a.path == f"Root/{name}"}


def test_the_bot_is_in_the_management_account_and_only_reads_there(bot: Bot) -> None:
    assert bot.client("sts").get_caller_identity()["Account"] == MANAGEMENT_ACCOUNT
    cloudtrail = bot.client("cloudtrail")
    assert len(cloudtrail.describe_trails()["trailList"]) == 1
    with refused("AccessDeniedException", "user/trailwarden is not authorized to perform: cloudtrail:StopLogging"):
        cloudtrail.stop_logging(Name="organization-trail")


def test_the_audit_role_reads_and_the_change_role_writes(bot: Bot) -> None:
    account = "567890123456"
    reader = bot.client("cloudtrail", "eu-central-1", bot.assume(account))
    with refused("AccessDeniedException", f"arn:aws:sts::{account}:assumed-role/TrailwardenAudit/test"):
        reader.start_logging(Name="ledger-trail")
    writer = bot.client("cloudtrail", "eu-central-1", bot.assume(account, "TrailwardenChange"))
    writer.start_logging(Name="ledger-trail")
    assert reader.get_trail_status(Name="ledger-trail")["IsLogging"]
    writer.stop_logging(Name="ledger-trail")


@pytest.mark.parametrize(
    ("account", "role"),
    [
        ("432109876543", "TrailwardenAudit"),
        ("765432109876", "TrailwardenAudit"),
        ("111122223333", "SomeOtherRole"),
        ("999999999999", "TrailwardenAudit"),
    ],
)
def test_a_role_that_does_not_let_us_in(bot: Bot, account: str, role: str) -> None:
    words = f"is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::{account}:role/{role}"
    with refused("AccessDenied", words):
        bot.assume(account, role)


def test_a_member_may_not_assume_roles_of_others(bot: Bot) -> None:
    sts = bot.client("sts", keys=bot.assume("111122223333", "TrailwardenChange"))
    with refused("AccessDenied"):
        sts.assume_role(RoleArn="arn:aws:iam::456789012345:role/TrailwardenAudit", RoleSessionName="test")


@pytest.mark.parametrize(
    ("service", "operation", "code"),
    [
        ("sts", "get_caller_identity", "InvalidClientTokenId"),
        ("cloudtrail", "describe_trails", "UnrecognizedClientException"),
        ("s3", "list_buckets", "InvalidAccessKeyId"),
    ],
)
def test_unknown_keys_are_refused(bot: Bot, service: str, operation: str, code: str) -> None:
    client = bot.client(service, keys={"AccessKeyId": "AKIA" + "X" * 16, "SecretAccessKey": "x"})
    with refused(code):
        getattr(client, operation)()


def test_the_regions_are_listed_in_pages(bot: Bot) -> None:
    client = bot.client("account", keys=bot.assume("111122223333"))
    everything = client.get_paginator("list_regions").paginate(PaginationConfig={"PageSize": 7}).build_full_result()
    enabled = client.list_regions(RegionOptStatusContains=["ENABLED", "ENABLED_BY_DEFAULT"])["Regions"]
    assert len(enabled) == 17
    described = bot.client("ec2").describe_regions()["Regions"]
    assert [r["RegionName"] for r in described] == [r["RegionName"] for r in enabled]
    assert len(bot.client("ec2").describe_regions(AllRegions=True)["Regions"]) == len(everything["Regions"])
    assert [r for r in everything["Regions"] if r["RegionOptStatus"] == "ENABLED_BY_DEFAULT"] == enabled


def test_the_event_history_tells_the_session(bot: Bot) -> None:
    keys = bot.assume("567890123456", "TrailwardenChange")
    cloudtrail = bot.client("cloudtrail", "eu-central-1", keys)
    cloudtrail.stop_logging(Name="ledger-trail")
    name = {"AttributeKey": "EventName", "AttributeValue": "StopLogging"}
    event = cloudtrail.lookup_events(LookupAttributes=[name])["Events"][0]
    record = json.loads(event["CloudTrailEvent"])
    assert (event["Username"], event["ReadOnly"]) == ("test", "false")
    assert record["userIdentity"]["arn"] == "arn:aws:sts::567890123456:assumed-role/TrailwardenChange/test"
    assert record["requestParameters"] == {"name": "ledger-trail"}
    assert datetime.now(UTC) - event["EventTime"] < timedelta(minutes=1)


def test_a_simulation_says_what_a_role_may_do(aws: RunningAws, bot: Bot) -> None:
    account = "890123456789"
    iam = bot.client("iam", keys=bot.assume(account))
    aws.deny(account, "s3:CreateBucket")
    told = {
        role: [
            result["EvalDecision"]
            for result in iam.simulate_principal_policy(
                PolicySourceArn=f"arn:aws:iam::{account}:role/{role}",
                ActionNames=["cloudtrail:DescribeTrails", "cloudtrail:CreateTrail", "s3:CreateBucket"],
            )["EvaluationResults"]
        ]
        for role in ("TrailwardenAudit", "TrailwardenChange")
    }
    aws.allow(account)
    assert told["TrailwardenAudit"] == ["allowed", "implicitDeny", "implicitDeny"]
    assert told["TrailwardenChange"] == ["allowed", "allowed", "implicitDeny"]


def test_nobody_simulates_a_role_that_is_not_there(bot: Bot) -> None:
    account = "890123456789"
    with refused("NoSuchEntity", status=404):
        bot.client("iam", keys=bot.assume(account)).simulate_principal_policy(
            PolicySourceArn=f"arn:aws:iam::{account}:role/nobody", ActionNames=["s3:CreateBucket"]
        )


def test_no_account_has_an_event_data_store(bot: Bot) -> None:
    cloudtrail = bot.client("cloudtrail", keys=bot.assume("111122223333", "TrailwardenAudit"))
    assert cloudtrail.list_event_data_stores()["EventDataStores"] == []


def test_what_nobody_plays_is_refused_in_words(aws: RunningAws) -> None:
    with refused("UnknownOperationException", "does not know cloudtrail:ListQueries"):
        aws.client("111122223333", "cloudtrail").list_queries(EventDataStore="x" * 3)


def test_the_table_says_a_verdict_for_every_control(organization: SeededOrganization) -> None:
    for account in organization.accounts:
        wanted = set() if account.suspended else {"multi-region-trail", "log-delivery", "log-file-validation"}
        assert set(account.expected) == wanted
        assert set(account.expected.values()) <= {"PASS", "FAIL", "UNKNOWN"}


def _facts(aws: RunningAws, account: SeededAccount) -> list[Mapping[str, Any]]:
    return [t for t in aws.trails(account.id) if t["IsMultiRegionTrail"]]


def _complete(trail: Mapping[str, Any]) -> bool:
    """Logs, and records reads and writes; what is left out does not matter here."""
    basic = [s for s in trail.get("EventSelectors", []) if s["IncludeManagementEvents"]]
    advanced = [s["FieldSelectors"] for s in trail.get("AdvancedEventSelectors", [])]
    whole = any(s["ReadWriteType"] == "All" for s in basic) or any(len(fields) == 1 for fields in advanced)
    return bool(trail["Status"]["IsLogging"]) and whole


def _delivers(trail: Mapping[str, Any]) -> bool:
    status = trail["Status"]
    last = datetime.fromtimestamp(status.get("LatestDeliveryTime", 0), UTC)
    fresh = datetime.now(UTC) - last < timedelta(hours=24)
    return status["IsLogging"] and "LatestDeliveryError" not in status and fresh


def test_the_states_are_what_the_table_promises(aws: RunningAws, organization: SeededOrganization) -> None:
    """The verdicts, worked out once more from the facts; those of the account that denies us cannot be."""
    for account in organization.audited:
        facts = _facts(aws, account)
        if "UNKNOWN" in account.expected.values():
            continue
        verdicts = {
            "multi-region-trail": any(map(_complete, facts)),
            "log-delivery": any(map(_delivers, facts)),
            "log-file-validation": bool(facts) and all(t["LogFileValidationEnabled"] for t in facts),
        }
        told = {control: "PASS" if passed else "FAIL" for control, passed in verdicts.items()}
        assert told == account.expected, account.name


def test_the_organization_trail_covers_only_the_named_member(aws: RunningAws, organization: SeededOrganization) -> None:
    arn = aws.trails(MANAGEMENT_ACCOUNT)[0]["TrailARN"]
    seeing = {a.name for a in organization.accounts if arn in [t["TrailARN"] for t in aws.trails(a.id)]}
    assert seeing == {"management", "prod-orders"}


def test_working_trails_delivered_minutes_ago(aws: RunningAws) -> None:
    (trail,) = aws.trails("456789012345")
    ago = time.time() - trail["Status"]["LatestDeliveryTime"]
    assert 60 < ago < 600


def test_the_failing_delivery_is_mended_by_the_policy(aws: RunningAws, bot: Bot) -> None:
    account = "789012345678"
    (trail,) = aws.trails(account)
    assert trail["Status"]["LatestDeliveryError"] == "AccessDenied"
    s3 = bot.client("s3", keys=bot.assume(account, "TrailwardenChange"))
    before = s3.get_bucket_policy(Bucket=trail["S3BucketName"])["Policy"]
    healthy = aws.client("111122223333", "s3").get_bucket_policy(Bucket="cloudtrail-111122223333-payments-trail")
    policy = (
        healthy["Policy"]
        .replace("cloudtrail-111122223333-payments-trail", trail["S3BucketName"])
        .replace("111122223333", account)
        .replace("payments-trail", "search-trail")
    )
    s3.put_bucket_policy(Bucket=trail["S3BucketName"], Policy=policy)
    (mended,) = aws.trails(account)
    s3.put_bucket_policy(Bucket=trail["S3BucketName"], Policy=before)
    assert "LatestDeliveryError" not in mended["Status"]


def test_the_data_event_selector_is_there_to_survive(aws: RunningAws) -> None:
    (trail,) = aws.trails("678901234567")
    assert [s["Name"] for s in trail["AdvancedEventSelectors"]] == [
        "Management events, writes only",
        "Objects of the lake",
    ]
