"""The algebra of data events: does a trail record what is done to every S3 object?

Source: CloudTrail API reference, DataResource and AdvancedFieldSelector; user guide, "Logging data events". The answer
errs on one side only: where selectors narrow in a way that is not understood, they are not said to record all.
"""

from dataclasses import dataclass
from typing import Literal

from bot.domain.selectors import AdvancedSelector, BasicSelector, DataResource, Selectors

Kind = Literal["read", "write"]
S3_OBJECT = "AWS::S3::Object"
KINDS: dict[str, tuple[Kind, ...]] = {"All": ("read", "write"), "ReadOnly": ("read",), "WriteOnly": ("write",)}
READ_ONLY: dict[Kind, str] = {"read": "true", "write": "false"}


def every_object(partition: str) -> DataResource:
    """AWS's own word for the objects of all buckets."""
    return DataResource(S3_OBJECT, (f"arn:{partition}:s3",))


@dataclass(frozen=True)
class ObjectEvents:
    """Of one kind: whether the events of every S3 object are recorded, and whether those of some may be."""

    all: bool
    some: bool


def object_events(selectors: Selectors, kind: Kind, partition: str) -> ObjectEvents:
    """Without any selector of its own a trail has the default, which records no data events."""
    basic = [s for s in selectors.basic if kind in KINDS[s.kinds]]
    advanced = [s for s in selectors.advanced if _is_of_objects(s, kind)]
    return ObjectEvents(
        all=any(_covers_all(s, partition) for s in basic)
        or any(_narrows_nothing(s, kind, partition) for s in advanced),
        some=any(map(_values, basic)) or bool(advanced),
    )


def _values(selector: BasicSelector) -> tuple[str, ...]:
    return tuple(v for r in selector.data_resources if r.type == S3_OBJECT for v in r.values)


def _covers_all(selector: BasicSelector, partition: str) -> bool:
    return any(_is_every_object(v, partition) for v in _values(selector))


def _is_every_object(prefix: str, partition: str) -> bool:
    """A value is the beginning of an ARN: "arn:aws:s3" is AWS's own word for all buckets, "arn:aws:s3:::" as good."""
    return f"arn:{partition}:s3:::".startswith(prefix) and prefix.startswith(f"arn:{partition}:s3")


def _is_of_objects(selector: AdvancedSelector, kind: Kind) -> bool:
    """It demands the category Data and the type of S3 objects, and does not demand the other kind."""
    return (
        _demands(selector, "eventCategory", "Data")
        and _demands(selector, "resources.type", S3_OBJECT)
        and all(
            READ_ONLY[kind] in values
            for f in selector.fields
            if f.field == "readOnly"
            for op, values in f.conditions
            if op == "Equals"
        )
    )


def _demands(selector: AdvancedSelector, field: str, value: str) -> bool:
    return any(
        op == "Equals" and value in values for f in selector.fields if f.field == field for op, values in f.conditions
    )


def _narrows_nothing(selector: AdvancedSelector, kind: Kind, partition: str) -> bool:
    return all(_lets_all_through(f.field, c, kind, partition) for f in selector.fields for c in f.conditions)


def _lets_all_through(field: str, condition: tuple[str, tuple[str, ...]], kind: Kind, partition: str) -> bool:
    match field, condition:
        case "eventCategory", ("Equals", values):
            return "Data" in values
        case "resources.type", ("Equals", values):
            return S3_OBJECT in values
        case "readOnly", ("Equals", values):
            return READ_ONLY[kind] in values
        case "resources.ARN", ("StartsWith", values):
            return any(_is_every_object(v, partition) for v in values)
        case _:
            return False
