"""`log-delivery`: log files arrive from the trail that counts."""

from datetime import timedelta

import pytest

from bot.domain.control import Profile
from bot.domain.controls.log_delivery import judge
from bot.domain.finding import Finding, Verdict
from bot.domain.trail import Delivery, Snapshot
from tests.builders import WRITE_ONLY, delivery, denied, organization_trail, snapshot, trail, trail_arn

PASS, FAIL, UNKNOWN = Verdict.PASS, Verdict.FAIL, Verdict.UNKNOWN
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def judged(world: Snapshot) -> Finding:
    return judge(world, Profile.CIS)


DELIVERIES = [
    ("delivered an hour ago", delivery(), PASS, ()),
    ("delivered exactly 24 hours ago", delivery(last=DAY), PASS, ()),
    ("last delivered over 24 hours ago", delivery(last=DAY + MINUTE), FAIL, ("delivery-stale",)),
    ("never delivered, started minutes ago", delivery(last=None, started=59 * MINUTE), UNKNOWN, ("delivery-pending",)),
    ("never delivered, started an hour ago", delivery(last=None, started=HOUR), FAIL, ("delivery-stale",)),
    ("delivered long ago, started anew", delivery(last=9 * DAY, started=MINUTE), UNKNOWN, ("delivery-pending",)),
    ("an error of AWS", delivery(error="AccessDenied", last=MINUTE), FAIL, ("delivery-error",)),
    ("an error on a trail just started", delivery(error="NoSuchBucket", started=MINUTE), FAIL, ("delivery-error",)),
    ("a delivery that could not be seen", denied(), UNKNOWN, ("access-denied",)),
]


@pytest.mark.parametrize(("seen", "verdict", "reasons"), [d[1:] for d in DELIVERIES], ids=[d[0] for d in DELIVERIES])
def test_a_delivery_has_its_verdict(seen: Delivery, verdict: Verdict, reasons: tuple[str, ...]) -> None:
    found = judged(snapshot(trail(delivery=seen)))
    assert (found.verdict, found.reasons) == (verdict, reasons)


def test_awss_own_text_is_in_the_sentence() -> None:
    assert "AccessDenied" in judged(snapshot(trail(delivery=delivery(error="AccessDenied")))).why


def test_a_start_that_nobody_knows_is_missing_evidence_and_no_failure() -> None:
    found = judged(snapshot(trail(delivery=delivery(last=None, started=None))))
    assert (found.verdict, found.reasons) == (UNKNOWN, ("delivery-unknown",))


WORLDS = [
    ("no multi-region trail", snapshot(trail(multi_region=False)), FAIL, ("no-multi-region-trail",)),
    ("no trail at all", snapshot(), FAIL, ("no-multi-region-trail",)),
    ("stopped", snapshot(trail(logging=False)), FAIL, ("not-logging",)),
    ("the status could not be read", snapshot(trail(status=denied())), UNKNOWN, ("access-denied",)),
    ("the trails could not be read", snapshot(unreadable=denied()), UNKNOWN, ("access-denied",)),
    (
        "a member's view of its organization's trail: unknown, not healthy",
        snapshot(organization_trail()),
        UNKNOWN,
        ("verify-in-management-account",),
    ),
    (
        "one of two compliant trails delivers",
        snapshot(trail("a", delivery=delivery(error="AccessDenied")), trail("b")),
        PASS,
        (),
    ),
    (
        "a healthy write-only trail does not make up for the compliant one",
        snapshot(trail("a", delivery=delivery(error="AccessDenied")), trail("b", selectors=WRITE_ONLY)),
        FAIL,
        ("delivery-error",),
    ),
]


@pytest.mark.parametrize(("world", "verdict", "reasons"), [w[1:] for w in WORLDS], ids=[w[0] for w in WORLDS])
def test_a_situation_has_its_verdict(world: Snapshot, verdict: Verdict, reasons: tuple[str, ...]) -> None:
    found = judged(world)
    assert (found.verdict, found.reasons) == (verdict, reasons)


def test_the_deciding_trail_is_named() -> None:
    world = snapshot(trail("a", selectors=WRITE_ONLY), trail("b", delivery=delivery(error="x")))
    assert judged(world).resource == trail_arn("b")
