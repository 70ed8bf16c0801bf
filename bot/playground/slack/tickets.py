"""Things that Slack hands out and that run out: trigger ids, response URLs, the right to post again."""

import math
import secrets
from dataclasses import dataclass, replace

from bot.playground.slack.refusal import ApiError, RateLimitError

TRIGGER_SECONDS = 3.0
RESPONSE_URL_USES = 5
RESPONSE_URL_SECONDS = 30 * 60.0
MESSAGES_IN_A_BURST = 5  # "short bursts are allowed": docs.slack.dev/apis/web-api/rate-limits


@dataclass(frozen=True)
class _Trigger:
    user: str
    issued: float
    used: bool = False


class Triggers:
    """Trigger ids: three seconds, one use. Times are epoch seconds."""

    def __init__(self, seconds: float = TRIGGER_SECONDS) -> None:
        self._seconds = seconds
        self._triggers: dict[str, _Trigger] = {}

    def issue(self, user: str, now: float) -> str:
        trigger_id = f"{secrets.randbelow(10**12)}.{secrets.randbelow(10**12)}.{secrets.token_hex(16)}"
        self._triggers[trigger_id] = _Trigger(user, now)
        return trigger_id

    def all(self) -> tuple[str, ...]:
        return tuple(self._triggers)

    def use(self, trigger_id: str, now: float) -> str:
        """The user it was issued for. Raises ApiError with Slack's code when it may not be used."""
        trigger = self._triggers.get(trigger_id)
        if trigger is None:
            raise ApiError("invalid_trigger_id")
        if trigger.used:
            raise ApiError("exchanged_trigger_id")
        if now - trigger.issued > self._seconds:
            raise ApiError("expired_trigger_id")
        self._triggers[trigger_id] = replace(trigger, used=True)
        return trigger.user


@dataclass(frozen=True)
class Reply:
    """What a response URL answers to. `message_ts` is None after a slash command."""

    user: str
    channel: str
    issued: float
    message_ts: str | None = None
    uses: int = 0


class ResponseUrls:
    """Secrets of response URLs: five uses in thirty minutes. Times are epoch seconds."""

    def __init__(self) -> None:
        self._replies: dict[str, Reply] = {}

    def issue(self, reply: Reply) -> str:
        secret = secrets.token_urlsafe(18)
        self._replies[secret] = reply
        return secret

    def all(self) -> tuple[str, ...]:
        return tuple(self._replies)

    def use(self, secret: str, now: float) -> Reply:
        """Counts one use. Raises ApiError `used_url` or `expired_url`."""
        reply = self._replies.get(secret)
        if reply is None or now - reply.issued > RESPONSE_URL_SECONDS:
            raise ApiError("expired_url")
        if reply.uses >= RESPONSE_URL_USES:
            raise ApiError("used_url")
        self._replies[secret] = replace(reply, uses=reply.uses + 1)
        return reply


class PostingRate:
    """About one message a second a channel, with a small burst: a bucket that fills by one each second."""

    def __init__(self) -> None:
        self._buckets: dict[str, tuple[float, float]] = {}

    def spend(self, channel: str, now: float) -> None:
        """Raises RateLimitError when the channel has had its share."""
        left, since = self._buckets.get(channel, (float(MESSAGES_IN_A_BURST), now))
        left = min(float(MESSAGES_IN_A_BURST), left + now - since)
        if left < 1:
            self._buckets[channel] = (left, now)
            raise RateLimitError(math.ceil(1 - left))
        self._buckets[channel] = (left - 1, now)
