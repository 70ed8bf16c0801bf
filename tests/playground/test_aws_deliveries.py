"""What arrives, and when: the log files of a trail, seen in its bucket and in GetTrailStatus."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.playground.aws import RunningAws
from bot.playground.aws.log_files import KEPT
from tests.playground.aws_steps import bucket_of, delivering_at_once, make_bucket, make_trail, refused


@pytest.fixture
def cloudtrail(aws: RunningAws, account: str) -> Any:
    """Of an account whose trail "main" logs."""
    make_trail(aws, account)
    client = aws.client(account, "cloudtrail")
    client.start_logging(Name="main")
    return client


@pytest.fixture
def at_once(aws: RunningAws) -> Iterator[None]:
    with delivering_at_once(aws):
        yield


def files(aws: RunningAws, account: str) -> list[str]:
    listed = aws.client(account, "s3").list_objects_v2(Bucket=bucket_of(account))
    return [found["Key"] for found in listed.get("Contents", ())]


@pytest.mark.usefixtures("cloudtrail")
def test_the_first_log_file_takes_a_while(aws: RunningAws, account: str) -> None:
    assert files(aws, account) == []


@pytest.mark.usefixtures("cloudtrail", "at_once")
def test_a_log_file_lies_where_aws_puts_it(aws: RunningAws, account: str) -> None:
    (file,) = files(aws, account)
    today = datetime.now(UTC)
    assert file.startswith(f"AWSLogs/{account}/CloudTrail/us-east-1/{today:%Y/%m}/")
    assert f"/{account}_CloudTrail_us-east-1_{today:%Y%m}" in file
    assert file.endswith(".json.gz")


@pytest.mark.usefixtures("cloudtrail", "at_once")
def test_a_trail_that_is_looked_at_for_long_fills_no_memory(aws: RunningAws, account: str) -> None:
    (first,) = files(aws, account)
    for _ in range(2 * KEPT):
        aws.trails(account)
    kept = files(aws, account)
    assert (len(kept), first in kept) == (KEPT, False)


@pytest.mark.usefixtures("at_once")
def test_no_file_comes_from_a_trail_that_is_locked_out_or_stopped(aws: RunningAws, account: str) -> None:
    make_trail(aws, account)
    s3, cloudtrail = aws.client(account, "s3"), aws.client(account, "cloudtrail")
    s3.delete_bucket_policy(Bucket=bucket_of(account))
    cloudtrail.start_logging(Name="main")
    assert files(aws, account) == []
    cloudtrail.stop_logging(Name="main")
    assert files(aws, account) == []
    assert "LatestDeliveryTime" not in cloudtrail.get_trail_status(Name="main")


def test_deliveries_that_stopped_without_a_word_go_stale(aws: RunningAws, account: str, cloudtrail: Any) -> None:
    aws.break_delivery(account, "main", error="")
    status = cloudtrail.get_trail_status(Name="main")
    assert (status["IsLogging"], "LatestDeliveryError" in status) == (True, False)
    assert datetime.now(UTC) - status["LatestDeliveryTime"] > timedelta(days=2)


@pytest.mark.parametrize("bucket", ["Bad_Name", "a..b", "192.168.5.4"])
def test_what_is_no_bucket_name_is_refused(aws: RunningAws, account: str, bucket: str) -> None:
    with refused("InvalidS3BucketNameException", status=400):
        aws.client(account, "cloudtrail").create_trail(Name="main", S3BucketName=bucket)


def test_a_prefix_of_more_than_200_characters_is_refused(aws: RunningAws, account: str) -> None:
    bucket = make_bucket(aws, account)
    with refused("InvalidS3PrefixException", status=400):
        aws.client(account, "cloudtrail").create_trail(Name="main", S3BucketName=bucket, S3KeyPrefix="p" * 201)


def test_an_update_looks_at_the_new_bucket(aws: RunningAws, account: str, cloudtrail: Any) -> None:
    closed = make_bucket(aws, account, policy="")
    with refused("InsufficientS3BucketPolicyException", status=400):
        cloudtrail.update_trail(Name="main", S3BucketName=closed)
    with refused("S3BucketDoesNotExistException", status=400):
        cloudtrail.update_trail(Name="main", S3BucketName=f"{closed}-2")
    assert cloudtrail.get_trail(Name="main")["Trail"]["S3BucketName"] == bucket_of(account)


def test_a_requester_pays_bucket_takes_no_log_files(aws: RunningAws, account: str, cloudtrail: Any) -> None:
    s3, bucket = aws.client(account, "s3"), bucket_of(account)
    s3.put_bucket_request_payment(Bucket=bucket, RequestPaymentConfiguration={"Payer": "Requester"})
    assert s3.get_bucket_request_payment(Bucket=bucket)["Payer"] == "Requester"
    assert cloudtrail.get_trail_status(Name="main")["LatestDeliveryError"] == "AccessDenied"
    with refused("InsufficientS3BucketPolicyException", status=400):
        cloudtrail.create_trail(Name="second", S3BucketName=bucket)
