"""From a step to its one AWS call, as the writer sends it and the full plan shows it.

What an alias or a description stands for is found out by the writer.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from bot.domain import steps
from bot.domain.selectors import AdvancedSelector, BasicSelector, Selectors
from bot.domain.steps import Step
from bot.domain.steps.logs import ROLE_POLICY
from bot.domain.steps.selectors import INSIGHTS


@dataclass(frozen=True)
class Request:
    """One AWS call: service and operation as botocore names them, and its parameters.

    `key` is the description of the KMS key whose id belongs into the parameter TargetKeyId, "" for none.
    """

    service: str
    operation: str
    parameters: dict[str, Any]
    key: str = ""


def request(step: Step, account: str) -> Request:
    """The call that carries the step out in that account.

    A bucket that was deleted since the last look, and whose name a stranger has taken, is not written to. Source: S3
    user guide, "Verifying bucket ownership with bucket owner condition"; CreateBucket has no such condition.
    """
    wanted = REQUESTS[type(step)](step)
    if wanted.service != "s3" or wanted.operation == "CreateBucket":
        return wanted
    return replace(wanted, parameters={**wanted.parameters, "ExpectedBucketOwner": account})


def _start_logging(step: steps.StartLogging) -> Request:
    return Request("cloudtrail", "StartLogging", {"Name": step.arn})


def _stop_logging(step: steps.StopLogging) -> Request:
    return Request("cloudtrail", "StopLogging", {"Name": step.arn})


SETTINGS = {
    "multi_region": "IsMultiRegionTrail",
    "validation": "EnableLogFileValidation",
    "kms_key": "KmsKeyId",
    "log_group": "CloudWatchLogsLogGroupArn",
    "log_role": "CloudWatchLogsRoleArn",
    "topic": "SnsTopicName",
    "global_events": "IncludeGlobalServiceEvents",
}
"""As UpdateTrail and CreateTrail call them; a topic's name may be its ARN, and "" takes a setting away."""


def _update_trail(step: steps.UpdateTrail) -> Request:
    """AWS refuses a multi-region trail without global service events."""
    wanted = {SETTINGS[name]: value for name, value in step.to.named.items()}
    everywhere = {"IncludeGlobalServiceEvents": True} if step.to.multi_region else {}
    return Request("cloudtrail", "UpdateTrail", {"Name": step.arn, **everywhere, **wanted})


def _put_event_selectors(step: steps.PutEventSelectors) -> Request:
    return Request("cloudtrail", "PutEventSelectors", {"TrailName": step.arn, **as_selectors(step.after)})


def as_selectors(wanted: Selectors) -> dict[str, Any]:
    """As PutEventSelectors spells them; the inverse of how the adapter reads them."""
    if wanted.advanced:
        return {"AdvancedEventSelectors": [_as_advanced(s) for s in wanted.advanced]}
    return {"EventSelectors": [_as_basic(s) for s in wanted.basic]}


def _as_basic(selector: BasicSelector) -> dict[str, Any]:
    return {
        "ReadWriteType": selector.kinds,
        "IncludeManagementEvents": selector.management,
        "DataResources": [{"Type": r.type, "Values": list(r.values)} for r in selector.data_resources],
        "ExcludeManagementEventSources": list(selector.excluded_sources),
    }


def _as_advanced(selector: AdvancedSelector) -> dict[str, Any]:
    name = {"Name": selector.name} if selector.name else {}
    fields = [{"Field": f.field, **{op: list(v) for op, v in f.conditions}} for f in selector.fields]
    return {**name, "FieldSelectors": fields}


def _put_insight_selectors(step: steps.PutInsightSelectors) -> Request:
    chosen = [{"InsightType": kind} for kind in INSIGHTS] if step.on else []
    return Request("cloudtrail", "PutInsightSelectors", {"TrailName": step.arn, "InsightSelectors": chosen})


def _create_trail(step: steps.CreateTrail) -> Request:
    optional = {
        "S3KeyPrefix": step.prefix,
        "IsOrganizationTrail": step.organization,
        **{SETTINGS[name]: getattr(step, name) for name in ("kms_key", "log_group", "log_role", "topic")},
    }
    always = {
        "Name": step.name,
        "S3BucketName": step.bucket,
        "IsMultiRegionTrail": True,
        "IncludeGlobalServiceEvents": True,
        "EnableLogFileValidation": step.validation,
    }
    return Request("cloudtrail", "CreateTrail", {**always, **{k: v for k, v in optional.items() if v}})


def _delete_trail(step: steps.DeleteTrail) -> Request:
    return Request("cloudtrail", "DeleteTrail", {"Name": step.arn})


def _create_bucket(step: steps.CreateBucket) -> Request:
    """us-east-1 must not be named as a location; every other region must."""
    place = {} if step.region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": step.region}}
    return Request("s3", "CreateBucket", {"Bucket": step.name, **place})


BLOCKS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
LIFECYCLE = {
    "ID": "trailwarden-archive",
    "Status": "Enabled",
    "Filter": {"Prefix": ""},
    "Transitions": [{"Days": 90, "StorageClass": "GLACIER_IR"}],
    "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
}
ENCRYPTION = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
PROTECTION: dict[str, tuple[str, dict[str, Any]]] = {
    "public-access-block": ("PutPublicAccessBlock", {"PublicAccessBlockConfiguration": dict.fromkeys(BLOCKS, True)}),
    "versioning": ("PutBucketVersioning", {"VersioningConfiguration": {"Status": "Enabled"}}),
    "encryption": ("PutBucketEncryption", {"ServerSideEncryptionConfiguration": {"Rules": [ENCRYPTION]}}),
    "lifecycle": ("PutBucketLifecycleConfiguration", {"LifecycleConfiguration": {"Rules": [LIFECYCLE]}}),
}


def _protect_bucket(step: steps.ProtectBucket) -> Request:
    operation, parameters = PROTECTION[step.setting]
    return Request("s3", operation, {"Bucket": step.name, **parameters})


def _put_bucket_policy(step: steps.PutBucketPolicy) -> Request:
    return Request("s3", "PutBucketPolicy", {"Bucket": step.name, "Policy": step.after})


def _create_key(step: steps.CreateKey) -> Request:
    return Request("kms", "CreateKey", {"Description": step.description, "Policy": step.policy})


def _create_alias(step: steps.CreateAlias) -> Request:
    return Request("kms", "CreateAlias", {"AliasName": step.alias}, key=step.description)


def _put_key_policy(step: steps.PutKeyPolicy) -> Request:
    return Request("kms", "PutKeyPolicy", {"KeyId": step.key, "PolicyName": "default", "Policy": step.after})


def _create_topic(step: steps.CreateTopic) -> Request:
    return Request("sns", "CreateTopic", {"Name": step.name, "Attributes": {"Policy": step.policy}})


def _put_topic_policy(step: steps.PutTopicPolicy) -> Request:
    parameters = {"TopicArn": step.arn, "AttributeName": "Policy", "AttributeValue": step.after}
    return Request("sns", "SetTopicAttributes", parameters)


def _create_log_group(step: steps.CreateLogGroup) -> Request:
    return Request("logs", "CreateLogGroup", {"logGroupName": step.name})


def _create_role(step: steps.CreateRole) -> Request:
    return Request("iam", "CreateRole", {"RoleName": step.name, "AssumeRolePolicyDocument": step.trust})


def _put_role_policy(step: steps.PutRolePolicy) -> Request:
    parameters = {"RoleName": step.role, "PolicyName": ROLE_POLICY, "PolicyDocument": step.after}
    return Request("iam", "PutRolePolicy", parameters)


REQUESTS: dict[type[Step], Callable[[Any], Request]] = {
    steps.CreateBucket: _create_bucket,
    steps.ProtectBucket: _protect_bucket,
    steps.PutBucketPolicy: _put_bucket_policy,
    steps.CreateKey: _create_key,
    steps.CreateAlias: _create_alias,
    steps.PutKeyPolicy: _put_key_policy,
    steps.CreateTopic: _create_topic,
    steps.PutTopicPolicy: _put_topic_policy,
    steps.CreateLogGroup: _create_log_group,
    steps.CreateRole: _create_role,
    steps.PutRolePolicy: _put_role_policy,
    steps.CreateTrail: _create_trail,
    steps.UpdateTrail: _update_trail,
    steps.PutEventSelectors: _put_event_selectors,
    steps.PutInsightSelectors: _put_insight_selectors,
    steps.StartLogging: _start_logging,
    steps.StopLogging: _stop_logging,
    steps.DeleteTrail: _delete_trail,
}
