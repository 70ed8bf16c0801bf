"""Alive, and ready, for whoever restarts us; and what Slack posts to, on the same port."""

import http.client
import json
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from bot.adapters.health import Part
from bot.adapters.web import Watched, Web
from bot.ports import CannotRunError
from tests.fakes import FakeWatched

HERE = "127.0.0.1"


async def echo(request: Request) -> Response:
    return PlainTextResponse(await request.body())


@dataclass
class Door:
    """One endpoint."""

    endpoints: Mapping[str, Callable[[Request], Awaitable[Response]]] = field(default_factory=lambda: {"/echo": echo})


@contextmanager
def serving(watched: Watched | None = None) -> Iterator[Web]:
    web = Web(HERE, 0, Door(), watched or FakeWatched())
    yield web
    web.stop()


def asked(web: Web, path: str, method: str = "GET", body: bytes | None = None) -> tuple[int, bytes]:
    with closing(http.client.HTTPConnection(HERE, web.port, timeout=5)) as connection:
        connection.request(method, path, body)
        answer = connection.getresponse()
        return answer.status, answer.read()


WELL, ILL, NO_MATTER = (
    Part("slack", True, "well"),
    Part("database", False, "away"),
    Part("audit", False, "x", matters=False),
)


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/healthz", (200, b"ok\n")),
        ("/metrics", (200, b"trailwarden_ready 1\n")),
        ("/", (404, b"Not Found")),
        ("/readyz/", (404, b"Not Found")),
        ("/readyz/../etc/passwd", (404, b"Not Found")),
    ],
)
def test_it_says_that_it_lives_and_what_is_counted(path: str, answer: tuple[int, bytes]) -> None:
    with serving() as web:
        assert asked(web, path) == answer


@pytest.mark.parametrize(
    ("parts", "ready"), [((WELL,), True), ((WELL, ILL), False), ((WELL, NO_MATTER), True), ((ILL, NO_MATTER), False)]
)
def test_it_is_ready_while_each_part_that_matters_is_well(parts: tuple[Part, ...], ready: bool) -> None:
    with serving(FakeWatched(parts)) as web:
        status, body = asked(web, "/readyz")
    assert status == (200 if ready else 503)
    assert json.loads(body) == {"ready": ready, "parts": {p.name: {"ok": p.ok, "says": p.says} for p in parts}}


def test_alive_does_not_depend_on_ready() -> None:
    watched = FakeWatched((ILL,))
    with serving(watched) as web:
        assert asked(web, "/healthz")[0] == 200
        assert watched.asked == 0
        assert asked(web, "/readyz")[0] == 503
        assert watched.asked == 1


def test_it_says_that_it_lives_while_others_wait_for_how_it_is() -> None:
    """More of them than there are threads for requests."""
    held, inside = threading.Event(), threading.Semaphore(0)

    class Stuck(FakeWatched):
        def health(self) -> tuple[Part, ...]:
            inside.release()
            held.wait(20)
            return ()

    with serving(Stuck()) as web, ThreadPoolExecutor(50) as pool:
        waiting = [pool.submit(asked, web, "/readyz") for _ in range(50)]
        inside.acquire()
        assert asked(web, "/healthz")[0] == 200
        held.set()
        assert {each.result()[0] for each in waiting} == {200}


def test_an_endpoint_takes_posts_and_nothing_else() -> None:
    with serving() as web:
        assert asked(web, "/echo", "POST", b"hello") == (200, b"hello")
        assert [asked(web, "/echo", method)[0] for method in ("GET", "PUT", "DELETE", "PATCH")] == [405] * 4
        assert asked(web, "/healthz", "POST", b"hello")[0] == 405


def test_what_is_no_http_is_refused_and_costs_no_line_of_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with serving() as web, socket.create_connection((HERE, web.port), timeout=5) as connection:
        connection.sendall(b"\x16\x03\x01 hello\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 400 ")
    assert caplog.messages == []


def test_a_port_that_is_taken_is_one_sentence() -> None:
    with socket.socket() as taken:
        taken.bind((HERE, 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(CannotRunError, match=f"Port {port} of {HERE} cannot be used: .* Set PORT"):
            Web(HERE, port, Door(), FakeWatched())


@pytest.mark.parametrize("port", [-1, 65_536, 99_999])
def test_a_number_that_is_no_port_is_one_sentence(port: int) -> None:
    with pytest.raises(CannotRunError, match="cannot be used"):
        Web(HERE, port, Door(), FakeWatched())


def test_a_host_that_is_none_is_one_sentence() -> None:
    with pytest.raises(CannotRunError, match=r"of 256\.0\.0\.1 cannot be used"):
        Web("256.0.0.1", 0, Door(), FakeWatched())


def test_after_its_end_nobody_answers() -> None:
    with serving() as web:
        port = web.port
    with closing(http.client.HTTPConnection(HERE, port, timeout=5)) as connection, pytest.raises(OSError):  # noqa: PT011 - any
        connection.request("GET", "/healthz")
