"""CIS "Ensure CloudTrail is enabled in all regions": one trail that is multi-region, logging, and records all.

The three facts must be true of ONE trail; a union over trails proves nothing. A trail fails once one of them is known
to be false, and is unknown when none is known false and one could not be read.
"""

from bot.domain.census import MAX_TRAILS, full_regions
from bot.domain.control import Assessment, Control, Profile, best, not_read_whole, unreadable
from bot.domain.finding import Finding, Verdict
from bot.domain.hints import annotated
from bot.domain.organization import refuse_covered
from bot.domain.refusal import Refused
from bot.domain.selectors import (
    EVERYTHING,
    MAY_BE_LEFT_OUT,
    NOTHING,
    Coverage,
    Selectors,
    Sources,
    coverage,
    is_management,
    left_out,
    union,
    widened,
)
from bot.domain.steps import PutEventSelectors, Settings, StartLogging, Step, updating
from bot.domain.trail import Snapshot, Status, Trail, Unreadable

ID = "multi-region-trail"


def judge(world: Snapshot, profile: Profile) -> Finding:
    if isinstance(world.trails, Unreadable):
        return unreadable(ID, world.trails)
    if not world.multi_region:
        return annotated(_without_multi_region(world.trails), world)
    return annotated(_of_multi_region(world, profile), world)


def _of_multi_region(world: Snapshot, profile: Profile) -> Finding:
    assessments = tuple(assess(trail, profile) for trail in world.multi_region)
    decided = best(assessments)
    finding = decided.finding(ID)
    if decided.verdict is Verdict.FAIL and _together(world.multi_region):
        return _covered_only_together(finding)
    return finding


def assess(trail: Trail, profile: Profile) -> Assessment:
    """Judge one multi-region trail."""
    reasons, words = _shortcomings(trail, profile)
    if reasons:
        return Assessment(trail, Verdict.FAIL, reasons, because=" and ".join(words))
    if unknown := not_read_whole(trail):
        return unknown
    left_out = _recorded(trail).excluded
    warnings = ("sources-excluded",) if left_out else ()
    but = f", but leaves out {', '.join(left_out)}" if left_out else ""
    return Assessment(
        trail,
        Verdict.PASS,
        warnings=warnings,
        because=f"is multi-region, logging, and records all management events{but}",
    )


def _shortcomings(trail: Trail, profile: Profile) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The facts known to be false, as reason codes and as words."""
    found: list[tuple[str, str]] = []
    if isinstance(trail.status, Status) and not trail.status.logging:
        found.append(("not-logging", "is not logging"))
    if isinstance(trail.selectors, Selectors):
        found.extend(_gaps(trail.selectors, profile))
    return tuple(code for code, _ in found), tuple(words for _, words in found)


def _gaps(selectors: Selectors, profile: Profile) -> list[tuple[str, str]]:
    recorded = coverage(selectors)
    if recorded == Coverage():
        return [_nothing_proved(selectors)]
    gaps = [*_gap("read", recorded.read), *_gap("write", recorded.write)]
    if not gaps and (wrongly := [s for s in recorded.excluded if s not in _forgiven(profile)]):
        gaps.append(("sources-excluded", f"leaves out {', '.join(wrongly)}"))
    return gaps


def _forgiven(profile: Profile) -> frozenset[str]:
    """Sources that may be left out."""
    return frozenset() if profile is Profile.SECURITY_HUB else MAY_BE_LEFT_OUT


def _nothing_proved(selectors: Selectors) -> tuple[str, str]:
    """A management selector that narrows in a way we do not know records something; how much cannot be told."""
    if any(map(is_management, selectors.advanced)):
        return "partial-management-events", "narrows its management events by a field that proves nothing"
    return "no-management-events", "records no management events"


def _gap(kind: str, sources: Sources) -> list[tuple[str, str]]:
    if sources == NOTHING:
        return [(f"no-{kind}-events", f"records no {kind} management events")]
    if not sources.all_but:
        return [(f"partial-{kind}-events", f"records {kind} management events of some services only")]
    return []


def _recorded(trail: Trail) -> Coverage:
    return coverage(trail.selectors) if isinstance(trail.selectors, Selectors) else Coverage()


def _together(trails: tuple[Trail, ...]) -> bool:
    """Trails that record everything only when they are taken together: none does alone, or it would pass."""
    logging = [t for t in trails if isinstance(t.status, Status) and t.status.logging]
    return union(map(_recorded, logging)) == Coverage(EVERYTHING, EVERYTHING)


def _covered_only_together(finding: Finding) -> Finding:
    return finding.warned("covered-only-together", "Together its trails record everything, but one trail alone must.")


def _without_multi_region(trails: tuple[Trail, ...]) -> Finding:
    """Single-region trails, even one in every region, leave out the regions that come later."""
    if not trails:
        return Finding(ID, Verdict.FAIL, "There is no multi-region trail.", reasons=("no-multi-region-trail",))
    only = trails[0]
    why = f"There are only single-region trails, such as {only.name} ({only.home_region})."
    return Finding(ID, Verdict.FAIL, why, only.arn, ("single-region-only",))


def fix(world: Snapshot, profile: Profile) -> tuple[tuple[Step, ...], ...]:
    """For each trail of the account all that it needs, in the order of preference: start, select, convert.

    Refused: it would be a second copy beside the organization's trail, or no trail has room to be converted.
    """
    refuse_covered(world)
    ours = [t for t in world.known_trails if world.is_ours(t)]
    with_room = [t for t in ours if t.multi_region or not full_elsewhere(world, t)]
    if ours and not with_room:
        raise Refused(no_room(world, ours[0]))
    by_preference = sorted(with_room, key=lambda t: (not t.multi_region, _falls_short(t, profile), _unseen(t), t.arn))
    return tuple(steps for steps in (_completed(t, profile) for t in by_preference) if steps)


def full_elsewhere(world: Snapshot, trail: Trail) -> tuple[str, ...]:
    """A multi-region trail needs a place in every region; in its home it has one."""
    return tuple(r for r in full_regions(world) if r != trail.home_region)


def no_room(world: Snapshot, trail: Trail) -> str:
    full = full_elsewhere(world, trail)
    return (
        f"Trail {trail.name} ({trail.home_region}) could be made multi-region, but it needs a place in every region, "
        f"and {' and '.join(full)} {'hold' if len(full) > 1 else 'holds'} {MAX_TRAILS} trails already, which AWS does "
        "not raise. Whoever owns them has to delete one that nobody needs: "
        f"`/trail-audit delete NAME {world.account.id}`."
    )


def _falls_short(trail: Trail, profile: Profile) -> bool:
    return isinstance(trail.selectors, Selectors) and bool(_gaps(trail.selectors, profile))


def _unseen(trail: Trail) -> bool:
    return isinstance(trail.status, Unreadable) or isinstance(trail.selectors, Unreadable)


def _completed(trail: Trail, profile: Profile) -> tuple[Step, ...]:
    steps: list[Step] = []
    if not trail.multi_region:
        steps.append(updating(trail, Settings(multi_region=True)))
    if isinstance(trail.selectors, Selectors) and _falls_short(trail, profile):
        steps.append(_selecting_all(trail, trail.selectors, profile))
    if isinstance(trail.status, Status) and not trail.status.logging:
        steps.append(StartLogging(trail.arn, trail.home_region))
    return tuple(steps)


def _selecting_all(trail: Trail, selectors: Selectors, profile: Profile) -> PutEventSelectors:
    """What somebody left out on purpose stays left out, as far as the profile forgives it."""
    leave_out = tuple(source for source in left_out(selectors) if source in _forgiven(profile))
    return PutEventSelectors(trail.arn, trail.home_region, selectors, widened(selectors, leave_out))


CONTROL = Control(
    ID,
    "CloudTrail is enabled in all regions",
    judge,
    fix,
    cis={
        "1.4": "3.1",
        "1.5": "3.1",
        "2.0": "3.1",
        "3.0": "3.1",
        "4.0": "3.1",
        "5.0": "3.1",
        "6.0": "4.1",
        "7.0": "4.1",
    },
    security_hub="CloudTrail.1",
)
