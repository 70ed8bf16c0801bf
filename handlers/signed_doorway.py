"""HTTP's way in: what Slack did not sign, or signed long ago, is refused before anybody tries to understand it.

It ends where Socket Mode's does: at the same Bolt app, with a payload. Bolt's own SlackRequestHandler is not used: it
parses before it looks at the signature, answers 500 to what it cannot parse, loses a command in which somebody typed
"payload", and lets all requests wait until a listener has acknowledged one.
"""

import asyncio
import json
import logging
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qsl

from slack_bolt import BoltRequest
from slack_bolt.adapter.starlette.handler import to_starlette_response
from slack_sdk.signature import SignatureVerifier
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response

from handlers import payload
from handlers.doorway import THREADS
from handlers.reception import Dispatcher
from handlers.sparing import SparingLog

log = logging.getLogger(__name__)

PATH = "/slack/events"
"""For commands, buttons, forms and events alike."""
WINDOW = 300
"""Seconds that a signature is good for: docs.slack.dev/authentication/verifying-requests-from-slack."""
LONGEST = 1_048_576
"""Bytes of a body. A click brings its whole message along, which may be some 200,000 once it is encoded."""
READ_SECONDS = 3.0
"""For a body; Slack itself waits no longer for the answer."""
FIELDS = 100
"""Of a form; a slash command has some twenty."""
RETRY = ("x-slack-retry-num", "x-slack-retry-reason")

UNSIGNED = "It has no signature of Slack's."
OLD = "Its signature is old: it was sent again, or this machine's clock is wrong."
FORGED = "Its signature is wrong: it was forged, or SLACK_SIGNING_SECRET is another app's."


class RefusedError(Exception):
    """A request that is answered with this status and these words, and changes nothing."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status


class SignedDoorway:
    """Before `open` and after `shut` Slack is told 503."""

    def __init__(self, app: Dispatcher, signing_secret: str) -> None:
        self._app = app
        self._verifier = SignatureVerifier(signing_secret)
        self._refusals = SparingLog(log)
        self._pool: ThreadPoolExecutor | None = None
        self.endpoints: Mapping[str, Callable[[Request], Awaitable[Response]]] = {PATH: self.answer}

    def open(self) -> None:
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="delivery")

    def shut(self) -> None:
        """Waits for what came in, to which Bolt gives three seconds."""
        pool, self._pool = self._pool, None
        if pool:
            pool.shutdown(wait=True)

    def is_open(self) -> bool:
        return self._pool is not None

    async def answer(self, request: Request) -> Response:
        """What Bolt says to it, or why Bolt does not see it."""
        try:
            _check_claim(request.headers)
            return await self._in_pool(request.headers, await _body(request))
        except RefusedError as refused:
            self._refusals.warning(f"HTTP request refused with {refused.status}: {refused}")
            final = {"x-slack-no-retry": "1"} if refused.status < 500 else {}
            return PlainTextResponse(f"{refused}\n", refused.status, final)

    async def _in_pool(self, headers: Headers, body: bytes) -> Response:
        pool = self._pool
        try:
            work = pool.submit(self._dispatched, headers, body) if pool else None
        except RuntimeError:  # shut since
            work = None
        if work is None:
            raise RefusedError(503, "The bot is starting or stopping.")
        return await asyncio.wrap_future(work)

    def _dispatched(self, headers: Headers, body: bytes) -> Response:
        """Bolt is given it as a socket would bring it: verified and parsed. Raises RefusedError."""
        if not self._is_signed(headers, body):
            raise RefusedError(401, FORGED)
        found = parsed(headers.get("content-type", ""), body)
        problem = payload.problem(found)
        if problem or not isinstance(found, dict):
            raise RefusedError(400, f"The payload is none of Slack's: {problem}.")
        retry = {name: headers[name] for name in RETRY if name in headers}
        return to_starlette_response(self._app.dispatch(BoltRequest(mode="socket_mode", body=found, headers={**retry})))

    def _is_signed(self, headers: Headers, body: bytes) -> bool:
        try:
            return self._verifier.is_valid(body, *_claim(headers))
        except UnicodeDecodeError:
            return False


def _claim(headers: Headers) -> tuple[str, str]:
    """The time stamp and the signature that it comes with."""
    return headers.get("x-slack-request-timestamp", ""), headers.get("x-slack-signature", "")


def _check_claim(headers: Headers) -> None:
    """What can be said without the body. Raises RefusedError."""
    stamp, signature = _claim(headers)
    if not re.fullmatch("[0-9]{1,12}", stamp) or not re.fullmatch("v0=[0-9a-f]{64}", signature):
        raise RefusedError(401, UNSIGNED)
    if abs(time.time() - int(stamp)) > WINDOW:
        raise RefusedError(401, OLD)


async def _body(request: Request) -> bytes:
    """Raises RefusedError for one that is too long, too slow, or broken off."""
    too_long = RefusedError(413, f"It has more than {LONGEST} bytes.")
    if int(request.headers.get("content-length", "0")) > LONGEST:
        raise too_long
    body = bytearray()
    try:
        async with asyncio.timeout(READ_SECONDS):
            async for part in request.stream():
                body += part
                if len(body) > LONGEST:
                    raise too_long
    except TimeoutError:
        raise RefusedError(408, f"It took more than {READ_SECONDS:.0f} seconds.") from None
    except ClientDisconnect:
        raise RefusedError(400, "It broke off.") from None
    return bytes(body)


def parsed(content_type: str, body: bytes) -> object:
    """A command is a form, a click or a submission JSON in a form, an event JSON. Raises RefusedError."""
    kind = content_type.partition(";")[0].strip().lower()
    try:
        if kind == "application/x-www-form-urlencoded":
            fields = dict(parse_qsl(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=FIELDS))
            return json.loads(fields["payload"]) if "payload" in fields else fields
        if kind == "application/json":
            return json.loads(body.decode())
    except (ValueError, RecursionError):
        raise RefusedError(400, "It cannot be read.") from None
    raise RefusedError(415, "It is neither a form nor JSON.")
