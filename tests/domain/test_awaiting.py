"""A repair of delivery awaits a delivery: of which trails, and whether it has come."""

from dataclasses import replace

import pytest

from bot.domain.awaiting import has_delivered
from bot.domain.control import Profile
from bot.domain.plan import Plan, is_as_predicted
from bot.domain.repair import plan_fix
from bot.domain.trail import Bucket, Snapshot, Unreadable
from tests.builders import DEFAULTS, HOUR, REGION, delivery, denied, plan, surveyed, trail, trail_arn

BUCKET = Bucket("logs-of-ours", exists=True, region=REGION)
FAILING = trail(delivery=delivery(error="AccessDenied", last=48 * HOUR))


def mending(*trails: object, bucket: Bucket = BUCKET) -> Plan:
    return plan_fix(surveyed(*(trails or (FAILING,)), buckets=(bucket,)), DEFAULTS, Profile.CIS)  # type: ignore[arg-type]  # trails


def now(made: Plan, **seen: object) -> Snapshot:
    return made.after.with_trail(trail(delivery=delivery(**seen)))  # type: ignore[arg-type]  # delivery's own words


def test_a_plan_that_mends_a_delivery_awaits_one() -> None:
    assert mending().awaits_delivery == (trail_arn(),)
    assert mending(bucket=Bucket("logs-of-ours", exists=False)).awaits_delivery == (trail_arn(),)
    assert mending(trail(logging=False, delivery=delivery(error="x"))).awaits_delivery == (trail_arn(),)


def test_any_other_plan_awaits_none() -> None:
    validation = mending(trail(validation=False))
    assert validation.awaits_delivery == plan().awaits_delivery == ()
    assert has_delivered(validation, validation.after) is True
    assert replace(mending(), kind="create").awaits_delivery == ()


SEEN = [
    ("a later delivery", {"last": HOUR}, True),
    ("the same delivery as before", {"last": 48 * HOUR}, False),
    ("none at all", {"last": None}, False),
    ("a later delivery, and an error since", {"last": HOUR, "error": "AccessDenied"}, False),
]


@pytest.mark.parametrize(("seen", "come"), [s[1:] for s in SEEN], ids=[s[0] for s in SEEN])
def test_a_delivery_has_come_if_it_is_a_later_one_without_an_error(seen: dict[str, object], come: bool) -> None:
    assert has_delivered(mending(), now(mending(), **seen)) is come


def test_the_first_delivery_ever_has_come() -> None:
    made = mending(trail(delivery=delivery(error="NoSuchBucket", last=None)))
    assert has_delivered(made, now(made, last=HOUR)) is True


@pytest.mark.parametrize(
    "world",
    [surveyed(unreadable=denied()), surveyed(trail(status=denied())), surveyed(trail(delivery=denied()))],
    ids=["the trails", "the status", "the delivery"],
)
def test_what_could_not_be_seen_has_neither_come_nor_not(world: Snapshot) -> None:
    assert isinstance(has_delivered(mending(), world), Unreadable)


def test_a_trail_that_is_gone_delivers_nothing() -> None:
    assert has_delivered(mending(), surveyed()) is False


def test_a_policy_that_was_not_written_is_not_as_predicted_though_no_trail_differs() -> None:
    made = mending()
    assert is_as_predicted(made, made.after, DEFAULTS) is True
    assert is_as_predicted(made, made.before, DEFAULTS) is False
    unseen = replace(made.before, buckets=(denied("s3:GetBucketPolicy"),))
    assert isinstance(is_as_predicted(made, unseen, DEFAULTS), Unreadable)
