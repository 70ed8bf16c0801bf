"""Starting and stopping the pretend AWS, and meeting it from another process."""

import os
import subprocess
import sys

from bot.playground.aws import MANAGEMENT_ACCOUNT, start_aws
from tests.playground.aws_steps import described, make_trail, new_account

FOREIGN_PROCESS = """
import boto3
account = boto3.client("sts").get_caller_identity()["Account"]
boto3.client("s3control").list_access_points(AccountId=account)
print(account)
"""


def test_seeding_leaves_no_calls() -> None:
    aws = start_aws()
    calls = aws.calls()
    aws.stop()
    assert calls == []


def test_each_start_begins_with_an_empty_aws_and_a_stop_frees_the_port() -> None:
    account = new_account()
    first = start_aws(seed=None)
    make_trail(first, account)
    first.stop()
    second = start_aws(port=int(first.endpoint_url.rsplit(":", 1)[1]), seed=None)
    seen = described(second, account)
    make_trail(second, account)
    second.stop()
    assert seen == []


def test_another_process_needs_only_the_environment() -> None:
    aws = start_aws(seed=None)
    environment = {k: v for k, v in os.environ.items() if k != "AWS_PROFILE"} | aws.environment()
    told = subprocess.run(
        [sys.executable, "-c", FOREIGN_PROCESS], env=environment, capture_output=True, text=True, check=True
    )
    aws.stop()
    assert told.stdout.strip() == MANAGEMENT_ACCOUNT
    assert [c.name for c in aws.calls()] == ["sts:GetCallerIdentity", "s3control:ListAccessPoints"]
