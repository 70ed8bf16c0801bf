"""What an account's trails amount to together: what is recorded where, which copies cost, and where there is room."""

from collections import Counter

from bot.domain.selectors import NOTHING, Coverage, Selectors, coverage, union
from bot.domain.trail import Snapshot, Status, Trail

MAX_TRAILS = 5
"""A region's limit; a multi-region trail counts in every region."""
PRICE = "$2.00 per 100,000 events"
"""Of each copy of management events after the first, which is free (AWS CloudTrail pricing)."""


def recorded(world: Snapshot, region: str = "") -> Coverage:
    """Which management events the account's logging trails record, taken together: in that region, or in every one."""
    there = (t for t in world.known_trails if t.multi_region or t.home_region == region)
    return union(map(_known_to_record, there))


def recorded_locally(world: Snapshot) -> dict[Coverage, tuple[str, ...]]:
    """The regions in which single-region trails make it more than nothing, by what is recorded there."""
    homes = sorted({t.home_region for t in world.known_trails if not t.multi_region})
    there = {region: recorded(world, region) for region in homes}
    found = dict.fromkeys(covered for covered in there.values() if covered != Coverage())
    return {covered: tuple(r for r in homes if there[r] == covered) for covered in found}


def _known_to_record(trail: Trail) -> Coverage:
    """Nothing where it is not known to log, or its selectors could not be read."""
    logging = isinstance(trail.status, Status) and trail.status.logging
    return coverage(trail.selectors) if logging and isinstance(trail.selectors, Selectors) else Coverage()


def duplicates(world: Snapshot) -> dict[str, tuple[Trail, ...]]:
    """The trails that are known to record what another one records too, by region; "" stands for every region.

    A region of its own appears where a single-region trail is among them. What could not be read is no duplicate.
    """
    local = [t for t in world.known_trails if not t.multi_region]
    found = {"": _overlapping(world.multi_region)}
    for region in sorted({t.home_region for t in local}):
        there = _overlapping((*world.multi_region, *(t for t in local if t.home_region == region)))
        if not all(t.multi_region for t in there):
            found[region] = there
    return {region: trails for region, trails in found.items() if trails}


def _overlapping(trails: tuple[Trail, ...]) -> tuple[Trail, ...]:
    return tuple(t for t in trails if any(_overlap(t, other) for other in trails if other is not t))


def _overlap(one: Trail, other: Trail) -> bool:
    first, second = _known_to_record(one), _known_to_record(other)
    return first.read & second.read != NOTHING or first.write & second.write != NOTHING


def duplicate_sentences(world: Snapshot) -> tuple[str, ...]:
    """One sentence for every region, or each that has duplicates of its own, with what they cost."""
    return tuple(
        f"{_listed(trails)} record the same management events in {region or 'every region'}: each copy after the first "
        f"costs {PRICE}."
        for region, trails in duplicates(world).items()
    )


def _listed(trails: tuple[Trail, ...]) -> str:
    names = [f"{t.name} ({t.home_region})" for t in trails]
    return f"Trails {', '.join(names[:-1])} and {names[-1]}"


def copies(world: Snapshot) -> dict[str, int]:
    """How many trails record management events, by region; the second copy there is the first that costs.

    The key "" stands for every region that no single-region trail calls home. What could not be read counts as a
    copy: a note too many is better than a bill.
    """
    everywhere = sum(_may_record(t) for t in world.multi_region)
    homes = Counter(t.home_region for t in world.known_trails if not t.multi_region and _may_record(t))
    return {"": everywhere, **{region: everywhere + n for region, n in homes.items()}}


def _may_record(trail: Trail) -> bool:
    stopped = isinstance(trail.status, Status) and not trail.status.logging
    silent = isinstance(trail.selectors, Selectors) and coverage(trail.selectors) == Coverage()
    return not stopped and not silent


def adds_a_copy(before: Snapshot, after: Snapshot) -> bool:
    """Is there a region where a copy that costs comes on top, or where a trail begins to repeat another one?"""
    now, then = copies(before), copies(after)
    more = any(then.get(r, then[""]) > max(1, now.get(r, now[""])) for r in now.keys() | then.keys())
    repeated = _repeating(before)
    return more or any((region, arn) not in repeated and ("", arn) not in repeated for region, arn in _repeating(after))


def _repeating(world: Snapshot) -> set[tuple[str, str]]:
    """Region and ARN of each trail that records what another one records too."""
    return {(region, trail.arn) for region, trails in duplicates(world).items() for trail in trails}


def full_region(world: Snapshot) -> str:
    """A region with five trails, or ""."""
    return next(iter(full_regions(world)), "")


def full_regions(world: Snapshot) -> tuple[str, ...]:
    """The regions that hold five trails: no multi-region trail can be made, or made of another one, while they do."""
    return regions_with(world, MAX_TRAILS)


def regions_with(world: Snapshot, count: int) -> tuple[str, ...]:
    """Those with at least so many trails, of the regions that are known to hold any, and the one that we read in."""
    homes = Counter(t.home_region for t in world.known_trails if not t.multi_region)
    everywhere = len(world.multi_region)
    regions = sorted({world.account.reading_region, *homes})
    return tuple(r for r in regions if everywhere + homes[r] >= count)


def convertible(world: Snapshot) -> tuple[Trail, ...]:
    """The account's own single-region trails, which could be made multi-region."""
    return tuple(t for t in world.known_trails if not t.multi_region and world.is_ours(t))
