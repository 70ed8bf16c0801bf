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
    name = str(asked.get("TrailName") or asked.get("Name") or "")
    if call.service != "cloudtrail" or not name:
        return "*"
    return name if name.startswith("arn:") else f"arn:aws:cloudtrail:{call.region}:{call.account_id}:trail/{name}"
