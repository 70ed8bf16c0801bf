"""The `conversations.*` methods. Codes and shapes: docs.slack.dev/reference/methods."""

import base64
import re

from bot.playground.slack.arguments import Arguments
from bot.playground.slack.chat import message_json
from bot.playground.slack.message import JsonObject, Message
from bot.playground.slack.refusal import ApiError
from bot.playground.slack.setup import BOT, Channel
from bot.playground.slack.world import World, direct_channel_id

LIMIT = 1_000
"""A page has fewer. docs.slack.dev/reference/methods/conversations.history."""


def info(world: World, arguments: Arguments) -> JsonObject:
    channel = world.channel(arguments.required("channel"))
    _need(world, channel, "read")
    return {"ok": True, "channel": _channel_json(world, channel)}


def list_channels(world: World, arguments: Arguments) -> JsonObject:
    """Public channels only: the workspace has no private ones. One page."""
    wanted = (arguments.text("types") or "public_channel").split(",")
    channels = world.channels if "public_channel" in wanted else ()
    return {
        "ok": True,
        "channels": [_channel_json(world, channel) for channel in channels],
        "response_metadata": {"next_cursor": ""},
    }


def members(world: World, arguments: Arguments) -> JsonObject:
    channel = world.channel(arguments.required("channel"))
    _need(world, channel, "read")
    bot = (BOT.id,) if channel.bot_in else ()
    return {"ok": True, "members": [*channel.members, *bot], "response_metadata": {"next_cursor": ""}}


def open_direct(world: World, arguments: Arguments) -> JsonObject:
    """A DM with one person, by `users` or an existing DM's `channel`."""
    person = world.person(arguments.text("users") or "U" + arguments.required("channel")[1:])
    channel = direct_channel_id(person.id)
    return {"ok": True, "no_op": False, "already_open": False, "channel": {"id": channel}}


def history(world: World, arguments: Arguments) -> JsonObject:
    """Newest first, without replies; `oldest` and `latest` are ts, exclusive unless `inclusive`."""
    channel = _readable(world, arguments)
    whole = [message for message in world.public(channel.id) if message.thread_ts in (None, message.ts)]
    return _page([message for message in reversed(whole) if _within(message, arguments)], arguments)


def replies(world: World, arguments: Arguments) -> JsonObject:
    """The parent and its replies, oldest first. Raises ApiError `thread_not_found`."""
    channel = _readable(world, arguments)
    parent = arguments.required("ts")
    thread = [message for message in world.public(channel.id) if parent in (message.ts, message.thread_ts)]
    if not thread:
        raise ApiError("thread_not_found")
    return _page(thread, arguments)


def _page(messages: list[Message], arguments: Arguments) -> JsonObject:
    """Metadata only where it is asked for; the next page by the cursor that this one names."""
    limit, start = arguments.number("limit", 100), _start(arguments.text("cursor"))
    if not 1 <= limit < LIMIT:
        raise ApiError("invalid_limit")
    with_metadata = arguments.flag("include_all_metadata")
    more = len(messages) > start + limit
    page: JsonObject = {
        "ok": True,
        "messages": [message_json(message, with_metadata=with_metadata) for message in messages[start : start + limit]],
        "has_more": more,
    }
    return {**page, "response_metadata": {"next_cursor": _cursor(start + limit)}} if more else page


def _cursor(start: int) -> str:
    return base64.b64encode(f"next:{start}".encode()).decode()


def _start(cursor: str) -> int:
    """Raises ApiError `invalid_cursor`."""
    try:
        found = re.fullmatch(r"next:(\d+)", base64.b64decode(cursor, validate=True).decode())
    except ValueError as problem:
        raise ApiError("invalid_cursor") from problem
    if cursor and not found:
        raise ApiError("invalid_cursor")
    return int(found[1]) if found else 0


def _within(message: Message, arguments: Arguments) -> bool:
    oldest, latest = arguments.text("oldest"), arguments.text("latest")
    if arguments.flag("inclusive") and message.ts in (oldest, latest):
        return True
    at = float(message.ts)
    return (not oldest or at > float(oldest)) and (not latest or at < float(latest))


def _readable(world: World, arguments: Arguments) -> Channel:
    channel = world.channel(arguments.required("channel"))
    _need(world, channel, "history")
    if not channel.bot_in:
        raise ApiError("not_in_channel")
    return channel


def _need(world: World, channel: Channel, right: str) -> None:
    """The scope depends on the kind of the channel. Raises ApiError `missing_scope`."""
    needed = f"{'im' if channel.id.startswith('D') else 'channels'}:{right}"
    if needed not in world.setup.scopes:
        raise ApiError("missing_scope", needed=needed, provided=",".join(sorted(world.setup.scopes)))


def _channel_json(world: World, channel: Channel) -> JsonObject:
    direct = channel.id.startswith("D")
    if direct:
        return {"id": channel.id, "is_im": True, "user": channel.members[0], "is_channel": False}
    return {
        "id": channel.id,
        "name": channel.name,
        "is_channel": True,
        "is_im": False,
        "is_private": False,
        "is_archived": False,
        "is_member": channel.bot_in,
        "num_members": len(channel.members) + channel.bot_in,
        "context_team_id": world.setup.team_id,
    }
