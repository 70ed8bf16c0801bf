"""Alive, and ready, for whoever restarts us."""

import http.client
import socket
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import pytest

from bot.adapters.health import Health
from bot.ports import CannotRunError


@contextmanager
def serving(ready: Callable[[], bool]) -> Iterator[Health]:
    health = Health(0, ready)
    yield health
    health.stop()


def asked(health: Health, path: str) -> tuple[int, bytes]:
    with closing(http.client.HTTPConnection("127.0.0.1", health.port, timeout=5)) as connection:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()


@pytest.mark.parametrize(
    ("path", "ready", "answer"),
    [
        ("/healthz", True, (200, b"ok\n")),
        ("/healthz", False, (200, b"ok\n")),
        ("/readyz", True, (200, b"ok\n")),
        ("/readyz", False, (503, b"no\n")),
        ("/", True, (404, b"no\n")),
        ("/readyz/../etc/passwd", True, (404, b"no\n")),
    ],
)
def test_it_says_alive_and_ready(path: str, ready: bool, answer: tuple[int, bytes]) -> None:
    with serving(lambda: ready) as health:
        assert asked(health, path) == answer


def test_alive_does_not_depend_on_ready() -> None:
    asks: list[int] = []
    with serving(lambda: bool(asks.append(1))) as health:
        assert asked(health, "/healthz")[0] == 200
        assert asks == []
        assert asked(health, "/readyz")[0] == 503
        assert asks == [1]


def test_a_port_that_is_taken_is_one_sentence() -> None:
    with socket.socket() as taken:
        taken.bind(("", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(CannotRunError, match=f"Port {port} cannot be used: .* Set PORT"):
            Health(port, lambda: True)


@pytest.mark.parametrize("port", [-1, 65_536, 99_999])
def test_a_number_that_is_no_port_is_one_sentence(port: int) -> None:
    with pytest.raises(CannotRunError, match="cannot be used"):
        Health(port, lambda: True)


def test_after_its_end_nobody_answers() -> None:
    with serving(lambda: True) as health:
        port = health.port
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=5)) as connection, pytest.raises(OSError):  # noqa: PT011 - any
        connection.request("GET", "/healthz")
