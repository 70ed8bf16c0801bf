"""What the card must say beside the verdicts: costs, and whom a change cuts off."""

import pytest

from bot.domain.consequences import (
    CUTS_OFF,
    DATA_EVENTS,
    EXTRA_COPY,
    NEW_GROUP,
    NEW_KEY,
    UNSEARCHED,
    costs,
    side_effects,
)
from bot.domain.selectors import BasicSelector, Selectors
from bot.domain.steps import (
    CreateKey,
    CreateLogGroup,
    CreateTrail,
    ProtectBucket,
    PutEventSelectors,
    Settings,
    StartLogging,
    Step,
    UpdateTrail,
    predict,
)
from bot.domain.trail import Bucket, Snapshot, Survey
from tests.builders import REGION, advanced, basic, data_events, management, snapshot, trail, trail_arn

OBJECTS = PutEventSelectors(trail_arn("a"), REGION, Selectors(), advanced(management(), data_events()))
KEY, GROUP = CreateKey("alias/x", REGION, "{}", "for x"), CreateLogGroup("/x", REGION)
MAKE = CreateTrail(trail_arn("new"), "new", REGION, "logs")
UNSEEN = "Other regions were not searched: ec2:DescribeRegions answered UnauthorizedOperation."
READER, WRITER = (trail(n, selectors=basic(BasicSelector(k))) for n, k in (("a", "ReadOnly"), ("b", "WriteOnly")))
HALVES, REPEATED = snapshot(READER, WRITER), snapshot(trail("a"), trail("b"))
ALL_OF_THE_READER = PutEventSelectors(READER.arn, REGION, basic(BasicSelector("ReadOnly")), basic(BasicSelector()))
HERE_ALONE = UpdateTrail(trail_arn("b"), REGION, Settings(multi_region=True), Settings(multi_region=False))
COSTS: list[tuple[str, Snapshot, tuple[Step, ...], tuple[str, ...]]] = [
    ("the first copy", snapshot(trail("a", logging=False)), (StartLogging(trail_arn("a"), REGION),), ()),
    (
        "a second copy",
        snapshot(trail("a", logging=False), trail("b")),
        (StartLogging(trail_arn("a"), REGION),),
        (EXTRA_COPY,),
    ),
    ("a half that becomes a second copy", HALVES, (ALL_OF_THE_READER,), (EXTRA_COPY,)),
    ("a repeated trail that leaves the other regions", REPEATED, (HERE_ALONE,), ()),
    ("object events", snapshot(trail("a")), (OBJECTS,), (DATA_EVENTS,)),
    ("a key and a log group, in one note", snapshot(trail("a")), (KEY, GROUP), (f"{NEW_KEY} {NEW_GROUP}",)),
]


@pytest.mark.parametrize(("before", "steps", "notes"), [c[1:] for c in COSTS], ids=[c[0] for c in COSTS])
def test_what_costs_is_said(before: Snapshot, steps: tuple[Step, ...], notes: tuple[str, ...]) -> None:
    assert costs(before, predict(before, steps), steps) == notes


def test_object_events_are_never_free() -> None:
    assert "$0.10 per 100,000, the first copy too" in DATA_EVENTS


BLOCK = ProtectBucket("b", REGION, "public-access-block")


def test_a_block_on_a_bucket_in_use_says_whom_it_cuts_off() -> None:
    assert side_effects(snapshot(buckets=(Bucket("b", exists=True),)), (BLOCK,)) == (CUTS_OFF,)


@pytest.mark.parametrize("there", [(), (Bucket("b", exists=False),)], ids=["unseen", "absent"])
def test_a_new_bucket_has_nobody_to_cut_off(there: tuple[Bucket, ...]) -> None:
    assert side_effects(snapshot(buckets=there), (BLOCK,)) == ()


def test_a_trail_that_is_made_though_some_regions_could_not_be_searched_says_what_that_means() -> None:
    blind = snapshot(survey=Survey((), (UNSEEN,)))
    assert side_effects(blind, (MAKE,)) == (UNSEARCHED,)
    assert side_effects(snapshot(survey=Survey((REGION,))), (MAKE,)) == ()
    assert side_effects(blind, (StartLogging(trail_arn("a"), REGION),)) == ()
