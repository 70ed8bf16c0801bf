"""The event history: LookupEvents, out of the calls that came in."""

import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.adapters.aws.cloud import BotoCloud
from bot.adapters.aws.session import Roles, Session
from bot.adapters.clock import SystemClock
from bot.domain.trail import Account, Unreadable
from bot.playground.aws import Call, RunningAws
from tests.playground.aws_steps import make_bucket, make_trail, new_account, refused

A_SECOND = 1.01
ONE_MINUTE = timedelta(minutes=1)


def happened(aws: RunningAws, account: str, operation: str = "StopLogging", ago: timedelta = ONE_MINUTE) -> Call:
    """A call that the history has; its name tells it from others."""
    arn = f"arn:aws:iam::{account}:user/alice"
    at = datetime.now(UTC) - ago
    call = Call(account, "us-east-1", "cloudtrail", operation, "AKIA", arn=arn, at=at, parameters={"Name": "main"})
    aws.gate.log.add(call)(200, "")
    return call


def look(aws: RunningAws, account: str, region: str = "us-east-1", **asked: Any) -> dict[str, Any]:
    return dict(aws.client(account, "cloudtrail", region).lookup_events(**asked))


def named(name: str) -> list[dict[str, str]]:
    return [{"AttributeKey": "EventName", "AttributeValue": name}]


def record(event: dict[str, Any]) -> dict[str, Any]:
    assert isinstance(event["CloudTrailEvent"], str)
    return dict(json.loads(event["CloudTrailEvent"]))


def names(answer: dict[str, Any]) -> list[str]:
    return [event["EventName"] for event in answer["Events"]]


def test_a_record_is_text_and_tells_who_did_what_and_when(aws: RunningAws, account: str) -> None:
    arn = make_trail(aws, account)
    aws.client(account, "cloudtrail").stop_logging(Name=arn)
    (event,) = look(aws, account, LookupAttributes=named("StopLogging"))["Events"]
    found = record(event)
    assert (found["eventName"], found["awsRegion"], found["readOnly"]) == ("StopLogging", "us-east-1", False)
    assert found["requestParameters"] == {"name": arn}
    assert found["userIdentity"]["arn"] == f"arn:aws:iam::{account}:user/administrator"
    assert datetime.strptime(found["eventTime"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC) == event["EventTime"]
    assert "errorCode" not in found


def test_parameters_are_spelt_as_cloudtrail_spells_them(aws: RunningAws, account: str) -> None:
    make_trail(aws, account)
    wanted = [{"ReadWriteType": "WriteOnly", "IncludeManagementEvents": True}]
    aws.client(account, "cloudtrail").put_event_selectors(TrailName="main", EventSelectors=wanted)
    (event,) = look(aws, account, LookupAttributes=named("PutEventSelectors"))["Events"]
    selectors = [{"readWriteType": "WriteOnly", "includeManagementEvents": True}]
    assert record(event)["requestParameters"] == {"trailName": "main", "eventSelectors": selectors}


def test_a_role_is_named_with_its_session(aws: RunningAws, account: str) -> None:
    arn = f"arn:aws:sts::{account}:assumed-role/TrailwardenChange/C-42-U0APPROVER"
    role, session = "TrailwardenChange", "C-42-U0APPROVER"
    call = Call(account, "us-east-1", "cloudtrail", "StopLogging", "ASIA", session=session, role=role, arn=arn)
    aws.gate.log.add(call)(200, "")
    (event,) = look(aws, account)["Events"]
    assert event["Username"] == session
    identity = record(event)["userIdentity"]
    assert (identity["type"], identity["arn"]) == ("AssumedRole", arn)
    assert identity["sessionContext"]["sessionIssuer"]["arn"] == f"arn:aws:iam::{account}:role/{role}"


def test_a_call_that_failed_is_there_with_its_error(aws: RunningAws, account: str) -> None:
    aws.deny(account, "cloudtrail:DeleteTrail")
    cloudtrail = aws.client(account, "cloudtrail")
    with refused("AccessDeniedException"):
        cloudtrail.delete_trail(Name="main")
    with refused("TrailNotFoundException"):
        cloudtrail.stop_logging(Name="main")
    errors = {e["EventName"]: record(e).get("errorCode") for e in look(aws, account)["Events"]}
    assert errors == {"DeleteTrail": "AccessDeniedException", "StopLogging": "TrailNotFoundException"}


def test_the_error_of_a_service_that_answers_in_xml_is_there_too(aws: RunningAws, account: str) -> None:
    with refused("NoSuchBucketPolicy"):
        aws.client(account, "s3").get_bucket_policy(Bucket=make_bucket(aws, account, policy=""))
    (event,) = look(aws, account, LookupAttributes=named("GetBucketPolicy"))["Events"]
    assert record(event)["errorCode"] == "NoSuchBucketPolicy"


def test_a_call_whose_answer_was_lost_is_there(aws: RunningAws, account: str) -> None:
    make_trail(aws, account)
    aws.lose_answer(account, "cloudtrail:StartLogging")
    with pytest.raises(Exception, match="Connection"):
        aws.client(account, "cloudtrail").start_logging(Name="main")
    (event,) = look(aws, account, LookupAttributes=named("StartLogging"))["Events"]
    assert "errorCode" not in record(event)


def test_data_events_are_not_there(aws: RunningAws, account: str) -> None:
    bucket = make_bucket(aws, account, policy="")
    s3 = aws.client(account, "s3")
    s3.put_object(Bucket=bucket, Key="a", Body=b"x")
    s3.get_object(Bucket=bucket, Key="a")
    s3.list_objects_v2(Bucket=bucket)
    assert names(look(aws, account)) == ["CreateBucket"]


def test_it_goes_back_for_90_days(aws: RunningAws, account: str) -> None:
    happened(aws, account, "StopLogging", timedelta(days=90, minutes=1))
    happened(aws, account, "StartLogging", timedelta(days=89))
    assert names(look(aws, account, StartTime=datetime.now(UTC) - timedelta(days=365))) == ["StartLogging"]


def test_it_is_of_one_account_and_one_region(aws: RunningAws, account: str) -> None:
    happened(aws, account)
    assert names(look(aws, account)) == ["StopLogging"]
    assert look(aws, account, "eu-west-1")["Events"] == []
    assert look(aws, new_account())["Events"] == []


def test_both_ends_of_the_time_belong_to_it(aws: RunningAws, account: str) -> None:
    older, newer = happened(aws, account, "StopLogging", 3 * ONE_MINUTE), happened(aws, account, "StartLogging")
    first, second = (call.at.replace(microsecond=0) for call in (older, newer))
    assert names(look(aws, account, StartTime=first, EndTime=second)) == ["StartLogging", "StopLogging"]
    assert names(look(aws, account, StartTime=first + timedelta(seconds=1), EndTime=second)) == ["StartLogging"]
    time.sleep(A_SECOND)
    assert names(look(aws, account, StartTime=first, EndTime=second - timedelta(seconds=1))) == ["StopLogging"]


def test_a_time_that_ends_before_it_starts_is_refused(aws: RunningAws, account: str) -> None:
    now = datetime.now(UTC)
    with refused("InvalidTimeRangeException"):
        look(aws, account, StartTime=now, EndTime=now - ONE_MINUTE)


FILTERS = [
    ("EventName", "StopLogging", "StartLogging"),
    ("ReadOnly", "false", "true"),
    ("Username", "alice", "bob"),
    ("EventSource", "cloudtrail.amazonaws.com", "s3.amazonaws.com"),
    ("AccessKeyId", "AKIA", "ASIA"),
]


@pytest.mark.parametrize(("key", "its", "other"), FILTERS, ids=[row[0] for row in FILTERS])
def test_an_attribute_chooses(aws: RunningAws, account: str, key: str, its: str, other: str) -> None:
    happened(aws, account)
    chosen = look(aws, account, LookupAttributes=[{"AttributeKey": key, "AttributeValue": its}])
    assert names(chosen) == ["StopLogging"]
    left_out = look(aws, account, LookupAttributes=[{"AttributeKey": key, "AttributeValue": other}])
    assert "StopLogging" not in names(left_out)


def test_an_event_is_found_by_its_id(aws: RunningAws, account: str) -> None:
    happened(aws, account)
    happened(aws, account, "StartLogging")
    newest = look(aws, account)["Events"][0]
    by_id = [{"AttributeKey": "EventId", "AttributeValue": newest["EventId"]}]
    assert look(aws, account, LookupAttributes=by_id)["Events"] == [newest]


WRONG: list[list[dict[str, str]]] = [
    [*named("StopLogging"), *named("DeleteTrail")],
    [{"AttributeKey": "Colour", "AttributeValue": "red"}],
    [{"AttributeKey": "EventName", "AttributeValue": "x" * 2001}],
]


@pytest.mark.parametrize("attributes", WRONG, ids=["two", "unknown", "too long"])
def test_more_than_one_attribute_or_a_wrong_one_is_refused(
    aws: RunningAws, account: str, attributes: list[dict[str, str]]
) -> None:
    with refused("InvalidLookupAttributesException"):
        look(aws, account, LookupAttributes=attributes)


def test_insights_are_none_and_other_categories_are_refused(aws: RunningAws, account: str) -> None:
    happened(aws, account)
    assert look(aws, account, EventCategory="insight")["Events"] == []
    with refused("InvalidEventCategoryException"):
        look(aws, account, EventCategory="management")


def test_a_page_has_50_events_and_the_next_one_goes_on_whatever_happens_meanwhile(
    aws: RunningAws, account: str
) -> None:
    ids = [happened(aws, account, f"Number{n}", timedelta(hours=100 - n)).operation for n in range(60)]
    first = look(aws, account)
    happened(aws, account, "Later")
    second = look(aws, account, NextToken=first["NextToken"])
    assert len(first["Events"]) == 50
    assert names(first)[0] == "Number59"
    assert sorted(n for n in names(first) + names(second) if n in ids) == sorted(ids)
    assert "Later" not in names(second)
    assert "NextToken" not in second


def test_a_page_of_more_than_50_is_refused(aws: RunningAws, account: str) -> None:
    with refused("InvalidMaxResultsException"):
        look(aws, account, MaxResults=51)


def test_a_token_is_good_for_the_same_question_only(aws: RunningAws, account: str) -> None:
    happened(aws, account)
    happened(aws, account)
    token = look(aws, account, LookupAttributes=named("StopLogging"), MaxResults=1)["NextToken"]
    with refused("InvalidNextTokenException"):
        look(aws, account, LookupAttributes=named("DeleteTrail"), NextToken=token)
    time.sleep(A_SECOND)
    with refused("InvalidNextTokenException"):
        look(aws, account, NextToken="50")
    assert len(look(aws, account, LookupAttributes=named("StopLogging"), NextToken=token)["Events"]) == 1


def test_a_third_call_within_a_second_is_throttled(aws: RunningAws, account: str) -> None:
    for _ in range(2):
        look(aws, account)
    with refused("ThrottlingException", "Rate exceeded", status=400):
        look(aws, account)
    look(aws, account, "eu-west-1")
    look(aws, new_account())
    time.sleep(A_SECOND)
    for _ in range(2):
        look(aws, account)


def test_the_bot_reads_who_changed_a_trail_and_is_never_throttled(
    aws: RunningAws, account: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    arn = make_trail(aws, account)
    aws.client(account, "cloudtrail").stop_logging(Name="main")
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    for name, value in aws.environment().items():
        monkeypatch.setenv(name, value)
    cloud = BotoCloud(Session(Roles("TrailwardenAudit", "TrailwardenChange")), SystemClock(), ())
    found = cloud.trail_events(Account(account), (arn,), datetime.now(UTC) - timedelta(days=1))
    assert not isinstance(found, Unreadable)
    assert [(e.name, e.actor) for e in found] == [("StopLogging", f"arn:aws:iam::{account}:user/administrator")]
    asked = [c.status for c in aws.calls() if (c.account_id, c.operation) == (account, "LookupEvents")]
    assert asked == [200] * 4
