"""Alive, and ready, for whoever restarts us; and what Slack posts to, on the same port."""

import http.client
import socket
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from bot.adapters.web import Web
from bot.ports import CannotRunError

HERE = "127.0.0.1"


async def echo(request: Request) -> Response:
    return PlainTextResponse(await request.body())


@dataclass
class Door:
    """Says whether it is open, and counts how often it is asked."""

    ready: bool = True
    asked: int = 0
    endpoints: Mapping[str, Callable[[Request], Awaitable[Response]]] = field(default_factory=lambda: {"/echo": echo})

    def is_open(self) -> bool:
        self.asked += 1
        return self.ready


@contextmanager
def serving(door: Door) -> Iterator[Web]:
    web = Web(HERE, 0, door)
    yield web
    web.stop()


def asked(web: Web, path: str, method: str = "GET", body: bytes | None = None) -> tuple[int, bytes]:
    with closing(http.client.HTTPConnection(HERE, web.port, timeout=5)) as connection:
        connection.request(method, path, body)
        answer = connection.getresponse()
        return answer.status, answer.read()


@pytest.mark.parametrize(
    ("path", "ready", "answer"),
    [
        ("/healthz", True, (200, b"ok\n")),
        ("/healthz", False, (200, b"ok\n")),
        ("/readyz", True, (200, b"ok\n")),
        ("/readyz", False, (503, b"no\n")),
        ("/", True, (404, b"Not Found")),
        ("/readyz/", True, (404, b"Not Found")),
        ("/readyz/../etc/passwd", True, (404, b"Not Found")),
    ],
)
def test_it_says_alive_and_ready(path: str, ready: bool, answer: tuple[int, bytes]) -> None:
    with serving(Door(ready)) as web:
        assert asked(web, path) == answer


def test_alive_does_not_depend_on_ready() -> None:
    door = Door(ready=False)
    with serving(door) as web:
        assert asked(web, "/healthz")[0] == 200
        assert door.asked == 0
        assert asked(web, "/readyz")[0] == 503
        assert door.asked == 1


def test_an_endpoint_takes_posts_and_nothing_else() -> None:
    with serving(Door()) as web:
        assert asked(web, "/echo", "POST", b"hello") == (200, b"hello")
        assert [asked(web, "/echo", method)[0] for method in ("GET", "PUT", "DELETE", "PATCH")] == [405] * 4
        assert asked(web, "/healthz", "POST", b"hello")[0] == 405


def test_what_is_no_http_is_refused_and_costs_no_line_of_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with serving(Door()) as web, socket.create_connection((HERE, web.port), timeout=5) as connection:
        connection.sendall(b"\x16\x03\x01 hello\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 400 ")
    assert caplog.messages == []


def test_a_port_that_is_taken_is_one_sentence() -> None:
    with socket.socket() as taken:
        taken.bind((HERE, 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(CannotRunError, match=f"Port {port} of {HERE} cannot be used: .* Set PORT"):
            Web(HERE, port, Door())


@pytest.mark.parametrize("port", [-1, 65_536, 99_999])
def test_a_number_that_is_no_port_is_one_sentence(port: int) -> None:
    with pytest.raises(CannotRunError, match="cannot be used"):
        Web(HERE, port, Door())


def test_a_host_that_is_none_is_one_sentence() -> None:
    with pytest.raises(CannotRunError, match=r"of 256\.0\.0\.1 cannot be used"):
        Web("256.0.0.1", 0, Door())


def test_after_its_end_nobody_answers() -> None:
    with serving(Door()) as web:
        port = web.port
    with closing(http.client.HTTPConnection(HERE, port, timeout=5)) as connection, pytest.raises(OSError):  # noqa: PT011 - any
        connection.request("GET", "/healthz")
