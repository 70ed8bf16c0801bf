"""Whatever arrives over HTTP: no status from 500 on, nothing changed, one line in the log."""

import logging
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.adapters.web import Web
from tests.handlers.gate import Gate, odd, opened, tampered, typed
from tests.handlers.signed import FORM, JSON, Posted, answering, encoded, sent, signed


@pytest.fixture(scope="module")
def gate() -> Iterator[Gate]:
    with opened() as made:
        yield made


@pytest.fixture(scope="module")
def web(gate: Gate) -> Iterator[Web]:
    with answering(gate) as server:
        yield server


FUZZ = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def nothing_happens(gate: Gate, web: Web, request: Posted) -> None:
    before = gate.state()
    gate.log.clear()
    gate.slack.calls.clear()
    gate.bot.inbox.taken.clear()
    status, _ = sent(web, request)
    assert status in (200, 400, 401, 404, 413, 415)
    assert gate.state() == before
    assert [r.getMessage() for r in gate.log if r.exc_info or r.levelno >= logging.ERROR] == []
    assert len(gate.log) <= 1, [r.getMessage() for r in gate.log]
    assert len(gate.slack.told()) <= 1
    assert "Something broke" not in str(gate.slack.told())


@FUZZ
@given(body=tampered() | odd)
def test_whatever_slack_signs_nothing_changes_and_nothing_breaks(gate: Gate, web: Web, body: object) -> None:
    nothing_happens(gate, web, signed(encoded(body)))


kinds = st.sampled_from([FORM, JSON, f"{JSON}; charset=utf-8", "text/plain", "multipart/form-data", ""])
words = [b"payload=", b"command=/trail-audit", b"&", b"%7B%7D", b"{}", b"[", b"\xff", b"ssl_check=1", b"\0"]
pieces = st.sampled_from(words)
bodies = st.binary(max_size=60) | st.lists(pieces, max_size=8).map(b"".join)


@FUZZ
@given(body=bodies, kind=kinds)
def test_whatever_bytes_are_signed_nothing_breaks(gate: Gate, web: Web, body: bytes, kind: str) -> None:
    nothing_happens(gate, web, signed(body, kind))


claims = st.text(st.characters(min_codepoint=33, max_codepoint=255), max_size=70) | st.sampled_from(
    ["v0=" + "0" * 64, "v0=" + "f" * 64, "9" * 12, "0", "-1", "1e9", "0x1"]
)


@FUZZ
@given(stamp=claims, signature=claims, kind=kinds, body=bodies)
def test_whatever_claims_to_be_signed_is_refused(
    gate: Gate, web: Web, stamp: str, signature: str, kind: str, body: bytes
) -> None:
    genuine = signed(encoded(typed()))
    claimed = {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": signature, "Content-Type": kind}
    for headers in (claimed, {**genuine.headers, "X-Slack-Signature": signature}):
        before = gate.state()
        assert sent(web, Posted(body, headers))[0] == 401
        assert gate.state() == before
