"""What a Slack error means: a sentence that says what to do, and whether it passes by itself."""

import re
from http.client import HTTPException

from slack_sdk.errors import SlackApiError, SlackClientError

TROUBLE = (SlackClientError, OSError, HTTPException)
"""All that a call to Slack may raise; the last where a connection ends in the middle of an answer."""

SENTENCES = {
    "not_in_channel": "I am not in this channel. Type `/invite @Trailwarden` here, then try again.",
    "channel_not_found": "I cannot see this channel. Type `/invite @Trailwarden` there, then try again.",
    "messages_tab_disabled": "The Slack app may not write to people. Update it from config/slack_manifest.yml.",
    "is_archived": "This channel is archived. Ask in another one.",
    "invalid_auth": "Slack does not accept the bot token. Renew SLACK_BOT_TOKEN.",
    "not_authed": "Slack got no token. Set SLACK_BOT_TOKEN.",
    "account_inactive": "The Slack app was removed from this workspace. Install it again, and renew SLACK_BOT_TOKEN.",
    "token_expired": "The bot token has expired. Renew SLACK_BOT_TOKEN.",
    "token_revoked": "The bot token was revoked. Install the app again, and renew SLACK_BOT_TOKEN.",
    "ratelimited": "Slack asks to slow down. Try again in a minute.",
    "expired_trigger_id": "Slack waited too long for the form. Try again.",
    "missing_scope": "The Slack app lacks a permission. Update it from config/slack_manifest.yml and install it again.",
}


SLOW_DOWN = frozenset({"ratelimited", "rate_limited"})
TOKEN = frozenset({"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired"})
"""The app's own trouble, not the message's: with a new token it goes well."""
BROKEN = frozenset({"", "fatal_error", "internal_error", "request_timeout", "service_unavailable"})
"""No answer, or an error after which something may have been done all the same: docs.slack.dev/reference/methods."""


def code(error: Exception) -> str:
    """Slack's error code, or "" where Slack did not answer; slack_sdk puts a sentence there for what is no JSON."""
    found = str(error.response.get("error", "")) if isinstance(error, SlackApiError) else ""
    return found if re.fullmatch("[a-z_]+", found) else ""


def passes(error: Exception) -> bool:
    """It may go well later. Everything else that Slack says is for good."""
    return code(error) in SLOW_DOWN | TOKEN | BROKEN or awaits_file(error)


def awaits_file(error: Exception) -> bool:
    """A picture in the blocks is not processed yet: Slack ends an upload in its own time, and says so only there."""
    told = error.response.get("errors") if isinstance(error, SlackApiError) else None
    return code(error) == "invalid_blocks" and any("invalid slack file" in str(each) for each in told or ())


def in_doubt(error: Exception) -> bool:
    """What was asked for may have been done."""
    return code(error) in BROKEN


def retry_after(error: Exception) -> float:
    """Seconds that Slack wants us to wait, 0 where it says nothing."""
    headers = getattr(getattr(error, "response", None), "headers", None) or {}
    told = next((value for name, value in headers.items() if name.lower() == "retry-after"), "0")
    return float(told) if str(told).isdecimal() else 0.0


def socket(error: SlackClientError | OSError) -> str:
    """Why Socket Mode cannot begin; its token is another one than the bot's."""
    if code(error) in ("invalid_auth", "not_authed", "not_allowed_token_type", "missing_scope"):
        return "Slack does not accept the app-level token. Renew SLACK_APP_TOKEN (xapp-…, with connections:write)."
    return sentence(error)


def sentence(error: Exception) -> str:
    known = code(error)
    if not known:
        return "Slack cannot be reached. Try again in a minute."
    return SENTENCES.get(known, f"Slack answered {known}. Whoever runs Trailwarden finds more in its log.")
