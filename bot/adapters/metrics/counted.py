"""What is counted while this process lives; called at its edges."""

from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram

from bot.adapters.metrics.table import COUNTED, PREFIX, Metric
from bot.domain.finding import Report


class Counted:
    """Safe to call from any thread; a call takes about a microsecond."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._all: dict[str, Any] = {name: _made(name, metric, registry) for name, metric in COUNTED.items()}

    def aws(self, service: str, operation: str, outcome: str) -> None:
        self._all["aws_requests_total"].labels(service, operation, outcome).inc()

    def slack(self, method: str, outcome: str) -> None:
        self._all["slack_calls_total"].labels(method, outcome).inc()

    def request(self, outcome: str) -> None:
        self._all["requests_total"].labels(outcome).inc()

    def task(self, task: str, why: str) -> None:
        self._all["task_failures_total"].labels(task, why).inc()

    def asked_for(self, report: Report | None) -> None:
        """An audit that somebody asked for has ended."""
        self._audit("asked", report)

    def of_digest(self, report: Report) -> None:
        self._audit("digest", report)

    def _audit(self, kind: str, report: Report | None) -> None:
        self._all["audits_total"].labels(kind, "report" if report else "none").inc()
        if report:
            took = (report.finished - report.started).total_seconds()
            self._all["audit_duration_seconds"].labels(kind).observe(took)


def _made(name: str, metric: Metric, registry: CollectorRegistry) -> Counter | Histogram:
    if metric.kind == "histogram":
        return Histogram(PREFIX + name, metric.meaning, metric.labels, registry=registry, buckets=metric.buckets)
    return Counter(PREFIX + name, metric.meaning, metric.labels, registry=registry)
