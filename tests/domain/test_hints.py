"""What is worth knowing beside a verdict, and never changes it."""

from hypothesis import given

from bot.domain.control import Profile
from bot.domain.controls import multi_region_trail
from bot.domain.finding import Finding, Verdict
from bot.domain.hints import annotated
from bot.domain.trail import Snapshot, Survey
from tests.builders import finding, snapshot, surveyed, trail
from tests.domain.worlds import snapshots

LOCAL = {"multi_region": False, "region": "eu-west-1"}
FAILING = finding()


def judged(world: Snapshot) -> Finding:
    return multi_region_trail.judge(world, Profile.CIS)


@given(snapshots)
def test_a_hint_changes_no_verdict_and_no_reason(world: Snapshot) -> None:
    told = annotated(FAILING, world)
    assert (told.verdict, told.reasons, told.resource) == (FAILING.verdict, FAILING.reasons, FAILING.resource)
    assert told.why == FAILING.why


def test_a_paid_copy_is_a_warning_on_a_pass() -> None:
    found = judged(snapshot(trail("a"), trail("b")))
    assert (found.verdict, found.warnings) == (Verdict.PASS, ("paid-copy",))
    assert found.told.endswith("each copy after the first costs $2.00 per 100,000 events.")


def test_without_a_survey_nothing_is_said_of_other_regions() -> None:
    assert annotated(FAILING, snapshot(trail("local", **LOCAL))) == FAILING


def test_a_trail_that_could_be_converted_is_named_with_its_region() -> None:
    found = judged(surveyed(trail("local", **LOCAL)))
    assert "convertible-trail" in found.warnings
    assert "Could be made multi-region: local (eu-west-1)." in found.told


def test_a_full_region_is_named() -> None:
    found = judged(surveyed(*(trail(f"t{n}", **LOCAL) for n in range(5))))
    assert "region-full" in found.warnings
    assert "these regions hold 5 already: eu-west-1." in found.told


def test_what_could_not_be_searched_is_said_and_changes_nothing() -> None:
    note = "eu-west-1: cloudtrail:DescribeTrails answered Timeout."
    found = judged(snapshot(survey=Survey(("us-east-1",), (note,))))
    assert (found.verdict, found.warnings) == (Verdict.FAIL, ("region-not-searched",))
    assert found.told.endswith(f"Not searched: {note}")


def test_a_lake_is_no_trail_and_is_named() -> None:
    found = judged(snapshot(survey=Survey(("us-east-1",), lakes=("audit-lake",))))
    assert (found.verdict, found.warnings) == (Verdict.FAIL, ("event-data-store-only",))
    assert "CloudTrail Lake (audit-lake) is no trail" in found.told


def test_a_pass_needs_no_way_out() -> None:
    assert judged(surveyed(trail("main"), trail("local", logging=False, **LOCAL))).warnings == ()
