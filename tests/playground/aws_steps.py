"""Steps that the tests of the pretend AWS share: a bucket, a trail and what it delivers to, an expected refusal."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.exceptions import ClientError

from bot.playground.aws import RunningAws, bucket_policy
from tests.playground.aws_policies import Statement, document, own_key, trust

_numbers = itertools.count(200000000001)


def new_account() -> str:
    """An account that nothing has happened in."""
    return str(next(_numbers))


@contextmanager
def refused(code: str, saying: str = "", status: int = 0) -> Iterator[None]:
    with pytest.raises(ClientError) as caught:
        yield
    error = caught.value.response["Error"]
    assert error["Code"] == code
    assert saying in (error.get("Message") or "")
    assert status in (0, caught.value.response["ResponseMetadata"]["HTTPStatusCode"])


def arn_of(account: str, name: str, region: str = "us-east-1") -> str:
    return f"arn:aws:cloudtrail:{region}:{account}:trail/{name}"


def bucket_of(account: str, name: str = "main", region: str = "us-east-1") -> str:
    """The bucket that `make_trail` makes."""
    return f"logs-{account}-{region}-{name.lower()}"


@contextmanager
def delivering_at_once(aws: RunningAws) -> Iterator[None]:
    """Every look finds a new delivery."""
    aws.deliver_every(0)
    try:
        yield
    finally:
        aws.deliver_every(300)


def make_bucket(aws: RunningAws, account: str, name: str = "", policy: str | None = None) -> str:
    """A bucket with this policy; by default any trail of the account may deliver to it."""
    bucket = name or f"logs-{account}"
    s3 = aws.client(account, "s3")
    s3.create_bucket(Bucket=bucket)
    if policy is None:
        policy = bucket_policy(bucket, [account], "").replace(
            '"aws:SourceArn": ""', f'"aws:SourceAccount": "{account}"'
        )
    if policy:
        s3.put_bucket_policy(Bucket=bucket, Policy=policy)
    return bucket


def make_trail(aws: RunningAws, account: str, name: str = "main", region: str = "us-east-1", **more: Any) -> str:
    """A trail, its bucket with it, that is not logging yet. Returns its ARN."""
    bucket = make_bucket(aws, account, bucket_of(account, name, region))
    cloudtrail = aws.client(account, "cloudtrail", region)
    made = cloudtrail.create_trail(Name=name, S3BucketName=bucket, **more)
    return str(made["TrailARN"])


def described(aws: RunningAws, account: str, region: str = "us-east-1", **more: Any) -> list[str]:
    """The ARNs that DescribeTrails shows."""
    shown = aws.client(account, "cloudtrail", region).describe_trails(**more)["trailList"]
    return [trail["TrailARN"] for trail in shown]


def make_key(aws: RunningAws, account: str, *statements: Statement, region: str = "us-east-1") -> str:
    """A key with these statements beside the account's own. Returns its ARN."""
    made = aws.client(account, "kms", region).create_key(Policy=document(own_key(account), *statements))
    return str(made["KeyMetadata"]["Arn"])


def make_group(aws: RunningAws, account: str, name: str = "trails", region: str = "us-east-1") -> str:
    """A log group. Returns its ARN as CloudTrail wants it."""
    aws.client(account, "logs", region).create_log_group(logGroupName=name)
    return f"arn:aws:logs:{region}:{account}:log-group:{name}:*"


def make_role(aws: RunningAws, account: str, policy: str, trusted: str = "", name: str = "logs") -> str:
    """A role that may do what the policy says; by default CloudTrail takes it on. Returns its ARN."""
    iam = aws.client(account, "iam")
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trusted or document(trust()))["Role"]["Arn"]
    if policy:
        iam.put_role_policy(RoleName=name, PolicyName="deliver", PolicyDocument=policy)
    return str(role)


def log_destination(group: str, role: str) -> dict[str, str]:
    """CreateTrail's two parameters, which go together."""
    return {"CloudWatchLogsLogGroupArn": group, "CloudWatchLogsRoleArn": role}
