"""CreateTrail and UpdateTrail check the bucket, GetTrailStatus shows what became of it."""

import json
from typing import Any

import pytest

from bot.playground.aws import RunningAws, bucket_policy
from bot.playground.aws.policies import Access, allows
from tests.playground.aws_steps import arn_of, described, make_bucket, make_trail, new_account, refused


def test_a_trail_needs_a_bucket_that_exists(aws: RunningAws, account: str) -> None:
    with refused("S3BucketDoesNotExistException", "S3 bucket nowhere does not exist!"):
        aws.client(account, "cloudtrail").create_trail(Name="main", S3BucketName="nowhere")


def test_a_bucket_without_a_policy_is_refused(aws: RunningAws, account: str) -> None:
    bucket = make_bucket(aws, account, policy="")
    message = f"Incorrect S3 bucket policy is detected for bucket: {bucket}"
    with refused("InsufficientS3BucketPolicyException", message):
        aws.client(account, "cloudtrail").create_trail(Name="main", S3BucketName=bucket)
    assert described(aws, account) == []


def test_the_policy_must_name_this_trail_if_it_names_one(aws: RunningAws, account: str) -> None:
    policy = bucket_policy(f"logs-{account}", [account], arn_of(account, "main"))
    bucket = make_bucket(aws, account, policy=policy)
    cloudtrail = aws.client(account, "cloudtrail")
    with refused("InsufficientS3BucketPolicyException"):
        cloudtrail.create_trail(Name="other", S3BucketName=bucket)
    cloudtrail.create_trail(Name="main", S3BucketName=bucket)


def test_the_policy_must_name_this_account(aws: RunningAws, account: str) -> None:
    policy = bucket_policy(f"logs-{account}", [new_account()], arn_of(account, "main"))
    bucket = make_bucket(aws, account, policy=policy)
    with refused("InsufficientS3BucketPolicyException"):
        aws.client(account, "cloudtrail").create_trail(Name="main", S3BucketName=bucket)


def test_a_prefix_must_be_allowed_too(aws: RunningAws, account: str) -> None:
    bucket = make_bucket(aws, account)
    cloudtrail = aws.client(account, "cloudtrail")
    with refused("InsufficientS3BucketPolicyException"):
        cloudtrail.create_trail(Name="main", S3BucketName=bucket, S3KeyPrefix="audit")
    cloudtrail.create_trail(Name="main", S3BucketName=bucket)
    with refused("InsufficientS3BucketPolicyException"):
        cloudtrail.update_trail(Name="main", S3KeyPrefix="audit")
    s3 = aws.client(account, "s3")
    policy = s3.get_bucket_policy(Bucket=bucket)["Policy"].replace("/AWSLogs/", "/audit/AWSLogs/")
    s3.put_bucket_policy(Bucket=bucket, Policy=policy)
    cloudtrail.update_trail(Name="main", S3KeyPrefix="audit")


def test_a_bucket_may_be_in_another_account(aws: RunningAws, account: str) -> None:
    archive = new_account()
    policy = bucket_policy(f"logs-{archive}", [account], arn_of(account, "main"))
    bucket = make_bucket(aws, archive, policy=policy)
    aws.client(account, "cloudtrail").create_trail(Name="main", S3BucketName=bucket)


def test_a_bucket_of_another_account_is_closed_to_us(aws: RunningAws, account: str) -> None:
    owner = new_account()
    bucket = make_bucket(aws, owner)
    s3 = aws.client(account, "s3")
    with refused("AccessDenied", "is not authorized to perform: s3:GetBucketPolicy"):
        s3.get_bucket_policy(Bucket=bucket)
    with refused("AccessDenied"):
        s3.put_bucket_policy(Bucket=bucket, Policy="{}")
    with refused("403"):
        s3.head_bucket(Bucket=bucket)
    with refused("AccessDenied"):
        aws.client(owner, "s3").get_bucket_policy(Bucket=bucket, ExpectedBucketOwner=account)
    with refused("BucketAlreadyExists"):
        s3.create_bucket(Bucket=bucket)


def test_a_policy_that_closes_shows_up_as_failing_delivery(aws: RunningAws, account: str) -> None:
    arn = make_trail(aws, account)
    cloudtrail, s3 = aws.client(account, "cloudtrail"), aws.client(account, "s3")
    cloudtrail.start_logging(Name=arn)
    bucket = cloudtrail.get_trail(Name=arn)["Trail"]["S3BucketName"]
    policy = s3.get_bucket_policy(Bucket=bucket)["Policy"]
    s3.delete_bucket_policy(Bucket=bucket)
    failing = cloudtrail.get_trail_status(Name=arn)
    assert (failing["IsLogging"], failing["LatestDeliveryError"]) == (True, "AccessDenied")
    s3.put_bucket_policy(Bucket=bucket, Policy=policy)
    assert "LatestDeliveryError" not in cloudtrail.get_trail_status(Name=arn)
    s3.delete_bucket(Bucket=bucket)
    assert cloudtrail.get_trail_status(Name=arn)["LatestDeliveryError"] == "NoSuchBucket"


ACL = Access(
    "s3:GetBucketAcl", "arn:aws:s3:::logs", {"aws:sourcearn": "arn:aws:cloudtrail:x", "aws:securetransport": "true"}
)
GRANT: dict[str, Any] = {
    "Effect": "Allow",
    "Principal": {"Service": "cloudtrail.amazonaws.com"},
    "Action": "s3:GetBucketAcl",
    "Resource": "arn:aws:s3:::logs",
}


@pytest.mark.parametrize(
    ("change", "allowed"),
    [
        ({}, True),
        ({"Principal": {"Service": ["config.amazonaws.com", "cloudtrail.amazonaws.com"]}}, True),
        ({"Principal": "*"}, True),
        ({"Principal": {"AWS": "*"}}, True),
        ({"Principal": {"AWS": "arn:aws:iam::111122223333:root"}}, False),
        ({"Principal": {"Service": "config.amazonaws.com"}}, False),
        ({"Action": ["s3:PutObject", "S3:getbucketacl"]}, True),
        ({"Action": "s3:*"}, True),
        ({"Action": "s3:PutObject"}, False),
        ({"Resource": "arn:aws:s3:::lo?s"}, True),
        ({"Resource": "arn:aws:s3:::logs/*"}, False),
        ({"Resource": "arn:aws:s3:::log[s]"}, False),
        ({"Condition": {"StringEquals": {"aws:SourceArn": "arn:aws:cloudtrail:x"}}}, True),
        ({"Condition": {"StringEquals": {"AWS:SourceARN": ["no", "arn:aws:cloudtrail:x"]}}}, True),
        ({"Condition": {"StringEquals": {"aws:SourceArn": "arn:aws:cloudtrail:*"}}}, False),
        ({"Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:cloudtrail:*"}}}, True),
        ({"Condition": {"StringNotEquals": {"aws:SourceArn": "arn:aws:cloudtrail:x"}}}, False),
        ({"Condition": {"StringEquals": {"aws:SourceAccount": "111122223333"}}}, False),
        ({"Condition": {"StringEqualsIfExists": {"aws:SourceAccount": "111122223333"}}}, True),
        ({"Condition": {"Null": {"aws:SourceArn": "false"}}}, True),
        ({"Condition": {"Null": {"aws:SourceArn": "true"}}}, False),
        ({"Condition": {"Bool": {"aws:SecureTransport": True}}}, True),
        ({"Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}}, False),
    ],
)
def test_a_statement_grants_what_it_says(change: dict[str, Any], allowed: bool) -> None:
    assert allows({"Statement": [{**GRANT, **change}]}, ACL) is allowed


def test_a_deny_wins() -> None:
    deny = {"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}
    http_only = {**deny, "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
    strange = {**deny, "Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}}
    assert allows({"Statement": [GRANT, http_only]}, ACL)
    assert not allows({"Statement": [GRANT, deny]}, ACL)
    assert not allows({"Statement": [GRANT, strange]}, ACL)
    assert not allows(json.loads("{}"), ACL)
