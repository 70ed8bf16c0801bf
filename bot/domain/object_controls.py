"""What the two controls on S3 object events have in common: ONE trail records those of every object."""

from bot.domain.control import Assessment, best, not_read_whole, unreadable, without_multi_region
from bot.domain.data_events import Kind, object_events
from bot.domain.finding import Finding, Verdict
from bot.domain.object_selectors import recording_objects
from bot.domain.refusal import Refused
from bot.domain.selectors import Selectors
from bot.domain.steps import PutEventSelectors, Step
from bot.domain.trail import Snapshot, Status, Trail, Unreadable


def judge_objects(control: str, kind: Kind, world: Snapshot) -> Finding:
    """One multi-region, logging trail is enough. What is known to be false of a trail fails it, as everywhere."""
    if isinstance(world.trails, Unreadable):
        return unreadable(control, world.trails)
    if not world.multi_region:
        return without_multi_region(control, f"that could record {kind} events of S3 objects")
    return best(tuple(_assess(t, kind, world.account.partition) for t in world.multi_region)).finding(control)


def fix_objects(kind: Kind, world: Snapshot) -> tuple[tuple[Step, ...], ...]:
    """For each multi-region, logging trail of the account the selector that it lacks, beside all that it has.

    Refused: every one of them has as many selectors as AWS allows.
    """
    ours = sorted((t for t in world.multi_region if world.is_ours(t) and not _of_status(t)), key=lambda t: t.arn)
    options: list[tuple[Step, ...]] = []
    refusals: list[Refused] = []
    for trail in ours:
        try:
            options.append(_selecting(trail, kind, world.account.partition))
        except Refused as refused:
            refusals.append(refused)
    if refusals and not any(options):
        raise refusals[0]
    return tuple(options)


def _selecting(trail: Trail, kind: Kind, partition: str) -> tuple[Step, ...]:
    if not isinstance(trail.selectors, Selectors):
        return ()
    wanted = recording_objects(trail.selectors, kind, partition)
    return (PutEventSelectors(trail.arn, trail.home_region, trail.selectors, wanted),)


def _assess(trail: Trail, kind: Kind, partition: str) -> Assessment:
    gaps = (*_of_status(trail), *_of_selectors(trail, kind, partition))
    if gaps:
        words = " and ".join(words for _, words in gaps)
        return Assessment(trail, Verdict.FAIL, tuple(code for code, _ in gaps), because=words)
    if unknown := not_read_whole(trail):
        return unknown
    return Assessment(trail, Verdict.PASS, because=f"records {kind} events of every S3 object")


def _of_status(trail: Trail) -> tuple[tuple[str, str], ...]:
    stopped = isinstance(trail.status, Status) and not trail.status.logging
    return (("not-logging", "is not logging"),) if stopped else ()


def _of_selectors(trail: Trail, kind: Kind, partition: str) -> tuple[tuple[str, str], ...]:
    if not isinstance(trail.selectors, Selectors):
        return ()
    recorded = object_events(trail.selectors, kind, partition)
    if recorded.all:
        return ()
    if recorded.some:
        return ((f"partial-object-{kind}-events", f"records {kind} events of some S3 objects only"),)
    return ((f"no-object-{kind}-events", f"records no {kind} events of S3 objects"),)
