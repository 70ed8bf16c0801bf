"""Socket Mode's server side: docs.slack.dev/apis/events-api/using-socket-mode."""

import asyncio
import json
import secrets
import threading
from contextlib import suppress
from dataclasses import dataclass, field

from starlette.websockets import WebSocket, WebSocketDisconnect

from bot.playground.slack.message import JsonObject
from bot.playground.slack.setup import APP_ID
from bot.playground.slack.transport import Delivery

GRACE_SECONDS = 0.5  # between a `disconnect` envelope and the end of the socket


@dataclass(frozen=True)
class _Socket:
    websocket: WebSocket
    loop: asyncio.AbstractEventLoop
    reading: asyncio.Task[None]

    def send(self, message: JsonObject) -> None:
        asyncio.run_coroutine_threadsafe(self.websocket.send_text(json.dumps(message)), self.loop)

    def drop(self, after: float = 0.0) -> None:
        """Ends the connection, `after` seconds, without a closing frame, as when a machine dies."""
        self.loop.call_soon_threadsafe(lambda: self.loop.call_later(after, self.reading.cancel))


@dataclass
class _Waiting:
    """A slot that the ack falls into; the one thing here that changes after it was made."""

    acked: threading.Event = field(default_factory=threading.Event)
    payload: JsonObject | None = None


class Sockets:
    """The open sockets of the app. `patience` is the seconds an ack may take (Slack: 3)."""

    def __init__(self, patience: float) -> None:
        self.patience = patience
        self._lock = threading.Lock()
        self._tickets: set[str] = set()
        self._open: list[_Socket] = []
        self._waiting: dict[str, _Waiting] = {}
        self._twice = 0

    def invitation(self, url: str) -> JsonObject:
        """The answer to apps.connections.open: a WebSocket URL that works once."""
        ticket = secrets.token_urlsafe(24)
        with self._lock:
            self._tickets.add(ticket)
        return {"ok": True, "url": f"{url.replace('http', 'ws', 1)}link/?ticket={ticket}&app_id={APP_ID}"}

    async def serve(self, websocket: WebSocket) -> None:
        """One socket from its ticket to its end."""
        if not self._take_ticket(websocket.query_params.get("ticket", "")):
            await websocket.close(4401)
            return
        await websocket.accept()
        reading = asyncio.create_task(self._read(websocket))
        socket = _Socket(websocket, asyncio.get_running_loop(), reading)
        with self._lock:
            self._open.append(socket)
        with suppress(WebSocketDisconnect, asyncio.CancelledError):
            await websocket.send_json(self._hello())  # first of all: nothing else runs before it is written
            await reading
        reading.cancel()
        self._forget(socket)

    async def _read(self, websocket: WebSocket) -> None:
        async for text in websocket.iter_text():
            self._receive(text)

    def count(self) -> int:
        with self._lock:
            return len(self._open)

    def deliver(self, envelope: JsonObject) -> Delivery:
        """Sends to one socket, in turn, and waits for the ack. `envelope` has type and payload."""
        envelope_id = secrets.token_hex(16)
        waiting = _Waiting()
        sockets = self._next_sockets()
        if not sockets:
            return Delivery(acked=False, error="dispatch_failed")
        with self._lock:
            self._waiting[envelope_id] = waiting
        for socket in sockets:
            socket.send({**envelope, "envelope_id": envelope_id})
        acked = waiting.acked.wait(self.patience)
        with self._lock:
            del self._waiting[envelope_id]
        return Delivery(acked, waiting.payload, None if acked else "operation_timeout")

    def deliver_twice(self, times: int) -> None:
        """The next envelopes come twice, as they may after a lost ack."""
        with self._lock:
            self._twice = times

    def still_twice(self) -> int:
        with self._lock:
            return self._twice

    def drop(self) -> None:
        """Ends every connection without a word."""
        for socket in self._all():
            socket.drop()

    def ask_to_reconnect(self, reason: str) -> None:
        """`disconnect` to every socket, no more envelopes, and the end of it half a second later, as Slack does.

        `reason`: `warning`, `refresh_requested` or `link_disabled`.
        """
        for socket in self._all():
            self._forget(socket)
            socket.send({"type": "disconnect", "reason": reason, "debug_info": {"host": "localhost"}})
            socket.drop(GRACE_SECONDS)

    def _all(self) -> list[_Socket]:
        with self._lock:
            return list(self._open)

    def _next_sockets(self) -> list[_Socket]:
        """The one whose turn it is; the same or another one again when an envelope is to come twice."""
        with self._lock:
            if not self._open:
                return []
            copies = 2 if self._twice else 1
            self._twice = max(0, self._twice - 1)
            chosen = []
            for _ in range(copies):
                self._open.append(self._open.pop(0))
                chosen.append(self._open[-1])
            return chosen

    def _take_ticket(self, ticket: str) -> bool:
        with self._lock:
            known = ticket in self._tickets
            self._tickets.discard(ticket)
            return known

    def _hello(self) -> JsonObject:
        return {
            "type": "hello",
            "num_connections": self.count(),
            "debug_info": {"host": "localhost", "build_number": 1, "approximate_connection_time": 18060},
            "connection_info": {"app_id": APP_ID},
        }

    def _receive(self, text: str) -> None:
        """An ack: `{"envelope_id": …, "payload": …}`. Late acks find nobody waiting, as in Slack."""
        answer = json.loads(text)
        with self._lock:
            waiting = self._waiting.get(answer.get("envelope_id", ""))
            if waiting and not waiting.acked.is_set():
                waiting.payload = answer.get("payload")
                waiting.acked.set()

    def _forget(self, socket: _Socket) -> None:
        with self._lock:
            if socket in self._open:
                self._open.remove(socket)
