"""Every request that goes to AWS, told with what came of it: botocore says so after each try."""

import re
from collections.abc import Callable
from typing import Any

from botocore.hooks import BaseEventHooks

Seen = Callable[[str, str, str], object]
"""Called with the service and the operation, as botocore names them, and the outcome: `ok`, `refused`, `denied`,
`throttled` or `no_answer`."""
THROTTLED = re.compile(r"Throttl|SlowDown|TooManyRequests|RequestLimitExceeded|BandwidthLimitExceeded")
DENIED = re.compile(r"Denied|Unauthorized|InvalidClientTokenId|UnrecognizedClient|ExpiredToken|Signature")


def install(events: BaseEventHooks, seen: Seen) -> None:
    """Of every client of the session that these events belong to."""

    def after_each_try(event_name: str, parsed_response: dict[str, Any] | None, **_: object) -> None:
        _received, service, operation = event_name.split(".")
        seen(service, operation, outcome(parsed_response))

    events.register("response-received", after_each_try, unique_id="trailwarden-watch")


def outcome(answer: dict[str, Any] | None) -> str:
    """Of a parsed answer, or of none."""
    if answer is None:
        return "no_answer"
    code = str(answer.get("Error", {}).get("Code", ""))
    if THROTTLED.search(code) or _status(answer) == 429:
        return "throttled"
    if DENIED.search(code) or _status(answer) in (401, 403):
        return "denied"
    return "refused" if _status(answer) >= 300 else "ok"


def _status(answer: dict[str, Any]) -> int:
    return int(answer.get("ResponseMetadata", {}).get("HTTPStatusCode", 200))
