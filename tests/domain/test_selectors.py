"""The selector algebra against a brute-force model: for every kind of event and every source, is it recorded?"""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.selectors import (
    MAX_BASIC_SELECTORS,
    AdvancedSelector,
    BasicSelector,
    Coverage,
    DataResource,
    FieldSelector,
    Selectors,
    Sources,
    coverage,
    is_management,
    union,
    widened,
)
from tests.builders import advanced, basic, data_events, data_resource, fields, management

KMS, RDS_DATA, S3 = "kms.amazonaws.com", "rdsdata.amazonaws.com", "s3.amazonaws.com"
SOURCES = (KMS, RDS_DATA, S3, "iam.amazonaws.com")
"""Those that a selector may name. An event may come from another one too, which no selector has heard of."""
KINDS = ("read", "write")
EVENTS = tuple(product(KINDS, (*SOURCES, "new-service.amazonaws.com")))

# The model: what AWS does with one management event, written without the algebra.


def records(selectors: Selectors, kind: str, source: str) -> bool:
    if not selectors.basic and not selectors.advanced:
        return True
    by_basic = any(basic_records(s, kind, source) for s in selectors.basic)
    return by_basic or any(advanced_records(s, kind, source) for s in selectors.advanced)


def basic_records(selector: BasicSelector, kind: str, source: str) -> bool:
    kinds = {"All": KINDS, "ReadOnly": ("read",), "WriteOnly": ("write",)}[selector.kinds]
    return selector.management and kind in kinds and source not in selector.excluded_sources


def advanced_records(selector: AdvancedSelector, kind: str, source: str) -> bool:
    event = {"eventCategory": "Management", "readOnly": "true" if kind == "read" else "false", "eventSource": source}
    return all(
        matches(event.get(f.field, "what this event has there"), operator, values)
        for f in selector.fields
        for operator, values in f.conditions
    )


def matches(value: str, operator: str, values: tuple[str, ...]) -> bool:
    """Source: CloudTrail API reference, AdvancedFieldSelector. Several values: any for a yes, none for a Not."""
    found = {"Equals": value in values, "StartsWith": value.startswith(values), "EndsWith": value.endswith(values)}
    return found[operator.removeprefix("Not")] != operator.startswith("Not")


def algebra_records(found: Coverage, kind: str, source: str) -> bool:
    sources = found.read if kind == "read" else found.write
    return (source in sources.names) != sources.all_but


some_sources = st.lists(st.sampled_from(SOURCES), max_size=3, unique=True).map(tuple)
resources = st.lists(st.just(DataResource("AWS::S3::Object", ("arn:aws:s3:::a/",))), max_size=1).map(tuple)
basic_selectors = st.builds(
    BasicSelector, st.sampled_from(["All", "ReadOnly", "WriteOnly"]), st.booleans(), some_sources, resources
)
read_only = st.sampled_from([("true",), ("false",), ("true", "false")]).map(
    lambda v: FieldSelector("readOnly", (("Equals", v),))
)
event_source = st.tuples(st.sampled_from(["Equals", "NotEquals"]), some_sources.filter(bool)).map(
    lambda c: FieldSelector("eventSource", (c,))
)
category = st.sampled_from([("Management",), ("Data",), ("Management", "Data"), ("NetworkActivity",)]).map(
    lambda v: FieldSelector("eventCategory", (("Equals", v),))
)
advanced_selectors = st.tuples(category, st.lists(st.one_of(read_only, event_source), max_size=3)).map(
    lambda parts: AdvancedSelector((parts[0], *parts[1]), "any name")
)
any_selectors = st.one_of(
    st.lists(basic_selectors, max_size=MAX_BASIC_SELECTORS).map(lambda s: basic(*s)),
    st.lists(advanced_selectors, max_size=4).map(lambda s: advanced(*s)),
)


@given(any_selectors)
def test_the_algebra_says_of_every_event_what_brute_force_says(selectors: Selectors) -> None:
    found = coverage(selectors)
    assert {e: algebra_records(found, *e) for e in EVENTS} == {e: records(selectors, *e) for e in EVENTS}


OPERATORS = ("Equals", "NotEquals", "StartsWith", "NotStartsWith", "EndsWith", "NotEndsWith")
any_field = st.builds(
    FieldSelector,
    st.sampled_from(["readOnly", "eventSource", "eventName", "sessionCredentialFromConsole"]),
    st.lists(
        st.tuples(st.sampled_from(OPERATORS), st.sampled_from([("true",), ("false",), (KMS,), ("kms", "iam"), ("x",)])),
        min_size=1,
        max_size=2,
    ).map(tuple),
)
odd_selectors = st.lists(
    st.tuples(category, st.lists(any_field, max_size=3)).map(lambda p: AdvancedSelector((p[0], *p[1]))),
    min_size=1,
    max_size=3,
).map(lambda s: advanced(*s))


@given(odd_selectors)
def test_whatever_narrows_them_the_algebra_never_says_recorded_where_brute_force_says_lost(odd: Selectors) -> None:
    """Every field and operator that AWS has: the algebra may know less than is recorded, never more."""
    found = coverage(odd)
    assert [e for e in EVENTS if algebra_records(found, *e) and not records(odd, *e)] == []


@given(any_selectors, any_selectors)
def test_a_union_records_what_one_of_its_parts_records(one: Selectors, other: Selectors) -> None:
    both = union([coverage(one), coverage(other)])
    for event in EVENTS:
        assert algebra_records(both, *event) == (records(one, *event) or records(other, *event))


@given(any_selectors)
def test_excluded_names_the_sources_that_an_otherwise_recorded_kind_leaves_out(selectors: Selectors) -> None:
    found = coverage(selectors)
    left_out = {source for kind, source in EVENTS if kind_is_open(found, kind) and not records(selectors, kind, source)}
    assert set(found.excluded) == left_out


def kind_is_open(found: Coverage, kind: str) -> bool:
    return (found.read if kind == "read" else found.write).all_but


@given(st.sets(st.sampled_from(SOURCES)), st.booleans(), st.sets(st.sampled_from(SOURCES)), st.booleans())
def test_sources_behave_like_sets(one: set[str], one_open: bool, other: set[str], other_open: bool) -> None:
    a, b = Sources(frozenset(one), one_open), Sources(frozenset(other), other_open)
    for source in (*SOURCES, "new-service.amazonaws.com"):
        in_a, in_b = (source in one) != one_open, (source in other) != other_open
        assert contains(a | b, source) == (in_a or in_b)
        assert contains(a & b, source) == (in_a and in_b)
        assert contains(~a, source) == (not in_a)


def contains(sources: Sources, source: str) -> bool:
    return (source in sources.names) != sources.all_but


@pytest.mark.parametrize(
    "selector",
    [
        pytest.param(management(userIdentity={"Equals": ["x"]}), id="a field that nobody knows"),
        pytest.param(management(readOnly={"NotEquals": ["true"]}), id="another operator on readOnly"),
        pytest.param(management(eventSource={"StartsWith": ["s3"]}), id="another operator on eventSource"),
        pytest.param(fields(eventCategory={"StartsWith": ["Manage"]}), id="another operator on the category"),
        pytest.param(fields(eventCategory={"Equals": ["Management"], "NotEquals": ["Data"]}), id="two operators"),
        pytest.param(fields(readOnly={"Equals": ["true"]}), id="no category at all"),
        pytest.param(fields("Management events selector", eventCategory={"Equals": ["Data"]}), id="only the name"),
        pytest.param(fields(eventCategory={"Equals": ["NetworkActivity"]}), id="network activity"),
    ],
)
def test_a_selector_that_narrows_in_an_unknown_way_proves_nothing(selector: AdvancedSelector) -> None:
    assert coverage(advanced(selector)) == Coverage()


def test_a_full_selector_beside_an_unknown_one_still_proves_all() -> None:
    assert coverage(advanced(management(userIdentity={"Equals": ["x"]}), management())).full


def test_no_selectors_at_all_are_the_default_which_records_everything() -> None:
    assert coverage(Selectors()).full
    assert coverage(Selectors()).excluded == ()


@given(any_selectors, some_sources)
def test_widened_records_everything_but_what_is_to_be_left_out(
    selectors: Selectors, leave_out: tuple[str, ...]
) -> None:
    result = widened(selectors, leave_out)
    if result == selectors:
        return
    assert coverage(result).full
    assert set(coverage(result).excluded) <= set(leave_out)


@given(any_selectors, some_sources)
def test_widened_keeps_the_family_and_every_data_selector(selectors: Selectors, leave_out: tuple[str, ...]) -> None:
    result = widened(selectors, leave_out)
    assert bool(result.advanced) == bool(selectors.advanced)
    assert [s for s in result.basic if s.data_resources] == [s for s in selectors.basic if s.data_resources]
    data = [s for s in selectors.advanced if {"Data", "NetworkActivity"} & categories(s)]
    assert [s for s in data if s not in result.advanced] == []


def categories(selector: AdvancedSelector) -> set[str]:
    return {v for f in selector.fields if f.field == "eventCategory" for _, values in f.conditions for v in values}


@given(st.lists(basic_selectors, max_size=MAX_BASIC_SELECTORS), some_sources)
def test_widened_never_asks_for_a_sixth_basic_selector(found: list[BasicSelector], leave_out: tuple[str, ...]) -> None:
    assert len(widened(basic(*found), leave_out).basic) <= MAX_BASIC_SELECTORS


def test_five_basic_selectors_with_data_leave_no_room_and_stay_as_they_are() -> None:
    full_house = basic(*[BasicSelector("WriteOnly", data_resources=(data_resource(f"b{n}/"),)) for n in range(5)])
    assert widened(full_house) == full_house


def test_a_fifth_place_that_is_free_is_used() -> None:
    four = [BasicSelector("WriteOnly", data_resources=(data_resource(f"b{n}/"),)) for n in range(4)]
    assert widened(basic(*four)) == basic(*four, BasicSelector())


def test_a_basic_selector_with_data_is_not_widened_itself() -> None:
    """That would buy read events of the bucket, which nobody asked for."""
    writes = BasicSelector("WriteOnly", data_resources=(data_resource(),))
    assert widened(basic(writes)) == basic(writes, BasicSelector("All"))


def test_the_added_advanced_selector_has_the_consoles_name() -> None:
    added = widened(advanced(data_events())).advanced[-1]
    assert added.name == "Management events selector"
    assert is_management(added)
