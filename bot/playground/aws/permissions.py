"""Who may do what. moto lets everybody do everything; AWS does not.

Each rule looks at one call and says why it is refused, or nothing. They are asked in the order of RULES, at the end.
Policies are not evaluated: the roles have the permissions that their names promise.
"""

import json
from dataclasses import dataclass
from typing import Any

from moto.iam.models import iam_backends
from moto.s3.models import s3_backends

from bot.playground.aws.callers import BOT_USER, Caller
from bot.playground.aws.calls import Call
from bot.playground.aws.faults import NO_POLICY
from bot.playground.aws.membership import management_account
from bot.playground.aws.policies import as_list, fault_in
from bot.playground.aws.regions import OPT_IN_REGIONS

AUDIT_ROLE = "TrailwardenAudit"
CHANGE_ROLE = "TrailwardenChange"


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


def unknown_key(call: Call, caller: Caller) -> Refusal | None:
    """Source: "Common errors" of each service: UnrecognizedClientException (JSON), InvalidClientTokenId (query)."""
    if caller.known:
        return None
    codes = {"s3": "InvalidAccessKeyId", "sts": "InvalidClientTokenId", "iam": "InvalidClientTokenId"}
    code = codes.get(call.service, "UnrecognizedClientException")
    return Refusal("The security token included in the request is invalid.", code)


def role_that_does_not_let_us_in(call: Call, caller: Caller) -> Refusal | None:
    """A role that does not exist is refused like one that does not trust us.

    Source: IAM user guide, "Troubleshoot IAM roles", "I can't assume a role".
    """
    if call.name != "sts:AssumeRole":
        return None
    arn = str(call.parameters["RoleArn"])
    role = next((r for r in iam_backends[call.target_account]["aws"].roles.values() if r.arn == arn), None)
    trusted = role is not None and _trusts(json.loads(role.assume_role_policy_document), caller)
    return None if trusted else denied(call, caller, because="")


def _trusts(trust_policy: dict[str, Any], caller: Caller) -> bool:
    """Principals that are accounts or exactly the caller; conditions (external id) are not played."""
    principals = [p for s in trust_policy["Statement"] for p in as_list(s["Principal"].get("AWS"))]
    return bool({caller.arn, caller.account_id, f"arn:aws:iam::{caller.account_id}:root"} & set(principals))


def write_with_a_reading_role(call: Call, caller: Caller) -> Refusal | None:
    """The audit role reads. So does the bot's own user, which may also assume roles."""
    reader = caller.role == AUDIT_ROLE or caller.user == BOT_USER
    return denied(call, caller) if reader and not call.reads else None


def bucket_of_another_account(call: Call, caller: Caller) -> Refusal | None:
    """Or not of the account that the call expects (API reference, x-amz-expected-bucket-owner).

    Stricter than AWS where a bucket policy opens the bucket to other accounts, which here none does.
    """
    _, owner = s3_backends.bucket_accounts.get(str(call.parameters.get("Bucket", "")), ("", ""))
    if call.service != "s3" or call.operation == "CreateBucket" or not owner:
        return None
    if {call.account_id, call.parameters.get("ExpectedBucketOwner", owner)} == {owner}:
        return None
    reason = "because no resource-based policy allows the {action} action"
    return denied(call, caller, reason)


def region_switched_off(call: Call, _caller: Caller) -> Refusal | None:
    """Keys are not known in a region that the account has not switched on.

    Source: account management reference, "Enable or disable AWS Regions"; UnrecognizedClientException. Played for
    CloudTrail, the only service that the bot asks region by region.
    """
    if call.service != "cloudtrail" or call.region not in OPT_IN_REGIONS:
        return None
    return Refusal("The security token included in the request is invalid.", "UnrecognizedClientException")


def malformed_bucket_policy(call: Call, _caller: Caller) -> Refusal | None:
    """Source: S3 error responses, MalformedPolicy."""
    if call.name != "s3:PutBucketPolicy":
        return None
    fault = fault_in(str(call.parameters.get("Policy", "")), str(call.parameters["Bucket"]))
    return Refusal(fault, "MalformedPolicy", 400) if fault else None


def organization_seen_by_a_member(call: Call, _caller: Caller) -> Refusal | None:
    """Only the management account sees the organization; a member sees who manages it.

    Source: Organizations API reference, each operation: "can be called only from the organization's management
    account or by a member account that is a delegated administrator"; AWSOrganizationsNotInUseException.
    """
    manager = management_account(call.account_id)
    if call.service != "organizations" or call.operation == "CreateOrganization" or manager == call.account_id:
        return None
    if not manager:
        return Refusal("Your account is not a member of an organization.", "AWSOrganizationsNotInUseException")
    known_to_all = call.operation == "DescribeOrganization"
    return None if known_to_all else Refusal("You don't have permissions to access this resource.")


ALWAYS = (
    write_with_a_reading_role,
    bucket_of_another_account,
    malformed_bucket_policy,
    region_switched_off,
    organization_seen_by_a_member,
)
SEEDED = (unknown_key, role_that_does_not_let_us_in, *ALWAYS)
"""With a seeded organization, only its keys and its roles exist; without one, any do, as in moto."""


def refusal(call: Call, caller: Caller, seeded: bool) -> Refusal | None:
    """Why AWS would not let this caller do this, or None."""
    answers = (rule(call, caller) for rule in (SEEDED if seeded else ALWAYS))
    return next((r for r in answers if r is not None), None)
