"""What reaches a collector, what does not, and that nothing waits for one."""

import io
import logging
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread

import pytest

from bot.adapters.log import set_up
from bot.adapters.redaction import Redaction
from bot.adapters.tracing import Tracing
from bot.ports import CannotRunError
from bot.ports.context import note, working_on
from tests.collector import Collector, collecting
from tests.waiting import until

Start = Callable[..., Tracing]
AT_ONCE = {"OTEL_BSP_SCHEDULE_DELAY": "20"}


@pytest.fixture
def collector() -> Iterator[Collector]:
    with collecting() as running:
        yield running


@pytest.fixture
def start(collector: Collector, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Tracing with these settings; the SDK's log is the process's, so it is given back."""
    sdk = logging.getLogger("opentelemetry")
    started: list[Tracing] = []

    def begin(**settings: str) -> Tracing:
        for name, value in {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.endpoint, **settings}.items():
            monkeypatch.setenv(name, value)
        started.append(Tracing(stops_within=0.2))
        return started[-1]

    yield begin
    for one in started:
        one.stop()
    sdk.handlers.clear()
    sdk.propagate = True


@contextmanager
def logged() -> Iterator[Callable[[], list[str]]]:
    """The lines so far."""
    root, said = logging.getLogger(), io.StringIO()
    handlers, level = root.handlers[:], root.level
    set_up("text", Redaction(), said)
    yield lambda: said.getvalue().splitlines()
    root.handlers, root.level = handlers, level
    logging.captureWarnings(False)


def broken_work(tracing: Tracing) -> None:
    with tracing.span("step"):
        raise RuntimeError("hidden words")


def test_work_within_work_is_one_trace_and_carries_the_ids_that_are_known_at_its_end(
    start: Start, collector: Collector
) -> None:
    tracing = start()
    with working_on(request="ab12", user="U0BOB", channel="C0SEC"), tracing.span("request"), tracing.span("step"):
        note(change="C-42")
        end = tracing.call("CloudTrail/StartLogging", {"rpc.method": "StartLogging"})
        assert end
        end({"aws.request_id": "req-7"}, "")
    tracing.stop()
    (work,), (step,), (call,) = map(collector.named, ("request", "step", "CloudTrail/StartLogging"))
    assert list(collector.within(work)) == [step, call]
    assert {span.trace for span in collector.spans} == {work.trace}
    assert work.facts == step.facts == {"trailwarden.request": "ab12", "trailwarden.change": "C-42"}
    assert call.facts == {"rpc.method": "StartLogging", "aws.request_id": "req-7", **step.facts}


def test_what_failed_is_told_by_its_kind_and_not_by_its_words(start: Start, collector: Collector) -> None:
    tracing = start()
    with pytest.raises(RuntimeError):
        broken_work(tracing)
    tracing.stop()
    (span,) = collector.spans
    assert (span.failed, span.facts) == (True, {"error.type": "RuntimeError"})
    assert "hidden" not in span.words


def test_a_call_outside_of_all_work_is_no_span(start: Start) -> None:
    assert start().call("STS/GetCallerIdentity", {}) is None


def test_work_that_is_not_sampled_makes_no_spans_of_its_calls(start: Start) -> None:
    tracing = start(OTEL_TRACES_SAMPLER="always_off")
    with tracing.span("request"):
        assert tracing.call("STS/GetCallerIdentity", {}) is None


def test_it_says_who_it_is_unless_it_is_told_otherwise(start: Start, collector: Collector) -> None:
    for tracing in (start(), start(OTEL_SERVICE_NAME="ours", OTEL_RESOURCE_ATTRIBUTES="deployment.environment=test")):
        with tracing.span("request"):
            pass
        tracing.stop()
    first, second = (span.source for span in collector.spans)
    assert (first["service.name"], second["service.name"]) == ("trailwarden", "ours")
    assert first["service.version"] == second["service.version"] != ""
    assert second["deployment.environment"] == "test"


def test_a_collector_that_refuses_is_one_line_in_the_log_and_one_when_it_is_well_again(
    start: Start, collector: Collector
) -> None:
    with logged() as lines:
        tracing, collector.answers = start(**AT_ONCE), 401
        for asked in (1, 2, 3):
            with tracing.span("request"):
                pass
            until(lambda asked=asked: collector.asked == asked)
        collector.answers = 200
        with tracing.span("request"):
            pass
        until(lambda: len(lines()) > 1)
        assert ["401" in line for line in lines()] == [True, False]
        assert "traces reach the collector again" in lines()[1]


@pytest.mark.parametrize("listens", [False, True], ids=["nobody is there", "nobody answers"])
def test_a_collector_that_is_away_holds_up_neither_the_work_nor_the_end(start: Start, listens: bool) -> None:
    with logged() as lines, socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        if listens:
            silent.listen()
        tracing = start(OTEL_EXPORTER_OTLP_ENDPOINT=f"http://127.0.0.1:{silent.getsockname()[1]}")
        began = time.monotonic()
        with tracing.span("request"):
            pass
        tracing.stop()
        assert time.monotonic() - began < 5
        assert len(lines()) <= 1


@pytest.mark.parametrize("wrong", ["OTEL_BSP_MAX_QUEUE_SIZE", "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT"])
def test_a_setting_that_the_sdk_does_not_take_is_said_in_a_sentence(start: Start, wrong: str) -> None:
    with pytest.raises(CannotRunError, match="OTEL_"):
        start(**{wrong: "-1"})


def test_threads_that_trace_at_once_do_not_mix(start: Start, collector: Collector) -> None:
    tracing = start()

    def work(number: int) -> None:
        with working_on(change=f"C-{number}"), tracing.span("apply_change"), tracing.span("perform"):
            pass

    threads = [Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    tracing.stop()
    for of in collector.named("apply_change"):
        (step,) = collector.children(of)
        assert step.facts == of.facts
