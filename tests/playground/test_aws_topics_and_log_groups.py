"""SNS topics, log groups and the roles for them: what AWS refuses and moto does not."""

import json
from typing import Any

import pytest

from bot.playground.aws import RunningAws
from tests.playground.aws_policies import CLOUDTRAIL, document
from tests.playground.aws_steps import new_account, refused


def grant(**change: Any) -> str:
    publish = {"Effect": "Allow", "Principal": CLOUDTRAIL, "Action": "SNS:Publish"}
    return document({**publish, **change})


def test_a_topic_policy_is_read_as_it_was_put(aws: RunningAws, account: str) -> None:
    sns = aws.client(account, "sns")
    topic = sns.create_topic(Name="trails")["TopicArn"]
    policy = grant(Resource=topic)
    sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy)
    read = sns.get_topic_attributes(TopicArn=topic)["Attributes"]["Policy"]
    assert json.loads(read) == json.loads(policy)


@pytest.mark.parametrize(
    "policy",
    [
        "{",
        "{}",
        grant(),
        grant(Resource="arn:aws:sns:us-east-1:111122223333:other"),
        grant(Resource="*", Principal={"AWS": "nobody"}),
    ],
)
def test_a_malformed_topic_policy_is_refused(aws: RunningAws, account: str, policy: str) -> None:
    sns = aws.client(account, "sns")
    topic = sns.create_topic(Name="trails")["TopicArn"]
    with refused("InvalidParameter", status=400):
        sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy)


def test_topics_that_are_not_ours_or_not_there(aws: RunningAws, account: str) -> None:
    sns = aws.client(account, "sns")
    topic = sns.create_topic(Name="trails")["TopicArn"]
    with refused("NotFound", status=404):
        sns.get_topic_attributes(TopicArn=f"{topic}-2")
    with refused("AuthorizationError", "sns:GetTopicAttributes", status=403):
        aws.client(new_account(), "sns").get_topic_attributes(TopicArn=topic)
    with refused("InvalidParameter", status=400):
        sns.create_topic(Name="bad name")


def test_a_log_group_is_made_once_and_kept_for_some_days(aws: RunningAws, account: str) -> None:
    logs = aws.client(account, "logs")
    logs.create_log_group(logGroupName="trails")
    logs.put_retention_policy(logGroupName="trails", retentionInDays=365)
    (group,) = logs.describe_log_groups(logGroupNamePrefix="trails")["logGroups"]
    assert group["arn"] == f"arn:aws:logs:us-east-1:{account}:log-group:trails:*"
    assert group["retentionInDays"] == 365
    with refused("ResourceAlreadyExistsException", status=400):
        logs.create_log_group(logGroupName="trails")


def test_wrong_log_groups_are_refused(aws: RunningAws, account: str) -> None:
    logs = aws.client(account, "logs")
    for name in ("a:b", "ä", "a b"):
        with refused("InvalidParameterException", status=400):
            logs.create_log_group(logGroupName=name)
    logs.create_log_group(logGroupName="trails")
    with refused("InvalidParameterException", status=400):
        logs.put_retention_policy(logGroupName="trails", retentionInDays=364)
    with refused("ResourceNotFoundException", status=400):
        logs.put_retention_policy(logGroupName="nowhere", retentionInDays=365)


def test_a_role_needs_a_trust_policy_that_is_one(aws: RunningAws, account: str) -> None:
    iam = aws.client(account, "iam")
    for trust in ("{", "{}", grant(Principal={"AWS": "nobody"}), grant(Effect="Perhaps")):
        with refused("MalformedPolicyDocument", status=400):
            iam.create_role(RoleName="logs", AssumeRolePolicyDocument=trust)
    iam.create_role(RoleName="logs", AssumeRolePolicyDocument=grant(Action="sts:AssumeRole"))
    with refused("EntityAlreadyExists", status=409):
        iam.create_role(RoleName="logs", AssumeRolePolicyDocument=grant(Action="sts:AssumeRole"))


def test_a_role_and_its_policy_are_read_as_they_were_put(aws: RunningAws, account: str) -> None:
    iam = aws.client(account, "iam")
    trust = grant(Action="sts:AssumeRole")
    statement = {"Effect": "Allow", "Action": "logs:*", "Resource": "*"}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    iam.create_role(RoleName="logs", AssumeRolePolicyDocument=trust)
    iam.put_role_policy(RoleName="logs", PolicyName="deliver", PolicyDocument=json.dumps(policy))
    assert iam.get_role(RoleName="logs")["Role"]["AssumeRolePolicyDocument"] == json.loads(trust)
    assert iam.get_role_policy(RoleName="logs", PolicyName="deliver")["PolicyDocument"] == policy
    with refused("NoSuchEntity", status=404):
        iam.get_role(RoleName="nobody")
    with refused("NoSuchEntity", status=404):
        iam.get_role_policy(RoleName="logs", PolicyName="other")


@pytest.mark.parametrize(
    ("because", "decision"),
    [
        ("because no identity-based policy allows the {action} action", "implicitDeny"),
        ("with an explicit deny in a service control policy", "explicitDeny"),
    ],
)
def test_a_simulation_tells_how_an_action_is_denied(aws: RunningAws, account: str, because: str, decision: str) -> None:
    aws.deny(account, "kms:PutKeyPolicy", because=because)
    told = aws.client(account, "iam").simulate_principal_policy(
        PolicySourceArn=f"arn:aws:iam::{account}:role/whoever",
        ActionNames=["kms:PutKeyPolicy", "kms:CreateKey"],
        ResourceArns=["arn:aws:kms:us-east-1:111122223333:key/one", "arn:aws:kms:us-east-1:111122223333:key/two"],
    )["EvaluationResults"]
    assert [r["EvalDecision"] for r in told] == [decision, decision, "allowed", "allowed"]
    assert told[1]["EvalResourceName"].endswith("/two")
    by_scp = [not r["OrganizationsDecisionDetail"]["AllowedByOrganizations"] for r in told]
    assert by_scp == ["service control policy" in because] * 2 + [False] * 2
