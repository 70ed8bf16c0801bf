"""`log-file-validation`: every multi-region trail writes digest files."""

import pytest

from bot.domain.control import Profile
from bot.domain.controls.log_file_validation import CONTROL, fix, judge
from bot.domain.finding import Verdict
from bot.domain.steps import UpdateTrail
from bot.domain.trail import Snapshot
from tests.builders import OWNER, denied, organization_trail, snapshot, trail, trail_arn

PASS, FAIL, UNKNOWN = Verdict.PASS, Verdict.FAIL, Verdict.UNKNOWN
WORLDS = [
    ("on", snapshot(trail()), PASS, ()),
    ("off", snapshot(trail(validation=False)), FAIL, ("validation-off",)),
    ("off on one of two", snapshot(trail("a"), trail("b", validation=False)), FAIL, ("validation-off",)),
    (
        "off on a single-region trail only",
        snapshot(trail("a"), trail("b", validation=False, multi_region=False)),
        PASS,
        (),
    ),
    ("no multi-region trail", snapshot(trail(multi_region=False)), FAIL, ("no-multi-region-trail",)),
    ("no trail", snapshot(), FAIL, ("no-multi-region-trail",)),
    ("could not look", snapshot(unreadable=denied()), UNKNOWN, ("access-denied",)),
    (
        "on, though status and selectors could not be read",
        snapshot(trail(status=denied(), selectors=denied())),
        PASS,
        (),
    ),
    ("a member's organization trail", snapshot(organization_trail()), PASS, ()),
]


@pytest.mark.parametrize(("world", "verdict", "reasons"), [w[1:] for w in WORLDS], ids=[w[0] for w in WORLDS])
def test_a_situation_has_its_verdict(world: Snapshot, verdict: Verdict, reasons: tuple[str, ...]) -> None:
    found = judge(world, Profile.CIS)
    assert (found.verdict, found.reasons) == (verdict, reasons)


def test_the_trail_without_validation_is_named() -> None:
    found = judge(snapshot(trail("a"), trail("b", validation=False)), Profile.CIS)
    assert found.resource == trail_arn("b")


def test_the_fix_never_touches_another_accounts_trail() -> None:
    world = snapshot(organization_trail(validation=False), trail("mine", validation=False))
    arns = {step.arn for steps in fix(world, Profile.CIS) for step in steps if isinstance(step, UpdateTrail)}
    assert arns == {trail_arn("mine")}
    assert all(OWNER not in arn for arn in arns)


def test_its_numbers_are_data() -> None:
    assert (CONTROL.cis["1.4"], CONTROL.cis["3.0"], CONTROL.cis["6.0"]) == ("3.2", "3.2", "4.2")
    assert CONTROL.security_hub == "CloudTrail.4"
