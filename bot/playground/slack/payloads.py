"""What Slack sends to the app. Shapes: docs.slack.dev/reference/interaction-payloads and /interactivity."""

import secrets
from typing import Any

from bot.playground.slack.chat import message_json
from bot.playground.slack.message import JsonObject, Message, View
from bot.playground.slack.setup import APP_ID, BOT, Channel, Person
from bot.playground.slack.tickets import Reply
from bot.playground.slack.views import view_json
from bot.playground.slack.world import World, direct_channel_id

VERIFICATION_TOKEN = "local-workspace"  # noqa: S105 - Slack's deprecated field; nothing may rely on it
TEAM_DOMAIN = "trailwarden"


def slash_command(world: World, person: Person, channel: Channel, command: str, text: str) -> JsonObject:
    """The payload of a `slash_commands` envelope."""
    return {
        "token": VERIFICATION_TOKEN,
        "team_id": world.setup.team_id,
        "team_domain": TEAM_DOMAIN,
        "channel_id": channel.id,
        "channel_name": channel.name,
        "user_id": person.id,
        "user_name": person.name,
        "command": command,
        "text": text,
        "api_app_id": APP_ID,
        "is_enterprise_install": "false",
        "response_url": response_url(world, person, channel.id),
        "trigger_id": trigger_id(world, person),
    }


def message_action(world: World, person: Person, message: Message, action: JsonObject) -> JsonObject:
    """`block_actions` from a message. An ephemeral message is not in the payload, as in Slack."""
    channel = world.channel(message.channel)
    ephemeral = message.ephemeral_to is not None
    container = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": channel.id,
        "is_ephemeral": ephemeral,
    }
    payload = _interaction(world, person, "block_actions") | {
        "container": container | ({"thread_ts": message.thread_ts} if message.thread_ts else {}),
        "channel": {"id": channel.id, "name": channel.name},
        "state": {"values": _state_after(action)},
        "response_url": response_url(world, person, channel.id, message.ts),
        "actions": [action],
    }
    return payload if ephemeral else payload | {"message": message_json(message)}


def view_action(world: World, person: Person, view: View, action: JsonObject) -> JsonObject:
    """`block_actions` from a modal or an App Home."""
    return _interaction(world, person, "block_actions") | {
        "container": {"type": "view", "view_id": view.id},
        "view": view_json(world, view),
        "actions": [action],
    }


def view_submission(world: World, person: Person, view: View) -> JsonObject:
    return _interaction(world, person, "view_submission") | {
        "view": view_json(world, view),
        "response_urls": [],
    }


def view_closed(world: World, person: Person, view: View) -> JsonObject:
    payload = _interaction(world, person, "view_closed") | {
        "view": view_json(world, view),
        "is_cleared": False,
    }
    del payload["trigger_id"]
    return payload


def home_opened(world: World, person: Person, tab: str, view: View | None) -> JsonObject:
    """The inner event `app_home_opened`, with the Home as it is now if there is one; none for the Messages tab."""
    event: JsonObject = {
        "type": "app_home_opened",
        "user": person.id,
        "channel": direct_channel_id(person.id),
        "tab": tab,
        "event_ts": f"{world.clock():.6f}",
    }
    return event | ({"view": view_json(world, view)} if view and tab == "home" else {})


def event_callback(world: World, event: JsonObject) -> JsonObject:
    """The payload of an `events_api` envelope; its event_id stays the same in every retry."""
    authorization = {
        "enterprise_id": None,
        "team_id": world.setup.team_id,
        "user_id": BOT.id,
        "is_bot": True,
        "is_enterprise_install": False,
    }
    return {
        "token": VERIFICATION_TOKEN,
        "team_id": world.setup.team_id,
        "api_app_id": APP_ID,
        "event": event,
        "type": "event_callback",
        "event_id": "Ev" + secrets.token_hex(5).upper(),
        "event_time": int(world.clock()),
        "authorizations": [authorization],
        "is_ext_shared_channel": False,
    }


def response_url(world: World, person: Person, channel: str, message_ts: str | None = None) -> str:
    """A new response URL for this person, about this message if there is one."""
    with world.changed:
        secret = world.response_urls.issue(Reply(person.id, channel, world.clock(), message_ts))
    return f"{world.url}response/{secret}"


def trigger_id(world: World, person: Person) -> str:
    with world.changed:
        return world.triggers.issue(person.id, world.clock())


def _interaction(world: World, person: Person, kind: str) -> JsonObject:
    return {
        "type": kind,
        "user": {
            "id": person.id,
            "username": person.name,
            "name": person.name,
            "team_id": person.team_id or world.setup.team_id,
        },
        "api_app_id": APP_ID,
        "token": VERIFICATION_TOKEN,
        "team": {"id": world.setup.team_id, "domain": TEAM_DOMAIN},
        "enterprise": None,
        "is_enterprise_install": False,
        "trigger_id": trigger_id(world, person),
    }


def _state_after(action: JsonObject) -> dict[str, Any]:
    """A message's state knows what was picked in it; buttons and overflows leave none."""
    if action["type"] in ("button", "overflow"):
        return {}
    kept = {key: value for key, value in action.items() if key == "type" or key.startswith("selected_")}
    return {action["block_id"]: {action["action_id"]: kept}}
