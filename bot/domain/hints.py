"""What is worth knowing beside a verdict, and never changes it: copies that are paid for, and ways out of a failure."""

from collections.abc import Iterator

from bot.domain.census import MAX_TRAILS, convertible, duplicate_sentences, full_regions
from bot.domain.finding import Finding, Verdict
from bot.domain.trail import Snapshot


def annotated(finding: Finding, world: Snapshot) -> Finding:
    """The finding with a warning for each hint."""
    for code, sentence in _hints(finding, world):
        finding = finding.warned(code, sentence)
    return finding


def _hints(finding: Finding, world: Snapshot) -> Iterator[tuple[str, str]]:
    yield from (("paid-copy", sentence) for sentence in duplicate_sentences(world))
    if finding.verdict is Verdict.FAIL and world.survey:
        yield from _ways_out(world, world.survey.notes)
        yield from _lakes(world.survey.lakes)


def _ways_out(world: Snapshot, unsearched: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Known only after a look into every region."""
    if could := convertible(world):
        yield (
            "convertible-trail",
            f"Could be made multi-region: {', '.join(f'{t.name} ({t.home_region})' for t in could)}.",
        )
    if full := full_regions(world):
        yield (
            "region-full",
            f"No trail can be added, because these regions hold {MAX_TRAILS} already: {', '.join(full)}.",
        )
    yield from (("region-not-searched", f"Not searched: {note}") for note in unsearched)


def _lakes(names: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Source: CloudTrail user guide, "CloudTrail Lake availability change"."""
    if names:
        yield (
            "event-data-store-only",
            (f"CloudTrail Lake ({', '.join(names)}) is no trail, and is closed to new customers since 2026-05-31."),
        )
