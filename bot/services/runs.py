"""An audit that was asked for in a channel: a short card at once, painted while it runs, the report at its end."""

import logging
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from bot.domain.finding import Report
from bot.ports import Accounts, CannotAnnounceError, CannotRunError, Run, World
from bot.services.audit import Order, Progress, audit_these, in_scope

log = logging.getLogger(__name__)
PAINT_EVERY = timedelta(seconds=2)


def run_audit(world: World, run: Run) -> None:
    """Raises Refused for a scope that names nothing (nothing was posted then), CannotAnnounceError."""
    pages = in_scope(world.cloud, run.scope)
    world.runs.start(run)
    posted = replace(run, message=_post(world, run))
    report, why = None, "Something broke meanwhile. Ask again."
    try:
        report = _report(world, posted, pages)
    except CannotRunError as cannot:
        why = str(cannot)
    finally:
        if report is None:
            _end_without_report(world, posted, why)
    if report:
        world.announcer.audit_finished(posted, report, world.runs.previous(run.channel, run.scope, run.started))


def _post(world: World, run: Run) -> str:
    try:
        message = world.announcer.audit_started(run)
    except CannotAnnounceError:
        world.runs.finish(run.id, None, world.clock.now())
        raise
    world.runs.card_posted(run.id, message)
    return message


def _report(world: World, run: Run, pages: Iterable[Accounts]) -> Report:
    order = Order(run.id, run.scope, world.rules.controls, world.rules.profile)
    report = audit_these(world.cloud, world.clock, order, pages, _painting(world, run))
    world.runs.finish(run.id, report, world.clock.now())
    return report


def _end_without_report(world: World, run: Run, why: str) -> None:
    """The card must not say "looking" for ever."""
    world.runs.finish(run.id, None, world.clock.now())
    try:
        world.announcer.audit_failed(run, why)
    except CannotAnnounceError as failed:
        log.warning("run %s could not be closed in its channel: %s", run.id, failed)


def _painting(world: World, run: Run) -> Progress:
    """At most once in two seconds; a progress that is not painted is no loss."""
    last = world.clock.now()

    def paint(done: int, total: int) -> None:
        nonlocal last
        now = world.clock.now()
        if now - last < PAINT_EVERY or done == total:
            return
        last = now
        try:
            world.announcer.audit_progress(run, done, total)
        except CannotAnnounceError as failed:
            log.info("progress of run %s not painted: %s", run.id, failed)

    return paint


def close_interrupted(world: World, owner: str) -> None:
    """Audits that died with that process say so, instead of running for ever."""
    for run in world.runs.unfinished(owner):
        if run.message:
            _end_without_report(world, run, "Trailwarden was restarted meanwhile. Ask again: `/trail-audit`.")
        else:
            world.runs.finish(run.id, None, world.clock.now())
