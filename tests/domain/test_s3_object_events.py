"""`s3-object-write-events` and `s3-object-read-events`: one trail records what is done to every object."""

from typing import Any

import pytest

from bot.domain.control import Control, Profile
from bot.domain.controls import s3_object_read_events, s3_object_write_events
from bot.domain.finding import Verdict
from bot.domain.refusal import Refused
from bot.domain.selectors import BasicSelector, DataResource, Selectors
from bot.domain.steps import PutEventSelectors
from bot.domain.trail import Snapshot
from tests.builders import (
    account,
    advanced,
    basic,
    data_events,
    data_resource,
    denied,
    fields,
    management,
    organization_trail,
    snapshot,
    trail,
    trail_arn,
)

PASS, FAIL, UNKNOWN = Verdict.PASS, Verdict.FAIL, Verdict.UNKNOWN
READ, WRITE = s3_object_read_events.CONTROL, s3_object_write_events.CONTROL
ALL = advanced(management(), data_events())
ONE_BUCKET = basic(BasicSelector(data_resources=(data_resource(),)))


def every_object(kinds: str = "All", partition: str = "aws", management: bool = True) -> Selectors:
    resource = DataResource("AWS::S3::Object", (f"arn:{partition}:s3",))
    return basic(BasicSelector(kinds, management, data_resources=(resource,)))


def narrowed(**field: Any) -> Selectors:
    data: dict[str, Any] = {"eventCategory": {"Equals": ["Data"]}, "resources.type": {"Equals": ["AWS::S3::Object"]}}
    return advanced(management(), fields(**data, **field))


def partition(name: str, region: str) -> Snapshot:
    selectors = every_object(partition=name)
    return snapshot(trail(partition=name, region=region, selectors=selectors), account=account(partition=name))


NONE, PARTIAL = "no-object-{}-events", "partial-object-{}-events"
BOTH_KINDS = [
    ("all, advanced", snapshot(trail(selectors=ALL)), PASS, ()),
    ("all, basic", snapshot(trail(selectors=every_object())), PASS, ()),
    ("all, without management events", snapshot(trail(selectors=every_object(management=False))), PASS, ()),
    ("GovCloud", partition("aws-us-gov", "us-gov-west-1"), PASS, ()),
    ("China", partition("aws-cn", "cn-north-1"), PASS, ()),
    ("one of two trails", snapshot(trail("a"), trail("b", selectors=ALL)), PASS, ()),
    ("the default selectors", snapshot(trail()), FAIL, (NONE,)),
    ("another type", snapshot(trail(selectors=advanced(data_events("AWS::Lambda::Function")))), FAIL, (NONE,)),
    (
        "one bucket",
        snapshot(trail(selectors=ONE_BUCKET)),
        FAIL,
        (PARTIAL,),
    ),
    (
        "narrowed by an event's name",
        snapshot(trail(selectors=narrowed(eventName={"NotEquals": ["GetObject"]}))),
        FAIL,
        (PARTIAL,),
    ),
    ("stopped", snapshot(trail(logging=False, selectors=ALL)), FAIL, ("not-logging",)),
    ("stopped, and none", snapshot(trail(logging=False)), FAIL, ("not-logging", NONE)),
    ("no trail", snapshot(), FAIL, ("no-multi-region-trail",)),
    ("single-region", snapshot(trail(multi_region=False, selectors=ALL)), FAIL, ("no-multi-region-trail",)),
    ("could not look", snapshot(unreadable=denied()), UNKNOWN, ("access-denied",)),
    ("the selectors could not be read", snapshot(trail(selectors=denied())), UNKNOWN, ("access-denied",)),
    ("the status could not be read", snapshot(trail(status=denied(), selectors=ALL)), UNKNOWN, ("access-denied",)),
    ("the status could not be read, but none", snapshot(trail(status=denied())), FAIL, (NONE,)),
    ("stopped, the selectors unread", snapshot(trail(logging=False, selectors=denied())), FAIL, ("not-logging",)),
    ("one fails, one is unknown", snapshot(trail("a"), trail("b", selectors=denied())), UNKNOWN, ("access-denied",)),
    ("a member's organization trail", snapshot(organization_trail()), UNKNOWN, ("verify-in-management-account",)),
    (
        "a member's organization trail with the default selectors",
        snapshot(organization_trail(selectors=Selectors())),
        FAIL,
        (NONE,),
    ),
]


@pytest.mark.parametrize(("control", "kind"), [(READ, "read"), (WRITE, "write")], ids=["read", "write"])
@pytest.mark.parametrize(("world", "verdict", "reasons"), [b[1:] for b in BOTH_KINDS], ids=[b[0] for b in BOTH_KINDS])
def test_a_situation_has_its_verdict(
    control: Control, kind: str, world: Snapshot, verdict: Verdict, reasons: tuple[str, ...]
) -> None:
    found = control.judge(world, Profile.CIS)
    assert (found.verdict, found.reasons) == (verdict, tuple(r.format(kind) for r in reasons))


ONE_KIND = [
    ("basic, reads", every_object("ReadOnly"), PASS, FAIL),
    ("basic, writes", every_object("WriteOnly"), FAIL, PASS),
    ("advanced, reads", narrowed(readOnly={"Equals": ["true"]}), PASS, FAIL),
    ("advanced, writes", narrowed(readOnly={"Equals": ["false"]}), FAIL, PASS),
    (
        "two selectors of one trail",
        basic(*every_object("ReadOnly").basic, *every_object("WriteOnly").basic),
        PASS,
        PASS,
    ),
]


@pytest.mark.parametrize(("selectors", "read", "write"), [o[1:] for o in ONE_KIND], ids=[o[0] for o in ONE_KIND])
def test_each_kind_has_its_own_verdict(selectors: Selectors, read: Verdict, write: Verdict) -> None:
    world = snapshot(trail(selectors=selectors))
    assert (READ.judge(world, Profile.CIS).verdict, WRITE.judge(world, Profile.CIS).verdict) == (read, write)


def test_the_trail_that_records_them_is_named() -> None:
    found = WRITE.judge(snapshot(trail("a"), trail("b", selectors=ALL)), Profile.CIS)
    assert found.resource == trail_arn("b")
    assert found.why == "Trail b (us-east-1) records write events of every S3 object."


def test_a_repair_adds_one_selector_and_keeps_the_rest() -> None:
    ((put,),) = WRITE.fix(snapshot(trail(selectors=advanced(management()))), Profile.CIS)
    assert isinstance(put, PutEventSelectors)
    added = fields(
        "S3 object write events",
        eventCategory={"Equals": ["Data"]},
        **{"resources.type": {"Equals": ["AWS::S3::Object"]}},
        readOnly={"Equals": ["false"]},
    )
    assert put.after == advanced(management(), added)


@pytest.mark.parametrize("first", [READ, WRITE], ids=["read first", "write first"])
@pytest.mark.parametrize(
    "before", [Selectors(), advanced(management()), ONE_BUCKET], ids=["default", "advanced", "basic"]
)
def test_repairing_both_is_one_selector_for_both(first: Control, before: Selectors) -> None:
    second = WRITE if first is READ else READ
    world = snapshot(trail(selectors=before))
    for control in (first, second):
        ((put,),) = control.fix(world, Profile.CIS)
        world = put.apply(world)
        assert control.judge(world, Profile.CIS).verdict is PASS
    (seen,) = world.known_trails
    assert isinstance(seen.selectors, Selectors)
    was = before if before != Selectors() else basic(BasicSelector())
    assert seen.selectors.basic[: len(was.basic)] == was.basic
    assert seen.selectors.advanced[: len(was.advanced)] == was.advanced
    assert len(seen.selectors.basic) + len(seen.selectors.advanced) == len(was.basic) + len(was.advanced) + 1


FULL = [
    ("five basic selectors", basic(*[BasicSelector("WriteOnly", excluded_sources=(str(n),)) for n in range(5)])),
    ("250 data resources", basic(BasicSelector(data_resources=(data_resource(*map(str, range(250))),)))),
    ("500 values", advanced(management(eventName={"NotEquals": [str(n) for n in range(499)]}))),
]


@pytest.mark.parametrize("selectors", [f[1] for f in FULL], ids=[f[0] for f in FULL])
def test_where_aws_allows_no_more_it_is_refused_with_who_can_make_room(selectors: Selectors) -> None:
    with pytest.raises(Refused, match="Whoever chose the trail's selectors"):
        READ.fix(snapshot(trail(selectors=selectors)), Profile.CIS)


def test_a_trail_with_room_is_taken_where_another_has_none() -> None:
    ((put,),) = READ.fix(snapshot(trail("a", selectors=FULL[0][1]), trail("b")), Profile.CIS)
    assert put.arn == trail_arn("b")


@pytest.mark.parametrize(
    "world",
    [
        snapshot(organization_trail()),
        snapshot(trail(logging=False)),
        snapshot(trail(selectors=denied())),
        snapshot(trail(multi_region=False)),
    ],
    ids=["another account's", "stopped", "unread", "single-region"],
)
def test_a_trail_that_could_not_pass_is_left_alone(world: Snapshot) -> None:
    assert not any(READ.fix(world, Profile.CIS))
