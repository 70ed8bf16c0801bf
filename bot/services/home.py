"""One person's Home: gathered from what is stored. No AWS call, and few of the workspace's."""

from collections.abc import Callable

from bot.domain.authority import Standing, Viewer
from bot.domain.change import OPEN, Change, State
from bot.domain.finding import Report
from bot.domain.home import Audit, Chain, Desk, Health, Home
from bot.domain.refusal import Channel, Refused
from bot.ports import Run, World
from bot.services import exceptions
from bot.services.units import paths_of, with_paths

RECENT = 10
"""So many changes that have ended are shown."""
Looked = Callable[[], Chain | None]
"""The last look through the evidence."""


def gather(world: World, user: str, channels: frozenset[str], looked: Looked) -> Home:
    """Raises Refused where this person may not see it. `channels` are those that the bot is limited to; none: all."""
    began = world.clock.now()
    refuse_outsider(world, user)
    changes = world.changes.open()
    waiting = tuple(c for c in changes if c.state is State.PROPOSED and began < c.expires_at)
    desk = _desk(world, user, waiting, changes, bool(channels))
    audit, running = newest_audit(world), world.runs.underway()
    ended, digests = world.changes.ended(RECENT), world.subscriptions.all()
    head, unsent = world.evidence.head(), world.announcer.unsent()
    now = world.clock.now()
    return Home(
        now=now,
        audits_in=_place(audit, user, channels),
        desk=desk,
        health=Health((now - began).total_seconds(), unsent, head, looked()),
        audit=audit,
        underway=running[0].started if running else None,
        moving=tuple(c for c in changes if c.state is not State.PROPOSED),
        ended=ended,
        digests=digests,
        exceptions=exceptions.listed(world),
    )


def _desk(world: World, user: str, waiting: tuple[Change, ...], changes: tuple[Change, ...], limited: bool) -> Desk:
    mine = tuple(c for c in changes if c.requester == user and c.state in OPEN)
    others = tuple(c for c in waiting if c.requester != user and user not in c.approvers)
    try:
        viewer = world.directory.viewer(user, tuple(c.plan.account for c in others))
    except Refused as unread:
        if limited:
            raise
        return Desk(mine=mine, unread=unread)
    refuse_limited(viewer, limited)
    decides = tuple(c for c in others if c.plan.account.id in viewer.decides)
    return Desk(decides, mine, sum(c.plan.account.id in viewer.unsure for c in others))


def refuse_outsider(world: World, user: str) -> None:
    """Raises Refused, also where nobody could tell."""
    standing = world.directory.standing(user)
    if standing is not Standing.MEMBER:
        raise Refused(f"This is for members of the workspace, and your account {standing}.")


def refuse_limited(viewer: Viewer, limited: bool) -> None:
    """A Home is in no channel: where the bot is limited to some, it shows its results to the approvers alone."""
    if limited and not viewer.approver:
        raise Refused(
            "I work in some channels only, so here I show results to approvers alone. Ask in one of those channels: "
            "`/trail-audit`."
        )


def newest_audit(world: World) -> Audit | None:
    """Of the audits that somebody asked for and of the digests, over everything."""
    run = world.runs.newest()
    digest = world.history.newest(run[0].finished if run else None)
    if digest:
        return Audit(digest[1], digest[0])
    return Audit(_with_units(world, run[1]), run[0].channel, run[0].requester) if run else None


def _with_units(world: World, report: Report) -> Report:
    """As the last digest found them: only a digest takes the time to walk through the organization."""
    digest = world.history.newest()
    return with_paths(report, paths_of(digest[1])) if digest else report


def _place(audit: Audit | None, user: str, channels: frozenset[str]) -> str:
    """Where the last one was said, if in a channel; else in this person's own conversation, or the first channel."""
    if audit and audit.channel.startswith(("C", "G")) and (not channels or audit.channel in channels):
        return audit.channel
    return min(channels, default=user)


def refuse_blind(world: World, user: str, channels: frozenset[str]) -> None:
    """Raises Refused where this person may not see a Home now."""
    refuse_outsider(world, user)
    if channels:
        refuse_limited(world.directory.viewer(user, ()), limited=True)


def order_audit(world: World, user: str, channels: frozenset[str], id: str) -> Run:
    """The audit that this person may start from here. Raises Refused."""
    refuse_blind(world, user, channels)
    if running := world.runs.underway():
        raise Refused("An audit of everything is under way already, in ", _named(running[0].channel), ".")
    return Run(id, _place(newest_audit(world), user, channels), user, (), world.clock.now())


def report_for(world: World, user: str, channels: frozenset[str]) -> Report:
    """The newest report over everything. Raises Refused where there is none, or none for this person."""
    refuse_blind(world, user, channels)
    audit = newest_audit(world)
    if audit is None:
        raise Refused("Nothing was audited as a whole yet. Press Audit now first.")
    return audit.report


def _named(place: str) -> Channel | str:
    return Channel(place) if place.startswith(("C", "G")) else "a conversation with me"


def pulse(world: World) -> tuple[str, tuple[str, ...]]:
    """Another one as soon as any change moved, or an audit began or ended."""
    return world.evidence.head(), tuple(run.id for run in world.runs.underway())
