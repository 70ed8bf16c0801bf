"""Organization trails: what only their owner can see is read once there, and shared with every member."""

from collections.abc import Iterable
from dataclasses import replace

from bot.domain.refusal import Refused
from bot.domain.trail import OWNER_NOT_READ, Snapshot, Trail, Unreadable


def owners_to_read(snapshots: Iterable[Snapshot]) -> frozenset[str]:
    """The accounts that own an organization trail whose selectors a member could not see."""
    return frozenset(t.owner for s in snapshots for t in s.known_trails if _selectors_missing(t))


def shared(snapshot: Snapshot, owners: Iterable[Snapshot]) -> Snapshot:
    """The member's snapshot with the selectors that the owners' snapshots show.

    Only selectors: whether a member's log files arrive cannot be told from the owner's own delivery.
    """
    if isinstance(snapshot.trails, Unreadable):
        return snapshot
    seen = {t.arn: t for owner in owners for t in owner.known_trails if owner.is_ours(t)}
    trails = tuple(_with_owners_selectors(t, seen.get(t.arn)) for t in snapshot.trails)
    return replace(snapshot, trails=trails)


def _with_owners_selectors(trail: Trail, owners: Trail | None) -> Trail:
    if owners is None or not _selectors_missing(trail):
        return trail
    return replace(trail, selectors=owners.selectors)


def _selectors_missing(trail: Trail) -> bool:
    return isinstance(trail.selectors, Unreadable) and trail.selectors.error == OWNER_NOT_READ


def refuse_covered(world: Snapshot) -> None:
    """Raises Refused for a member of an organization with a trail: every further copy is paid for."""
    covering = next((t for t in world.known_trails if t.organization and not world.is_ours(t)), None)
    if covering:
        raise Refused(
            f"{world.account.label} is covered by the organization trail {covering.name}, which belongs to account "
            f"{covering.owner}. Fix it there: `/trail-audit fix {covering.owner}`. A trail of its own would be a "
            "second, paid copy."
        )
