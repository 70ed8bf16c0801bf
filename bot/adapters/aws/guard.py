"""No write without consent, as a mechanism: every client refuses what is not a read, but for one approved call.

botocore emits `before-call` for each request of every client made from a session, after the parameters were
serialized and before anything is sent.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from botocore.hooks import BaseEventHooks

READS = frozenset(
    {
        ("sts", "GetCallerIdentity"),
        ("sts", "AssumeRole"),
        ("organizations", "DescribeOrganization"),
        ("organizations", "ListAWSServiceAccessForOrganization"),
        ("organizations", "ListAccounts"),
        ("organizations", "ListRoots"),
        ("organizations", "ListOrganizationalUnitsForParent"),
        ("organizations", "ListAccountsForParent"),
        ("ec2", "DescribeRegions"),
        ("cloudtrail", "DescribeTrails"),
        ("cloudtrail", "GetTrailStatus"),
        ("cloudtrail", "GetEventSelectors"),
        ("cloudtrail", "ListEventDataStores"),
        ("cloudtrail", "LookupEvents"),
        ("s3", "GetBucketPolicy"),
        ("s3", "GetBucketLocation"),
        ("s3", "GetBucketRequestPayment"),
        ("kms", "DescribeKey"),
        ("kms", "GetKeyPolicy"),
        ("kms", "ListKeys"),
        ("logs", "DescribeLogGroups"),
        ("iam", "GetRole"),
        ("iam", "GetRolePolicy"),
        ("iam", "SimulatePrincipalPolicy"),
        ("sns", "GetTopicAttributes"),
        ("s3", "GetBucketPolicyStatus"),
        ("s3", "GetBucketAcl"),
        ("s3", "GetPublicAccessBlock"),
        ("s3", "GetBucketLogging"),
        ("s3", "ListBuckets"),
        ("s3control", "GetPublicAccessBlock"),
    }
)
"""Every operation that Trailwarden may send at any time. None of them changes anything."""

PERMISSIONS = {
    "s3:GetPublicAccessBlock": "s3:GetBucketPublicAccessBlock",
    "s3:ListBuckets": "s3:ListAllMyBuckets",
    "s3control:GetPublicAccessBlock": "s3:GetAccountPublicAccessBlock",
}
"""Reads whose IAM action has another name than the call. Source: service authorization reference, Amazon S3."""

BOTOCORES_OWN = frozenset(
    {
        ("sts", "AssumeRoleWithWebIdentity"),
        ("sso", "GetRoleCredentials"),
        ("sso-oidc", "CreateToken"),
        ("signin", "CreateOAuth2Token"),
        ("s3", "HeadBucket"),
    }
)
"""What botocore itself sends, unasked, with clients of the same session: to get the bot's own credentials (a pod's web
identity, `aws sso login`, `aws login`), and to find a bucket's region. They change nothing in any account."""

Call = tuple[str, str]
_approved: ContextVar[Call | None] = ContextVar("approved_call", default=None)


class NotApprovedError(PermissionError):
    """A write was about to be sent that nobody approved. It was not sent."""


def install(events: BaseEventHooks) -> None:
    """Guard every client of the session that these events belong to."""
    events.register_first("before-call", _refuse_unapproved, unique_id="trailwarden-guard")


@contextmanager
def allowing(service: str, operation: str) -> Iterator[None]:
    """Within it, on this thread, this one operation may be sent as well."""
    token = _approved.set((service, operation))
    try:
        yield
    finally:
        _approved.reset(token)


def _refuse_unapproved(model: Any, **_: object) -> None:
    call = (model.service_model.service_name, model.name)
    if call not in READS | BOTOCORES_OWN and call != _approved.get():
        raise NotApprovedError(f"{call[0]}:{call[1]} is a write that no approved change allows; it was not sent")
