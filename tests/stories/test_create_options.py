"""Each option of the create form, from the first step to VERIFIED, and what AWS then has."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from bot.playground.aws import RunningAws
from tests.stories.stage import Answers, Stage

LOGS_TRUST = (
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", '
    '"Principal": {"Service": "cloudtrail.amazonaws.com"}}]}'
)
MANAGEMENT = "111111111111"


def nothing(_aws: RunningAws, _account: str) -> dict[str, str]:
    return {}


def a_key(aws: RunningAws, account: str) -> dict[str, str]:
    return {"key": str(aws.client(account, "kms").create_key()["KeyMetadata"]["Arn"])}


def a_key_with_an_alias(aws: RunningAws, account: str) -> dict[str, str]:
    kms = aws.client(account, "kms")
    kms.create_alias(AliasName="alias/ours", TargetKeyId=kms.create_key()["KeyMetadata"]["KeyId"])
    return {"key": "alias/ours"}


def a_topic(aws: RunningAws, account: str) -> dict[str, str]:
    return {"topic": str(aws.client(account, "sns").create_topic(Name="ours")["TopicArn"])}


def a_group_and_a_role(aws: RunningAws, account: str) -> dict[str, str]:
    aws.client(account, "logs").create_log_group(logGroupName="/ours")
    iam = aws.client(account, "iam")
    iam.create_role(RoleName="ours", AssumeRolePolicyDocument=LOGS_TRUST)
    iam.put_role_policy(RoleName="ours", PolicyName="logs", PolicyDocument=_may_write(account))
    return {"logs": "/ours", "role": "ours"}


def _may_write(account: str) -> str:
    streams = f"arn:aws:logs:us-east-1:{account}:log-group:/ours:log-stream:{account}_CloudTrail_us-east-1*"
    return (
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["logs:CreateLogStream", '
        f'"logs:PutLogEvents"], "Resource": "{streams}"}}]}}'
    )


@dataclass(frozen=True)
class Option:
    """In which account, what is chosen, what must be there before, which writes it adds, and the trail's own facts."""

    account: str
    trail: Answers = field(default_factory=dict)
    events: Answers = field(default_factory=dict)
    before: Callable[[RunningAws, str], dict[str, str]] = nothing
    writes: tuple[str, ...] = ()
    last: tuple[str, ...] = ()
    made: dict[str, Any] = field(default_factory=dict)


DATA = [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3"]}]
OPTIONS = {
    "a new key": Option(
        "111122223333",
        {"key_kind": "new", "key": "alias/made"},
        writes=("CreateKey", "CreateAlias"),
    ),
    "an existing key by its ARN": Option(
        "456789012345", {"key_kind": "existing"}, before=a_key, writes=("PutKeyPolicy",)
    ),
    "an existing key by its alias": Option(
        "567890123456", {"key_kind": "existing"}, before=a_key_with_an_alias, writes=("PutKeyPolicy",)
    ),
    "a new topic": Option(
        "678901234567",
        {"topic_kind": "new", "topic": "made"},
        writes=("CreateTopic",),
        made={"SnsTopicARN": "arn:aws:sns:us-east-1:678901234567:made"},
    ),
    "an existing topic": Option(
        "789012345678",
        {"topic_kind": "existing"},
        before=a_topic,
        writes=("SetTopicAttributes",),
        made={"SnsTopicARN": "arn:aws:sns:us-east-1:789012345678:ours"},
    ),
    "a new log group and a new role": Option(
        "890123456789",
        {"logs_kind": "new", "logs": "/made", "role_kind": "new", "role": "made"},
        writes=("CreateLogGroup", "CreateRole", "PutRolePolicy"),
        made={
            "CloudWatchLogsLogGroupArn": "arn:aws:logs:us-east-1:890123456789:log-group:/made:*",
            "CloudWatchLogsRoleArn": "arn:aws:iam::890123456789:role/made",
        },
    ),
    "an existing log group and an existing role": Option(
        "901234567890",
        {"logs_kind": "existing", "role_kind": "existing"},
        before=a_group_and_a_role,
        made={"CloudWatchLogsRoleArn": "arn:aws:iam::901234567890:role/ours"},
    ),
    "writes only, with data events": Option(
        "210987654321",
        events={"management": "WriteOnly", "data_events": "All"},
        last=("PutEventSelectors",),
        made={
            "EventSelectors": [
                {
                    "ReadWriteType": "WriteOnly",
                    "IncludeManagementEvents": True,
                    "DataResources": [],
                    "ExcludeManagementEventSources": [],
                },
                {
                    "ReadWriteType": "All",
                    "IncludeManagementEvents": False,
                    "DataResources": DATA,
                    "ExcludeManagementEventSources": [],
                },
            ]
        },
    ),
    "insights": Option("321098765432", events={"insights": ["on"]}, made={"HasInsightSelectors": True}),
    "no validation, with a prefix": Option(
        "543210987654",
        {"validation": [], "prefix": "audit/trails"},
        made={"LogFileValidationEnabled": False, "S3KeyPrefix": "audit/trails"},
    ),
    "the organization's trail": Option(MANAGEMENT, {"organization": ["on"]}, made={"IsOrganizationTrail": True}),
}
BUCKET = (
    "CreateBucket",
    "PutPublicAccessBlock",
    "PutBucketVersioning",
    "PutBucketEncryption",
    "PutBucketLifecycleConfiguration",
    "PutBucketPolicy",
)


def test_a_member_is_not_offered_the_organizations_trail_and_the_manager_is(stage: Stage) -> None:
    assert "organization" not in stage.create_form(stage.alice, "654321098765").state
    stage.alice.closes()
    assert "organization" in stage.create_form(stage.alice, MANAGEMENT).state
    stage.alice.closes()


@pytest.mark.parametrize("option", OPTIONS.values(), ids=OPTIONS)
def test_an_option_is_reviewed_approved_made_and_verified(stage: Stage, option: Option) -> None:
    there = option.before(stage.aws, option.account)
    trail: Answers = {"name": "chosen", "bucket": f"chosen-{option.account}", **option.trail, **there}
    card = stage.created(stage.alice, option.account, trail, option.events)
    assert stage.writes(option.account) == []

    stage.bob.clicks(card, "approve")
    card = stage.ended(card)
    assert "VERIFIED:" in card.text, card.all_text()
    insights = ("PutInsightSelectors",) if option.events.get("insights") else ()
    assert stage.writes(option.account) == [
        *BUCKET,
        *option.writes,
        "CreateTrail",
        *option.last,
        "StartLogging",
        *insights,
    ]
    (made,) = (t for t in stage.aws.trails(option.account) if t["Name"] == "chosen")
    assert made["Status"]["IsLogging"]
    assert {key: made[key] for key in option.made} == option.made
    if key := there.get("key") or option.trail.get("key"):
        named = stage.aws.client(option.account, "kms").describe_key(KeyId=key)["KeyMetadata"]
        assert made["KmsKeyId"] in (key, named["Arn"])
