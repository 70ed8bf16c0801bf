"""Whoever watches the bot sees how it is and what it does, and nobody's name; and where the time of a change went."""

import http.client
import json
import re
import socket
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import pytest

from tests.collector import Collector, collecting
from tests.stories.stage import LOOKS_SECRET, Stage

HERE = "127.0.0.1"
PAYMENTS = "111122223333"
A_DAY = "86400000"
"""Milliseconds until spans are told, unless the bot ends before."""


@dataclass(frozen=True)
class Watched:
    stage: Stage
    port: int
    process: ForkServerProcess
    collector: Collector

    def get(self, path: str) -> tuple[int, str]:
        with closing(http.client.HTTPConnection(HERE, self.port, timeout=10)) as connection:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()

    def metric(self, line: str) -> float:
        """Its value, 0 where it is not there."""
        found = re.search(rf"^trailwarden_{re.escape(line)} (\S+)$", self.get("/metrics")[1], re.MULTILINE)
        return float(found[1]) if found else 0.0


@pytest.fixture(scope="module")
def watched(empty_stage: Stage) -> Iterator[Watched]:
    with socket.socket() as free:
        free.bind((HERE, 0))
        port = free.getsockname()[1]
    with collecting() as collector:
        told = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.endpoint, "OTEL_BSP_SCHEDULE_DELAY": A_DAY}
        with empty_stage.bot(PORT=str(port), TRAILWARDEN_HOST=HERE, **told) as process:
            yield Watched(empty_stage, port, process, collector)


def test_it_is_alive_and_ready_with_each_of_its_parts(watched: Watched) -> None:
    watched.stage.until(lambda: watched.get("/readyz")[0] == 200)
    assert watched.get("/healthz") == (200, "ok\n")
    told = json.loads(watched.get("/readyz")[1])
    assert {name: part["ok"] for name, part in told["parts"].items()} == dict.fromkeys(
        ("slack", "database", "scheduler", "workspaces", "audit"), True
    )


def test_a_change_is_seen_from_its_proposal_to_its_proof(watched: Watched) -> None:
    stage = watched.stage
    stage.audit(stage.alice)
    stage.until(lambda: watched.metric('audits_total{kind="asked",outcome="report"}') == 1)
    assert watched.metric('accounts{verdict="FAIL"}') > 0
    assert watched.metric('aws_requests_total{operation="AssumeRole",outcome="denied",service="sts"}') > 0
    card = stage.proposal(lambda: stage.types(stage.alice, "fix prod-payments"))
    assert watched.metric('changes{state="proposed"}') == 1
    stage.bob.clicks(card, "approve")
    stage.becomes(card, "VERIFIED")
    stage.until(lambda: watched.metric('changes{state="verified"}') == 1)
    assert watched.metric("decision_duration_seconds_count") == 1
    assert watched.metric("apply_duration_seconds_count") == 1
    assert watched.metric("evidence_chain_verified") == 1


def test_what_slack_slows_down_is_counted_and_shows_in_the_outbox(watched: Watched) -> None:
    stage = watched.stage
    stage.slack.set_fault("chat.postMessage", "ratelimited", retry_after=2)
    stage.types(stage.carol, "fix prod-ledger")
    stage.until(lambda: watched.metric('outbox_messages{stage="waiting"}') == 1)
    stage.until(lambda: watched.metric('outbox_messages{stage="waiting"}') == 0)
    assert watched.metric('slack_calls_total{method="chat.postMessage",outcome="rate_limited"}') == 1


def test_nothing_that_is_told_names_an_account_a_person_or_a_secret(watched: Watched) -> None:
    told = watched.get("/metrics")[1] + watched.get("/readyz")[1]
    assert not re.findall(r"(?<![\d.])\d{12}(?![\d.])", told)
    assert not re.findall(r"\b[UCTW]0[A-Z]+\b|C-\d+|prod-|arn:", told)
    assert not [secret for secret in watched.stage.secrets() if secret in told]


def test_a_start_gives_the_keeper_of_progress_no_reason_for_a_word(watched: Watched) -> None:
    assert '"logger": "dbos"' not in watched.stage.log()


@pytest.fixture(scope="module")
def told(watched: Watched) -> Collector:
    """All that the collector was told when the bot had ended, since then of what is above."""
    watched.process.terminate()
    watched.process.join(30)
    assert watched.process.exitcode == 0
    assert watched.collector.spans
    return watched.collector


def test_a_change_is_one_trace_with_its_steps_and_their_calls_by_its_number(watched: Watched, told: Collector) -> None:
    (change,) = told.named("apply_change")
    assert change.facts == {"trailwarden.change": "C-1", "trailwarden.workflow": "C-1"}
    assert [click for click in told.named("request") if click.facts.get("trailwarden.change") == "C-1"]
    steps = [step.name for step in told.children(change)]
    assert (steps[0], set(steps[1:-1]), steps[-1]) == ("begin", {"perform"}, "settle")
    below = list(told.within(change))
    writes = [span for span in below if span.facts.get("rpc.method") in watched.stage.writes(PAYMENTS)]
    assert {span.facts["rpc.method"] for span in writes} == set(watched.stage.writes(PAYMENTS)) != set()
    assert {(span.facts["trailwarden.account"], bool(span.facts["aws.request_id"])) for span in writes} == {
        (PAYMENTS, True)
    }
    assert {span.facts["trailwarden.change"] for span in below} == {"C-1"}
    assert not [span.name for span in below if span.failed and span.name in steps]


def test_an_audit_is_one_trace_with_the_calls_of_each_account(told: Collector) -> None:
    calls = [span for span in told.spans if "trailwarden.run" in span.facts]
    (request,) = [span for span in told.named("request") if span.trace == calls[0].trace]
    assert calls == [*told.within(request)]


def test_a_span_has_nothing_but_what_the_page_names_and_no_secret(watched: Watched, told: Collector) -> None:
    page = (Path(__file__).parents[2] / "docs" / "operations.md").read_text()
    assert {fact for span in told.spans for fact in span.facts} <= set(re.findall(r"`([\w.]+)`", page))
    assert not [span.words for span in told.spans if LOOKS_SECRET.search(span.words)]
    assert not [secret for secret in watched.stage.secrets() for body in told.bodies if secret.encode() in body]
