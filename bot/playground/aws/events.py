"""CloudTrail's event history: LookupEvents, which moto lacks, out of the calls that came in.

So the playground shows what the design promises: the session's name in an event tells who approved the change.
Source: API reference, LookupEvents; user guide, "CloudTrail record contents".
"""

import json
from collections.abc import Mapping
from typing import Any

from bot.playground.aws.calls import Call

MAX_RESULTS = 50


def lookup_events(call: Call, history: list[Call]) -> dict[str, Any]:
    """The account's events in the call's region, the newest first. On AWS they take some minutes to appear."""
    filters = call.parameters.get("LookupAttributes") or ()
    events = [
        event
        for past in reversed(history)
        if (past.account_id, past.region) == (call.account_id, call.region) and past.status == 200
        for event in [_event(past)]
        if all(_has(event, wanted) for wanted in filters)
    ]
    token = str(call.parameters.get("NextToken") or "0")
    start = int(token) if token.isdigit() else 0
    end = start + int(call.parameters.get("MaxResults") or MAX_RESULTS)
    return {"Events": events[start:end], **({"NextToken": str(end)} if end < len(events) else {})}


def _event(call: Call) -> dict[str, Any]:
    at = call.at.replace(tzinfo=None)
    return {
        "EventId": f"{call.access_key}-{call.at.timestamp()}",
        "EventName": call.operation,
        "EventSource": f"{call.service}.amazonaws.com",
        "EventTime": at,
        "ReadOnly": str(call.reads).lower(),
        "AccessKeyId": call.access_key,
        "Username": call.arn.split("/")[-1],
        "CloudTrailEvent": json.dumps(_record(call), default=str),
    }


def _record(call: Call) -> dict[str, Any]:
    return {
        "eventVersion": "1.11",
        "eventTime": call.at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "eventSource": f"{call.service}.amazonaws.com",
        "eventName": call.operation,
        "awsRegion": call.region,
        "readOnly": call.reads,
        "recipientAccountId": call.account_id,
        "requestParameters": call.parameters,
        "userIdentity": {
            "type": "AssumedRole" if call.role else "IAMUser",
            "arn": call.arn,
            "accountId": call.account_id,
            "accessKeyId": call.access_key,
        },
    }


def _has(event: Mapping[str, Any], wanted: Mapping[str, str]) -> bool:
    """EventName, ReadOnly, Username, EventSource, EventId and AccessKeyId; resources are not played."""
    return event.get(wanted["AttributeKey"]) == wanted["AttributeValue"]
