"""Signed HTTP delivery: docs.slack.dev/apis/events-api/using-http-request-urls and, for the signature,
docs.slack.dev/authentication/verifying-requests-from-slack.
"""

import http.client
import json
import threading
from collections import deque
from contextlib import closing
from dataclasses import dataclass
from urllib.parse import urlencode

from slack_sdk.signature import SignatureVerifier

from bot.playground.slack.message import JsonObject
from bot.playground.slack.transport import Delivery
from bot.playground.slack.world import Clock

HERE = "127.0.0.1"
PATH = "/slack/events"
MOST_REQUESTS = 1_000
LOOK_EVERY = 0.2
"""Seconds between two looks whether the app is ready; Slack itself never looks."""
FORM, JSON = "application/x-www-form-urlencoded", "application/json"


@dataclass(frozen=True)
class Request:
    """One POST to the app."""

    body: bytes
    headers: dict[str, str]


@dataclass(frozen=True)
class Address:
    """Where the app listens on this machine, and the secret that both sides know."""

    port: int
    secret: str


class Posts:
    """The app's request URL. `patience` is the seconds an answer may take (Slack: 3), `clock` dates the signatures.

    `requests` is what was sent last, oldest first.
    """

    def __init__(self, address: Address, patience: float, clock: Clock) -> None:
        self.patience = patience
        self.requests: deque[Request] = deque(maxlen=MOST_REQUESTS)
        self._port = address.port
        self._signer = SignatureVerifier(address.secret)
        self._clock = clock
        self._twice = 0
        self._ready = False
        self._over = threading.Event()
        threading.Thread(target=self._watch, daemon=True).start()

    def stop(self) -> None:
        self._over.set()

    def count(self) -> int:
        return int(self._ready)

    def deliver_twice(self, times: int) -> None:
        self._twice = times

    def still_twice(self) -> int:
        return self._twice

    def deliver(self, envelope: JsonObject) -> Delivery:
        request = self.signed(envelope)
        self.requests.append(request)
        first = self.post(request)
        if self._twice:
            self._twice -= 1
            self.post(request)
        return first

    def signed(self, envelope: JsonObject, age: float = 0.0) -> Request:
        """The envelope as Slack posts it, signed `age` seconds ago."""
        kind, text = _encoded(envelope)
        stamp = str(int(self._clock() - age))
        signature = self._signer.generate_signature(timestamp=stamp, body=text)
        headers = {"Content-Type": kind, "X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": signature or ""}
        return Request(text.encode(), headers | _retry(envelope))

    def post(self, request: Request) -> Delivery:
        """Also one that was sent before."""
        try:
            with closing(http.client.HTTPConnection(HERE, self._port, timeout=self.patience)) as connection:
                connection.request("POST", PATH, request.body, request.headers)
                answer = connection.getresponse()
                return _delivery(answer.status, answer.headers.get("content-type", ""), answer.read().decode())
        except TimeoutError:
            return Delivery(acked=False, error="operation_timeout")
        except (OSError, http.client.HTTPException):
            return Delivery(acked=False, error="dispatch_failed")

    def _watch(self) -> None:
        while not self._over.wait(LOOK_EVERY):
            self._ready = self._is_ready()

    def _is_ready(self) -> bool:
        try:
            with closing(http.client.HTTPConnection(HERE, self._port, timeout=1)) as connection:
                connection.request("GET", "/readyz")
                return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False


def _encoded(envelope: JsonObject) -> tuple[str, str]:
    """(content type, body). A command is a form, a click or a submission JSON in a form, an event JSON."""
    payload = envelope["payload"]
    if envelope["type"] == "events_api":
        return JSON, json.dumps(payload)
    return FORM, urlencode(payload if envelope["type"] == "slash_commands" else {"payload": json.dumps(payload)})


def _retry(envelope: JsonObject) -> dict[str, str]:
    if not envelope.get("retry_attempt"):
        return {}
    return {"X-Slack-Retry-Num": str(envelope["retry_attempt"]), "X-Slack-Retry-Reason": "http_timeout"}


def _delivery(status: int, kind: str, body: str) -> Delivery:
    """Only 200 acknowledges; its body is a message or a response action, as JSON or as plain words."""
    if status != 200:
        return Delivery(acked=False, error="dispatch_failed")
    if not body:
        return Delivery(acked=True)
    return Delivery(acked=True, payload=json.loads(body) if kind.startswith(JSON) else {"text": body})
