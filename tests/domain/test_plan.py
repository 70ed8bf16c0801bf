"""The plan: its fingerprint, its prediction, and whether a fresh read is what was predicted."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.control import Profile
from bot.domain.controls import CONTROLS
from bot.domain.plan import Plan, could_not_look, facts, fingerprint, is_as_predicted, settled
from bot.domain.resources import Key
from bot.domain.selectors import BasicSelector, Selectors
from bot.domain.steps import DeleteTrail, PutKeyPolicy, StartLogging
from bot.domain.trail import Bucket, Snapshot, Status, Unreadable
from tests.builders import (
    DEFAULTS,
    KMS_KEY,
    NOW,
    REGION,
    WRITE_ONLY,
    basic,
    delivery,
    denied,
    exemplary,
    plan,
    snapshot,
    trail,
    trail_arn,
    update,
)

STOPPED = snapshot(trail(logging=False))
STARTED = snapshot(trail(delivery=delivery(last=None, started=timedelta(seconds=5))))


def test_a_fingerprint_has_sixteen_hex_digits_and_is_the_same_for_the_same_plan() -> None:
    assert plan().fingerprint == plan().fingerprint
    assert len(plan().fingerprint) == 16
    assert int(plan().fingerprint, 16) >= 0


OTHER_FACTS = [
    ("another trail appeared", snapshot(trail(logging=False), trail("second"))),
    ("it was started", snapshot(trail())),
    ("its selectors changed", snapshot(trail(logging=False, selectors=WRITE_ONLY))),
    ("its bucket changed", snapshot(trail(logging=False, bucket="elsewhere"))),
    ("its validation changed", snapshot(trail(logging=False, validation=False))),
    ("it became single-region", snapshot(trail(logging=False, multi_region=False))),
    ("it is gone", snapshot()),
    ("it cannot be seen any more", snapshot(unreadable=denied())),
    ("its status cannot be read any more", snapshot(trail(status=denied()))),
    ("a bucket appeared", replace(STOPPED, buckets=(Bucket("b", exists=True),))),
]


@pytest.mark.parametrize("world", [o[1] for o in OTHER_FACTS], ids=[o[0] for o in OTHER_FACTS])
def test_a_fact_that_changed_changes_the_fingerprint(world: Snapshot) -> None:
    assert fingerprint(plan(before=STOPPED), world) != plan(before=STOPPED).fingerprint


SAME_FACTS = [
    ("read later", replace(STOPPED, taken_at=NOW + timedelta(hours=3))),
    ("another delivery", snapshot(trail(logging=False, delivery=delivery(error="x", last=timedelta(days=3))))),
    ("the default selectors spelled out", snapshot(trail(logging=False, selectors=basic(BasicSelector())))),
    ("whether the selectors are custom", snapshot(trail(logging=False, custom_selectors=True))),
]


@pytest.mark.parametrize("world", [s[1] for s in SAME_FACTS], ids=[s[0] for s in SAME_FACTS])
def test_what_changes_by_itself_does_not_change_the_fingerprint(world: Snapshot) -> None:
    assert fingerprint(plan(before=STOPPED), world) == plan(before=STOPPED).fingerprint


def test_the_order_in_which_trails_were_read_does_not_change_it() -> None:
    a, b = trail("a", logging=False), trail("b")
    step = StartLogging(a.arn, "us-east-1")
    assert plan(step, before=snapshot(a, b)).fingerprint == plan(step, before=snapshot(b, a)).fingerprint


def test_other_steps_have_another_fingerprint() -> None:
    other = plan(update(validation=True), before=STOPPED)
    assert other.fingerprint != plan(before=STOPPED).fingerprint


def test_facts_can_be_kept_as_json() -> None:
    import json

    assert "arn:aws:cloudtrail" in json.dumps(facts(STOPPED))


PREDICTIONS: list[tuple[str, Snapshot, bool]] = [
    ("started, nothing delivered yet", STARTED, True),
    ("started and delivered", snapshot(trail()), True),
    ("delivery fails, which is another matter", snapshot(trail(delivery=delivery(error="x"))), True),
    ("still stopped", STOPPED, False),
    ("started, but somebody narrowed it", snapshot(trail(selectors=WRITE_ONLY)), False),
    ("gone", snapshot(), False),
    ("made single-region", snapshot(trail(multi_region=False)), False),
]


@pytest.mark.parametrize(("fresh", "expected"), [p[1:] for p in PREDICTIONS], ids=[p[0] for p in PREDICTIONS])
def test_a_change_is_verified_when_the_fresh_facts_are_the_predicted_ones(fresh: Snapshot, expected: bool) -> None:
    assert is_as_predicted(plan(before=STOPPED), fresh, DEFAULTS) is expected


@pytest.mark.parametrize("arrived", [timedelta(seconds=1), None], ids=["already", "not yet"])
def test_with_every_control_asked_for_a_start_is_verified_whether_or_not_its_events_have_arrived(
    arrived: timedelta | None,
) -> None:
    """In CloudWatch Logs as in the bucket: that takes minutes, and a verification has one."""
    stopped = exemplary(logging=False, delivery=delivery(logs_last=None))
    started = delivery(last=arrived, logs_last=arrived, started=timedelta(seconds=5))
    fresh = snapshot(exemplary(delivery=started))
    assert is_as_predicted(plan(before=snapshot(stopped)), fresh, CONTROLS) is True


UNSEEN = [
    ("the trails", snapshot(unreadable=denied("cloudtrail:DescribeTrails"))),
    ("its status", snapshot(trail(status=denied()))),
    ("its selectors", snapshot(trail(selectors=denied()))),
]


@pytest.mark.parametrize("fresh", [u[1] for u in UNSEEN], ids=[u[0] for u in UNSEEN])
def test_what_could_not_be_seen_is_neither_verified_nor_failed(fresh: Snapshot) -> None:
    assert isinstance(is_as_predicted(plan(before=STOPPED), fresh, DEFAULTS), Unreadable)


@pytest.mark.parametrize(
    "now", [denied(), Unreadable("cloudtrail:GetEventSelectors", "ThrottlingException"), Selectors()], ids=str
)
def test_what_could_not_be_seen_for_the_plan_keeps_no_change_open(now: Selectors | Unreadable) -> None:
    blind = trail(validation=False, selectors=denied())
    made = plan(update(blind.arn, validation=True), before=snapshot(blind))
    assert is_as_predicted(made, snapshot(replace(blind, validation=True, selectors=now)), DEFAULTS) is True


def test_another_trail_that_could_not_be_seen_this_time_does_not_fail_the_change() -> None:
    """A throttled read of the trail that passes leaves the verdict open, not the change failed."""
    narrow = trail("narrow", selectors=WRITE_ONLY, validation=False)
    validating = update(narrow.arn, validation=True)
    made = plan(validating, before=snapshot(trail("main"), narrow))
    throttled = Unreadable("cloudtrail:GetTrailStatus", "ThrottlingException")
    fresh = snapshot(trail("main", status=throttled), replace(narrow, validation=True))
    assert is_as_predicted(made, fresh, DEFAULTS) == throttled
    seen = snapshot(trail("main"), replace(narrow, validation=True))
    assert is_as_predicted(made, seen, DEFAULTS) is True


KEYED = snapshot(trail(), resources=(Key(KMS_KEY, exists=True, arn=KMS_KEY, policy="{}"),))
UNREAD_KEY = snapshot(trail(), resources=(Key(KMS_KEY, exists=denied("kms:DescribeKey")),))
OPENING = plan(PutKeyPolicy(KMS_KEY, REGION, "{}", '{"Id": "new"}', ("allow",)), before=KEYED)


def test_what_a_trail_leans_on_is_part_of_the_prediction() -> None:
    assert is_as_predicted(OPENING, OPENING.after, DEFAULTS) is True
    assert is_as_predicted(OPENING, KEYED, DEFAULTS) is False
    assert isinstance(is_as_predicted(OPENING, UNREAD_KEY, DEFAULTS), Unreadable)


def test_a_key_that_could_be_read_and_cannot_be_now_is_could_not_look() -> None:
    assert could_not_look(OPENING, KEYED) is None
    assert could_not_look(OPENING, UNREAD_KEY) == denied("kms:DescribeKey")


def test_a_key_that_never_could_be_read_hinders_nothing() -> None:
    assert could_not_look(plan(before=UNREAD_KEY), UNREAD_KEY) is None


def test_a_delete_is_verified_by_the_trails_absence() -> None:
    made = plan(DeleteTrail(trail_arn(), "main", "us-east-1"), before=snapshot(trail()), kind="delete")
    assert is_as_predicted(made, snapshot(), DEFAULTS) is True
    assert is_as_predicted(made, snapshot(trail()), DEFAULTS) is False


def test_a_deliberately_narrower_world_can_be_verified_too() -> None:
    """The verdicts must be the predicted ones, not passing ones."""
    both = snapshot(trail("main"), trail("writes", selectors=WRITE_ONLY))
    made = plan(DeleteTrail(trail_arn("main"), "main", "us-east-1"), before=both, kind="delete")
    assert is_as_predicted(made, snapshot(trail("writes", selectors=WRITE_ONLY)), DEFAULTS) is True


def test_touched_are_the_trails_of_the_steps() -> None:
    assert plan().touched == {trail_arn()}


def test_only_a_delete_has_a_name_to_type() -> None:
    delete = plan(DeleteTrail(trail_arn(), "main", "us-east-1"), before=snapshot(trail()), kind="delete")
    assert (delete.trail_name, plan().trail_name) == ("main", "")


def test_settled_forgets_deliveries_and_keeps_whether_it_logs() -> None:
    same = settled(trail(delivery=delivery(error="x")))
    assert same == settled(trail(selectors=Selectors(basic=(BasicSelector(),))))
    assert isinstance(same.status, Status)
    assert same.status.logging


def test_the_world_after_is_the_prediction_of_its_steps() -> None:
    made: Plan = plan(before=STOPPED)
    after = made.after.trail(trail_arn())
    assert after is not None
    assert isinstance(after.status, Status)
    assert after.status.logging
    assert made.profile is Profile.CIS
