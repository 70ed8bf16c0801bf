"""The policies that let CloudTrail use a key, a topic and a log group, as the user guide writes them."""

import json
from typing import Any

CLOUDTRAIL = {"Service": "cloudtrail.amazonaws.com"}

Statement = dict[str, Any]


def document(*statements: Statement) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def own_key(account: str) -> Statement:
    root = {"AWS": f"arn:aws:iam::{account}:root"}
    return {"Sid": "Own", "Effect": "Allow", "Principal": root, "Action": "kms:*", "Resource": "*"}


def encrypt(account: str) -> Statement:
    """Source: user guide, "Configure AWS KMS key policies for CloudTrail", encrypt permissions."""
    arns = {"kms:EncryptionContext:aws:cloudtrail:arn": f"arn:aws:cloudtrail:*:{account}:trail/*"}
    return {
        "Sid": "Encrypt",
        "Effect": "Allow",
        "Principal": CLOUDTRAIL,
        "Action": "kms:GenerateDataKey*",
        "Resource": "*",
        "Condition": {"StringLike": arns},
    }


def describe() -> Statement:
    """The same, "Enable CloudTrail to describe KMS key properties"."""
    return {
        "Sid": "Describe",
        "Effect": "Allow",
        "Principal": CLOUDTRAIL,
        "Action": "kms:DescribeKey",
        "Resource": "*",
    }


def publish(topic: str, trail: str) -> Statement:
    """Source: user guide, "Amazon SNS topic policy for CloudTrail"."""
    return {
        "Sid": "AWSCloudTrailSNSPolicy20131101",
        "Effect": "Allow",
        "Principal": CLOUDTRAIL,
        "Action": "SNS:Publish",
        "Resource": topic,
        "Condition": {"StringEquals": {"aws:SourceArn": trail}},
    }


def trust() -> Statement:
    return {"Effect": "Allow", "Principal": CLOUDTRAIL, "Action": "sts:AssumeRole"}


def deliver_logs(account: str, group: str, region: str = "us-east-1") -> list[Statement]:
    """Source: user guide, "Role policy document for CloudTrail to use CloudWatch Logs for monitoring"."""
    stream = f"arn:aws:logs:{region}:{account}:log-group:{group}:log-stream:{account}_CloudTrail_{region}*"
    return [
        {
            "Sid": "AWSCloudTrailCreateLogStream2014110",
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream"],
            "Resource": [stream],
        },
        {
            "Sid": "AWSCloudTrailPutLogEvents20141101",
            "Effect": "Allow",
            "Action": ["logs:PutLogEvents"],
            "Resource": [stream],
        },
    ]
