"""The policy statements that CloudTrail needs, bound to one trail by `aws:SourceArn`.

Source: CloudTrail user guide, "Amazon S3 bucket policy for CloudTrail", "Configure AWS KMS key policies for
CloudTrail", "Amazon SNS topic policy for CloudTrail", "Role policy document for CloudTrail to use CloudWatch Logs".
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from bot.domain.policy import CLOUDTRAIL, Statement
from bot.domain.refusal import Refused
from bot.domain.trail import Account, Snapshot, Trail, Unreadable

BUCKET_LIMIT, KEY_LIMIT, TOPIC_LIMIT = 20_480, 32_768, 30_720
"""Bytes of a policy. Source: quotas of Amazon S3, AWS KMS and Amazon SNS."""


@dataclass(frozen=True)
class Writer:
    """A trail that writes, and for whom: `organization` is the organization's id for its trail, else ""."""

    account: Account
    arn: str
    organization: str = ""

    @property
    def source(self) -> dict[str, str]:
        return {"aws:SourceArn": self.arn}

    @property
    def region(self) -> str:
        return self.arn.split(":")[3]


def writer_of(world: Snapshot, trail: Trail) -> Writer:
    """Whom bucket and log group must let in. Refused: an organization's trail writes for members that are not known."""
    if not trail.organization:
        return Writer(world.account, trail.arn)
    if world.organization:
        return Writer(world.account, trail.arn, world.organization)
    why = f" ({world.manager.sentence})" if isinstance(world.manager, Unreadable) else ""
    raise Refused(
        f"Trail {trail.name} is the organization's, and the organization's id is not known here{why}, so nobody can "
        f"tell what bucket {trail.bucket} and a log group must let it write. Compare their policies with CloudTrail's "
        "user guide."
    )


def log_group_arn(account: Account, region: str, name: str) -> str:
    """Without the `:*` that a trail wants behind it."""
    return f"arn:{account.partition}:logs:{region}:{account.id}:log-group:{name}"


def bucket_statements(writer: Writer, bucket: str, prefix: str, new_bucket: bool) -> tuple[Statement, ...]:
    """AWS's statements; a new bucket refuses plain HTTP too."""
    bucket_arn = f"arn:{writer.account.partition}:s3:::{bucket}"
    folder = f"{bucket_arn}/{prefix + '/' if prefix else ''}AWSLogs"
    check = _allow("AWSCloudTrailAclCheck20150319", "s3:GetBucketAcl", bucket_arn, writer)
    ours = _writing("AWSCloudTrailWrite20150319", f"{folder}/{writer.account.id}/*", writer)
    members = f"{folder}/{writer.organization}/*"
    theirs = (_writing("AWSCloudTrailOrganizationWrite20150319", members, writer),) if writer.organization else ()
    return (check, ours, *theirs, *((_https_only(bucket_arn),) if new_bucket else ()))


def _allow(sid: str, action: str, resource: str, writer: Writer) -> Statement:
    return {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": CLOUDTRAIL,
        "Action": action,
        "Resource": resource,
        "Condition": {"StringEquals": writer.source},
    }


def _writing(sid: str, objects: str, writer: Writer) -> Statement:
    owner = {"s3:x-amz-acl": "bucket-owner-full-control"}
    condition = {"StringEquals": {**owner, **writer.source}}
    return {**_allow(sid, "s3:PutObject", objects, writer), "Condition": condition}


def _https_only(bucket_arn: str) -> Statement:
    return {
        "Sid": "TrailwardenHttpsOnly",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [bucket_arn, f"{bucket_arn}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def key_statements(writer: Writer) -> tuple[Statement, ...]:
    """In a key's policy the resource is the key itself, written "*"."""
    trails = f"arn:{writer.account.partition}:cloudtrail:*:{writer.account.id}:trail/*"
    context = {"StringLike": {"kms:EncryptionContext:aws:cloudtrail:arn": trails}}
    encrypt = _allow("AWSCloudTrailEncrypt", "kms:GenerateDataKey*", "*", writer)
    describe = _allow("AWSCloudTrailDescribeKey", "kms:DescribeKey", "*", writer)
    return ({**encrypt, "Condition": {"StringEquals": writer.source, **context}}, describe)


def new_key_policy(writer: Writer) -> str:
    """The account itself may manage the key, and lets its people decrypt through IAM; CloudTrail may encrypt."""
    owner: Statement = {
        "Sid": "EnableIAMPermissions",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:{writer.account.partition}:iam::{writer.account.id}:root"},
        "Action": "kms:*",
        "Resource": "*",
    }
    return _document((owner, *key_statements(writer)))


def topic_statements(writer: Writer, topic: str) -> tuple[Statement, ...]:
    return (_allow("AWSCloudTrailSNSPolicy20131101", "SNS:Publish", topic, writer),)


def log_role_trust() -> str:
    """Without aws:SourceArn: whether CloudTrail sends it when it assumes the role is not documented."""
    return _document(({"Sid": "CloudTrail", "Effect": "Allow", "Principal": CLOUDTRAIL, "Action": "sts:AssumeRole"},))


def log_role_policy(writer: Writer, group: str) -> str:
    """Of the role that CloudTrail writes to the log group with: only its own streams."""
    account, region = writer.account, writer.region
    owners = (account.id, *((writer.organization,) if writer.organization else ()))
    group_arn = log_group_arn(account, region, group)
    names = (f"{account.id}_CloudTrail_{region}*", *(f"{owner}_*" for owner in owners[1:]))
    streams = [f"{group_arn}:log-stream:{name}" for name in names]
    return _document(
        {"Sid": f"AWSCloudTrail{action}20141101", "Effect": "Allow", "Action": [f"logs:{action}"], "Resource": streams}
        for action in ("CreateLogStream", "PutLogEvents")
    )


def _document(statements: Iterable[Statement]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [*statements]})
