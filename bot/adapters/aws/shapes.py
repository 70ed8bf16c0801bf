"""From boto3's answers to facts. A shape that nobody has seen is an error here, and Unreadable to the rules."""

from collections.abc import Callable
from typing import Any

from bot.domain.selectors import AdvancedSelector, BasicSelector, DataResource, FieldSelector, Selectors
from bot.domain.trail import Delivery, Status, Unreadable

BASIC_FIELDS = {"ReadWriteType", "IncludeManagementEvents", "DataResources", "ExcludeManagementEventSources"}
OPERATORS = ("Equals", "StartsWith", "EndsWith", "NotEquals", "NotStartsWith", "NotEndsWith")


class UnknownShapeError(ValueError):
    """AWS answered something that this version does not know."""


def shaped(call: str, answer: Any, shape: Callable[[Any], Any]) -> Any:
    """The answer as a fact; Unreadable as it came, or where nobody has seen an answer like it."""
    if isinstance(answer, Unreadable):
        return answer
    try:
        return shape(answer)
    except (KeyError, IndexError, TypeError, AttributeError, ValueError) as odd:
        return Unreadable(call, "UnknownShape", f"{type(odd).__name__}: {odd}"[:200])


def selectors(answer: dict[str, Any]) -> Selectors:
    """GetEventSelectors; either list may be missing, and both, but an answer without all of this is somebody else's."""
    if not answer.keys() & {"TrailARN", "EventSelectors", "AdvancedEventSelectors"}:
        raise UnknownShapeError("an answer without any selectors")
    return Selectors(
        basic=tuple(_basic(s) for s in answer.get("EventSelectors") or ()),
        advanced=tuple(_advanced(s) for s in answer.get("AdvancedEventSelectors") or ()),
    )


def _basic(selector: dict[str, Any]) -> BasicSelector:
    kinds = selector.get("ReadWriteType", "All")
    if kinds not in ("All", "ReadOnly", "WriteOnly") or not selector.keys() <= BASIC_FIELDS:
        raise UnknownShapeError(f"event selector {selector}")
    return BasicSelector(
        kinds,
        selector.get("IncludeManagementEvents", True),
        tuple(selector.get("ExcludeManagementEventSources") or ()),
        tuple(DataResource(r["Type"], tuple(r.get("Values") or ())) for r in selector.get("DataResources") or ()),
    )


def _advanced(selector: dict[str, Any]) -> AdvancedSelector:
    return AdvancedSelector(tuple(_field(f) for f in selector["FieldSelectors"]), selector.get("Name") or "")


def _field(field: dict[str, Any]) -> FieldSelector:
    if not field.keys() <= {"Field", *OPERATORS}:
        raise UnknownShapeError(f"field selector {field}")
    conditions = tuple((op, tuple(field[op])) for op in OPERATORS if field.get(op))
    if not conditions:  # botocore leaves out what it does not know: an operator that is newer than it, say
        raise UnknownShapeError(f"field selector {field}")
    return FieldSelector(field["Field"], conditions)


def policy(answer: dict[str, Any]) -> str:
    """GetBucketPolicy; where there is none AWS answers an error, so an empty one is something else."""
    if not answer["Policy"]:
        raise UnknownShapeError("an empty policy")
    return str(answer["Policy"])


LEGACY = {"": "us-east-1", "EU": "eu-west-1"}
"""Names of two regions. Source: S3 API reference, GetBucketLocation."""


def location(answer: dict[str, Any]) -> str:
    """GetBucketLocation: the bucket's region."""
    place = answer.get("LocationConstraint") or ""
    return LEGACY.get(place, place)


def status(answer: dict[str, Any]) -> Status:
    """GetTrailStatus, asked for with a trail of the account itself."""
    delivery = Delivery(
        answer.get("LatestDeliveryError") or "",
        answer.get("LatestDeliveryTime"),
        answer.get("StartLoggingTime"),
        answer.get("LatestCloudWatchLogsDeliveryError") or "",
        answer.get("LatestCloudWatchLogsDeliveryTime"),
    )
    return Status(bool(answer["IsLogging"]), delivery)
