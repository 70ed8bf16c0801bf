"""CreateTrail and UpdateTrail look at the SNS topic; GetTrailStatus shows what became of it."""

from typing import Any

import pytest

from bot.playground.aws import RunningAws
from tests.playground.aws_policies import CLOUDTRAIL, document, own_key, publish
from tests.playground.aws_steps import arn_of, delivering_at_once, make_key, make_trail, new_account, refused

WORDS = "SNS Topic does not exist or the topic policy is incorrect!"


def make_topic(aws: RunningAws, account: str, trail: str, region: str = "us-east-1") -> str:
    """One to which this trail may publish. Returns its ARN."""
    sns = aws.client(account, "sns", region)
    topic = str(sns.create_topic(Name="trails")["TopicArn"])
    allow(aws, topic, document(publish(topic, trail)))
    return topic


def allow(aws: RunningAws, topic: str, policy: str) -> None:
    region, account = topic.split(":")[3:5]
    sns = aws.client(account, "sns", region)
    sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy)


@pytest.mark.parametrize("by_arn", [True, False])
def test_a_topic_is_given_by_name_or_by_arn(aws: RunningAws, account: str, by_arn: bool) -> None:
    topic = make_topic(aws, account, arn_of(account, "main"))
    make_trail(aws, account, SnsTopicName=topic if by_arn else "trails")
    assert aws.client(account, "cloudtrail").get_trail(Name="main")["Trail"]["SnsTopicARN"] == topic


def test_a_topic_may_be_in_another_region_or_account(aws: RunningAws, account: str) -> None:
    far = make_topic(aws, account, arn_of(account, "main"), "eu-west-1")
    make_trail(aws, account, SnsTopicName=far)
    theirs = make_topic(aws, new_account(), arn_of(account, "main"))
    aws.client(account, "cloudtrail").update_trail(Name="main", SnsTopicName=theirs)


@pytest.mark.parametrize("name", ["bad name", "a" * 257, "arn:aws:sqs:us-east-1:111122223333:trails", "a.fifo"])
def test_what_is_no_topic_name_is_refused(aws: RunningAws, account: str, name: str) -> None:
    with refused("InvalidSnsTopicNameException", status=400):
        make_trail(aws, account, SnsTopicName=name)


def test_a_topic_must_be_there_and_open(aws: RunningAws, account: str) -> None:
    arn = make_trail(aws, account)
    cloudtrail = aws.client(account, "cloudtrail")
    with refused("InsufficientSnsTopicPolicyException", WORDS, status=400):
        cloudtrail.update_trail(Name="main", SnsTopicName="nowhere")
    topic = str(aws.client(account, "sns").create_topic(Name="trails")["TopicArn"])
    with refused("InsufficientSnsTopicPolicyException", WORDS, status=400):
        cloudtrail.update_trail(Name="main", SnsTopicName="trails")
    allow(aws, topic, document(publish(topic, f"{arn}-2")))
    with refused("InsufficientSnsTopicPolicyException", WORDS, status=400):
        cloudtrail.update_trail(Name="main", SnsTopicName="trails")
    allow(aws, topic, document(publish(topic, arn)))
    cloudtrail.update_trail(Name="main", SnsTopicName="trails")


def test_an_encrypted_topic_needs_a_key_that_is_open_too(aws: RunningAws, account: str) -> None:
    topic = make_topic(aws, account, make_trail(aws, account))
    sns, cloudtrail, kms = (aws.client(account, service) for service in ("sns", "cloudtrail", "kms"))

    def encrypted_with(key: str) -> None:
        sns.set_topic_attributes(TopicArn=topic, AttributeName="KmsMasterKeyId", AttributeValue=key)
        cloudtrail.update_trail(Name="main", SnsTopicName=topic)

    with refused("KmsKeyNotFoundException", status=400):
        encrypted_with("alias/nowhere")
    with refused("InsufficientSnsTopicPolicyException", status=400):
        encrypted_with("alias/aws/sns")
    key = make_key(aws, account)
    with refused("InsufficientSnsTopicPolicyException", status=400):
        encrypted_with(key)
    actions = ["kms:GenerateDataKey*", "kms:Decrypt"]
    use: Any = {"Effect": "Allow", "Principal": CLOUDTRAIL, "Action": actions, "Resource": "*"}
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=document(own_key(account), use))
    encrypted_with(key)


def test_notifications_are_told_and_so_is_what_stops_them(aws: RunningAws, account: str) -> None:
    topic = make_topic(aws, account, arn_of(account, "main"))
    arn = make_trail(aws, account, SnsTopicName=topic)
    cloudtrail = aws.client(account, "cloudtrail")
    cloudtrail.start_logging(Name=arn)
    with delivering_at_once(aws):
        sent = cloudtrail.get_trail_status(Name=arn)
        aws.client(account, "sns").delete_topic(TopicArn=topic)
        failing = cloudtrail.get_trail_status(Name=arn)
    assert "LatestNotificationError" not in sent
    assert (failing["LatestNotificationError"], "LatestDeliveryError" in failing) == ("NotFound", False)
    assert failing["LatestNotificationTime"] == sent["LatestNotificationTime"] < failing["LatestDeliveryTime"]


def test_an_empty_name_takes_the_topic_away(aws: RunningAws, account: str) -> None:
    topic = make_topic(aws, account, arn_of(account, "main"))
    make_trail(aws, account, SnsTopicName=topic)
    aws.client(account, "cloudtrail").update_trail(Name="main", SnsTopicName="")
    assert "SnsTopicARN" not in aws.client(account, "cloudtrail").get_trail(Name="main")["Trail"]
