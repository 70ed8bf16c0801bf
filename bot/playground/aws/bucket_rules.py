"""What S3 refuses, beyond moto: other accounts' buckets, policies it does not take, names.

Sources: S3 error responses ("List of error codes"); user guide, "Bucket naming rules", "Bucket policies" and "Blocking
public access to your Amazon S3 storage".
"""

import re

from moto.s3.models import s3_backends
from moto.s3control.models import s3control_backends

from bot.playground.aws.bucket_statements import bucket_policy_fault
from bot.playground.aws.callers import Caller
from bot.playground.aws.calls import Call
from bot.playground.aws.denials import Refusal, denied
from bot.playground.aws.exposure import is_public
from bot.playground.aws.policy_documents import parsed


def bucket_of_another_account(call: Call, caller: Caller) -> Refusal | None:
    """Or not of the account that the call expects (API reference, x-amz-expected-bucket-owner): HTTP 403.

    Stricter than AWS where a bucket policy opens the bucket to other accounts, which here none does.
    """
    _, owner = s3_backends.bucket_accounts.get(str(call.parameters.get("Bucket", "")), ("", ""))
    if call.service != "s3" or call.operation == "CreateBucket" or not owner:
        return None
    if {call.account_id, call.parameters.get("ExpectedBucketOwner", owner)} == {owner}:
        return None
    reason = "because no resource-based policy allows the {action} action"
    return denied(call, caller, reason)


def bad_bucket_name(call: Call, _caller: Caller) -> Refusal | None:
    """InvalidBucketName, HTTP 400."""
    name = str(call.parameters.get("Bucket", ""))
    if call.name != "s3:CreateBucket" or is_bucket_name(name):
        return None
    return Refusal("The specified bucket is not valid.", "InvalidBucketName", 400)


def is_bucket_name(name: str) -> bool:
    return (
        bool(re.fullmatch(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", name))
        and ".." not in name
        and not re.fullmatch(r"\d+\.\d+\.\d+\.\d+", name)
        and not name.startswith(("xn--", "sthree-", "amzn-s3-demo-"))
        and not name.endswith(("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"))
    )


def malformed_bucket_policy(call: Call, _caller: Caller) -> Refusal | None:
    """MalformedPolicy, HTTP 400."""
    if call.name != "s3:PutBucketPolicy":
        return None
    fault = bucket_policy_fault(str(call.parameters.get("Policy", "")), str(call.parameters["Bucket"]))
    return Refusal(fault, "MalformedPolicy", 400) if fault else None


def public_policy_is_blocked(call: Call, caller: Caller) -> Refusal | None:
    """With BlockPublicPolicy on, as in every new bucket or for the account, S3 takes no policy that opens it to all."""
    if call.name != "s3:PutBucketPolicy" or not _blocks_public_policies(call):
        return None
    if not is_public(parsed(str(call.parameters.get("Policy", ""))) or {}):
        return None
    because = "because public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access"
    return denied(call, caller, because)


def _blocks_public_policies(call: Call) -> bool:
    bucket = s3_backends[call.account_id]["aws"].buckets.get(str(call.parameters["Bucket"]))
    own = bucket.public_access_block if bucket else None
    accounts = s3control_backends[call.account_id]["aws"].public_access_block
    return any(block is not None and block.block_public_policy for block in (own, accounts))


RULES = (bucket_of_another_account, bad_bucket_name, malformed_bucket_policy, public_policy_is_blocked)
