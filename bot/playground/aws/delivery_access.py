"""Can CloudTrail deliver a trail's files? The bucket exists and its policy lets the service in.

One answer serves CreateTrail and UpdateTrail, which refuse, and GetTrailStatus, which shows the error.
The bucket cannot be a Requester Pays one (user guide, "Amazon S3 bucket policy for CloudTrail"); which error that gives
is not documented, here it is that of a policy that does not let CloudTrail in.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from bot.playground.aws.buckets import find_bucket, pays
from bot.playground.aws.policies import Access, allows


@dataclass(frozen=True)
class Destination:
    """Where a trail's files go, and on whose behalf. `organization_id` is "" unless it is an organization trail."""

    bucket: str
    prefix: str
    trail_arn: str
    account_id: str
    organization_id: str = ""


def obstacle(destination: Destination) -> str:
    """S3's error code for a delivery: "" when it succeeds, NoSuchBucket or AccessDenied.

    Source: API reference, GetTrailStatus, LatestDeliveryError: the error of S3, see "S3 error responses".
    """
    bucket = find_bucket(destination.bucket)
    if bucket is None:
        return "NoSuchBucket"
    if pays(bucket) == "Requester":
        return "AccessDenied"
    policy = json.loads(bucket.policy) if bucket.policy else {}
    return "" if all(allows(policy, access) for access in _needed(destination)) else "AccessDenied"


def _needed(to: Destination) -> Iterator[Access]:
    """GetBucketAcl on the bucket; PutObject for any object under [prefix/]AWSLogs/<account or organization>/.

    Source: user guide, "Amazon S3 bucket policy for CloudTrail", which asks for both with `/*` at the end.
    """
    context = {
        "aws:sourcearn": to.trail_arn,
        "aws:sourceaccount": to.account_id,
        "aws:securetransport": "true",
        "aws:principalisawsservice": "true",
        "aws:principalservicename": "cloudtrail.amazonaws.com",
    }
    yield Access("s3:GetBucketAcl", f"arn:aws:s3:::{to.bucket}", context)
    writing = {**context, "s3:x-amz-acl": "bucket-owner-full-control"}
    for owner in filter(None, (to.account_id, to.organization_id)):
        key = "/".join(filter(None, (to.prefix, "AWSLogs", owner, "any object")))
        yield Access("s3:PutObject", f"arn:aws:s3:::{to.bucket}/{key}", writing)
