"""What is read at each scrape: from the tables, in time or not at all."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric as Family
from prometheus_client.registry import Collector
from sqlalchemy import Engine

from bot.adapters.db.figures import ALL_STAGES, ALL_STATES, Figures, FiguresTable
from bot.adapters.db.tally import EvidenceTally, Spread
from bot.adapters.in_time import InTime
from bot.adapters.metrics.table import METRICS, PREFIX
from bot.domain.change import OPEN
from bot.domain.finding import Attention, Report
from bot.domain.subscription import Timeliness

DURATIONS = ("decision_duration_seconds", "apply_duration_seconds")
Numbers = Mapping[tuple[str, ...], float]
"""By the values of the labels, in their order."""


@dataclass(frozen=True)
class Sources:
    """All that is asked at a scrape. `teams` are those where the app is installed, `newest` is the last report of
    everything, which is decoded only if it is new.
    """

    engine: Engine
    teams: Callable[[], tuple[str, ...]]
    timeliness: Callable[[], Timeliness]
    newest: Callable[[], Report | None]
    now: Callable[[], datetime]


@dataclass(frozen=True)
class Verdicts:
    """What is kept of a report, which may have ten thousand accounts."""

    ended: datetime
    accounts: Numbers
    findings: Numbers


@dataclass(frozen=True)
class Read:
    figures: Figures
    timeliness: Timeliness
    verdicts: Verdicts | None


class Stored(Collector):
    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self._figures = FiguresTable(sources.engine)
        deciding, applying = (METRICS[name].buckets for name in DURATIONS)
        self._tally = EvidenceTally(sources.engine, deciding, applying)
        self._read = InTime(self._all)
        self._known: tuple[object, Verdicts | None] | None = None

    def collect(self) -> Iterator[Family]:
        read = self._read()
        yield gauge("database_up", {(): float(read is not None)})
        if read is None:
            return
        now = self._sources.now()
        yield from _of_changes(read.figures, now)
        yield from _of_evidence(self._tally)
        yield from _of_outbox(read.figures, now)
        yield from _of_digests(read.timeliness)
        if read.verdicts:
            yield from _of_verdicts(read.verdicts)

    def _all(self) -> Read:
        self._tally.read()
        figures = self._figures.read(self._sources.teams())
        return Read(figures, self._sources.timeliness(), self._verdicts(figures.newest))

    def _verdicts(self, named: object) -> Verdicts | None:
        if self._known is None or self._known[0] != named:
            report = self._sources.newest()
            self._known = named, verdicts(report) if report else None
        return self._known[1]


def _of_changes(figures: Figures, now: datetime) -> Iterator[Family]:
    yield gauge("changes", {(state,): figures.changes.get(state, 0) for state in ALL_STATES})
    yield gauge("change_oldest_seconds", {(s,): _age(figures.since.get(s), now) for s in sorted(OPEN)})


def _of_evidence(tally: EvidenceTally) -> Iterator[Family]:
    yield _counter("change_events_total", {(event,): n for event, n in tally.events.items()})
    for name, spread in zip(DURATIONS, (tally.deciding, tally.applying), strict=True):
        yield _histogram(name, spread)


def _of_outbox(figures: Figures, now: datetime) -> Iterator[Family]:
    yield gauge("outbox_messages", {(stage,): figures.outbox.get(stage, 0) for stage in ALL_STAGES})
    yield gauge("outbox_oldest_seconds", {(): _age(figures.unsent_since, now)})


def _of_digests(timeliness: Timeliness) -> Iterator[Family]:
    counts = {"active": timeliness.active, "paused": timeliness.paused, "overdue": timeliness.overdue}
    yield gauge("digests", {(state,): n for state, n in counts.items()})
    yield gauge("digest_overdue_seconds", {(): timeliness.latest.total_seconds()})


def _of_verdicts(verdicts: Verdicts) -> Iterator[Family]:
    yield gauge("last_audit_timestamp_seconds", {(): verdicts.ended.timestamp()})
    yield gauge("accounts", verdicts.accounts)
    yield gauge("findings", verdicts.findings)


def verdicts(report: Report) -> Verdicts:
    accounts = ((a.attention,) for a in report.accounts)
    findings = ((f.control, f.attention) for a in report.accounts for f in a.findings)
    controls = tuple((control,) for control in report.controls)
    return Verdicts(report.finished, _counted(accounts, ((),)), _counted(findings, controls))


def _counted(found: Iterable[tuple[str, ...]], firsts: Iterable[tuple[str, ...]]) -> Numbers:
    """By verdict, also where there are none: a series that comes and goes cannot be compared."""
    return {**{(*first, verdict): 0 for first in firsts for verdict in Attention}, **Counter(found)}


def _age(since: datetime | None, now: datetime) -> float:
    return max(0.0, (now - since).total_seconds()) if since else 0.0


def gauge(name: str, numbers: Numbers) -> Family:
    metric = METRICS[name]
    family = GaugeMetricFamily(PREFIX + name, metric.meaning, labels=metric.labels)
    for values, number in numbers.items():
        family.add_metric(values, number)
    return family


def _counter(name: str, numbers: Numbers) -> Family:
    metric = METRICS[name]
    family = CounterMetricFamily(PREFIX + name, metric.meaning, labels=metric.labels)
    for values, number in numbers.items():
        family.add_metric(values, number)
    return family


def _histogram(name: str, spread: Spread) -> Family:
    bounds = [*(str(bound) for bound in spread.bounds), "+Inf"]
    buckets = list(zip(bounds, map(float, accumulate(spread.counts)), strict=True))
    return HistogramMetricFamily(PREFIX + name, METRICS[name].meaning, buckets=buckets, sum_value=spread.total)
