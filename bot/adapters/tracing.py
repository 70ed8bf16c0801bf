"""Traces, told to a collector by OpenTelemetry's SDK. Imported only where OTEL_… names a collector: the packages are an
extra, and cost a start some tenths of a second.

The spans are ours and not those that DBOS and the instrumentation of botocore can make: these tell an error's words,
which may be SQL with its parameters, and that one puts a header into each request to AWS.
"""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from threading import Thread

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace import SpanKind, Status, StatusCode

from bot.ports import CannotRunError, context
from bot.ports.traces import End, Facts

log = logging.getLogger(__name__)

NAME = "trailwarden"
IDS = ("request", "change", "run", "digest", "workflow", "account")
"""The ids of the log that a span carries too, as `trailwarden.change`; who asked and where stays in the log."""
STOPS_WITHIN_SECONDS = 3.0
ENDS_SECONDS = 0.5
"""For a try that is under way when the time is up."""


class Tracing:
    """The port Traces. Whatever of OTEL_… is not ours the SDK reads itself. Raises CannotRunError."""

    def __init__(self, stops_within: float = STOPS_WITHIN_SECONDS) -> None:
        self._stops_within = stops_within
        try:
            self._collector = _Collector(OTLPSpanExporter())
            self._provider = TracerProvider(resource=_resource(), shutdown_on_exit=False)
            self._provider.add_span_processor(BatchSpanProcessor(self._collector))
        except (ValueError, OSError) as wrong:
            raise CannotRunError(f"A setting of OpenTelemetry (OTEL_…) is wrong: {wrong}") from wrong
        self._tracer = self._provider.get_tracer(NAME, version(NAME))

    @contextmanager
    def span(self, name: str) -> Iterator[None]:
        begun = self._tracer.start_as_current_span(name, record_exception=False, set_status_on_exception=False)
        with begun as span, _Ending(span):
            yield

    def call(self, name: str, facts: Facts) -> End | None:
        if not trace.get_current_span().is_recording():
            return None
        span = self._tracer.start_span(name, kind=SpanKind.CLIENT, attributes={**facts, **_ids()})

        def end(known: Facts, error: str) -> None:
            span.set_attributes(known)
            if error:
                _failed(span, error)
            span.end()

        return end

    def stop(self) -> None:
        """A collector that is away holds nobody up: what it does not take by then is lost."""
        ending = Thread(target=self._provider.shutdown, name="traces", daemon=True)
        ending.start()
        ending.join(self._stops_within)
        self._collector.shutdown()
        ending.join(ENDS_SECONDS)


@dataclass(frozen=True)
class _Ending:
    """What belongs to a span before it ends, however it does."""

    span: trace.Span

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind:
            _failed(self.span, kind.__name__)
        self.span.set_attributes(_ids())


def _ids() -> dict[str, str]:
    return {f"{NAME}.{name}": id for name, id in context.known().items() if name in IDS}


def _failed(span: trace.Span, kind: str) -> None:
    span.set_status(Status(StatusCode.ERROR))
    span.set_attribute("error.type", kind)


def _resource() -> Resource:
    """What OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES say goes before what we say."""
    ours = Resource({"service.name": NAME, "service.version": version(NAME)})
    return Resource.create().merge(ours).merge(OTELResourceDetector().detect())


class _Collector(SpanExporter):
    """The SDK's exporter; of what the SDK says every few seconds while a collector is away, the log has the first."""

    def __init__(self, exporter: SpanExporter) -> None:
        self._exporter = exporter
        self._failing = False
        self._over = False
        self._words = _FirstWords()
        sdk = logging.getLogger("opentelemetry")
        sdk.addHandler(self._words)
        sdk.propagate = False

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        result = self._exporter.export(spans)
        well = result is SpanExportResult.SUCCESS
        if well and self._failing:
            self._words.forget()
            log.info("traces reach the collector again")
        self._failing = not well
        return result

    def shutdown(self) -> None:
        if not self._over:
            self._over = True
            self._exporter.shutdown()


class _FirstWords(logging.Handler):
    """Hands on the first warning of each of the SDK's loggers, and no other until it is told to forget."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._heard: set[str] = set()

    def forget(self) -> None:
        self._heard.clear()

    def emit(self, record: logging.LogRecord) -> None:
        if record.name not in self._heard:
            self._heard.add(record.name)
            logging.getLogger().handle(record)
