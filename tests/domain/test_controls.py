"""Promises that every control keeps, whichever it is."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.control import Control, Profile
from bot.domain.controls import CONTROLS, DEFAULT_CONTROLS, named
from bot.domain.finding import Verdict
from bot.domain.refusal import Refused
from bot.domain.trail import Bucket, Snapshot, Status, Trail, Unreadable
from tests.builders import (
    NO_MANAGEMENT,
    WRITE_ONLY,
    advanced,
    data_events,
    delivery,
    exemplary,
    exemplary_world,
    organization_trail,
    safe_bucket,
    snapshot,
    trail,
)
from tests.domain.worlds import snapshots

BLIND = Unreadable("cloudtrail:Any", "AccessDeniedException", "no", "cloudtrail:Any")
WORLDS = {
    "healthy": exemplary_world(),
    "stopped": exemplary_world(exemplary(logging=False)),
    "write-only": exemplary_world(exemplary(selectors=WRITE_ONLY)),
    "delivery error": exemplary_world(exemplary(delivery=delivery(error="AccessDenied", logs_error="AccessDenied"))),
    "data events only": exemplary_world(exemplary(selectors=advanced(data_events()))),
    "no validation": exemplary_world(exemplary(validation=False)),
    "neither key nor log group": exemplary_world(exemplary(kms_key="", log_group="")),
    "everything wrong": exemplary_world(trail(logging=False, selectors=NO_MANAGEMENT, validation=False)),
    "single-region": exemplary_world(exemplary(multi_region=False)),
    "organization's": exemplary_world(organization_trail()),
    "a public bucket": exemplary_world(buckets=(safe_bucket(policy_public=True, acl_public=True, logs_to=""),)),
    "public in vain": exemplary_world(
        buckets=(safe_bucket(policy_public=True, acl_public=True, restricts_policy=True, ignores_acl=True),)
    ),
    "no bucket": exemplary_world(buckets=(Bucket("logs-of-ours", exists=False),)),
}
BUCKET_FACTS = ("policy_public", "acl_public", "restricts_policy", "ignores_acl", "logs_to")


def blinded(trail: Trail) -> Iterator[Trail]:
    """The trail with each of its facts that can be unreadable, and with both."""
    yield replace(trail, status=BLIND)
    yield replace(trail, selectors=BLIND)
    yield replace(trail, status=BLIND, selectors=BLIND)
    if isinstance(trail.status, Status):
        yield replace(trail, status=Status(trail.status.logging, BLIND))


def blinded_buckets(world: Snapshot) -> Iterator[Snapshot]:
    """The world without its buckets, and its bucket without each of its facts, and without all."""
    yield replace(world, buckets=())
    for bucket in world.buckets:
        assert isinstance(bucket, Bucket)
        for facts in (*((f,) for f in BUCKET_FACTS), BUCKET_FACTS):
            yield replace(world, buckets=(replace(bucket, **dict.fromkeys(facts, BLIND)),))  # type: ignore[arg-type]  # by name


def blinded_worlds() -> Iterator[tuple[str, Snapshot, Snapshot]]:
    for name, world in WORLDS.items():
        yield name, world, replace(world, trails=BLIND)
        for blind_bucket in blinded_buckets(world):
            yield name, world, blind_bucket
        for seen in world.known_trails:
            for blind in blinded(seen):
                yield name, world, world.with_trail(blind)


BLINDED = tuple(blinded_worlds())


@pytest.mark.parametrize("control", CONTROLS, ids=lambda c: c.id)
@pytest.mark.parametrize("profile", Profile)
def test_what_could_not_be_read_never_turns_a_verdict_into_its_opposite(control: Control, profile: Profile) -> None:
    """Blinding a fact may make a verdict UNKNOWN; it never makes a failing world pass nor a passing one fail."""
    for name, seen, blind in BLINDED:
        before, after = control.judge(seen, profile).verdict, control.judge(blind, profile).verdict
        assert after in (before, Verdict.UNKNOWN), name


@pytest.mark.parametrize("control", CONTROLS, ids=lambda c: c.id)
def test_an_account_that_could_not_be_read_is_unknown_and_says_what_would_help(control: Control) -> None:
    found = control.judge(snapshot(unreadable=BLIND), Profile.CIS)
    assert found.verdict is Verdict.UNKNOWN
    assert "cloudtrail:Any answered AccessDeniedException; it needs cloudtrail:Any (no)" in found.why


def test_of_a_trail_that_is_dark_nothing_is_proved() -> None:
    """Multi-region is known, logging and selectors are not: neither PASS nor FAIL."""
    dark = snapshot(trail(status=BLIND, selectors=BLIND))
    verdicts = {c.id: c.judge(dark, Profile.CIS).verdict for c in CONTROLS}
    assert verdicts["multi-region-trail"] is Verdict.UNKNOWN
    assert verdicts["log-delivery"] is Verdict.UNKNOWN


@given(control=st.sampled_from(CONTROLS), world=snapshots)
def test_any_world_is_judged_with_reasons_unless_it_passes(control: Control, world: Snapshot) -> None:
    for profile in Profile:
        found = control.judge(world, profile)
        assert found.control == control.id
        assert (found.reasons == ()) == (found.verdict is Verdict.PASS)
        assert found.why.endswith(".")
        assert found.resource is None or world.trail(found.resource) is not None


@given(control=st.sampled_from(CONTROLS), world=snapshots)
def test_any_fix_touches_only_trails_of_the_account_in_their_home_region(control: Control, world: Snapshot) -> None:
    try:
        options = control.fix(world, Profile.CIS)
    except Refused:
        return
    for step in (s for steps in options for s in steps if s.call.startswith("cloudtrail:")):
        touched = world.trail(step.arn)
        assert touched is not None
        assert world.is_ours(touched)
        assert step.region == touched.home_region


@given(world=snapshots)
def test_the_order_of_the_trails_plays_no_part(world: Snapshot) -> None:
    if isinstance(world.trails, Unreadable):
        return
    turned = replace(world, trails=tuple(reversed(world.trails)))
    for control in CONTROLS:
        assert control.judge(turned, Profile.CIS).verdict is control.judge(world, Profile.CIS).verdict


def test_every_control_has_an_id_of_its_own_and_a_title() -> None:
    assert len({c.id for c in CONTROLS}) == len(CONTROLS)
    assert all(c.title for c in CONTROLS)


def test_a_healthy_world_passes_every_control_and_each_of_the_others_fails_one() -> None:
    assert {c.judge(WORLDS["healthy"], Profile.CIS).verdict for c in CONTROLS} == {Verdict.PASS}
    for name, world in WORLDS.items():
        failing = [c.id for c in CONTROLS if c.judge(world, Profile.CIS).verdict is Verdict.FAIL]
        assert bool(failing) == (name not in ("healthy", "public in vain")), name


# The numbers as the design has them: CIS 1.4 / 1.5 / 2.0, then 3.0 / 4.0 / 5.0, then 6.0 / 7.0; Security Hub.
NUMBERS = [
    ("multi-region-trail", "3.1", "3.1", "4.1", "CloudTrail.1"),
    ("log-delivery", "", "", "", ""),
    ("log-file-validation", "3.2", "3.2", "4.2", "CloudTrail.4"),
    ("bucket-not-public", "3.3", "", "", "CloudTrail.6"),
    ("cloudwatch-logs", "3.4", "", "", "CloudTrail.5"),
    ("bucket-access-logging", "3.6", "3.4", "4.4", "CloudTrail.7"),
    ("kms-encryption", "3.7", "3.5", "4.5", "CloudTrail.2"),
    ("s3-object-write-events", "3.10", "3.8", "4.8", ""),
    ("s3-object-read-events", "3.11", "3.9", "4.9", ""),
]


@pytest.mark.parametrize(("id", "old", "middle", "new", "security_hub"), NUMBERS, ids=[n[0] for n in NUMBERS])
def test_the_number_in_each_benchmark_is_data(id: str, old: str, middle: str, new: str, security_hub: str) -> None:
    (control,) = named((id,))
    numbers = {"1.4": old, "1.5": old, "2.0": old, "3.0": middle, "4.0": middle, "5.0": middle, "6.0": new, "7.0": new}
    assert control.cis == {version: number for version, number in numbers.items() if number}
    assert control.security_hub == security_hub


def test_every_control_is_in_that_table() -> None:
    assert [n[0] for n in NUMBERS] == [c.id for c in CONTROLS]


def test_the_default_controls_exist() -> None:
    assert tuple(c.id for c in named(DEFAULT_CONTROLS)) == DEFAULT_CONTROLS


def test_named_keeps_the_tables_order_and_no_control_twice() -> None:
    found = named(("log-delivery", "multi-region-trail", "log-delivery"))
    assert [c.id for c in found] == ["multi-region-trail", "log-delivery"]


def test_a_passing_account_stays_so_for_a_day() -> None:
    """Time alone does not decide before the delivery is stale."""
    world = exemplary_world()
    later = replace(world, taken_at=world.taken_at + timedelta(hours=23) - timedelta(minutes=1))
    assert all(c.judge(later, Profile.CIS).verdict is Verdict.PASS for c in CONTROLS)
