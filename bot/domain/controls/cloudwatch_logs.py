"""CIS "Ensure CloudTrail trails are integrated with CloudWatch Logs": every multi-region trail, and it arrives there.

CIS asks this of each trail, and looks for a delivery that is about a day old at most; so a log group alone proves
nothing. Single-region trails are left out, as everywhere here: the multi-region ones are the account's log.
"""

from bot.domain.control import Assessment, Control, Profile, reason_code, unreadable, without_multi_region, worst_of
from bot.domain.controls.log_delivery import PENDING_FOR, STALE_AFTER
from bot.domain.finding import Finding, Verdict
from bot.domain.steps import Step
from bot.domain.trail import Delivery, Snapshot, Trail, Unreadable

ID = "cloudwatch-logs"


def judge(world: Snapshot, _profile: Profile) -> Finding:
    if isinstance(world.trails, Unreadable):
        return unreadable(ID, world.trails)
    if not world.multi_region:
        return without_multi_region(ID, "that could send its events to CloudWatch Logs")
    return worst_of(tuple(_assess(t, world) for t in world.multi_region)).finding(ID)


def _assess(trail: Trail, world: Snapshot) -> Assessment:
    if not trail.log_group:
        return Assessment(trail, Verdict.FAIL, ("no-log-group",), because="sends its events to no log group")
    if isinstance(trail.status, Unreadable):
        return _unknown(trail, trail.status)
    if not trail.status.logging:
        because = f"is not logging, so nothing reaches {_group(trail)}"
        return Assessment(trail, Verdict.FAIL, ("not-logging",), because=because)
    if isinstance(trail.status.delivery, Unreadable):
        return _unknown(trail, trail.status.delivery)
    return _of_delivery(trail, trail.status.delivery, world)


def _unknown(trail: Trail, evidence: Unreadable) -> Assessment:
    because = f"may or may not reach {_group(trail)}: {evidence.sentence}"
    return Assessment(trail, Verdict.UNKNOWN, (reason_code(evidence),), because=because)


def _of_delivery(trail: Trail, delivery: Delivery, world: Snapshot) -> Assessment:
    """A group that was named a moment ago on an old trail fails until its first delivery, some five minutes later."""
    last, started = delivery.logs_last, delivery.started
    if delivery.logs_error:
        because = f"cannot deliver to {_group(trail)}: {delivery.logs_error}"
        return Assessment(trail, Verdict.FAIL, ("logs-delivery-error",), because=because)
    if last and world.taken_at - last <= STALE_AFTER:
        return Assessment(trail, Verdict.PASS, because=f"delivers to {_group(trail)}")
    if not last and not started:
        because = f"does not say since when it logs, nor whether anything ever reached {_group(trail)}"
        return Assessment(trail, Verdict.UNKNOWN, ("logs-delivery-unknown",), because=because)
    if started and world.taken_at - started < PENDING_FOR:
        because = f"was started less than an hour ago, and nothing has reached {_group(trail)} yet"
        return Assessment(trail, Verdict.UNKNOWN, ("logs-delivery-pending",), because=because)
    since = f"since {last:%Y-%m-%d %H:%M} UTC" if last else "ever"
    because = f"has delivered nothing to {_group(trail)} {since}"
    return Assessment(trail, Verdict.FAIL, ("logs-delivery-stale",), because=because)


def _group(trail: Trail) -> str:
    """arn:partition:logs:region:account:log-group:NAME:* -> log group NAME."""
    return f"log group {trail.log_group.partition(':log-group:')[2].removesuffix(':*') or trail.log_group}"


def fix(_world: Snapshot, _profile: Profile) -> tuple[tuple[Step, ...], ...]:
    """None yet: it takes a log group and a role, and no step makes either."""
    return ()


CONTROL = Control(
    ID,
    "CloudTrail events arrive in CloudWatch Logs",
    "low",
    judge,
    fix,
    cis={"1.4": "3.4", "1.5": "3.4", "2.0": "3.4"},
    security_hub="CloudTrail.5",
    repairable=False,
    takes_time=True,
)
