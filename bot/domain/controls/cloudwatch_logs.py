"""CIS "Ensure CloudTrail trails are integrated with CloudWatch Logs": every multi-region trail, and it arrives there.

CIS asks this of each trail, and looks for a delivery that is about a day old at most; so a log group alone proves
nothing. Single-region trails are left out, as everywhere here: the multi-region ones are the account's log.
"""

from bot.domain import log_writing
from bot.domain.control import (
    Assessment,
    Control,
    Look,
    Profile,
    reason_code,
    unreadable,
    without_multi_region,
    worst_of,
)
from bot.domain.controls.log_delivery import PENDING_FOR, STALE_AFTER
from bot.domain.finding import Finding, Verdict
from bot.domain.log_writing import wanting
from bot.domain.refusal import Refused
from bot.domain.steps import Step, predict
from bot.domain.trail import Delivery, Snapshot, Status, Trail, Unreadable

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


def fix(world: Snapshot, _profile: Profile) -> tuple[tuple[Step, ...], ...]:
    """What each multi-region trail of the account lacks: its group, its role, the role's policy, or being told of them.

    A trail that is stopped is not started for it: that could add a copy that is paid for.
    """
    failing = [t for t in world.multi_region if world.is_ours(t) and _assess(t, world).verdict is Verdict.FAIL]
    steps: tuple[Step, ...] = ()
    for trail in failing:
        steps = (*steps, *wanting(predict(world, steps), trail))
    if failing and not steps:
        raise Refused(
            f"Trail {failing[0].name} delivers nothing to {_group(failing[0])}, though the group, the role and its "
            "policy look as they should. After a repair it takes some minutes; else see whether a condition of the "
            "role's trust policy, its permissions boundary or a service control policy is in the way."
        )
    return (steps,)


def looks(world: Snapshot) -> Look:
    """The groups and roles of the trails that do not deliver to one, and those that they would get."""
    failing = (t for t in world.known_trails if world.is_ours(t) and _assess(t, world).verdict is Verdict.FAIL)
    look = Look()
    for trail in failing:
        look |= log_writing.looks(world.account, trail)
    return look


def expects(world: Snapshot, _profile: Profile) -> bool:
    """Events will arrive from every multi-region trail: it logs, and nothing is in the way."""
    return bool(world.multi_region) and all(_will_arrive(t, world) for t in world.multi_region)


def _will_arrive(trail: Trail, world: Snapshot) -> bool:
    if _assess(trail, world).verdict is not Verdict.FAIL:
        return True
    logging = isinstance(trail.status, Status) and trail.status.logging
    try:
        return logging and world.is_ours(trail) and wanting(world, trail) == ()
    except Refused:
        return False


CONTROL = Control(
    ID,
    "CloudTrail events arrive in CloudWatch Logs",
    judge,
    fix,
    cis={"1.4": "3.4", "1.5": "3.4", "2.0": "3.4"},
    security_hub="CloudTrail.5",
    looks=looks,
    expects=expects,
)
