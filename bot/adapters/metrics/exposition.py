"""`/metrics`: everything of this process's registry, as Prometheus reads it."""

from collections.abc import Callable, Iterator
from importlib.metadata import version

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.metrics_core import Metric as Family
from prometheus_client.registry import Collector

from bot.adapters.health import Part
from bot.adapters.metrics.counted import Counted
from bot.adapters.metrics.stored import Sources, Stored, gauge
from bot.domain.home import Chain

CONTENT_TYPE = CONTENT_TYPE_LATEST


class Metrics:
    """`counted` is for the edges to call; the rest is asked for when it is wired, at each scrape."""

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # theirs. A second series for each counter, which tells what the first one tells
        self._registry = CollectorRegistry()
        self.counted = Counted(self._registry)
        ProcessCollector(registry=self._registry)

    def watch(
        self, sources: Sources, health: Callable[[], tuple[Part, ...]], chain: Callable[[], Chain | None]
    ) -> None:
        self._registry.register(Stored(sources))
        self._registry.register(Present(health, chain))

    def text(self) -> bytes:
        return generate_latest(self._registry)


class Present(Collector):
    """How this process is now. Its release is that of the start, whatever is installed under it meanwhile."""

    def __init__(self, health: Callable[[], tuple[Part, ...]], chain: Callable[[], Chain | None]) -> None:
        self._health = health
        self._chain = chain
        self._release = version("trailwarden")

    def collect(self) -> Iterator[Family]:
        yield gauge("build_info", {(self._release,): 1})
        yield gauge("ready", {(part.name,): float(part.ok) for part in self._health()})
        if chain := self._chain():
            yield gauge("evidence_chain_verified", {(): float(not chain.problem)})
            yield gauge("evidence_chain_checked_timestamp_seconds", {(): chain.at.timestamp()})
