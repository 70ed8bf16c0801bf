"""What a Slack error means, as a sentence that says what to do."""

from slack_sdk.errors import SlackApiError, SlackClientError

SENTENCES = {
    "not_in_channel": "I am not in this channel. Type `/invite @Trailwarden` here, then try again.",
    "channel_not_found": "I cannot see this channel. Type `/invite @Trailwarden` there, then try again.",
    "messages_tab_disabled": "The Slack app may not write to people. Update it from config/slack_manifest.yml.",
    "is_archived": "This channel is archived. Ask in another one.",
    "invalid_auth": "Slack does not accept the bot token. Renew SLACK_BOT_TOKEN.",
    "not_authed": "Slack got no token. Set SLACK_BOT_TOKEN.",
    "account_inactive": "The Slack app was removed from this workspace. Install it again, and renew SLACK_BOT_TOKEN.",
    "token_revoked": "The bot token was revoked. Install the app again, and renew SLACK_BOT_TOKEN.",
    "ratelimited": "Slack asks to slow down. Try again in a minute.",
    "expired_trigger_id": "Slack waited too long for the form. Try again.",
    "missing_scope": "The Slack app lacks a permission. Update it from config/slack_manifest.yml and install it again.",
}


def code(error: Exception) -> str:
    """Slack's error code, or "" where Slack did not answer."""
    return str(error.response.get("error", "")) if isinstance(error, SlackApiError) else ""


def socket(error: SlackClientError | OSError) -> str:
    """Why Socket Mode cannot begin; its token is another one than the bot's."""
    if code(error) in ("invalid_auth", "not_authed", "not_allowed_token_type", "missing_scope"):
        return "Slack does not accept the app-level token. Renew SLACK_APP_TOKEN (xapp-…, with connections:write)."
    return sentence(error)


def sentence(error: SlackClientError | OSError) -> str:
    known = code(error)
    if not known:
        return "Slack cannot be reached. Try again in a minute."
    return SENTENCES.get(known, f"Slack answered {known}. Whoever runs Trailwarden finds more in its log.")
