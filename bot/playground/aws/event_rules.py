"""What LookupEvents refuses, beyond its rate. Each is HTTP 400.

Source: API reference, LookupEvents, its parameters and errors, and LookupAttribute. The words are made after them.
"""

from collections.abc import Iterator
from typing import Any

from bot.playground.aws.callers import Caller
from bot.playground.aws.calls import Call
from bot.playground.aws.denials import Refusal
from bot.playground.aws.events import LOOKUP, MAX_RESULTS, fingerprint

ATTRIBUTES = frozenset(
    {"EventId", "EventName", "ReadOnly", "Username", "EventSource", "AccessKeyId", "ResourceType", "ResourceName"}
)


def wrong_lookup(call: Call, _caller: Caller) -> Refusal | None:
    return next(_faults(call), None) if call.name == LOOKUP else None


def _faults(call: Call) -> Iterator[Refusal]:
    asked = call.parameters
    if not _are_attributes(asked.get("LookupAttributes") or ()):
        yield Refusal("You can specify one valid lookup attribute.", "InvalidLookupAttributesException")
    if not 1 <= asked.get("MaxResults", MAX_RESULTS) <= MAX_RESULTS:
        yield Refusal(f"MaxResults must be between 1 and {MAX_RESULTS}.", "InvalidMaxResultsException")
    start, end = asked.get("StartTime"), asked.get("EndTime")
    if start and end and start > end:
        yield Refusal("The start time is after the end time.", "InvalidTimeRangeException")
    if asked.get("EventCategory", "insight") != "insight":
        yield Refusal("The event category is not valid.", "InvalidEventCategoryException")
    if not _is_ours(asked.get("NextToken"), call):
        yield Refusal("The token is not valid, or was given for other parameters.", "InvalidNextTokenException")


def _are_attributes(attributes: Any) -> bool:
    return len(attributes) <= 1 and all(
        attribute.get("AttributeKey") in ATTRIBUTES and 1 <= len(attribute.get("AttributeValue") or "") <= 2000
        for attribute in attributes
    )


def _is_ours(token: str | None, call: Call) -> bool:
    if token is None:
        return True
    question, _, place = token.partition("-")
    return question == fingerprint(call) and place.isdecimal()


RULES = (wrong_lookup,)
