"""A collector of traces on this machine, as OTLP over HTTP reaches one."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, Span, Status


@dataclass(frozen=True)
class Told:
    """One span, with what its process says of itself in `source`."""

    name: str
    id: bytes
    parent: bytes
    trace: bytes
    facts: dict[str, object]
    failed: bool
    source: dict[str, object]
    words: str
    """All of it that is text, wherever it stands."""


class Collector:
    """`answers` with that status; it keeps the spans of what it takes."""

    def __init__(self, server: ThreadingHTTPServer) -> None:
        self.answers = 200
        self.asked = 0
        self.spans: list[Told] = []
        self.bodies: list[bytes] = []
        self.endpoint = f"http://127.0.0.1:{server.server_port}"

    def take(self, body: bytes) -> None:
        self.asked += 1
        self.bodies.append(body)
        if self.answers == 200:
            told = ExportTraceServiceRequest.FromString(body)
            self.spans += [_told(span, of) for of in told.resource_spans for s in of.scope_spans for span in s.spans]

    def named(self, name: str) -> list[Told]:
        return [span for span in self.spans if span.name == name]

    def children(self, of: Told) -> list[Told]:
        """In the order of their beginning."""
        return [span for span in self.spans if span.parent == of.id]

    def within(self, of: Told) -> Iterator[Told]:
        """Its children, theirs, and so on."""
        for child in self.children(of):
            yield child
            yield from self.within(child)


@contextmanager
def collecting() -> Iterator[Collector]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Receiver)
    server.collector = collector = Collector(server)  # type: ignore[attr-defined]  # for the receiver
    thread = Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield collector
    server.shutdown()
    thread.join()
    server.server_close()


class _Receiver(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        collector: Collector = self.server.collector  # type: ignore[attr-defined]  # ours
        collector.take(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(collector.answers)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


def _told(span: Span, of: ResourceSpans) -> Told:
    facts = {fact.key: _value(fact.value) for fact in span.attributes}
    source = {fact.key: _value(fact.value) for fact in of.resource.attributes}
    failed = span.status.code == Status.STATUS_CODE_ERROR
    words = f"{span}{of.resource}"
    return Told(span.name, span.span_id, span.parent_span_id, span.trace_id, facts, failed, source, words)


def _value(value: AnyValue) -> object:
    return getattr(value, value.WhichOneof("value") or "string_value")
