"""What listens on PORT: `/healthz` (alive), `/readyz` (what matters is well), `/metrics`, and what Slack posts to."""

import socket
import threading
from collections.abc import Awaitable, Callable, Mapping
from http.client import HTTPConnection, HTTPException
from types import MappingProxyType
from typing import Protocol

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot.adapters.health import Part
from bot.adapters.metrics.exposition import CONTENT_TYPE
from bot.ports import CannotRunError

KEEPS_FOR = 75
"""Seconds that an idle connection is kept: longer than a proxy does (60 often), which may use one that is closing."""
CONNECTS_WITHIN = 3
ALIVE = "ok\n"
"""What `/healthz` answers."""
ENDS_WITHIN = 3
"""Seconds for the answers that are being sent when it is stopped."""

Pages = Mapping[str, Callable[[Request], Awaitable[Response]]]


class Door(Protocol):
    """How Slack reaches us; `endpoints` are its share of this server, for POST, by path."""

    endpoints: Mapping[str, Callable[[Request], Awaitable[Response]]]


class Watched(Protocol):
    """What others may know of us. Both may be asked at any moment, and answer within a few seconds."""

    def health(self) -> tuple[Part, ...]: ...

    def metrics(self) -> bytes: ...


class Web:
    """A server on a thread of its own, from now until `stop`. Raises CannotRunError where it cannot listen.

    `host` "" is every interface. `pages` are for a browser, by path.
    """

    def __init__(self, host: str, port: int, door: Door, watched: Watched, pages: Pages = MappingProxyType({})) -> None:
        self._listener = _listen(host, port)
        self._server = uvicorn.Server(_config(_application(door, watched, pages)))
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


def trouble(host: str, port: int) -> str:
    """Why nothing of ours listens there, nor could; "" where it could, or `serve` already does."""
    try:
        _listen(host, port).close()
    except CannotRunError as taken:
        return "" if _answers(host, port) else str(taken).partition(". ")[0]
    return ""


def _answers(host: str, port: int) -> bool:
    """As `/healthz` does."""
    connection = HTTPConnection(host or "127.0.0.1", port, timeout=CONNECTS_WITHIN)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().read(len(ALIVE)) == ALIVE.encode()
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _application(door: Door, watched: Watched, pages: Pages) -> Starlette:
    async def alive(_request: Request) -> Response:
        """On the server's own thread: it waits for nothing that the others wait for."""
        return PlainTextResponse(ALIVE)

    def readiness(_request: Request) -> Response:
        return _readiness(watched.health())

    def metrics(_request: Request) -> Response:
        return Response(watched.metrics(), headers={"content-type": CONTENT_TYPE})

    routes = [Route("/healthz", alive), Route("/readyz", readiness), Route("/metrics", metrics)]
    routes += [Route(path, endpoint, methods=["POST"]) for path, endpoint in door.endpoints.items()]
    routes += [Route(path, page, methods=["GET"]) for path, page in pages.items()]
    application = Starlette(routes=routes)
    application.router.redirect_slashes = False
    return application


def _readiness(parts: tuple[Part, ...]) -> Response:
    """Each part, and 503 where one that matters is not well."""
    ready = all(part.ok for part in parts if part.matters)
    told = {"ready": ready, "parts": {part.name: {"ok": part.ok, "says": part.says} for part in parts}}
    return JSONResponse(told, 200 if ready else 503)


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
