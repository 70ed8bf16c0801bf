"""`cloudwatch-logs`: every multi-region trail has a log group, and its events arrive there."""

from datetime import timedelta
from typing import Any

import pytest

from bot.domain.control import Profile
from bot.domain.controls.cloudwatch_logs import judge
from bot.domain.finding import Finding, Verdict
from bot.domain.steps import StartLogging
from bot.domain.trail import Delivery, Snapshot, Trail, Unreadable
from tests.builders import (
    LOG_GROUP,
    delivery,
    denied,
    exemplary,
    organization_trail,
    snapshot,
    trail,
    trail_arn,
)

PASS, FAIL, UNKNOWN = Verdict.PASS, Verdict.FAIL, Verdict.UNKNOWN
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def grouped(name: str = "main", **different: Any) -> Trail:
    return trail(name, log_group=LOG_GROUP, **different)


def judged(world: Snapshot) -> Finding:
    return judge(world, Profile.CIS)


DELIVERIES = [
    ("an hour ago", delivery(logs_last=HOUR), PASS, ()),
    ("exactly 24 hours ago", delivery(logs_last=DAY), PASS, ()),
    ("over 24 hours ago", delivery(logs_last=DAY + MINUTE), FAIL, ("logs-delivery-stale",)),
    ("never, on an old trail", delivery(logs_last=None), FAIL, ("logs-delivery-stale",)),
    ("never, started minutes ago", delivery(started=59 * MINUTE), UNKNOWN, ("logs-delivery-pending",)),
    ("never, started an hour ago", delivery(started=HOUR), FAIL, ("logs-delivery-stale",)),
    ("long ago, started anew", delivery(logs_last=9 * DAY, started=MINUTE), UNKNOWN, ("logs-delivery-pending",)),
    ("never, and nobody knows since when", delivery(started=None), UNKNOWN, ("logs-delivery-unknown",)),
    ("an error of AWS", delivery(logs_error="AccessDenied", logs_last=MINUTE), FAIL, ("logs-delivery-error",)),
    ("an error of the bucket only", delivery(error="AccessDenied", logs_last=MINUTE), PASS, ()),
    ("could not be seen", denied(), UNKNOWN, ("access-denied",)),
]


@pytest.mark.parametrize(("seen", "verdict", "reasons"), [d[1:] for d in DELIVERIES], ids=[d[0] for d in DELIVERIES])
def test_a_delivery_has_its_verdict(seen: Delivery | Unreadable, verdict: Verdict, reasons: tuple[str, ...]) -> None:
    found = judged(snapshot(grouped(delivery=seen)))
    assert (found.verdict, found.reasons) == (verdict, reasons)


WORLDS = [
    ("no log group", snapshot(trail()), FAIL, ("no-log-group",)),
    ("no log group, the status unread", snapshot(trail(status=denied())), FAIL, ("no-log-group",)),
    ("stopped", snapshot(grouped(logging=False)), FAIL, ("not-logging",)),
    ("the status could not be read", snapshot(grouped(status=denied())), UNKNOWN, ("access-denied",)),
    ("one of two without a log group", snapshot(exemplary("a"), trail("b")), FAIL, ("no-log-group",)),
    (
        "one without a log group, one unknown",
        snapshot(grouped("a", status=denied()), trail("b")),
        FAIL,
        ("no-log-group",),
    ),
    (
        "one of two is unknown",
        snapshot(exemplary("a"), grouped("b", status=denied())),
        UNKNOWN,
        ("access-denied",),
    ),
    ("a single-region trail without one", snapshot(exemplary(), trail("b", multi_region=False)), PASS, ()),
    ("no multi-region trail", snapshot(exemplary(multi_region=False)), FAIL, ("no-multi-region-trail",)),
    ("no trail", snapshot(), FAIL, ("no-multi-region-trail",)),
    ("could not look", snapshot(unreadable=denied()), UNKNOWN, ("access-denied",)),
    (
        "a member's organization trail",
        snapshot(organization_trail(log_group=LOG_GROUP)),
        UNKNOWN,
        ("verify-in-management-account",),
    ),
    ("a member's organization trail without a log group", snapshot(organization_trail()), FAIL, ("no-log-group",)),
]


@pytest.mark.parametrize(("world", "verdict", "reasons"), [w[1:] for w in WORLDS], ids=[w[0] for w in WORLDS])
def test_a_situation_has_its_verdict(world: Snapshot, verdict: Verdict, reasons: tuple[str, ...]) -> None:
    found = judged(world)
    assert (found.verdict, found.reasons) == (verdict, reasons)


def test_the_sentence_names_the_log_group_and_awss_own_text() -> None:
    found = judged(snapshot(grouped(delivery=delivery(logs_error="Access denied to role"))))
    assert found.why == "Trail main (us-east-1) cannot deliver to log group trails: Access denied to role."
    assert found.resource == trail_arn("main")


def test_what_arrived_before_a_start_stays_known() -> None:
    stopped = snapshot(grouped(logging=False, delivery=delivery(logs_last=HOUR)))
    assert judged(StartLogging(trail_arn(), "us-east-1").apply(stopped)).verdict is PASS
