"""Adding S3 object events to what a trail records. All that is there is kept, for PutEventSelectors replaces it.

Source: CloudTrail user guide, "Quotas in AWS CloudTrail": 5 basic selectors, 250 data resources over all of them, or
500 values over all advanced ones.
"""

from bot.domain.data_events import READ_ONLY, S3_OBJECT, Kind, every_object
from bot.domain.refusal import Refused
from bot.domain.selectors import (
    MAX_BASIC_SELECTORS,
    AdvancedSelector,
    BasicSelector,
    FieldSelector,
    Selectors,
)

MAX_DATA_RESOURCES, MAX_VALUES = 250, 500
BASIC_KINDS: dict[Kind, str] = {"read": "ReadOnly", "write": "WriteOnly"}
OTHER: dict[Kind, Kind] = {"read": "write", "write": "read"}


def recording_objects(selectors: Selectors, kind: Kind, partition: str) -> Selectors:
    """The same family with one more selector; the one that we would add for the other kind is made to be for both.

    Raises Refused where AWS allows no more.
    """
    if selectors.advanced:
        return Selectors(advanced=_with_advanced(selectors.advanced, kind))
    return Selectors(basic=_with_basic(selectors.basic or (BasicSelector(),), kind, partition))


def _with_basic(found: tuple[BasicSelector, ...], kind: Kind, partition: str) -> tuple[BasicSelector, ...]:
    other, both = (_basic(k, partition) for k in (BASIC_KINDS[OTHER[kind]], "All"))
    if other in found:
        return tuple(both if s == other else s for s in found)
    resources = sum(len(r.values) for s in found for r in s.data_resources)
    if len(found) >= MAX_BASIC_SELECTORS or resources >= MAX_DATA_RESOURCES:
        raise Refused(_full(f"{MAX_BASIC_SELECTORS} basic selectors and {MAX_DATA_RESOURCES} data resources"))
    return (*found, _basic(BASIC_KINDS[kind], partition))


def _basic(kinds: str, partition: str) -> BasicSelector:
    return BasicSelector(kinds, management=False, data_resources=(every_object(partition),))


def _with_advanced(found: tuple[AdvancedSelector, ...], kind: Kind) -> tuple[AdvancedSelector, ...]:
    other = _advanced(OTHER[kind])
    if other in found:
        return tuple(_advanced(None) if s == other else s for s in found)
    new = _advanced(kind)
    if sum(map(_values, (*found, new))) > MAX_VALUES:
        raise Refused(_full(f"{MAX_VALUES} values in advanced selectors"))
    return (*found, new)


def _advanced(kind: Kind | None) -> AdvancedSelector:
    wanted = {"eventCategory": "Data", "resources.type": S3_OBJECT, **({"readOnly": READ_ONLY[kind]} if kind else {})}
    fields = tuple(FieldSelector(field, (("Equals", (value,)),)) for field, value in wanted.items())
    return AdvancedSelector(fields, f"S3 object {kind} events" if kind else "S3 object events")


def _values(selector: AdvancedSelector) -> int:
    return sum(len(values) for f in selector.fields for _, values in f.conditions)


def _full(limit: str) -> str:
    return (
        f"AWS allows a trail {limit}, and there is no room for S3 objects. Whoever chose the trail's selectors has to "
        "take out some that are no longer needed, or to name all buckets at once."
    )
