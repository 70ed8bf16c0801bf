"""CloudTrail's event history: LookupEvents, which moto lacks, out of the calls that came in.

So the playground shows what the design promises: the session's name in an event tells who approved the change.
Sources: API reference, LookupEvents, with its errors; user guide, "CloudTrail record contents" and "CloudTrail
userIdentity element". On AWS events take some minutes to appear; here they are there at once.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from bot.playground.aws.calls import Call, CallLog
from bot.playground.aws.event_records import NOT_MANAGEMENT, UNKNOWN_CALLERS, record_of

LOOKUP = "cloudtrail:LookupEvents"
MAX_RESULTS = 50
KEPT = timedelta(days=90)
A_SECOND = 2
"""Calls that an account may make in each region."""
THROTTLED = "ThrottlingException"


def too_fast(call: Call, log: CallLog) -> bool:
    """Were two others answered, or are under way, within the second before this one?"""
    if call.name != LOOKUP:
        return False
    second = call.at - timedelta(seconds=1)
    others = [c for c in _before(call, log.all()) if c.name == LOOKUP and c.at > second and c.error != THROTTLED]
    return len([c for c in others if _place(c) == _place(call)]) >= A_SECOND


def _before(call: Call, history: list[Call]) -> Iterator[Call]:
    for other in history:
        if other is call:
            return
        yield other


def _place(call: Call) -> tuple[str, str]:
    return call.account_id, call.region


def lookup_events(call: Call, history: list[Call]) -> dict[str, Any]:
    """A page of the account's events in the call's region, the newest first."""
    found = _found(call, history)
    token = call.parameters.get("NextToken")
    older = [each for each in found if each[0] < int(token.partition("-")[2])] if token else found
    page = older[: int(call.parameters.get("MaxResults") or MAX_RESULTS)]
    more = {"NextToken": f"{fingerprint(call)}-{page[-1][0]}"} if len(page) < len(older) else {}
    return {"Events": [event for _, event in page], **more}


def fingerprint(call: Call) -> str:
    """Of all that is asked but the page: a token holds for the same question only."""
    asked = {name: value for name, value in call.parameters.items() if name not in ("NextToken", "MaxResults")}
    text = json.dumps([_place(call), asked], default=str, sort_keys=True)
    return sha256(text.encode()).hexdigest()[:16]


def _found(call: Call, history: list[Call]) -> list[tuple[int, dict[str, Any]]]:
    """Each with its call's number, the newest first. Insights are not played: there are none."""
    if call.parameters.get("EventCategory"):
        return []
    filters: Iterable[Mapping[str, str]] = call.parameters.get("LookupAttributes") or ()
    return [
        (past.number, event)
        for past in sorted(history, key=lambda past: past.number, reverse=True)
        if _place(past) == _place(call) and _is_kept(past, call.at) and _is_within(past, call.parameters)
        for event in [_event(past)]
        if all(event.get(wanted["AttributeKey"]) == wanted["AttributeValue"] for wanted in filters)
    ]


def _is_kept(past: Call, now: datetime) -> bool:
    """Management events of the last 90 days, refused ones too, but for those of keys that nobody knows."""
    is_one = past.done and past.name not in NOT_MANAGEMENT and past.error not in UNKNOWN_CALLERS
    return is_one and now - past.at <= KEPT


def _is_within(past: Call, asked: Mapping[str, Any]) -> bool:
    """Both ends belong to it. Event times have no fractions of a second, and moto's times no zone."""
    at = past.at.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    return (asked.get("StartTime") or at) <= at <= (asked.get("EndTime") or at)


def _event(call: Call) -> dict[str, Any]:
    record = record_of(call)
    return {
        "EventId": record["eventID"],
        "EventName": record["eventName"],
        "EventSource": record["eventSource"],
        "EventTime": call.at.astimezone(UTC).replace(tzinfo=None, microsecond=0),
        "ReadOnly": str(call.reads).lower(),
        "AccessKeyId": call.access_key,
        "Username": call.arn.split("/")[-1],
        "CloudTrailEvent": json.dumps(record, default=str),
    }
