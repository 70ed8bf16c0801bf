"""The algebra of data events against a brute-force model: for sample objects and each kind, does any selector match?"""

from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.data_events import S3_OBJECT, Kind, object_events
from bot.domain.selectors import AdvancedSelector, BasicSelector, DataResource, FieldSelector, Selectors
from tests.builders import advanced, basic, data_events, fields, management

KINDS: tuple[Kind, ...] = ("read", "write")
OBJECTS = tuple(f"arn:aws:s3:::{bucket}/{key}" for bucket in ("a", "ab", "new") for key in ("x", "secret/x"))
EVENTS = tuple(product(OBJECTS, ("GetObject", "PutObject", "DeleteObject")))

# The model: what AWS does with one data event of an S3 object, written without the algebra.


def records(selectors: Selectors, kind: Kind, arn: str, name: str) -> bool:
    event = {
        "eventCategory": "Data",
        "resources.type": S3_OBJECT,
        "readOnly": "true" if kind == "read" else "false",
        "resources.ARN": arn,
        "eventName": name,
    }
    return any(basic_records(s, kind, arn) for s in selectors.basic) or any(
        advanced_records(s, event) for s in selectors.advanced
    )


def basic_records(selector: BasicSelector, kind: Kind, arn: str) -> bool:
    right_kind = selector.kinds in ("All", "ReadOnly" if kind == "read" else "WriteOnly")
    values = [v for r in selector.data_resources if r.type == S3_OBJECT for v in r.values]
    return right_kind and any(arn.startswith(v) for v in values)


def advanced_records(selector: AdvancedSelector, event: dict[str, str]) -> bool:
    named = {f.field for f in selector.fields}
    return {"eventCategory", "resources.type"} <= named and all(
        matches(event[f.field], *condition) for f in selector.fields for condition in f.conditions
    )


def matches(value: str, operator: str, values: tuple[str, ...]) -> bool:
    match operator:
        case "Equals":
            return value in values
        case "NotEquals":
            return value not in values
        case "StartsWith":
            return value.startswith(values)
        case "NotStartsWith":
            return not value.startswith(values)
        case "EndsWith":
            return value.endswith(values)
        case _:
            return not value.endswith(values)


ALL_OF_THEM = ("arn:aws:s3", "arn:aws:s3:::")
SOME_OF_THEM = ("arn:aws:s3:::a", "arn:aws:s3:::a/", "arn:aws:s3:::a/secret/", "arn:aws-cn:s3:::", "arn:aws:lambda")
prefixes = st.lists(st.sampled_from(ALL_OF_THEM + SOME_OF_THEM), min_size=1, max_size=2, unique=True).map(tuple)
types = st.sampled_from([S3_OBJECT, "AWS::Lambda::Function"])
resources = st.lists(st.builds(DataResource, types, prefixes), max_size=2)
basic_selectors = st.builds(
    BasicSelector, st.sampled_from(["All", "ReadOnly", "WriteOnly"]), st.booleans(), st.just(()), resources.map(tuple)
)


Values = st.SearchStrategy[tuple[str, ...]]


def field(name: str, operators: list[str], values: Values) -> st.SearchStrategy[FieldSelector]:
    return st.tuples(st.sampled_from(operators), values).map(lambda condition: FieldSelector(name, (condition,)))


def some(*values: str) -> Values:
    return st.lists(st.sampled_from(values), min_size=1, max_size=2, unique=True).map(tuple)


CATEGORY = field("eventCategory", ["Equals"], some("Data", "Management"))
TYPE = field("resources.type", ["Equals"], some(S3_OBJECT, "AWS::S3::AccessPoint"))
READ_ONLY = field("readOnly", ["Equals"], some("true", "false"))
WIDE_OR_NARROW_ARN = field("resources.ARN", ["StartsWith"], prefixes)
EVERY_OPERATOR = ["Equals", "NotEquals", "StartsWith", "NotStartsWith", "EndsWith", "NotEndsWith"]
ANY_ARN = field("resources.ARN", EVERY_OPERATOR, prefixes | some(*OBJECTS))
NAME = field("eventName", EVERY_OPERATOR, some("GetObject", "PutObject", "Get", "Object"))
ANY_READ_ONLY = field("readOnly", ["Equals", "NotEquals"], some("true", "false"))


def selectors_with(*more: st.SearchStrategy[FieldSelector]) -> st.SearchStrategy[Selectors]:
    head = st.tuples(CATEGORY, TYPE)
    one = st.tuples(head, st.lists(st.one_of(*more), max_size=2)).map(lambda p: AdvancedSelector((*p[0], *p[1])))
    return st.lists(basic_selectors, max_size=3).map(lambda s: basic(*s)) | st.lists(one, max_size=3).map(
        lambda s: advanced(*s)
    )


@given(selectors=selectors_with(READ_ONLY, WIDE_OR_NARROW_ARN), kind=st.sampled_from(KINDS))
def test_the_algebra_says_all_exactly_where_brute_force_finds_every_event_recorded(
    selectors: Selectors, kind: Kind
) -> None:
    """With what AWS's console makes of S3 objects: a kind, and a beginning of the ARN."""
    assert object_events(selectors, kind, "aws").all == all(records(selectors, kind, *e) for e in EVENTS)


@given(selectors=selectors_with(ANY_READ_ONLY, ANY_ARN, NAME), kind=st.sampled_from(KINDS))
def test_whatever_narrows_them_the_algebra_never_says_all_where_one_event_is_lost(
    selectors: Selectors, kind: Kind
) -> None:
    if object_events(selectors, kind, "aws").all:
        assert all(records(selectors, kind, *e) for e in EVENTS)


@given(selectors=selectors_with(ANY_READ_ONLY, ANY_ARN, NAME), kind=st.sampled_from(KINDS))
def test_the_algebra_never_says_none_where_one_event_is_recorded(selectors: Selectors, kind: Kind) -> None:
    if any(records(selectors, kind, *e) for e in EVENTS):
        assert object_events(selectors, kind, "aws").some


def of(*values: str, kinds: str = "All", type: str = S3_OBJECT) -> Selectors:
    return basic(BasicSelector(kinds, data_resources=(DataResource(type, values),)))


OBJECTS_NAMED: dict[str, Any] = {"resources.type": {"Equals": [S3_OBJECT]}, "eventName": {"Equals": ["x"]}}
NARROWED = fields(eventCategory={"Equals": ["Data"]}, **OBJECTS_NAMED)
TABLE = [
    ("the default selectors", Selectors(), "aws", (False, False)),
    ("AWS's word for all buckets", of("arn:aws:s3"), "aws", (True, True)),
    ("the beginning of every object's ARN", of("arn:aws:s3:::"), "aws", (True, True)),
    ("GovCloud's word", of("arn:aws-us-gov:s3"), "aws-us-gov", (True, True)),
    ("China's word", of("arn:aws-cn:s3:::"), "aws-cn", (True, True)),
    ("another partition's word", of("arn:aws:s3"), "aws-cn", (False, False)),
    ("no beginning at all, which AWS does not take", of(""), "aws", (False, False)),
    ("one bucket", of("arn:aws:s3:::a/"), "aws", (False, False)),
    ("reads only", of("arn:aws:s3", kinds="ReadOnly"), "aws", (True, False)),
    ("writes only", of("arn:aws:s3", kinds="WriteOnly"), "aws", (False, True)),
    ("another type", of("arn:aws:s3", type="AWS::Lambda::Function"), "aws", (False, False)),
    ("advanced, all", advanced(management(), data_events()), "aws", (True, True)),
    ("advanced, another type", advanced(data_events("AWS::S3::AccessPoint")), "aws", (False, False)),
    ("advanced, without a type", advanced(fields(eventCategory={"Equals": ["Data"]})), "aws", (False, False)),
    ("advanced, narrowed by a name", advanced(NARROWED), "aws", (False, False)),
    ("advanced, narrowed beside one that is not", advanced(NARROWED, data_events()), "aws", (True, True)),
]


@pytest.mark.parametrize(("selectors", "partition", "all"), [t[1:] for t in TABLE], ids=[t[0] for t in TABLE])
def test_selectors_record_all_objects_or_not(selectors: Selectors, partition: str, all: tuple[bool, bool]) -> None:
    assert (object_events(selectors, "read", partition).all, object_events(selectors, "write", partition).all) == all
