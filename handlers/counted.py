"""A client of Slack's Web API that tells of each call what came of it."""

from collections.abc import Callable
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry import HttpRequest, HttpResponse, RateLimitErrorRetryHandler, RetryState
from slack_sdk.web import SlackResponse

from handlers import slack_errors

Seen = Callable[[str, str], object]
"""Called with the method and the outcome: `ok`, `refused`, `rate_limited` or `no_answer`."""


class CountedClient(WebClient):
    """`seen` is set once, before it is used."""

    seen: Seen = staticmethod(lambda _method, _outcome: None)

    def api_call(self, api_method: str, **told: Any) -> SlackResponse:
        try:
            answer = super().api_call(api_method, **told)
        except slack_errors.TROUBLE as failed:
            self.seen(api_method, outcome(failed))
            raise
        self.seen(api_method, "ok")
        return answer


class CountedWait(RateLimitErrorRetryHandler):
    """A 429 that slack_sdk waits out by itself, and nobody else would see."""

    def __init__(self, seen: Seen, max_retry_count: int) -> None:
        super().__init__(max_retry_count)
        self._seen = seen

    def prepare_for_next_attempt(
        self,
        *,
        state: RetryState,
        request: HttpRequest,
        response: HttpResponse | None = None,
        error: Exception | None = None,
    ) -> None:
        self._seen(request.url.rsplit("/", 1)[-1], "rate_limited")
        super().prepare_for_next_attempt(state=state, request=request, response=response, error=error)


def outcome(failed: Exception) -> str:
    code = slack_errors.code(failed)
    if code in slack_errors.SLOW_DOWN:
        return "rate_limited"
    return "refused" if code and isinstance(failed, SlackApiError) else "no_answer"
