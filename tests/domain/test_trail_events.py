"""Who changed a trail: which records are changes of it, and what people are told."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.domain.trail_events import DONE, TrailEvent, history, is_trail, picked
from tests.builders import ACCOUNT, HOUR, NOW, OWNER, REGION, denied, trail_arn, trail_event, trail_record

ARN = trail_arn()
ROLE = f"arn:aws:sts::{ACCOUNT}:assumed-role"


def identity(**different: str) -> dict[str, Any]:
    return {"type": "AssumedRole", "accountId": ACCOUNT, **different}


@pytest.mark.parametrize("name", DONE)
@pytest.mark.parametrize("called", [ARN, "main"])
def test_each_of_the_four_calls_is_a_change_of_the_trail_by_name_or_by_arn(name: str, called: str) -> None:
    (event,) = picked([trail_record(name, called)], ARN)
    assert event == TrailEvent(NOW, name, f"arn:aws:iam::{ACCOUNT}:user/alice", ARN)


OTHERS = {
    "another name": trail_record(called="spare"),
    "a longer name": trail_record(called="main-2"),
    "another account's ARN": trail_record(called=trail_arn(owner=OWNER)),
    "a namesake in another region": trail_record(awsRegion="eu-west-1"),
    "a call that failed": trail_record(errorCode="AccessDenied"),
    "another call": trail_record("StartLogging"),
    "another service": trail_record(eventSource="example.amazonaws.com"),
    "a failed call without parameters": trail_record(errorCode="AccessDenied", requestParameters=None),
}


@pytest.mark.parametrize("record", OTHERS.values(), ids=OTHERS)
def test_what_did_not_change_the_trail_is_none(record: dict[str, Any]) -> None:
    assert picked([record], ARN) == ()


def test_the_newest_comes_first() -> None:
    records = [trail_record("StopLogging", at=NOW - HOUR), trail_record("UpdateTrail", at=NOW)]
    assert [event.name for event in picked(records, ARN)] == ["UpdateTrail", "StopLogging"]


STRANGE = {
    "without a time": trail_record(eventTime=None),
    "a time of another form": trail_record(eventTime="yesterday"),
    "without parameters": trail_record(requestParameters=None),
    "the trail under another word": trail_record(requestParameters={"Name": "main"}),
    "without an identity": trail_record(userIdentity=None),
    "no record": {},
}


@pytest.mark.parametrize("record", STRANGE.values(), ids=STRANGE)
def test_a_shape_that_nobody_has_seen_is_an_error_and_not_an_empty_history(record: dict[str, Any]) -> None:
    with pytest.raises((KeyError, TypeError, AttributeError, ValueError)):
        picked([record], ARN)


ACTORS = [
    (identity(arn=f"{ROLE}/Admin/alice@example.com"), "Admin/alice@example.com"),
    (identity(arn=f"{ROLE}/TrailwardenChange/C-42-U0APPROVER"), "TrailwardenChange/C-42-U0APPROVER"),
    (
        identity(arn=f"arn:aws:sts::{OWNER}:assumed-role/TrailwardenChange/C-42-U0APPROVER"),
        f"arn:aws:sts::{OWNER}:assumed-role/TrailwardenChange/C-42-U0APPROVER",
    ),
    (identity(type="Root", arn=f"arn:aws:iam::{ACCOUNT}:root"), f"arn:aws:iam::{ACCOUNT}:root"),
    (identity(type="AWSService", invokedBy="controltower.amazonaws.com"), "controltower.amazonaws.com"),
    (identity(type="Unknown"), ""),
]


@pytest.mark.parametrize(("who", "actor"), ACTORS, ids=[actor or "nobody" for _, actor in ACTORS])
def test_the_actor_is_a_role_with_its_session_an_arn_or_a_service(who: dict[str, Any], actor: str) -> None:
    (event,) = picked([trail_record(userIdentity=who)], ARN)
    assert event.actor == actor


SENTENCES = [
    (
        trail_event("StopLogging", "Admin/alice"),
        "Trail main was stopped by Admin/alice at 2026-11-23 09:00 UTC.",
    ),
    (
        trail_event("DeleteTrail", "Admin/alice"),
        "Trail main was deleted by Admin/alice at 2026-11-23 09:00 UTC.",
    ),
    (
        trail_event("UpdateTrail", "controltower.amazonaws.com"),
        "Trail main was changed by controltower.amazonaws.com at 2026-11-23 09:00 UTC.",
    ),
    (
        trail_event("PutEventSelectors", f"arn:aws:iam::{ACCOUNT}:root"),
        f"Trail main was given other event selectors by arn:aws:iam::{ACCOUNT}:root at 2026-11-23 09:00 UTC.",
    ),
    (
        trail_event("StopLogging", "TrailwardenChange/C-42-U0APPROVER"),
        "Trail main was stopped by Trailwarden, C-42, at 2026-11-23 09:00 UTC.",
    ),
    (
        trail_event("StopLogging", "TrailwardenChange/alice"),
        "Trail main was stopped by TrailwardenChange/alice at 2026-11-23 09:00 UTC.",
    ),
    (
        trail_event("StopLogging", "Admin/C-42-U0APPROVER"),
        "Trail main was stopped by Admin/C-42-U0APPROVER at 2026-11-23 09:00 UTC.",
    ),
    (
        trail_event("StopLogging", ""),
        "Trail main was stopped at 2026-11-23 09:00 UTC; CloudTrail does not say by whom.",
    ),
]


@pytest.mark.parametrize(("event", "sentence"), SENTENCES, ids=[f"{e.name} {e.actor}" for e, _ in SENTENCES])
def test_people_are_told_what_was_done_by_whom_and_when(event: TrailEvent, sentence: str) -> None:
    assert event.sentence == sentence


def told(*events: TrailEvent, since: datetime = NOW - 24 * HOUR) -> str:
    return history(events, (ARN,), since)


def test_a_history_tells_the_newest_three_and_counts_the_rest() -> None:
    many = [trail_event(at=NOW - n * HOUR) for n in range(5)]
    assert told(*many[:2]) == f"{many[0].sentence} {many[1].sentence}"
    assert told(*many[:4]).endswith(f"{many[2].sentence} 1 earlier change is in CloudTrail's event history.")
    assert told(*many).endswith(f"{many[2].sentence} 2 earlier changes are in CloudTrail's event history.")


def test_no_change_that_is_known_is_not_said_to_be_no_change() -> None:
    assert told() == (
        "CloudTrail's event history has no change of trail main itself since 2026-11-22 09:00 UTC; "
        "a change takes some minutes to appear there."
    )


def test_who_could_not_look_says_what_it_needs() -> None:
    assert history(denied("cloudtrail:LookupEvents"), (ARN,), NOW - timedelta(days=1)) == (
        "Who changed it is not known: cloudtrail:LookupEvents answered AccessDeniedException; "
        "it needs cloudtrail:LookupEvents (not authorized)."
    )


@pytest.mark.parametrize("text", ["", "main", "arn:aws:s3:::logs", f"arn:aws:cloudtrail:{REGION}:1:trail/main"])
def test_what_is_no_trail_is_not_taken_for_one(text: str) -> None:
    assert not is_trail(text)
    with pytest.raises(ValueError, match="no trail's ARN"):
        picked([trail_record()], text)
