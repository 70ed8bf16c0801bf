"""What an account's trails amount to together, region by region."""

import pytest
from hypothesis import given

from bot.domain.census import (
    MAX_TRAILS,
    convertible,
    copies,
    duplicate_sentences,
    duplicates,
    full_region,
    full_regions,
)
from bot.domain.selectors import BasicSelector
from bot.domain.trail import Snapshot, Survey, Trail
from tests.builders import (
    OWNER,
    READ_ONLY,
    WRITE_ONLY,
    advanced,
    basic,
    denied,
    management,
    organization_trail,
    snapshot,
    surveyed,
    trail,
)
from tests.domain.worlds import snapshots

LOCAL = {"multi_region": False, "region": "eu-west-1"}


COPIES: list[tuple[str, list[Trail], int]] = [
    ("one", [trail()], 1),
    ("two", [trail("a"), trail("b")], 2),
    ("a stopped one is none", [trail("a"), trail("b", logging=False)], 1),
    ("data events only are none", [trail(selectors=basic(BasicSelector(management=False)))], 0),
    ("half a copy costs too", [trail("a"), trail("b", selectors=WRITE_ONLY)], 2),
    ("one that could not be read may be one", [trail("a"), trail("b", selectors=denied())], 2),
]


@pytest.mark.parametrize(("trails", "number"), [c[1:] for c in COPIES], ids=[c[0] for c in COPIES])
def test_copies_are_the_trails_that_record_management_events(trails: list[Trail], number: int) -> None:
    assert copies(snapshot(*trails))[""] == number


def test_a_single_region_trail_is_a_copy_at_home_only() -> None:
    found = copies(snapshot(trail("a"), trail("b", region="eu-west-1", multi_region=False)))
    assert found == {"": 1, "eu-west-1": 2}


def test_a_region_far_away_that_is_full_refuses_a_multi_region_trail() -> None:
    """Three multi-region trails count everywhere; two single-region ones fill eu-west-1."""
    many = [trail(f"m{n}") for n in range(3)]
    local = [trail(f"s{n}", region="eu-west-1", multi_region=False) for n in range(2)]
    assert full_region(surveyed(*many, *local)) == "eu-west-1"
    assert full_region(surveyed(*many, local[0])) == ""


def test_a_survey_that_saw_no_region_does_not_make_room() -> None:
    blind = snapshot(*[trail(f"t{n}") for n in range(5)], survey=Survey(notes=("ec2:DescribeRegions answered no.",)))
    assert full_region(blind) == "us-east-1"


ONLY_KMS = advanced(management(eventSource={"Equals": ["kms.amazonaws.com"]}))
WITHOUT_KMS = advanced(management(eventSource={"NotEquals": ["kms.amazonaws.com"]}))
DUPLICATES: list[tuple[str, list[Trail], dict[str, str]]] = [
    ("none at all", [], {}),
    ("one", [trail("a")], {}),
    ("two that record all", [trail("a"), trail("b")], {"": "ab"}),
    ("three", [trail("a"), trail("b"), trail("c")], {"": "abc"}),
    ("one of them is stopped", [trail("a"), trail("b", logging=False)], {}),
    ("one of them could not be read", [trail("a"), trail("b", selectors=denied())], {}),
    ("reads and writes apart", [trail("a", selectors=READ_ONLY), trail("b", selectors=WRITE_ONLY)], {}),
    ("all and writes", [trail("a"), trail("b", selectors=WRITE_ONLY)], {"": "ab"}),
    ("sources apart", [trail("a", selectors=WITHOUT_KMS), trail("b", selectors=ONLY_KMS)], {}),
    ("data events only", [trail("a"), trail("b", selectors=basic(BasicSelector(management=False)))], {}),
    ("a single-region one besides", [trail("a"), trail("b", **LOCAL)], {"eu-west-1": "ab"}),
    ("two in one region", [trail("a", **LOCAL), trail("b", **LOCAL)], {"eu-west-1": "ab"}),
    ("two in two regions", [trail("a", **LOCAL), trail("b", multi_region=False)], {}),
    ("both kinds", [trail("a"), trail("b"), trail("c", **LOCAL)], {"": "ab", "eu-west-1": "abc"}),
    ("the organization's and our own", [organization_trail("a", selectors=READ_ONLY), trail("b")], {"": "ab"}),
]


@pytest.mark.parametrize(("trails", "names"), [d[1:] for d in DUPLICATES], ids=[d[0] for d in DUPLICATES])
def test_duplicates_are_the_trails_that_record_what_another_one_records(
    trails: list[Trail], names: dict[str, str]
) -> None:
    found = duplicates(snapshot(*trails))
    assert {region: "".join(t.name for t in there) for region, there in found.items()} == names


def test_what_duplicates_cost_is_said_once_for_every_region() -> None:
    (sentence,) = duplicate_sentences(snapshot(trail("a"), trail("b"), trail("c")))
    assert sentence == (
        "Trails a (us-east-1), b (us-east-1) and c (us-east-1) record the same management events in every region: "
        "each copy after the first costs $2.00 per 100,000 events."
    )


@given(snapshots)
def test_a_known_duplicate_is_always_among_the_copies(world: Snapshot) -> None:
    counted = copies(world)
    for region, trails in duplicates(world).items():
        assert 2 <= len(trails) <= counted.get(region, counted[""])


def test_full_regions_are_all_that_hold_five() -> None:
    everywhere = [trail(f"m{n}") for n in range(MAX_TRAILS - 1)]
    local = [trail("e", **LOCAL), trail("w", multi_region=False, region="us-west-2")]
    assert full_regions(surveyed(*everywhere, *local)) == ("eu-west-1", "us-west-2")


def test_only_our_own_single_region_trails_could_be_converted() -> None:
    theirs = organization_trail("theirs", multi_region=False, owner=OWNER)
    assert [t.name for t in convertible(surveyed(trail("main"), trail("local", **LOCAL), theirs))] == ["local"]
