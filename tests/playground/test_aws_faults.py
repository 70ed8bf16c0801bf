"""Faults on demand, and the record of calls."""

import socket
import threading
from collections.abc import Mapping
from contextlib import closing
from typing import Any

import botocore.session
import pytest
from botocore.config import Config
from botocore.exceptions import ConnectionClosedError, ReadTimeoutError

from bot.playground.aws import Call, RunningAws, start_aws
from bot.playground.aws.calls import MOST_READS, CallLog
from tests.playground.aws_steps import (
    arn_of,
    delivering_at_once,
    described,
    make_bucket,
    make_trail,
    new_account,
    refused,
)
from tests.waiting import until


def calls_of(aws: RunningAws, account: str, operation: str) -> list[Call]:
    return [c for c in aws.calls() if (c.account_id, c.operation) == (account, operation)]


def test_a_denied_operation_says_so_in_awss_words_until_it_is_allowed(aws: RunningAws, account: str) -> None:
    arn = make_trail(aws, account)
    cloudtrail = aws.client(account, "cloudtrail")
    aws.deny(account, "cloudtrail:GetTrailStatus", "cloudtrail:Put*")
    words = (
        f"User: arn:aws:iam::{account}:user/administrator is not authorized to perform: cloudtrail:GetTrailStatus "
        f"on resource: {arn} because no identity-based policy allows the cloudtrail:GetTrailStatus action"
    )
    with refused("AccessDeniedException", words):
        cloudtrail.get_trail_status(Name=arn)
    with refused("AccessDeniedException"):
        cloudtrail.put_event_selectors(TrailName="main", EventSelectors=[{"ReadWriteType": "All"}])
    assert described(aws, account) == [arn]
    aws.allow(account, "cloudtrail:GetTrailStatus")
    cloudtrail.get_trail_status(Name=arn)
    with refused("AccessDeniedException"):
        cloudtrail.put_event_selectors(TrailName="main", EventSelectors=[{"ReadWriteType": "All"}])
    aws.allow(account)
    cloudtrail.put_event_selectors(TrailName="main", EventSelectors=[{"ReadWriteType": "All"}])


def test_a_denial_can_be_an_scp_and_concerns_one_account(aws: RunningAws, account: str) -> None:
    aws.deny(account, "cloudtrail:*", because="with an explicit deny in a service control policy")
    with refused("AccessDeniedException", "with an explicit deny in a service control policy"):
        aws.client(account, "cloudtrail").describe_trails()
    assert described(aws, new_account()) == []


def test_a_denial_can_be_one_callers(aws: RunningAws, account: str) -> None:
    cloudtrail = aws.client(account, "cloudtrail")
    aws.deny(account, "cloudtrail:*", to="SomeRole")
    cloudtrail.describe_trails()
    assert aws.denied(account) == {"SomeRole"}
    aws.deny(account, "cloudtrail:*", to="administrator")
    with refused("AccessDeniedException"):
        cloudtrail.describe_trails()
    aws.allow(account)
    cloudtrail.describe_trails()
    assert aws.denied(account) == set()


def test_a_role_can_be_denied_by_its_account(aws: RunningAws, account: str) -> None:
    sts = aws.client(new_account(), "sts")
    aws.deny(account, "sts:AssumeRole")
    role = f"arn:aws:iam::{account}:role/TrailwardenAudit"
    with refused("AccessDenied", f"is not authorized to perform: sts:AssumeRole on resource: {role}"):
        sts.assume_role(RoleArn=role, RoleSessionName="audit")
    sts.assume_role(RoleArn=role.replace(account, new_account()), RoleSessionName="audit")


def test_s3_is_denied_by_operation_or_by_permission(aws: RunningAws, account: str) -> None:
    s3 = aws.client(account, "s3")
    aws.deny(account, "s3:ListAllMyBuckets")
    with refused("AccessDenied", "s3:ListAllMyBuckets"):
        s3.list_buckets()


@pytest.mark.parametrize(
    ("service", "operation", "code", "status"),
    [
        ("cloudtrail", "describe_trails", "AccessDeniedException", 400),
        ("kms", "list_keys", "AccessDeniedException", 400),
        ("logs", "describe_log_groups", "AccessDeniedException", 400),
        ("iam", "list_roles", "AccessDenied", 403),
        ("s3", "list_buckets", "AccessDenied", 403),
        ("sns", "list_topics", "AuthorizationError", 403),
        ("account", "list_regions", "AccessDeniedException", 403),
    ],
)
def test_each_service_denies_in_its_own_words(
    aws: RunningAws, account: str, service: str, operation: str, code: str, status: int
) -> None:
    aws.deny(account, f"{service}:*")
    with refused(code, "is not authorized to perform", status=status):
        getattr(aws.client(account, service), operation)()


def test_a_denial_names_the_resource(aws: RunningAws, account: str) -> None:
    for operation in ("kms:PutKeyPolicy", "sns:CreateTopic", "logs:CreateLogGroup", "iam:GetRole"):
        aws.deny(account, operation)
    key = f"arn:aws:kms:us-east-1:{account}:key/one"
    with refused("AccessDeniedException", f"kms:PutKeyPolicy on resource: {key} because"):
        aws.client(account, "kms").put_key_policy(KeyId="one", PolicyName="default", Policy="{}")
    with refused("AuthorizationError", f"on resource: arn:aws:sns:us-east-1:{account}:trails because"):
        aws.client(account, "sns").create_topic(Name="trails")
    with refused("AccessDeniedException", f"on resource: arn:aws:logs:us-east-1:{account}:log-group:trails because"):
        aws.client(account, "logs").create_log_group(logGroupName="trails")
    with refused("AccessDenied", f"on resource: arn:aws:iam::{account}:role/logs because"):
        aws.client(account, "iam").get_role(RoleName="logs")


def test_throttling_ends_after_so_many_times(aws: RunningAws, account: str) -> None:
    make_trail(aws, account)
    cloudtrail = aws.client(account, "cloudtrail")
    aws.throttle(account, "cloudtrail:StartLogging", times=2)
    for _ in range(2):
        with refused("ThrottlingException", "Rate exceeded"):
            cloudtrail.start_logging(Name="main")
    assert cloudtrail.get_trail_status(Name="main")["IsLogging"] is False
    cloudtrail.start_logging(Name="main")
    assert [c.status for c in calls_of(aws, account, "StartLogging")] == [400, 400, 200]


@pytest.mark.parametrize(
    ("service", "operation", "code"),
    [
        ("s3", "list_buckets", "SlowDown"),
        ("sts", "get_caller_identity", "Throttling"),
        ("account", "list_regions", "TooManyRequestsException"),
        ("organizations", "list_accounts", "TooManyRequestsException"),
    ],
)
def test_each_service_throttles_in_its_own_words(
    aws: RunningAws, account: str, service: str, operation: str, code: str
) -> None:
    aws.throttle(account, f"{service}:*", times=1)
    with refused(code):
        getattr(aws.client(account, service), operation)()


def test_botocore_retries_through_throttling(aws: RunningAws, account: str) -> None:
    make_trail(aws, account)
    aws.throttle(account, "cloudtrail:DescribeTrails", times=1)
    with closing(patient_client(aws, account)) as cloudtrail:
        assert len(cloudtrail.describe_trails()["trailList"]) == 1
    assert [c.status for c in calls_of(aws, account, "DescribeTrails")] == [400, 200]


def patient_client(aws: RunningAws, account: str) -> Any:
    """With the bot's keys in this account: the clients of RunningAws never try again."""
    role = f"arn:aws:iam::{account}:role/TrailwardenAudit"
    keys = aws.client(account, "sts").assume_role(RoleArn=role, RoleSessionName="patient")["Credentials"]
    return client_with(aws, keys, retries={"mode": "standard", "total_max_attempts": 2})


def client_with(aws: RunningAws, keys: Mapping[str, str], region: str = "us-east-1", **config: Any) -> Any:
    return botocore.session.Session().create_client(
        "cloudtrail",
        region_name=region,
        endpoint_url=aws.endpoint_url,
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
        config=Config(**config),
    )


def test_any_error_can_be_answered(aws: RunningAws, account: str) -> None:
    make_trail(aws, account)
    cloudtrail = aws.client(account, "cloudtrail")
    aws.refuse(account, "cloudtrail:StartLogging", "ConflictException", "Try again in a few minutes.")
    with pytest.raises(cloudtrail.exceptions.ConflictException, match="Try again in a few minutes"):
        cloudtrail.start_logging(Name="main")
    cloudtrail.start_logging(Name="main")


def test_a_lost_answer_was_carried_out(aws: RunningAws, account: str) -> None:
    make_trail(aws, account)
    cloudtrail = aws.client(account, "cloudtrail")
    aws.lose_answer(account, "cloudtrail:StartLogging")
    with pytest.raises(ConnectionClosedError):
        cloudtrail.start_logging(Name="main")
    assert cloudtrail.get_trail_status(Name="main")["IsLogging"] is True
    assert [c.status for c in calls_of(aws, account, "StartLogging")] == [0]


def test_a_held_request_is_seen_before_it_is_carried_out(aws: RunningAws, account: str) -> None:
    make_trail(aws, account)
    cloudtrail = aws.client(account, "cloudtrail")
    aws.delay(account, "cloudtrail:StartLogging", seconds=1)
    starting = threading.Thread(target=cloudtrail.start_logging, kwargs={"Name": "main"})
    starting.start()
    until(lambda: calls_of(aws, account, "StartLogging"))
    assert cloudtrail.get_trail_status(Name="main")["IsLogging"] is False
    starting.join()
    assert cloudtrail.get_trail_status(Name="main")["IsLogging"] is True


def test_a_held_request_times_out_and_is_carried_out_all_the_same(aws: RunningAws, account: str) -> None:
    make_trail(aws, account)
    role = f"arn:aws:iam::{account}:role/TrailwardenChange"
    keys = aws.client(account, "sts").assume_role(RoleArn=role, RoleSessionName="hasty")["Credentials"]
    aws.delay(account, "cloudtrail:StartLogging", seconds=0.5)
    with (
        closing(client_with(aws, keys, read_timeout=0.1, retries={"total_max_attempts": 1})) as hasty,
        pytest.raises(ReadTimeoutError),
    ):
        hasty.start_logging(Name="main")
    until(lambda: aws.client(account, "cloudtrail").get_trail_status(Name="main")["IsLogging"])


def test_a_policy_can_take_a_moment_to_be_seen(aws: RunningAws, account: str) -> None:
    aws.refuse(account, "cloudtrail:CreateTrail", "InsufficientS3BucketPolicyException", times=2)
    bucket = make_bucket(aws, account)
    cloudtrail = aws.client(account, "cloudtrail")
    for _ in range(2):
        with refused("InsufficientS3BucketPolicyException", status=400):
            cloudtrail.create_trail(Name="main", S3BucketName=bucket)
    cloudtrail.create_trail(Name="main", S3BucketName=bucket)


def test_a_refusal_can_be_a_failure_of_aws(aws: RunningAws, account: str) -> None:
    aws.refuse(account, "s3:PutBucketPolicy", "InternalError", status=500)
    with refused("InternalError", status=500):
        make_bucket(aws, account)


def test_broken_delivery_is_told_and_can_be_mended(aws: RunningAws, account: str) -> None:
    arn = make_trail(aws, account)
    cloudtrail = aws.client(account, "cloudtrail")
    cloudtrail.start_logging(Name=arn)
    aws.break_delivery(account, "main", "KMS.DisabledException")
    broken = cloudtrail.get_trail_status(Name=arn)
    assert (broken["IsLogging"], broken["LatestDeliveryError"]) == (True, "KMS.DisabledException")
    assert (broken["StartLoggingTime"] - broken["LatestDeliveryTime"]).days >= 2
    aws.break_delivery(account, "main", "")
    stale = cloudtrail.get_trail_status(Name=arn)
    assert "LatestDeliveryError" not in stale
    assert (stale["StartLoggingTime"] - stale["LatestDeliveryTime"]).days >= 2
    aws.mend_delivery(account, "main")
    with delivering_at_once(aws):
        mended = cloudtrail.get_trail_status(Name=arn)
    assert mended["LatestDeliveryTime"] > mended["StartLoggingTime"]


def test_every_call_is_written_down(aws: RunningAws, account: str) -> None:
    sts = aws.client(new_account(), "sts")
    role = f"arn:aws:iam::{account}:role/TrailwardenChange"
    sts.assume_role(RoleArn=role, RoleSessionName="C-42-U123")
    (assumed,) = [c for c in aws.calls() if c.target_account == account]
    assert (assumed.name, assumed.status) == ("sts:AssumeRole", 200)
    assert assumed.parameters == {"RoleArn": role, "RoleSessionName": "C-42-U123"}


def test_a_call_knows_role_and_session(aws: RunningAws, account: str) -> None:
    role = f"arn:aws:iam::{account}:role/TrailwardenChange"
    given = aws.client(new_account(), "sts").assume_role(RoleArn=role, RoleSessionName="C-42-U123")["Credentials"]
    with (
        closing(client_with(aws, given, "eu-west-1")) as client,
        refused("TrailNotFoundException"),
    ):
        client.start_logging(Name=arn_of(account, "main", "eu-west-1"))
    (call,) = calls_of(aws, account, "StartLogging")
    assert (call.role, call.session, call.region) == ("TrailwardenChange", "C-42-U123", "eu-west-1")
    assert (call.access_key, call.status, call.reads) == (given["AccessKeyId"], 400, False)


def test_a_taken_port_is_an_error(aws: RunningAws) -> None:
    port = int(aws.endpoint_url.rsplit(":", 1)[1])
    with pytest.raises(OSError, match="in use"):
        start_aws(port=port, seed=None)
    with socket.create_connection(("127.0.0.1", port)):
        pass


def test_no_web_page_may_call(aws: RunningAws) -> None:
    with socket.create_connection(("127.0.0.1", int(aws.endpoint_url.rsplit(":", 1)[1]))) as page:
        page.sendall(b"POST /moto-api/reset HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: https://evil.example\r\n\r\n")
        assert b" 403 " in page.recv(100)


def test_a_roles_next_write_is_told_once_before_it_is_carried_out(aws: RunningAws, account: str) -> None:
    bucket = make_bucket(aws, account)
    role = f"arn:aws:iam::{account}:role/Changer"
    keys = aws.client(account, "sts").assume_role(RoleArn=role, RoleSessionName="C-1")["Credentials"]
    changer = botocore.session.Session().create_client(
        "cloudtrail",
        region_name="us-east-1",
        endpoint_url=aws.endpoint_url,
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
    )
    seen: list[list[str]] = []
    aws.when_written("Changer", lambda: seen.append([t["Name"] for t in aws.trails(account)]))
    changer.describe_trails()
    aws.client(account, "cloudtrail").create_trail(Name="by-another", S3BucketName=bucket)
    assert aws.awaits_a_write()
    changer.create_trail(Name="by-the-role", S3BucketName=bucket)
    changer.start_logging(Name="by-the-role")
    assert seen == [["by-another"]]
    assert not aws.awaits_a_write()


def test_every_write_is_remembered_and_of_the_reads_the_last_ones() -> None:
    log = CallLog()
    log.add(Call("111122223333", "us-east-1", "cloudtrail", "StopLogging", "AKIA"))(200, "")
    for number in range(MOST_READS + 3):
        log.add(Call("111122223333", "us-east-1", "cloudtrail", "GetTrailStatus", str(number)))
    kept = log.all()
    assert (kept[0].operation, kept[0].status) == ("StopLogging", 200)
    assert [call.access_key for call in kept[1:]] == [str(number) for number in range(3, MOST_READS + 3)]
