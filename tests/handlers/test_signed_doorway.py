"""HTTP delivery through a real server and Bolt itself: only what Slack signed just now gets in, and counts once."""

import http.client
import json
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

import pytest
from slack_bolt import App

from bot.adapters.web import Web
from bot.domain.change import State
from handlers.signed_doorway import LONGEST, PATH, SignedDoorway
from handlers.sparing import EVERY, SparingLog
from handlers.views import ids
from tests.builders import ACCOUNT
from tests.fakes import FakeWatched
from tests.handlers.fake_slack import CHANNEL, TEAM
from tests.handlers.gate import GENUINE, Gate, Json, opened, pressed, submitted, typed
from tests.handlers.signed import FORM, HERE, JSON, SECRET, Posted, answering, encoded, sent, signed

ALICE = {"id": "UALICE", "team_id": TEAM}


@pytest.fixture(scope="module")
def gate() -> Iterator[Gate]:
    with opened() as made:
        yield made


@pytest.fixture
def web(gate: Gate) -> Iterator[Web]:
    gate.log.clear()
    gate.slack.calls.clear()
    gate.bot.inbox.taken.clear()
    with answering(gate) as server:
        yield server


@pytest.fixture
def fresh() -> Iterator[tuple[Gate, Web]]:
    """A gate that a test may change."""
    with opened() as made, answering(made) as server:
        yield made, server


def approval(number: int = 1, **more: Any) -> Json:
    return {**pressed(ids.APPROVE, f"C-{number}:0", f"{number}.0"), "user": ALICE, **more}


def lines(gate: Gate) -> list[str]:
    return [r.getMessage() for r in gate.log if r.name.startswith("handlers")]


# What is signed gets in


@pytest.mark.parametrize("body", GENUINE, ids=lambda b: b.get("command") or b["type"])
def test_what_is_genuine_is_acknowledged(web: Web, body: Json) -> None:
    assert sent(web, signed(encoded(body)))[0] == 200


def test_a_signed_click_decides(fresh: tuple[Gate, Web]) -> None:
    gate, web = fresh
    assert sent(web, signed(encoded(approval()))) == (200, "")
    assert gate.bot.change(1).state is State.APPROVED


def test_a_form_is_answered_with_what_is_wrong_in_it(web: Web) -> None:
    form = submitted(ids.TRAIL_FORM, json.dumps({"account": ACCOUNT, "channel": CHANNEL}))
    status, body = sent(web, signed(encoded(form)))
    assert status == 200
    assert json.loads(body)["response_action"] == "errors"


def test_a_command_that_says_payload_is_read(gate: Gate, web: Web) -> None:
    """Bolt's own parser takes it for a click, and loses it."""
    assert sent(web, signed(encoded(typed("fix payload-service")))) == (200, "")
    assert "No account in scope is called payload-service" in gate.slack.told()[0]


def test_slack_may_ask_whether_the_address_is_ours(web: Web) -> None:
    asked = json.dumps({"type": "url_verification", "challenge": "3eZbrw1a", "token": "x"}).encode()
    assert sent(web, signed(asked, JSON)) == (200, '{"challenge": "3eZbrw1a"}')


def test_many_at_once_wait_for_no_one(gate: Gate) -> None:
    """As many as there are threads are answered together, though each listener takes a while to acknowledge."""
    together = threading.Barrier(20)
    app = App(
        client=gate.app.client,
        signing_secret=SECRET,
        token_verification_enabled=False,
        listener_executor=ThreadPoolExecutor(20),
    )

    @app.command("/trail-audit")
    def slow(ack: Any) -> None:
        together.wait(2)
        ack()

    with answering(Gate(gate.bot, gate.slack, app)) as server, ThreadPoolExecutor(20) as people:
        requests = [signed(encoded(typed())) for _ in range(20)]
        assert [status for status, _ in people.map(lambda r: sent(server, r), requests)] == [200] * 20


# What is not, does not

BODY = encoded(approval())


def good() -> Posted:
    return signed(BODY)


def claiming(name: str, value: str) -> Posted:
    """A good one but for this header."""
    return Posted(BODY, {**good().headers, name: value})


STAMP, SIGNATURE = "X-Slack-Request-Timestamp", "X-Slack-Signature"
UNSIGNED, FORGED, OLD = "It has no signature", "Its signature is wrong", "Its signature is old"
UNREADABLE = "It cannot be read"
REFUSED: dict[str, tuple[Callable[[], Posted], int, str]] = {
    "no signature": (lambda: Posted(BODY, {"Content-Type": FORM}), 401, UNSIGNED),
    "no time stamp": (lambda: claiming(STAMP, ""), 401, UNSIGNED),
    "a time stamp that is none": (lambda: claiming(STAMP, "now"), 401, UNSIGNED),
    "a time stamp below nothing": (lambda: claiming(STAMP, "-1"), 401, UNSIGNED),
    "a signature that is none": (lambda: claiming(SIGNATURE, "v0=\xff"), 401, UNSIGNED),
    "another secret": (lambda: signed(BODY, secret="another"), 401, FORGED),
    "another body": (lambda: Posted(BODY + b"&a=b", good().headers), 401, FORGED),
    "another time": (lambda: claiming(STAMP, str(int(time.time()) - 9)), 401, FORGED),
    "more than five minutes ago": (lambda: signed(BODY, age=310), 401, OLD),
    "more than five minutes ahead": (lambda: signed(BODY, age=-310), 401, OLD),
    "unsigned JSON that is none": (lambda: Posted(b"{", {"Content-Type": JSON}), 401, UNSIGNED),
    "bytes that are no text": (lambda: Posted(b"payload=\xff", signed(b"").headers), 401, FORGED),
    "JSON that is none": (lambda: signed(b"{", JSON), 400, UNREADABLE),
    "JSON that is no object": (lambda: signed(b"[1]", JSON), 400, "no object"),
    "JSON too deep to read": (lambda: signed(b"[" * 100_000, JSON), 400, UNREADABLE),
    "a number too long to read": (lambda: signed(b"1" * 10_000, JSON), 400, UNREADABLE),
    "a form with JSON that is none": (lambda: signed(b"payload=%7B"), 400, UNREADABLE),
    "a form in another encoding": (lambda: signed(b"text=%FF"), 400, UNREADABLE),
    "a form of too many fields": (lambda: signed(b"&".join([b"a=b"] * 101)), 400, UNREADABLE),
    "a malformed click": (lambda: signed(encoded({"type": "block_actions"})), 400, "user.id is missing"),
    "another kind of content": (lambda: signed(BODY, "text/plain"), 415, "neither a form nor JSON"),
    "no kind of content": (lambda: signed(BODY, ""), 415, "neither a form nor JSON"),
}


@pytest.mark.parametrize(("made", "status", "words"), REFUSED.values(), ids=REFUSED)
def test_what_is_not_slacks_is_refused_logged_once_and_changes_nothing(
    gate: Gate, web: Web, made: Callable[[], Posted], status: int, words: str
) -> None:
    before = gate.state()
    answers = [sent(web, made()) for _ in range(3)]
    assert [answer[0] for answer in answers] == [status] * 3
    assert words in answers[0][1]
    assert gate.state() == before
    assert gate.slack.calls == []
    assert lines(gate) == [f"HTTP request refused with {status}: {answers[0][1].strip()}"]


def test_the_log_holds_nothing_that_a_stranger_sent(gate: Gate, web: Web) -> None:
    sent(web, signed(b"payload=SECRETWORD", secret="another", X_Slack_Retry_Num="SECRETWORD"))
    assert "SECRETWORD" not in str([r.getMessage() for r in gate.log])


def test_what_is_refused_for_good_is_not_to_be_sent_again(web: Web) -> None:
    assert headers_of(web, signed(b"{", JSON))["x-slack-no-retry"] == "1"


def headers_of(web: Web, request: Posted) -> http.client.HTTPMessage:
    with closing(http.client.HTTPConnection(HERE, web.port, timeout=5)) as connection:
        connection.request("POST", PATH, request.body, request.headers)
        answer = connection.getresponse()
        answer.read()
        return answer.headers


def test_a_body_that_is_too_long_is_not_even_read(web: Web) -> None:
    long = {**good().headers, "Content-Length": str(LONGEST + 1)}
    assert sent(web, Posted(b"", long)) == (413, f"It has more than {LONGEST} bytes.\n")


def test_a_body_that_grows_too_long_is_refused(web: Web) -> None:
    with socket.create_connection((HERE, web.port), timeout=10) as connection:
        connection.sendall(head("Transfer-Encoding: chunked"))
        part = b"10000\r\n" + b"a" * 65_536 + b"\r\n"
        for _ in range(LONGEST // 65_536):
            connection.sendall(part)
        connection.sendall(b"1\r\na\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 413 ")


def test_a_body_that_does_not_come_is_not_waited_for(web: Web) -> None:
    with socket.create_connection((HERE, web.port), timeout=10) as connection:
        connection.sendall(head("Content-Length: 10") + b"abc")
        assert connection.recv(100).startswith(b"HTTP/1.1 408 ")


def test_a_body_that_breaks_off_breaks_nothing(gate: Gate, web: Web) -> None:
    with socket.create_connection((HERE, web.port), timeout=10) as connection:
        connection.sendall(head("Content-Length: 10") + b"abc")
    assert sent(web, signed(encoded(typed("help"))))[0] == 200
    assert [r for r in gate.log if r.levelno >= logging.ERROR] == []


def head(more: str) -> bytes:
    claim = "\r\n".join(f"{name}: {value}" for name, value in good().headers.items())
    return f"POST /slack/events HTTP/1.1\r\nHost: x\r\n{claim}\r\n{more}\r\n\r\n".encode()


def test_another_path_or_method_is_none_of_ours(web: Web) -> None:
    assert sent(web, good(), "/slack/event")[0] == 404
    assert sent(web, good(), "/slack/events/")[0] == 404
    assert sent(web, good(), "/healthz")[0] == 405


def test_the_payload_of_another_app_or_workspace_is_refused(gate: Gate, web: Web) -> None:
    before = gate.state()
    assert sent(web, signed(encoded(approval(api_app_id="A2")))) == (200, "")
    assert lines(gate) == ["payload of another app refused: 'A2'"]
    assert gate.slack.calls == []
    sent(web, signed(encoded(approval(user={"id": "UALICE", "team_id": "T2"}))))
    assert "You are from another workspace." in gate.slack.told()[0]
    assert gate.state() == before


# What comes again is not done again


def test_a_replayed_decision_is_told_that_it_was_taken(fresh: tuple[Gate, Web]) -> None:
    gate, web = fresh
    request = signed(encoded(approval()))
    assert [sent(web, request)[0] for _ in range(3)] == [200] * 3
    assert gate.bot.change(1).state is State.APPROVED
    assert gate.bot.changes.started == [1]
    told = gate.slack.told()
    assert len(told) == 2
    assert all("already approved" in words for words in told)


def test_replays_at_once_are_one_decision(fresh: tuple[Gate, Web]) -> None:
    gate, web = fresh
    request = signed(encoded(approval()))
    with ThreadPoolExecutor(8) as many:
        assert [status for status, _ in many.map(lambda _: sent(web, request), range(8))] == [200] * 8
    assert gate.bot.changes.started == [1]
    assert len(gate.slack.told()) == 7


def test_a_retry_of_slacks_is_not_obeyed_twice(fresh: tuple[Gate, Web]) -> None:
    gate, web = fresh
    command = encoded({**typed("digest now"), "user_id": "UREQUESTER"})
    sent(web, signed(command))
    sent(web, signed(command, X_Slack_Retry_Num="1", X_Slack_Retry_Reason="http_timeout"))
    assert len(gate.bot.announcer.of("digest")) == 1


def test_a_replayed_command_does_nothing_even_when_the_world_has_moved_on(fresh: tuple[Gate, Web]) -> None:
    gate, web = fresh
    for text in ("digest 09:00 UTC", "digest off"):
        sent(web, signed(encoded({**typed(text), "trigger_id": text})))
    off = signed(encoded({**typed("digest off"), "trigger_id": "digest off"}))
    sent(web, signed(encoded({**typed("digest 10:00 UTC"), "trigger_id": "again"})))
    before = gate.bot.subscriptions.all()
    assert sent(web, off) == (200, "")
    assert gate.bot.subscriptions.all() == before
    assert len(before) == 1


def test_a_replayed_proposal_proposes_nothing_after_the_first_was_denied(fresh: tuple[Gate, Web]) -> None:
    gate, web = fresh
    ask = signed(encoded({**pressed(ids.PROPOSE_FIX, ACCOUNT), "user": {"id": "UREQUESTER", "team_id": TEAM}}))
    cancel = {**pressed(ids.CANCEL, "C-1:0"), "user": {"id": "UREQUESTER", "team_id": TEAM}, "trigger_id": "c"}
    sent(web, signed(encoded(cancel)))
    sent(web, ask)
    assert len(gate.bot.changes.all()) == 3
    sent(web, signed(encoded({**pressed(ids.CANCEL, "C-3:0", "3.0"), "user": {"id": "UREQUESTER", "team_id": TEAM}})))
    sent(web, ask)
    assert len(gate.bot.changes.all()) == 3


# Beginning and end


def test_before_it_is_open_and_after_it_is_shut_nothing_gets_in(gate: Gate) -> None:
    doorway = SignedDoorway(gate.app, SECRET)
    web = Web(HERE, 0, doorway, FakeWatched())
    assert sent(web, good())[0] == 503
    doorway.open()
    assert sent(web, signed(encoded(typed("help"))))[0] == 200
    doorway.shut()
    assert sent(web, good())[0] == 503
    web.stop()


def test_shutting_waits_for_what_came_in(gate: Gate) -> None:
    inside, go_on = threading.Event(), threading.Event()
    app = App(client=gate.app.client, signing_secret=SECRET, token_verification_enabled=False)

    @app.command("/trail-audit")
    def slow(ack: Any) -> None:
        inside.set()
        go_on.wait(2)
        ack()

    doorway = SignedDoorway(app, SECRET)
    doorway.open()
    web = Web(HERE, 0, doorway, FakeWatched())
    with ThreadPoolExecutor(2) as threads:
        answer = threads.submit(sent, web, signed(encoded(typed())))
        assert inside.wait(5)
        shutting = threads.submit(doorway.shut)
        with pytest.raises(TimeoutError):
            shutting.result(0.3)
        go_on.set()
        assert answer.result(5) == (200, "")
        shutting.result(5)
    web.stop()


# A flood


def test_a_flood_is_one_line_a_minute_with_its_number(caplog: pytest.LogCaptureFixture) -> None:
    now = [0.0]
    log = SparingLog(logging.getLogger("flood"), lambda: now[0])
    for second in range(int(EVERY) + 1):
        now[0] = float(second)
        for _ in range(100):
            log.warning("Refused.")
    log.warning("Something else.")
    assert caplog.messages == ["Refused.", "Refused. (and 5999 more since the last such line)", "Something else."]
