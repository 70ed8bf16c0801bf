"""Slack's side of HTTP: a payload as a signed request, and a server to send it to."""

import http.client
import json
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from slack_sdk.signature import SignatureVerifier

from bot.adapters.web import Web
from handlers.signed_doorway import PATH, SignedDoorway
from tests.fakes import FakeWatched
from tests.handlers.gate import Gate

HERE = "127.0.0.1"
SECRET = "8f742231b10e8888abcd99yyyzzz85a5"  # of the example in Slack's documentation
FORM, JSON = "application/x-www-form-urlencoded", "application/json"


@dataclass(frozen=True)
class Posted:
    """A request for the doorway; what it answers is (status, body)."""

    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


def signed(body: bytes, kind: str = FORM, age: float = 0, secret: str = SECRET, **more: str) -> Posted:
    """Signed `age` seconds ago. Header names with _ for -."""
    stamp = str(int(time.time() - age))
    signature = SignatureVerifier(secret).generate_signature(timestamp=stamp, body=body.decode("utf-8", "replace"))
    headers = {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": signature or "", "Content-Type": kind}
    return Posted(body, headers | {name.replace("_", "-"): value for name, value in more.items()})


def encoded(payload: Any) -> bytes:
    """A command as a form, everything else as JSON in a form."""
    fields = payload if isinstance(payload, dict) and "command" in payload else {"payload": json.dumps(payload)}
    return urlencode(fields, errors="surrogatepass").encode()


@contextmanager
def answering(gate: Gate) -> Iterator[Web]:
    """The gate's app behind a signed doorway that is open."""
    doorway = SignedDoorway(gate.app, SECRET)
    doorway.open()
    web = Web(HERE, 0, doorway, FakeWatched())
    yield web
    doorway.shut()
    web.stop()


def sent(web: Web, request: Posted, path: str = PATH) -> tuple[int, str]:
    with closing(http.client.HTTPConnection(HERE, web.port, timeout=10)) as connection:
        connection.request("POST", path, request.body, request.headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
