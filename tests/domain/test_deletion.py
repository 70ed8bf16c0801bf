"""The back-out."""

import pytest

from bot.domain.census import recorded
from bot.domain.control import Profile
from bot.domain.deletion import loses_last_compliant, plan_delete
from bot.domain.plan import Plan
from bot.domain.refusal import Refused
from bot.domain.selectors import Coverage
from bot.domain.steps import DeleteTrail
from bot.domain.trail import Snapshot
from tests.builders import DEFAULTS, OWNER, WRITE_ONLY, denied, organization_trail, snapshot, surveyed, trail, trail_arn


def delete(world: Snapshot, which: str = "main") -> Plan:
    return plan_delete(world, which, DEFAULTS, Profile.CIS)


@pytest.mark.parametrize("which", ["main", trail_arn("main")], ids=["by name", "by ARN"])
def test_a_trail_is_deleted_in_its_home_region(which: str) -> None:
    home = trail("main")
    assert delete(surveyed(home, trail("other")), which).steps == (DeleteTrail(home.arn, "main", "us-east-1"),)


def test_afterwards_it_is_gone_and_the_others_are_as_they_were() -> None:
    other = trail("other")
    assert delete(surveyed(trail("main"), other)).after.trails == (other,)


REFUSALS = [
    ("no such trail", surveyed(trail("other")), "no trail named main. It has: other"),
    ("no trail at all", surveyed(), "It has: none at all"),
    (
        "two of that name",
        surveyed(trail("main"), trail("main", region="eu-west-1", multi_region=False)),
        "Say which by its ARN",
    ),
    ("another account's", surveyed(organization_trail("main")), f"/trail-audit delete main {OWNER}"),
    ("could not look", snapshot(unreadable=denied()), "Nothing was proposed"),
]


@pytest.mark.parametrize(("world", "words"), [r[1:] for r in REFUSALS], ids=[r[0] for r in REFUSALS])
def test_what_cannot_be_deleted_is_refused_with_what_to_do(world: Snapshot, words: str) -> None:
    with pytest.raises(Refused) as refusal:
        delete(world)
    assert words in str(refusal.value)


@pytest.mark.parametrize(
    ("rest", "loses"),
    [([], True), ([trail("second")], False), ([trail("short", selectors=WRITE_ONLY)], True)],
    ids=["the only one", "another passes", "another falls short"],
)
def test_it_is_known_whether_the_last_compliant_trail_goes(rest: list[object], loses: bool) -> None:
    assert loses_last_compliant(delete(surveyed(trail("main"), *rest)), DEFAULTS) is loses  # type: ignore[arg-type]  # Trails


def test_deleting_a_stopped_trail_loses_nothing_compliant() -> None:
    assert not loses_last_compliant(delete(surveyed(trail(logging=False))), DEFAULTS)


def test_what_is_recorded_before_and_after_can_be_shown() -> None:
    plan = delete(surveyed(trail("main"), trail("writes", selectors=WRITE_ONLY)))
    assert recorded(plan.before).full
    assert (recorded(plan.after).read.all_but, recorded(plan.after).write.all_but) == (False, True)
    assert recorded(delete(surveyed(trail())).after) == Coverage()


def test_a_delete_says_that_it_cannot_be_undone_and_what_stays() -> None:
    (step,) = delete(surveyed(trail())).steps
    assert step.undo.startswith("none")
    assert any("stay" in line for line in step.diff)
