"""Event selectors, and the algebra that says which management events a trail records.

Source: CloudTrail API reference, EventSelector and AdvancedEventSelector. An event is recorded when ANY selector of
the trail matches it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import reduce

MANAGEMENT_SELECTOR_NAME = "Management events selector"
"""The console's name for it, so that other tools agree. A name means nothing to CloudTrail, nor to us."""


@dataclass(frozen=True)
class DataResource:
    type: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class BasicSelector:
    """EventSelector; `kinds` is its ReadWriteType: All, ReadOnly or WriteOnly."""

    kinds: str = "All"
    management: bool = True
    excluded_sources: tuple[str, ...] = ()
    data_resources: tuple[DataResource, ...] = ()


@dataclass(frozen=True)
class FieldSelector:
    """One field of an advanced selector, as (operator, values) pairs: (("Equals", ("Management",)),)."""

    field: str
    conditions: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class AdvancedSelector:
    fields: tuple[FieldSelector, ...]
    name: str = ""


@dataclass(frozen=True)
class Selectors:
    """A trail has basic or advanced selectors; neither means the default, which is all management events."""

    basic: tuple[BasicSelector, ...] = ()
    advanced: tuple[AdvancedSelector, ...] = ()


def spelled_out(selectors: Selectors) -> Selectors:
    """The default in the words in which AWS answers it; all others as they are."""
    return selectors if selectors != Selectors() else Selectors(basic=(BasicSelector(),))


def same_selectors(there: object, planned: Selectors) -> bool:
    """A trail that was just made has the default, which AWS spells out. What could not be read is not the same."""
    return isinstance(there, Selectors) and spelled_out(there) == spelled_out(planned)


@dataclass(frozen=True)
class Sources:
    """A set of event sources: those named, or all `but` those named."""

    names: frozenset[str] = frozenset()
    all_but: bool = False

    def __or__(self, other: "Sources") -> "Sources":
        match self.all_but, other.all_but:
            case True, True:
                return Sources(self.names & other.names, True)
            case True, False:
                return Sources(self.names - other.names, True)
            case False, True:
                return Sources(other.names - self.names, True)
            case _:
                return Sources(self.names | other.names)

    def __and__(self, other: "Sources") -> "Sources":
        return ~(~self | ~other)

    def __invert__(self) -> "Sources":
        return Sources(self.names, not self.all_but)


MAY_BE_LEFT_OUT = frozenset({"kms.amazonaws.com", "rdsdata.amazonaws.com"})
"""The sources that AWS offers a trail to leave out, since their events are many. Source: CloudTrail API reference,
EventSelector, ExcludeManagementEventSources."""
NOTHING = Sources()
EVERYTHING = Sources(all_but=True)


@dataclass(frozen=True)
class Coverage:
    """Of which event sources read-only and write management events are recorded."""

    read: Sources = NOTHING
    write: Sources = NOTHING

    def __or__(self, other: "Coverage") -> "Coverage":
        return Coverage(self.read | other.read, self.write | other.write)

    @property
    def excluded(self) -> tuple[str, ...]:
        """Sources left out of a kind that is otherwise recorded."""
        left_out = (s.names for s in (self.read, self.write) if s.all_but)
        return tuple(sorted(frozenset().union(*left_out)))

    @property
    def nowhere_recorded(self) -> tuple[str, ...]:
        """Sources left out on purpose: of neither kind, while at least one kind is otherwise recorded."""
        either = self.read | self.write
        return tuple(sorted(either.names)) if either.all_but else ()

    @property
    def full(self) -> bool:
        """Both kinds are recorded; a few sources may be left out, see `excluded`."""
        return self.read.all_but and self.write.all_but


def coverage(selectors: Selectors) -> Coverage:
    """Which management events these selectors record."""
    if not selectors.basic and not selectors.advanced:
        return Coverage(EVERYTHING, EVERYTHING)
    return union([*map(_of_basic, selectors.basic), *map(_of_advanced, selectors.advanced)])


JUDGED = frozenset({"eventCategory", "readOnly", "eventSource"})
"""The fields of which we can tell how they narrow."""


def left_out(selectors: Selectors) -> tuple[str, ...]:
    """Sources left out on purpose: not recorded even without the conditions that we cannot judge."""
    plain = tuple(replace(s, fields=tuple(f for f in s.fields if f.field in JUDGED)) for s in selectors.advanced)
    return coverage(replace(selectors, advanced=plain)).nowhere_recorded


def union(parts: Iterable[Coverage]) -> Coverage:
    return reduce(Coverage.__or__, parts, Coverage())


def _of_basic(selector: BasicSelector) -> Coverage:
    if not selector.management:
        return Coverage()
    sources = Sources(frozenset(selector.excluded_sources), all_but=True)
    return Coverage(
        sources if selector.kinds in ("All", "ReadOnly") else NOTHING,
        sources if selector.kinds in ("All", "WriteOnly") else NOTHING,
    )


def _of_advanced(selector: AdvancedSelector) -> Coverage:
    """A field or operator that we do not know narrows in a way we cannot tell: it counts for nothing."""
    if not is_management(selector):
        return Coverage()
    covered = Coverage(EVERYTHING, EVERYTHING)
    for field in selector.fields:
        for condition in field.conditions:
            allowed = _allowed(field.field, condition)
            covered = Coverage(covered.read & allowed.read, covered.write & allowed.write)
    return covered


def _allowed(field: str, condition: tuple[str, tuple[str, ...]]) -> Coverage:
    match field, condition:
        case "eventCategory", ("Equals", values) if "Management" in values:
            return Coverage(EVERYTHING, EVERYTHING)
        case "readOnly", ("Equals", values):
            return Coverage(EVERYTHING if "true" in values else NOTHING, EVERYTHING if "false" in values else NOTHING)
        case "eventSource", ("NotEquals", values):
            sources = Sources(frozenset(values), all_but=True)
            return Coverage(sources, sources)
        case "eventSource", ("Equals", values):
            sources = Sources(frozenset(values))
            return Coverage(sources, sources)
        case _:
            return Coverage()


def is_management(selector: AdvancedSelector) -> bool:
    """Its eventCategory Equals contains Management."""
    return any(
        f.field == "eventCategory" and op == "Equals" and "Management" in values
        for f in selector.fields
        for op, values in f.conditions
    )


MAX_BASIC_SELECTORS = 5


def widened(selectors: Selectors, leave_out: tuple[str, ...] = ()) -> Selectors:
    """The same family, every data-event selector as it is, and all management events but of the sources to leave out.

    PutEventSelectors replaces everything, so what is missing here would be lost silently. A basic selector that
    carries data resources is never widened: that would buy data events that nobody asked for. Where five of these
    leave no room, the answer is what came in.
    """
    if selectors.advanced:
        kept = tuple(s for s in selectors.advanced if not _is_management_only(s))
        return Selectors(advanced=(*kept, _all_management(leave_out)))
    with_data = tuple(s for s in selectors.basic if s.data_resources)
    if len(with_data) >= MAX_BASIC_SELECTORS:
        return selectors
    return Selectors(basic=(*with_data, BasicSelector(excluded_sources=leave_out)))


def _is_management_only(selector: AdvancedSelector) -> bool:
    categories = {
        v for f in selector.fields if f.field == "eventCategory" for _, values in f.conditions for v in values
    }
    return categories == {"Management"}


def _all_management(leave_out: tuple[str, ...]) -> AdvancedSelector:
    category = FieldSelector("eventCategory", (("Equals", ("Management",)),))
    sources = (FieldSelector("eventSource", (("NotEquals", leave_out),)),) if leave_out else ()
    return AdvancedSelector((category, *sources), MANAGEMENT_SELECTOR_NAME)
