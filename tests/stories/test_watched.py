"""Whoever watches the bot sees how it is and what it does, and nobody's name."""

import http.client
import json
import re
import socket
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

import pytest

from tests.stories.stage import Stage

HERE = "127.0.0.1"


@dataclass(frozen=True)
class Watched:
    stage: Stage
    port: int

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
    with empty_stage.bot(PORT=str(port), TRAILWARDEN_HOST=HERE):
        yield Watched(empty_stage, port)


def test_it_is_alive_and_ready_with_each_of_its_parts(watched: Watched) -> None:
    watched.stage.until(lambda: watched.get("/readyz")[0] == 200)
    assert watched.get("/healthz") == (200, "ok\n")
    told = json.loads(watched.get("/readyz")[1])
    assert {name: part["ok"] for name, part in told["parts"].items()} == dict.fromkeys(
        ("slack", "database", "scheduler", "audit"), True
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
