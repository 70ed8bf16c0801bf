"""Who changed a trail, asked of AWS: the right calls, slowly enough, and what cannot be read is no empty history."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ReadTimeoutError

from bot.adapters.aws.cloud import BotoCloud
from bot.domain.trail import Account, Unreadable
from bot.domain.trail_events import DONE, TrailEvent
from tests.adapters.wire import Answer, Sent, Wire, assumed, error, ok
from tests.builders import ACCOUNT, HOUR, NOW, OWNER, account, trail_arn, trail_record
from tests.fakes import FakeClock

ARN = trail_arn()
EUROPE = trail_arn("europe", "eu-west-1")
SINCE = NOW - 24 * HOUR


def answered(*records: dict[str, Any], token: str = "") -> AWSResponse:
    events = [{"EventName": r.get("eventName"), "CloudTrailEvent": json.dumps(r)} for r in records]
    return ok(Events=events, **({"NextToken": token} if token else {}))


def by_name(**records: dict[str, Any]) -> Any:
    """StopLogging=the one record that is found when it is asked for; nothing else is found."""

    def answer(sent: Sent) -> AWSResponse:
        (wanted,) = sent.json["LookupAttributes"]
        return answered(*(r for name, r in records.items() if name == wanted["AttributeValue"]))

    return answer


def asking(wire: Wire, clock: FakeClock | None = None) -> BotoCloud:
    wire.answers |= {"sts:AssumeRole": assumed()}
    return BotoCloud(wire.session, clock or FakeClock(), ())


def look(wire: Wire, *trails: str, of: Account | None = None) -> tuple[TrailEvent, ...] | Unreadable:
    return asking(wire).trail_events(of or account(), trails or (ARN,), SINCE)


def test_each_kind_of_change_is_asked_for_once_by_the_audit_role_in_the_home_region(wire: Wire) -> None:
    wire.answers["cloudtrail:LookupEvents"] = answered()
    assert look(wire, EUROPE) == ()
    sent = wire.calls("LookupEvents")
    assert [s.json["LookupAttributes"] for s in sent] == [
        [{"AttributeKey": "EventName", "AttributeValue": name}] for name in DONE
    ]
    assert {(s.region, s.key, s.json["MaxResults"]) for s in sent} == {("eu-west-1", f"ASIA{ACCOUNT}", 50)}
    assert {datetime.fromtimestamp(s.json["StartTime"], UTC) for s in sent} == {SINCE}


def test_a_change_within_the_second_of_the_digest_before_counts(wire: Wire) -> None:
    wire.answers["cloudtrail:LookupEvents"] = answered()
    asking(wire).trail_events(account(), (ARN,), SINCE + timedelta(milliseconds=300))
    assert {datetime.fromtimestamp(s.json["StartTime"], UTC) for s in wire.calls("LookupEvents")} == {SINCE}


def test_the_changes_of_all_kinds_come_newest_first(wire: Wire) -> None:
    stopped = trail_record("StopLogging", at=NOW - HOUR)
    wire.answers["cloudtrail:LookupEvents"] = by_name(
        StopLogging=stopped, PutEventSelectors=trail_record("PutEventSelectors", "main"), UpdateTrail=trail_record("X")
    )
    alice = f"arn:aws:iam::{ACCOUNT}:user/alice"
    assert look(wire) == (
        TrailEvent(NOW, "PutEventSelectors", alice, ARN),
        TrailEvent(NOW - HOUR, "StopLogging", alice, ARN),
    )


def test_trails_of_one_region_share_the_calls_and_each_gets_its_own_changes(wire: Wire) -> None:
    spare = trail_arn("spare")
    both = trail_record(called=spare), trail_record(called="main"), trail_record(called="other")
    wire.answers["cloudtrail:LookupEvents"] = [answered(*both), answered()]
    found = look(wire, ARN, spare, ARN)
    assert not isinstance(found, Unreadable)
    assert sorted(event.trail for event in found) == sorted([ARN, spare])
    assert len(wire.calls("LookupEvents")) == len(DONE)


def test_trails_of_two_regions_are_asked_for_in_each(wire: Wire) -> None:
    wire.answers["cloudtrail:LookupEvents"] = answered()
    look(wire, ARN, EUROPE)
    assert [s.region for s in wire.calls("LookupEvents")] == ["us-east-1"] * 4 + ["eu-west-1"] * 4


def test_no_trail_costs_no_call(wire: Wire) -> None:
    assert asking(wire).trail_events(account(), (), SINCE) == ()
    assert wire.sent == []


def test_the_second_page_is_read_too_with_the_same_question(wire: Wire) -> None:
    wire.answers["cloudtrail:LookupEvents"] = [answered(token="more"), answered(trail_record()), answered()]
    (event,) = look(wire) or ()
    assert event.name == "StopLogging"
    first, second = wire.calls("LookupEvents")[:2]
    assert second.json == {**first.json, "NextToken": "more"}


def test_a_change_that_is_found_is_enough_however_many_there_are(wire: Wire) -> None:
    pages = [answered(trail_record(), token="2"), answered(token="3")]
    wire.answers["cloudtrail:LookupEvents"] = [*pages, answered()]
    found = look(wire)
    assert not isinstance(found, Unreadable)
    assert len(found) == 1
    assert len(wire.calls("LookupEvents")) == len(DONE) + 1


def test_many_calls_for_other_trails_hide_none(wire: Wire) -> None:
    other = trail_record(called="other")
    wire.answers["cloudtrail:LookupEvents"] = answered(other, token="more")
    found = look(wire)
    assert isinstance(found, Unreadable)
    assert found.sentence == (
        "there are more than 100 calls of StopLogging since then; look into CloudTrail's event history of us-east-1"
    )
    assert len(wire.calls("LookupEvents")) == 2


class Slow:
    """Each answer takes its time, and what the clock said is kept: at the call, and at its answer."""

    def __init__(self, clock: FakeClock, seconds: float) -> None:
        self.clock, self.seconds = clock, seconds
        self.called: list[datetime] = []
        self.ended: list[datetime] = []

    def __call__(self, _sent: Sent) -> AWSResponse:
        self.called.append(self.clock.now())
        self.clock.move(seconds=self.seconds)
        self.ended.append(self.clock.now())
        return answered()


@pytest.mark.parametrize("seconds", [0, 0.2, 3])
def test_never_more_than_two_calls_a_second(wire: Wire, seconds: float) -> None:
    clock = FakeClock()
    slow = Slow(clock, seconds)
    wire.answers["cloudtrail:LookupEvents"] = slow
    cloud = asking(wire, clock)
    for _ in range(2):
        cloud.trail_events(account(), (ARN,), SINCE)
    pauses = [after - end for end, after in zip(slow.ended, slow.called[1:], strict=False)]
    assert pauses == [timedelta(seconds=0.5)] * 7


def test_another_account_and_another_region_wait_for_nobody(wire: Wire) -> None:
    clock = FakeClock()
    wire.answers["cloudtrail:LookupEvents"] = error("AccessDeniedException")
    cloud = asking(wire, clock)
    cloud.trail_events(account(), (ARN,), SINCE)
    cloud.trail_events(account(), (EUROPE,), SINCE)
    cloud.trail_events(account(OWNER), (trail_arn(owner=OWNER),), SINCE)
    assert clock.slept == []


def test_a_pause_that_is_over_is_not_waited_for_and_a_clock_that_was_set_back_stops_nobody(wire: Wire) -> None:
    clock = FakeClock()
    wire.answers["cloudtrail:LookupEvents"] = error("AccessDeniedException")
    cloud = asking(wire, clock)
    for moved in (0, 10, -3600):
        clock.move(seconds=moved)
        cloud.trail_events(account(), (ARN,), SINCE)
    assert clock.slept == [0.5]


LOST: list[tuple[str, Answer, str, str]] = [
    ("denied", error("AccessDeniedException"), "AccessDeniedException", "cloudtrail:LookupEvents"),
    ("throttled", error("ThrottlingException", "Rate exceeded"), "ThrottlingException", ""),
    ("timed out", ReadTimeoutError(endpoint_url="https://aws.test"), "Timeout", ""),
    ("no events at all", ok(), "UnknownShape", ""),
    ("an event without its record", ok(Events=[{"EventName": "StopLogging"}]), "UnknownShape", ""),
    ("a record that is no JSON", ok(Events=[{"CloudTrailEvent": "{"}]), "UnknownShape", ""),
    ("a record that is a list", ok(Events=[{"CloudTrailEvent": "[1]"}]), "UnknownShape", ""),
    ("a record of another form", answered({"eventName": "StopLogging"}), "UnknownShape", ""),
]


@pytest.mark.parametrize(("answer", "code", "permission"), [r[1:] for r in LOST], ids=[r[0] for r in LOST])
def test_what_cannot_be_read_is_no_empty_history_and_ends_the_asking(
    wire: Wire, answer: Answer, code: str, permission: str
) -> None:
    wire.answers["cloudtrail:LookupEvents"] = answer
    found = look(wire)
    assert isinstance(found, Unreadable)
    assert (found.call, found.error, found.permission) == ("cloudtrail:LookupEvents", code, permission)
    assert len(wire.calls("LookupEvents")) == 1


def test_a_page_that_cannot_be_read_takes_the_first_one_with_it(wire: Wire) -> None:
    wire.answers["cloudtrail:LookupEvents"] = [answered(trail_record(), token="more"), error("ThrottlingException")]
    assert isinstance(look(wire), Unreadable)


def test_the_trail_of_another_account_is_not_looked_for_where_its_changes_are_not(wire: Wire) -> None:
    found = look(wire, trail_arn(owner=OWNER))
    assert isinstance(found, Unreadable)
    assert found.sentence == (
        "cloudtrail:LookupEvents shows it to the trail's owner only; look in the account 999900001111"
    )
    assert wire.sent == []
