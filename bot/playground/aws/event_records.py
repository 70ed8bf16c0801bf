"""A call as CloudTrail writes it down.

Sources: user guide, "CloudTrail record contents", "CloudTrail userIdentity element" and "Logging data events" (which
calls are no management events); detonation logs of stratus-red-team (how CloudTrail spells requestParameters).
"""

from typing import Any
from uuid import NAMESPACE_OID, uuid5

from bot.playground.aws.calls import Call

OBJECT_CALLS = (
    *("GetObject", "PutObject", "HeadObject", "DeleteObject", "DeleteObjects", "CopyObject", "HeadBucket"),
    *("ListObjects", "ListObjectsV2", "ListObjectVersions"),
)
NOT_MANAGEMENT = frozenset({*(f"s3:{name}" for name in OBJECT_CALLS), "sns:Publish", "logs:PutLogEvents"})
"""Data events, of the calls that are likely here: the event history does not have them."""

UNKNOWN_CALLERS = frozenset({"UnrecognizedClientException", "InvalidClientTokenId", "InvalidAccessKeyId"})
"""Errors of calls that belong to no account."""


def record_of(call: Call) -> dict[str, Any]:
    """A call that failed has its error's code, and changed nothing."""
    return {
        "eventVersion": "1.11",
        "eventID": str(uuid5(NAMESPACE_OID, f"{call.access_key} {call.name} {call.at.isoformat()}")),
        "eventTime": call.at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "eventSource": f"{call.service}.amazonaws.com",
        "eventName": call.operation,
        "eventType": "AwsApiCall",
        "eventCategory": "Management",
        "managementEvent": True,
        "awsRegion": call.region,
        "readOnly": call.reads,
        "recipientAccountId": call.account_id,
        "requestParameters": _as_written(call.parameters) or None,
        "userIdentity": _identity(call),
        **({"errorCode": call.error} if call.error else {}),
    }


def _as_written(value: Any) -> Any:
    """CloudTrail's own members begin with a small letter. That other services' do too is not always so."""
    if isinstance(value, dict):
        return {name[:1].lower() + name[1:]: _as_written(inner) for name, inner in value.items()}
    return [_as_written(inner) for inner in value] if isinstance(value, list) else value


def _identity(call: Call) -> dict[str, Any]:
    known = {"arn": call.arn, "accountId": call.account_id, "accessKeyId": call.access_key}
    if not call.role:
        return {"type": "IAMUser", **known, "userName": call.arn.split("/")[-1]}
    issuer = {
        "type": "Role",
        "arn": f"arn:aws:iam::{call.account_id}:role/{call.role}",
        "accountId": call.account_id,
        "userName": call.role,
    }
    return {"type": "AssumedRole", **known, "sessionContext": {"sessionIssuer": issuer}}
