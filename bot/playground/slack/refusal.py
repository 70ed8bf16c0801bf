"""How the pretend Slack says no."""

from collections.abc import Sequence

from bot.playground.slack.message import JsonObject


class ApiError(Exception):
    """A Web API call that Slack answers with `ok: false`; `error` is Slack's own code."""

    def __init__(self, error: str, *, messages: Sequence[str] = (), **extra: str) -> None:
        super().__init__(error)
        self.error = error
        self.messages = tuple(messages)
        self.extra = extra

    def as_json(self) -> JsonObject:
        """The body of the answer; details in `response_metadata.messages`, as Slack gives them."""
        body: JsonObject = {"ok": False, "error": self.error, **self.extra}
        if self.messages:
            body["errors"] = list(self.messages)
            body["response_metadata"] = {"messages": [f"[ERROR] {each}" for each in self.messages]}
        return body


class RateLimitError(ApiError):
    """429 `ratelimited`; `retry_after` in whole seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__("ratelimited")
        self.retry_after = retry_after
