"""What listens on PORT: `/healthz` (alive), `/readyz` (Slack can reach us), and what Slack posts to, if it does."""

import socket
import threading
from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Protocol

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.ports import CannotRunError

KEEPS_FOR = 75
"""Seconds that an idle connection is kept: longer than a proxy does (60 often), which may use one that is closing."""
ENDS_WITHIN = 3
"""Seconds for the answers that are being sent when it is stopped."""

Pages = Mapping[str, Callable[[Request], Awaitable[Response]]]


class Door(Protocol):
    """How Slack reaches us; `endpoints` are its share of this server, for POST, by path."""

    endpoints: Mapping[str, Callable[[Request], Awaitable[Response]]]

    def is_open(self) -> bool: ...


class Web:
    """A server on a thread of its own, from now until `stop`. Raises CannotRunError where it cannot listen.

    `host` "" is every interface. `pages` are for a browser, by path.
    """

    def __init__(self, host: str, port: int, door: Door, pages: Pages = MappingProxyType({})) -> None:
        self._listener = _listen(host, port)
        self._server = uvicorn.Server(_config(_application(door, pages)))
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._listener]}, name="web", daemon=True
        )
        self._thread.start()

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join()
        self._listener.close()


def _listen(host: str, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen()
    except (OSError, OverflowError) as failed:
        listener.close()
        where = f"Port {port} of {host}" if host else f"Port {port}"
        reason = getattr(failed, "strerror", None) or failed
        raise CannotRunError(f"{where} cannot be used: {reason}. Set PORT to another one.") from failed
    return listener


def _application(door: Door, pages: Pages) -> Starlette:
    def alive(_request: Request) -> Response:
        return PlainTextResponse("ok\n")

    def readiness(_request: Request) -> Response:
        return PlainTextResponse("ok\n") if door.is_open() else PlainTextResponse("no\n", status_code=503)

    routes = [Route("/healthz", alive), Route("/readyz", readiness)]
    routes += [Route(path, endpoint, methods=["POST"]) for path, endpoint in door.endpoints.items()]
    routes += [Route(path, page, methods=["GET"]) for path, page in pages.items()]
    application = Starlette(routes=routes)
    application.router.redirect_slashes = False
    return application


def _config(application: Starlette) -> uvicorn.Config:
    """Quiet: probes come every few seconds, and what strangers send must not fill the log."""
    return uvicorn.Config(
        application,
        http="h11",  # what is tested is what runs, whatever else is installed
        loop="asyncio",
        log_config=None,
        log_level="error",
        access_log=False,
        server_header=False,
        lifespan="off",
        ws="none",
        timeout_keep_alive=KEEPS_FOR,
        timeout_graceful_shutdown=ENDS_WITHIN,
    )
