"""The SNS topic of a trail: is it there, and may CloudTrail publish to it?

Sources: user guide, "Amazon SNS topic policy for CloudTrail"; API reference, CreateTrail, SnsTopicName (a name or an
ARN) and Errors; AWS's words: aws-cdk, issue 11387. A topic may be in another region or account (aws-cdk, issue 9013).
An encrypted topic: SNS developer guide, "Enable compatibility between event sources from AWS services and encrypted
topics", which also rules out the key alias/aws/sns. Which error CreateTrail gives for a key that is there but closed
is not documented: here it is InsufficientSnsTopicPolicyException.
"""

import re
from collections.abc import Iterator

from moto.sns.models import Topic, sns_backends

from bot.playground.aws import refusals
from bot.playground.aws.policies import Access, allows
from bot.playground.aws.policy_documents import parsed
from bot.playground.aws.trail_keys import find_key

_NAME = re.compile(r"[A-Za-z0-9_-]{1,256}")
_ARN = re.compile(r"arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,256}")


def check_topic(given: str, topic_arn: str, trail_arn: str) -> None:
    """`given` is what the caller wrote, `topic_arn` what it means. A trail without a topic is fine."""
    if not given:
        return
    if not _NAME.fullmatch(given) and not _ARN.fullmatch(given):
        raise refusals.invalid_topic_name(given)
    match topic_obstacle(topic_arn, trail_arn):
        case "":
            return
        case "KMSNotFound":
            raise refusals.key_not_found(f"of the topic {topic_arn}")
        case _:
            raise refusals.insufficient_topic_policy()


def topic_obstacle(topic_arn: str, trail_arn: str) -> str:
    """SNS's error code for a notification, "" when it succeeds. Source: SNS API reference, Publish, Errors."""
    topic = _find(topic_arn)
    if topic is None:
        return "NotFound"
    access = Access("sns:Publish", topic_arn, _context(trail_arn))
    return _key_obstacle(topic, trail_arn) if allows(parsed(topic.policy) or {}, access) else "AuthorizationError"


def _find(topic_arn: str) -> Topic | None:
    region, account_id = topic_arn.split(":")[3:5]
    return sns_backends[account_id][region].topics.get(topic_arn)


def _key_obstacle(topic: Topic, trail_arn: str) -> str:
    if not topic.kms_master_key_id:
        return ""
    if topic.kms_master_key_id.endswith("alias/aws/sns"):
        return "KMSAccessDenied"
    key = find_key(topic.kms_master_key_id, topic.account_id, topic.arn.split(":")[3])
    if key is None:
        return "KMSNotFound"
    allowed = all(allows(parsed(key.policy) or {}, access) for access in _needed(key.arn, trail_arn))
    return "" if allowed else "KMSAccessDenied"


def _needed(key_arn: str, trail_arn: str) -> Iterator[Access]:
    for action in ("kms:GenerateDataKey", "kms:Decrypt"):
        yield Access(action, key_arn, _context(trail_arn))


def _context(trail_arn: str) -> dict[str, str]:
    return {
        "aws:sourcearn": trail_arn,
        "aws:sourceaccount": trail_arn.split(":")[4],
        "aws:principalisawsservice": "true",
        "aws:principalservicename": "cloudtrail.amazonaws.com",
    }
