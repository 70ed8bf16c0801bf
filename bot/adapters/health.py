"""`/healthz` (alive) and `/readyz` (connected to Slack) on PORT."""

import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from bot.ports import CannotRunError


class Health:
    """A small server on a thread of its own. Raises CannotRunError where the port is taken."""

    def __init__(self, port: int, ready: Callable[[], bool]) -> None:
        try:
            self._server = ThreadingHTTPServer(("", port), _handler(ready))
        except (OSError, OverflowError) as taken:
            reason = getattr(taken, "strerror", None) or taken
            raise CannotRunError(f"Port {port} cannot be used: {reason}. Set PORT to another one.") from taken
        threading.Thread(target=self._server.serve_forever, name="health", daemon=True).start()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def _handler(ready: Callable[[], bool]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = {"/healthz": lambda: True, "/readyz": ready}.get(self.path)
            state = asked() if asked else None
            self.send_response(404 if state is None else 200 if state else 503)
            self.end_headers()
            self.wfile.write(b"ok\n" if state else b"no\n")

        def log_message(self, format: str, *args: object) -> None:
            """Quiet: probes come every few seconds."""

    return Handler
