"""The closed set of AWS writes: each is a wish that knows whether it is fulfilled and what the world is like then."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.resources import Key, Role, Topic
from bot.domain.selectors import BasicSelector, Selectors
from bot.domain.steps import (
    STEPS,
    CreateAlias,
    CreateBucket,
    CreateKey,
    CreateLogGroup,
    CreateRole,
    CreateTopic,
    CreateTrail,
    DeleteTrail,
    ProtectBucket,
    PutBucketPolicy,
    PutEventSelectors,
    PutInsightSelectors,
    PutKeyPolicy,
    PutRolePolicy,
    PutTopicPolicy,
    StartLogging,
    Step,
    StopLogging,
    could_not_see,
    permission,
    predict,
    would_overwrite,
)
from bot.domain.steps.bucket import SETTINGS
from bot.domain.trail import Bucket, Delivery, Snapshot, Status, Trail, Unreadable
from tests.builders import (
    NOW,
    READ_ONLY,
    WRITE_ONLY,
    advanced,
    basic,
    data_resource,
    delivery,
    denied,
    management,
    snapshot,
    trail,
    trail_arn,
    update,
)
from tests.domain.worlds import readable_snapshots, snapshots

ARN, HOME = trail_arn("a"), "us-east-1"
KEY = "arn:aws:kms:us-east-1:111122223333:key/1"
TOPIC = "arn:aws:sns:us-east-1:111122223333:news"
EVERY_STEP: tuple[Step, ...] = (
    StartLogging(ARN, HOME),
    update(ARN, multi_region=True),
    update(ARN, validation=True),
    update(ARN, multi_region=True, validation=True),
    PutEventSelectors(ARN, HOME, Selectors(), WRITE_ONLY),
    PutEventSelectors(ARN, HOME, WRITE_ONLY, advanced(management())),
    CreateBucket("b", HOME),
    *(ProtectBucket("b", HOME, setting) for setting in SETTINGS),
    PutBucketPolicy("b", HOME, "", "{}", ("allow",)),
    CreateKey("alias/logs", HOME, "{}", "for alias/logs"),
    CreateAlias("alias/logs", HOME, "for alias/logs"),
    PutKeyPolicy(KEY, HOME, "{}", '{"Id": "new"}', ("allow",)),
    CreateTopic(TOPIC, "news", HOME, "{}"),
    PutTopicPolicy(TOPIC, HOME, "{}", '{"Id": "new"}', ("allow",)),
    CreateLogGroup("/trails", HOME),
    CreateRole("writer", HOME, "{}"),
    PutRolePolicy("writer", HOME, "", "{}"),
    CreateTrail(ARN, "a", HOME, "b", "prefix", validation=False),
    CreateTrail(ARN, "a", HOME, "b", organization=True, kms_key=KEY, log_group="g:*", log_role="r", topic=TOPIC),
    update(ARN, kms_key=KEY, log_group="g:*", log_role="r", topic=TOPIC),
    PutInsightSelectors(ARN, HOME, on=True),
    StopLogging(ARN, HOME),
    DeleteTrail(ARN, "a", HOME),
)
REPEATABLE = tuple(s for s in EVERY_STEP if not isinstance(s, ProtectBucket))
ON_TRAILS = tuple(s for s in REPEATABLE if s.call.startswith("cloudtrail:"))
WITH_TRAIL = snapshot(
    trail("a", logging=False, multi_region=False, validation=False, selectors=READ_ONLY),
    resources=(
        Key("alias/logs", exists=True, named=False),
        Key(KEY, exists=True, policy="{}"),
        Topic(TOPIC, exists=True, policy="{}"),
        Role("writer", exists=True),
    ),
)
kind = pytest.mark.parametrize("step", EVERY_STEP, ids=lambda s: f"{s.kind} {s.call}")


def test_every_kind_of_step_is_in_the_table_and_here() -> None:
    assert set(STEPS) == set(get_args(Step)) == {type(s) for s in EVERY_STEP}
    assert len(STEPS) == len(set(STEPS))


@pytest.mark.parametrize("step", REPEATABLE, ids=lambda s: f"{s.kind} {s.call}")
def test_a_step_that_was_applied_is_fulfilled(step: Step) -> None:
    assert step.already(step.apply(WITH_TRAIL))


@given(step=st.sampled_from(ON_TRAILS), world=readable_snapshots)
def test_a_step_is_fulfilled_wherever_it_was_applied(step: Step, world: Snapshot) -> None:
    if world.trail(ARN) is not None or isinstance(step, CreateTrail | DeleteTrail):
        assert step.already(step.apply(world))


@given(step=st.sampled_from(EVERY_STEP), world=readable_snapshots)
def test_a_step_applied_twice_is_the_same_as_once(step: Step, world: Snapshot) -> None:
    once = step.apply(world)
    assert set(step.apply(once).known_trails) == set(once.known_trails)


@given(step=st.sampled_from(EVERY_STEP), world=readable_snapshots)
def test_a_step_leaves_all_other_trails_as_they_are(step: Step, world: Snapshot) -> None:
    def others(seen: Snapshot) -> set[Trail]:
        return {t for t in seen.known_trails if t.arn != ARN}

    assert others(step.apply(world)) == others(world)


@given(step=st.sampled_from(EVERY_STEP), world=snapshots)
def test_no_step_makes_the_unreadable_readable(step: Step, world: Snapshot) -> None:
    assert isinstance(step.apply(world).trails, tuple) == isinstance(world.trails, tuple)


@pytest.mark.parametrize("step", [s for s in REPEATABLE if not isinstance(s, DeleteTrail)], ids=repr)
def test_a_step_on_an_empty_account_is_not_fulfilled(step: Step) -> None:
    assert not step.already(snapshot())


@pytest.mark.parametrize("step", REPEATABLE, ids=repr)
def test_of_an_account_that_could_not_be_read_no_step_is_known_to_be_fulfilled(step: Step) -> None:
    assert not step.already(snapshot(unreadable=denied()))


def test_a_status_that_could_not_be_read_is_not_taken_for_logging() -> None:
    assert not StartLogging(ARN, HOME).already(snapshot(trail("a", status=denied())))


def test_protecting_a_bucket_is_always_done_again() -> None:
    protect = ProtectBucket("b", HOME, "versioning")
    assert not protect.already(protect.apply(snapshot(buckets=(Bucket("b", exists=True),))))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (delivery(), Delivery(last=delivery().last, started=NOW)),
        (delivery(error="x"), Delivery(error="x", last=delivery().last, started=NOW)),
        (denied(), Delivery(started=NOW)),
    ],
    ids=["what arrived before stays known", "so does an error, for no start mends it", "what was unseen stays unknown"],
)
def test_a_started_trail_is_predicted_to_be_logging_since_now(before: Delivery | Unreadable, after: Delivery) -> None:
    world = snapshot(trail("a", status=Status(False, before)))
    (started,) = StartLogging(ARN, HOME).apply(world).known_trails
    assert started.status == Status(True, after)


def test_a_policy_leaves_what_else_is_known_of_the_bucket() -> None:
    world = snapshot(buckets=(Bucket("b", True, HOME, "", False, False, True, True, "elsewhere"),))
    changed = PutBucketPolicy("b", HOME, "", "{}", ()).apply(world).bucket("b")
    assert changed == Bucket("b", True, HOME, "{}", False, False, True, True, "elsewhere")


def test_a_public_access_block_overrules_what_is_public() -> None:
    world = snapshot(buckets=(Bucket("b", True, HOME, "", True, True, False, False, ""),))
    closed = ProtectBucket("b", HOME, "public-access-block").apply(world).bucket("b")
    assert closed == Bucket("b", True, HOME, "", True, True, True, True, "")


def test_a_key_is_the_same_by_alias_by_arn_and_by_the_arn_of_its_alias() -> None:
    """AWS shows a trail's key by its ARN, whatever it was asked for by."""
    key = Key("alias/logs", True, HOME, KEY, "Enabled", "{}")
    world = snapshot(trail("a", kms_key=KEY), resources=(key,))
    names = (KEY, "alias/logs", "arn:aws:kms:us-east-1:111122223333:alias/logs")
    assert all(update(ARN, kms_key=name).already(world) for name in names)


def test_an_update_leaves_the_rest_as_it_is() -> None:
    (updated,) = update(ARN, validation=True).apply(WITH_TRAIL).known_trails
    assert (updated.validation, updated.multi_region) == (True, False)


def test_a_created_trail_is_multi_region_and_not_logging() -> None:
    (made,) = CreateTrail(ARN, "a", HOME, "b").apply(snapshot()).known_trails
    assert made.multi_region
    assert made.status == Status(False)
    assert made.owner == "111122223333"


def test_a_trail_of_that_name_with_another_bucket_is_not_the_one_that_was_wished() -> None:
    assert not CreateTrail(ARN, "a", HOME, "elsewhere").already(WITH_TRAIL)


def test_steps_are_predicted_one_after_the_other() -> None:
    make = (CreateBucket("b", HOME), PutBucketPolicy("b", HOME, "", "{}", ()), CreateTrail(ARN, "a", HOME, "b"))
    after = predict(snapshot(), (*make, StartLogging(ARN, HOME)))
    assert after.bucket("b") == Bucket("b", True, HOME, "{}", False, False, False, False, "")
    (made,) = after.known_trails
    assert isinstance(made.status, Status)
    assert made.status.logging


SERVICES = ("cloudtrail", "s3", "kms", "sns", "logs", "iam")


@kind
def test_a_step_names_its_call_its_permission_and_how_it_is_undone(step: Step) -> None:
    service, _, operation = step.call.partition(":")
    assert service in SERVICES
    assert operation.isalpha()
    assert permission(step).startswith(f"{service}:")
    assert step.undo.startswith((*(f"{s}:" for s in SERVICES), "none: "))


@kind
def test_a_step_says_what_changes_in_a_diff(step: Step) -> None:
    assert any(line[0] in "+-" for line in step.diff)
    assert all(line[0] in "+- " for line in step.diff)


def test_the_public_access_block_has_a_permission_of_another_name() -> None:
    assert permission(ProtectBucket("b", HOME, "public-access-block")) == "s3:PutBucketPublicAccessBlock"


def test_a_diff_of_selectors_shows_what_stays_goes_and_comes() -> None:
    data = BasicSelector("WriteOnly", data_resources=(data_resource("arn:aws:s3:::x/"),))
    step = PutEventSelectors(ARN, HOME, basic(data, BasicSelector("ReadOnly")), basic(data, BasicSelector()))
    assert [line[0] for line in step.diff] == [" ", " ", "-", "+"]
    assert "arn:aws:s3:::x/" in step.diff[1]


def test_a_diff_shows_the_default_selectors_that_go() -> None:
    step = PutEventSelectors(ARN, HOME, WRITE_ONLY, Selectors(basic=(BasicSelector(),)))
    assert "- selector: management events WriteOnly" in step.diff


@given(st.sampled_from(EVERY_STEP))
def test_a_step_is_a_value(step: Step) -> None:
    assert hash(step) == hash(step)
    assert step == step


POLICY = PutBucketPolicy("b", HOME, "before", "after", ())
SELECTORS = PutEventSelectors(ARN, HOME, WRITE_ONLY, Selectors())


@pytest.mark.parametrize(("policy", "overwrites"), [("before", False), ("after", False), ("", True), ("theirs", True)])
def test_a_policy_that_is_neither_the_old_nor_the_new_one_would_be_overwritten(policy: str, overwrites: bool) -> None:
    world = snapshot(buckets=(Bucket("b", exists=True, policy=policy),))
    assert would_overwrite(POLICY, world) is overwrites


@pytest.mark.parametrize(
    ("selectors", "overwrites"),
    [
        (WRITE_ONLY, False),
        (Selectors(), False),
        (basic(BasicSelector()), False),
        (READ_ONLY, True),
    ],
)
def test_so_would_selectors(selectors: Selectors, overwrites: bool) -> None:
    assert would_overwrite(SELECTORS, snapshot(trail("a", selectors=selectors))) is overwrites


def test_the_default_spelled_out_is_no_change_by_somebody_else() -> None:
    """CreateTrail leaves a trail with the default selectors, which AWS spells out."""
    spelled = snapshot(trail("a", selectors=basic(BasicSelector())))
    put = PutEventSelectors(ARN, HOME, Selectors(), WRITE_ONLY)
    assert not would_overwrite(put, spelled)
    assert PutEventSelectors(ARN, HOME, WRITE_ONLY, Selectors()).already(spelled)


BLIND: list[tuple[Step, Snapshot]] = [
    (SELECTORS, snapshot(trail("a", selectors=denied()))),
    (POLICY, snapshot(buckets=(denied("s3:GetBucketPolicy"),))),
    (
        PutKeyPolicy(KEY, HOME, "{}", "", ()),
        snapshot(resources=(Key(KEY, exists=True, policy=denied("kms:GetKeyPolicy")),)),
    ),
    (
        PutTopicPolicy(TOPIC, HOME, "{}", "", ()),
        snapshot(resources=(Topic(TOPIC, exists=denied("sns:GetTopicAttributes")),)),
    ),
]


@pytest.mark.parametrize(("step", "world"), BLIND, ids=lambda p: getattr(p, "call", ""))
def test_what_could_not_be_read_is_named_and_is_nobodys_change(step: Step, world: Snapshot) -> None:
    blind = could_not_see(step, world)
    assert blind is not None
    assert could_not_see(step, WITH_TRAIL) is None


def test_a_step_that_replaces_nothing_whole_overwrites_nothing() -> None:
    assert not any(would_overwrite(s, WITH_TRAIL) for s in EVERY_STEP if s.kind not in (POLICY.kind, SELECTORS.kind))
