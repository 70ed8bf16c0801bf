"""An audit that was asked for in a channel: a short card at once, painted while it runs, the report at its end."""

from collections.abc import Iterable
from datetime import timedelta

from bot.domain.finding import Report
from bot.ports import Accounts, CannotAnnounceError, CannotRunError, Run, World
from bot.ports.context import working_on
from bot.services import exceptions
from bot.services.audit import Order, Progress, audit_these, in_scope

PAINT_EVERY = timedelta(seconds=2)


def run_audit(world: World, run: Run) -> None:
    """Raises Refused for a scope that names nothing (nothing was posted then), CannotAnnounceError."""
    with working_on(run=run.id):
        _run_audit(world, run)


def _run_audit(world: World, run: Run) -> None:
    pages = in_scope(world.cloud, run.scope)
    world.runs.start(run)
    _begin(world, run)
    report, why = None, "Something broke meanwhile. Ask again."
    try:
        report = _report(world, run, pages)
    except CannotRunError as cannot:
        why = str(cannot)
    finally:
        if report is None:
            _end_without_report(world, run, why)
    if report:
        world.announcer.audit_finished(run, report, world.runs.previous(run.channel, run.scope, run.started))
        world.runs.finish(run.id, report, world.clock.now())


def _begin(world: World, run: Run) -> None:
    try:
        world.announcer.audit_started(run)
    except CannotAnnounceError:
        world.runs.finish(run.id, None, world.clock.now())
        raise


def _report(world: World, run: Run, pages: Iterable[Accounts]) -> Report:
    order = Order(run.id, run.scope, world.rules.controls, world.rules.profile)
    return exceptions.mark(world, audit_these(world.cloud, world.clock, order, pages, _painting(world, run)))


def _end_without_report(world: World, run: Run, why: str) -> None:
    """The card must not say "looking" for ever. Told first: after a crash in between it is told again, on that card."""
    world.announcer.audit_failed(run, why)
    world.runs.finish(run.id, None, world.clock.now())


def _painting(world: World, run: Run) -> Progress:
    """At most once in two seconds; of those that Slack was too slow for only the last is sent."""
    last = world.clock.now()

    def paint(done: int, total: int) -> None:
        nonlocal last
        now = world.clock.now()
        if now - last < PAINT_EVERY or done == total:
            return
        last = now
        world.announcer.audit_progress(run, done, total)

    return paint


def close_interrupted(world: World, owner: str) -> None:
    """Audits that died with that process say so, instead of running for ever."""
    for run in world.runs.unfinished(owner):
        _end_without_report(world, run, "Trailwarden was restarted meanwhile. Ask again: `/trail-audit`.")
