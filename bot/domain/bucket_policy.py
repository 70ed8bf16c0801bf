"""The bucket policy that CloudTrail needs, merged into the one that is there; nothing is ever replaced or widened.

Source: CloudTrail user guide, "Amazon S3 bucket policy for CloudTrail".
"""

import json
from dataclasses import dataclass
from typing import Any

from bot.domain.trail import Account

Statement = dict[str, object]
CLOUDTRAIL = {"Service": "cloudtrail.amazonaws.com"}


@dataclass(frozen=True)
class Merged:
    """The policy's whole text, and the lines that are new in it, for a person."""

    text: str
    added: tuple[str, ...]


def trail_statements(account: Account, trail_arn: str, bucket: str, prefix: str, new_bucket: bool) -> list[Statement]:
    """Both of AWS's statements, bound to this one trail; a new bucket refuses plain HTTP too."""
    bucket_arn = f"arn:{account.partition}:s3:::{bucket}"
    path = f"{prefix}/AWSLogs" if prefix else "AWSLogs"
    source = {"aws:SourceArn": trail_arn}
    check: Statement = {
        "Sid": "AWSCloudTrailAclCheck20150319",
        "Effect": "Allow",
        "Principal": CLOUDTRAIL,
        "Action": "s3:GetBucketAcl",
        "Resource": bucket_arn,
        "Condition": {"StringEquals": source},
    }
    write: Statement = {
        "Sid": "AWSCloudTrailWrite20150319",
        "Effect": "Allow",
        "Principal": CLOUDTRAIL,
        "Action": "s3:PutObject",
        "Resource": f"{bucket_arn}/{path}/{account.id}/*",
        "Condition": {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control", **source}},
    }
    return [check, write, *([_https_only(bucket_arn)] if new_bucket else [])]


def _https_only(bucket_arn: str) -> Statement:
    return {
        "Sid": "TrailwardenHttpsOnly",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [bucket_arn, f"{bucket_arn}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def merged(policy: str, wanted: list[Statement]) -> Merged:
    """The policy with what it lacks. A Sid that is taken by another meaning gets a number behind it."""
    document: dict[str, Any] = json.loads(policy) if policy else {"Version": "2012-10-17", "Statement": []}
    present = document["Statement"]
    statements: list[Statement] = [*present] if isinstance(present, list) else [present]
    missing = [s for s in wanted if not any(_same_meaning(s, there) for there in statements)]
    for statement in missing:
        statements.append({**statement, "Sid": _free_sid(str(statement["Sid"]), statements)})
    text = json.dumps({**document, "Statement": statements}) if missing else policy
    return Merged(text, tuple(_line(s) for s in missing))


def _same_meaning(one: Statement, other: Statement) -> bool:
    return {k: v for k, v in one.items() if k != "Sid"} == {k: v for k, v in other.items() if k != "Sid"}


def _free_sid(sid: str, statements: list[Statement]) -> str:
    taken = {s.get("Sid") for s in statements}
    candidates = [sid, *(f"{sid}{n}" for n in range(2, len(statements) + 3))]
    return next(c for c in candidates if c not in taken)


def _line(statement: Statement) -> str:
    who = "CloudTrail" if statement["Principal"] == CLOUDTRAIL else "everybody"
    resource = statement["Resource"]
    where = resource if isinstance(resource, str) else "this bucket"
    condition = " over plain HTTP" if statement["Effect"] == "Deny" else ", for this trail only"
    return f"{str(statement['Effect']).lower()} {who} {statement['Action']} on {where}{condition}"
