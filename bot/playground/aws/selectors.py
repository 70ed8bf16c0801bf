"""What PutEventSelectors accepts, and what GetEventSelectors says when nothing was put.

Sources: API reference, PutEventSelectors, EventSelector, DataResource, AdvancedEventSelector, AdvancedFieldSelector.
All checks raise InvalidSelectors.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.playground.aws.refusals import invalid_selectors

Selector = Mapping[str, Any]
"""One selector as the API spells it."""

MAX_BASIC = 5
MAX_DATA_RESOURCES = 250
MAX_ADVANCED_VALUES = 500
EXCLUDABLE_SOURCES = {"kms.amazonaws.com", "rdsdata.amazonaws.com"}
DATA_RESOURCES = {
    "AWS::S3::Object": "arn:aws:s3",
    "AWS::Lambda::Function": "arn:aws:lambda",
    "AWS::DynamoDB::Table": "arn:aws:dynamodb",
}
"""The types of a basic selector, and the ARN that stands for all resources of the type."""

FIELDS = {
    "Management": {"eventCategory", "eventSource", "readOnly"},
    "Data": {
        *("eventCategory", "eventName", "eventSource", "eventType", "readOnly", "resources.ARN"),
        *("resources.type", "sessionCredentialFromConsole", "userIdentity.arn"),
    },
    "NetworkActivity": {"errorCode", "eventCategory", "eventName", "eventSource", "vpcEndpointId"},
}
OPERATORS = {"Equals", "StartsWith", "EndsWith", "NotEquals", "NotStartsWith", "NotEndsWith"}

DEFAULT_SELECTORS: tuple[Selector, ...] = (
    {
        "ReadWriteType": "All",
        "IncludeManagementEvents": True,
        "DataResources": [],
        "ExcludeManagementEventSources": [],
    },
)
"""A trail on which nothing was put records all management events (API reference, GetEventSelectors)."""


def check_selectors(basic: Sequence[Selector] | None, advanced: Sequence[Selector] | None) -> None:
    """One family, and not an empty one."""
    if basic and advanced:
        raise invalid_selectors("A trail has either event selectors or advanced event selectors, not both.")
    if basic:
        check_basic(basic)
    elif advanced:
        check_advanced(advanced)
    else:
        raise invalid_selectors("Specify a valid number of selectors (1 to 5) for your trail.")


def check_basic(selectors: Sequence[Selector]) -> None:
    if len(selectors) > MAX_BASIC:
        raise invalid_selectors("Specify a valid number of selectors (1 to 5) for your trail.")
    for selector in selectors:
        _check_basic_selector(selector)
    values = [v for s in selectors for r in s.get("DataResources", []) for v in r.get("Values", [])]
    if len(values) > MAX_DATA_RESOURCES:
        raise invalid_selectors("Specify a valid number of data resources (1 to 250) for your trail.")


def _check_basic_selector(selector: Selector) -> None:
    if selector.get("ReadWriteType", "All") not in ("All", "ReadOnly", "WriteOnly"):
        raise invalid_selectors(f"Value {selector['ReadWriteType']} for ReadWriteType is invalid.")
    excluded = set(selector.get("ExcludeManagementEventSources", []))
    if not excluded <= EXCLUDABLE_SOURCES:
        raise invalid_selectors("Only kms.amazonaws.com and rdsdata.amazonaws.com can be excluded.")
    if excluded and not selector.get("IncludeManagementEvents", True):
        raise invalid_selectors("Event sources can only be excluded where management events are included.")
    for resource in selector.get("DataResources", []):
        _check_data_resource(resource)


def _check_data_resource(resource: Selector) -> None:
    """`arn:aws:s3:::*` is refused: aws-security-reference-architecture-examples, issue 335, has AWS's words."""
    everything = DATA_RESOURCES.get(resource.get("Type", ""))
    if everything is None:
        raise invalid_selectors(f"Value {resource.get('Type')} for DataResources.Type is invalid.")
    for value in resource.get("Values", []):
        if "*" in value or not value.startswith(everything):
            raise invalid_selectors(f"Value {value} for DataResources.Values is invalid.")


def check_advanced(selectors: Sequence[Selector]) -> None:
    for selector in selectors:
        _check_advanced_selector(selector)
    fields = [f for s in selectors for f in s["FieldSelectors"]]
    if sum(len(values) for f in fields for values in _conditions(f).values()) > MAX_ADVANCED_VALUES:
        raise invalid_selectors("A trail can have up to 500 values for all conditions of its selectors.")


def _check_advanced_selector(selector: Selector) -> None:
    fields = {f["Field"]: _conditions(f) for f in selector["FieldSelectors"]}
    category = _only(fields.get("eventCategory", {}))
    if category not in FIELDS:
        raise invalid_selectors("Each advanced event selector needs eventCategory Equals one known category.")
    if len(fields) < len(selector["FieldSelectors"]):
        raise invalid_selectors("A field can be used once in an advanced event selector.")
    for name, conditions in fields.items():
        _check_field(category, name, conditions)
    if category == "Data" and not _only(fields.get("resources.type", {})):
        raise invalid_selectors("A selector of data events needs resources.type Equals one type.")
    if category == "NetworkActivity" and "eventSource" not in fields:
        raise invalid_selectors("A selector of network activity events needs eventSource.")


def _check_field(category: str, name: str, conditions: Mapping[str, list[str]]) -> None:
    if name not in FIELDS[category]:
        raise invalid_selectors(f"Field {name} is not valid for eventCategory {category}.")
    if not conditions or not all(conditions.values()):
        raise invalid_selectors(f"Field {name} needs an operator with a value.")
    if name == "readOnly" and _only(conditions) not in ("true", "false"):
        raise invalid_selectors("readOnly can only be Equals true or Equals false.")
    if (category, name) == ("Management", "eventSource") and not (
        set(conditions) == {"NotEquals"} and set(conditions["NotEquals"]) <= EXCLUDABLE_SOURCES
    ):
        raise invalid_selectors("eventSource of management events can only be NotEquals kms or rdsdata.")


def _conditions(field: Selector) -> dict[str, list[str]]:
    return {operator: list(field[operator]) for operator in OPERATORS if field.get(operator) is not None}


def _only(conditions: Mapping[str, list[str]]) -> str:
    """The value of `Equals [value]` when that is all there is, else ""."""
    equals = conditions.get("Equals", [])
    return equals[0] if list(conditions) == ["Equals"] and len(equals) == 1 else ""


def completed(selector: Selector) -> Selector:
    """A basic selector as AWS stores it: with every field."""
    return {**DEFAULT_SELECTORS[0], **selector}
