"""A denied call in AWS's words: who, what, on which resource, and why."""

from dataclasses import dataclass

from bot.playground.aws.callers import Caller
from bot.playground.aws.calls import Call
from bot.playground.aws.faults import NO_POLICY


@dataclass(frozen=True)
class Refusal:
    """`code` "" and `status` 0 where the service's usual ones for a denied access will do."""

    message: str
    code: str = ""
    status: int = 0


S3_ACTIONS = {
    "HeadBucket": "ListBucket",
    "ListObjects": "ListBucket",
    "ListObjectsV2": "ListBucket",
    "ListBuckets": "ListAllMyBuckets",
    "GetBucketEncryption": "GetEncryptionConfiguration",
    "PutBucketEncryption": "PutEncryptionConfiguration",
    "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
    "PutPublicAccessBlock": "PutBucketPublicAccessBlock",
    "GetBucketLifecycleConfiguration": "GetLifecycleConfiguration",
    "PutBucketLifecycleConfiguration": "PutLifecycleConfiguration",
}
"""Operations whose permission has another name. Source: service authorization reference, Amazon S3."""


def action_of(call: Call) -> str:
    """The IAM action that a call needs: "s3:ListBucket"."""
    if call.service == "s3control":
        return f"s3:{call.operation.replace('PublicAccessBlock', 'AccountPublicAccessBlock')}"
    return f"s3:{S3_ACTIONS.get(call.operation, call.operation)}" if call.service == "s3" else call.name


def denied(call: Call, caller: Caller, because: str = NO_POLICY) -> Refusal:
    """AWS's words. Source: IAM user guide, "Troubleshoot access denied error messages"."""
    action = action_of(call)
    reason = because.format(action=action)
    return Refusal(
        f"User: {caller.arn} is not authorized to perform: {action} on resource: {_resource(call)} {reason}".strip()
    )


def _resource(call: Call) -> str:
    asked = call.parameters
    if call.service == "s3":
        return f'"arn:aws:s3:::{asked["Bucket"]}"' if "Bucket" in asked else "*"
    if call.service == "sts":
        return str(asked.get("RoleArn", "*"))
    named = next((str(asked[member]) for member in _NAMES.get(call.service, ()) if asked.get(member)), "")
    if not named or named.startswith("arn:"):
        return named or "*"
    region = "" if call.service == "iam" else call.region
    return f"arn:aws:{call.service}:{region}:{call.account_id}:{_KINDS[call.service]}{named}"


_NAMES = {
    "cloudtrail": ("TrailName", "Name"),
    "kms": ("KeyId",),
    "sns": ("TopicArn", "Name"),
    "logs": ("logGroupName",),
    "iam": ("RoleName", "PolicySourceArn"),
}
"""The members that name the resource of a call, and what stands before the name in its ARN."""

_KINDS = {"cloudtrail": "trail/", "kms": "key/", "sns": "", "logs": "log-group:", "iam": "role/"}
