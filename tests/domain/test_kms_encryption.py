"""`kms-encryption`: every multi-region trail has a key."""

import pytest

from bot.domain.control import Profile
from bot.domain.controls.kms_encryption import judge
from bot.domain.finding import Verdict
from bot.domain.trail import Snapshot
from tests.builders import KMS_KEY, denied, organization_trail, snapshot, trail, trail_arn

PASS, FAIL, UNKNOWN = Verdict.PASS, Verdict.FAIL, Verdict.UNKNOWN
WITH, WITHOUT = {"kms_key": KMS_KEY}, {"kms_key": ""}
WORLDS = [
    ("a key", snapshot(trail(**WITH)), PASS, ()),
    ("no key", snapshot(trail(**WITHOUT)), FAIL, ("no-kms-key",)),
    ("no key on one of two", snapshot(trail("a", **WITH), trail("b", **WITHOUT)), FAIL, ("no-kms-key",)),
    (
        "no key on a single-region trail only",
        snapshot(trail("a", **WITH), trail("b", multi_region=False, **WITHOUT)),
        PASS,
        (),
    ),
    ("no multi-region trail", snapshot(trail(multi_region=False, **WITH)), FAIL, ("no-multi-region-trail",)),
    ("no trail", snapshot(), FAIL, ("no-multi-region-trail",)),
    ("could not look", snapshot(unreadable=denied()), UNKNOWN, ("access-denied",)),
    (
        "a key, and the rest unread",
        snapshot(trail(status=denied(), selectors=denied(), **WITH)),
        PASS,
        (),
    ),
    ("a member's organization trail, with a key", snapshot(organization_trail(**WITH)), PASS, ()),
    ("a member's organization trail, without", snapshot(organization_trail(**WITHOUT)), FAIL, ("no-kms-key",)),
]


@pytest.mark.parametrize(("world", "verdict", "reasons"), [w[1:] for w in WORLDS], ids=[w[0] for w in WORLDS])
def test_a_situation_has_its_verdict(world: Snapshot, verdict: Verdict, reasons: tuple[str, ...]) -> None:
    found = judge(world, Profile.CIS)
    assert (found.verdict, found.reasons) == (verdict, reasons)


def test_the_trail_without_a_key_is_named() -> None:
    assert judge(snapshot(trail("a", **WITH), trail("b", **WITHOUT)), Profile.CIS).resource == trail_arn("b")


def test_the_key_is_in_the_sentence() -> None:
    assert KMS_KEY in judge(snapshot(trail(**WITH)), Profile.CIS).why
