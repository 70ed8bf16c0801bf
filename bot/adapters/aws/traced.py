"""Each call to AWS as a span, its tries within it: botocore says before it signs one, and when it has an answer."""

from collections.abc import Callable, Mapping
from typing import Any

from botocore.hooks import BaseEventHooks

from bot.ports.traces import End, Facts

Call = Callable[[str, Facts], End | None]
KEPT = "trailwarden_span"
"""In botocore's own context of the call, which it hands to each event."""


def install(events: BaseEventHooks, call: Call) -> None:
    """Of every client of the session that these events belong to; what the guard refuses does not come so far."""

    def begins(model: Any, context: dict[str, Any], **_: object) -> None:
        context[KEPT] = call(f"{model.service_model.service_id}/{model.name}", _asked(model, context))

    def answered(parsed: Mapping[str, Any], context: dict[str, Any], **_: object) -> None:
        if end := context.pop(KEPT, None):
            end(_answered(parsed), str(parsed.get("Error", {}).get("Code", "")))

    def failed(exception: Exception, context: dict[str, Any], **_: object) -> None:
        if end := context.pop(KEPT, None):
            end({}, type(exception).__name__)

    for event, handler in (("before-call", begins), ("after-call", answered), ("after-call-error", failed)):
        events.register(event, handler, unique_id=f"trailwarden-{event}")


def _asked(model: Any, context: Mapping[str, Any]) -> Facts:
    """Neither its parameters nor its headers. Names: OpenTelemetry's semantic conventions, "AWS SDK"."""
    return {
        "rpc.system": "aws-api",
        "rpc.service": str(model.service_model.service_id),
        "rpc.method": str(model.name),
        "cloud.region": str(context.get("client_region") or ""),
    }


def _answered(parsed: Mapping[str, Any]) -> Facts:
    """AWS's own id of the request is the one that CloudTrail has of it."""
    about = parsed.get("ResponseMetadata", {})
    return {
        "http.response.status_code": int(about.get("HTTPStatusCode", 0)),
        "http.request.resend_count": int(about.get("RetryAttempts", 0)),
        "aws.request_id": str(about.get("RequestId", "")),
    }
