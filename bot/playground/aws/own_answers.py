"""The few operations that are answered here, because moto lacks them or answers them unlike AWS."""

from typing import Any

from bot.playground.aws.buckets import find_bucket, let_pay, pays
from bot.playground.aws.calls import Call, CallLog
from bot.playground.aws.events import lookup_events
from bot.playground.aws.exposure import is_public
from bot.playground.aws.faults import Faults
from bot.playground.aws.policy_documents import parsed
from bot.playground.aws.regions import describe_regions, list_regions
from bot.playground.aws.simulation import simulate_principal_policy


def own_answer(call: Call, log: CallLog, faults: Faults) -> dict[str, Any] | None:
    """The members of the operation's output; None for the operations that moto answers."""
    match call.name:
        case "account:ListRegions":
            return list_regions(call)
        case "ec2:DescribeRegions":
            return describe_regions(call)
        case "cloudtrail:ListEventDataStores":
            return {"EventDataStores": []}  # CloudTrail Lake is not played: no account has one
        case "cloudtrail:LookupEvents":
            return lookup_events(call, log.all())
        case "iam:SimulatePrincipalPolicy":
            return simulate_principal_policy(call, lambda simulated: faults.denial(simulated, simulated.name))
        case "s3:GetBucketRequestPayment" | "s3:PutBucketRequestPayment" | "s3:GetBucketPolicyStatus":
            return _of_a_bucket(call)
        case _:
            return None


def _of_a_bucket(call: Call) -> dict[str, Any] | None:
    """Of a bucket that is there. What is not there moto refuses as AWS does.

    Sources: S3 API reference, GetBucketRequestPayment (Payer), GetBucketPolicyStatus (IsPublic).
    """
    bucket = find_bucket(str(call.parameters["Bucket"]))
    if bucket is None:
        return None
    if call.operation == "GetBucketRequestPayment":
        return {"Payer": pays(bucket)}
    if call.operation == "PutBucketRequestPayment":
        let_pay(bucket, call.parameters["RequestPaymentConfiguration"]["Payer"])
        return {}
    return {"PolicyStatus": {"IsPublic": is_public(parsed(bucket.policy) or {})}} if bucket.policy else None
