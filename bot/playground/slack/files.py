"""Files as `files_upload_v2` of slack_sdk sends them: a URL is asked for, the bytes go there, and then they are shared.

Codes and shapes: docs.slack.dev/reference/methods/files.getUploadURLExternal and files.completeUploadExternal.
"""

import secrets
from dataclasses import replace
from typing import Any

from bot.playground.slack.arguments import Arguments
from bot.playground.slack.blocks import checked_blocks
from bot.playground.slack.chat import refuse_unknown_files, refuse_unknown_thread
from bot.playground.slack.message import File, JsonObject, Message
from bot.playground.slack.refusal import ApiError
from bot.playground.slack.setup import BOT, Channel
from bot.playground.slack.world import World

LONGEST_ALT_TEXT = 1_000
LARGEST = 20_000_000
"""Bytes; a limit of ours, since every file is kept in memory."""
MOST_CHANNELS = 100


def get_upload_url(world: World, arguments: Arguments) -> JsonObject:
    name, size, alt = arguments.required("filename"), arguments.number("length", 0), arguments.text("alt_txt")
    if not size:
        raise ApiError("missing_argument")
    if size > LARGEST:
        raise ApiError("file_upload_size_restricted")
    if len(alt) > LONGEST_ALT_TEXT:
        raise ApiError("alt_txt_too_large")
    file = File("F" + secrets.token_hex(5).upper(), name, name, alt)
    with world.changed:
        secret = world.uploads.announce(file, size)
    return {"ok": True, "upload_url": f"{world.url}upload/v1/{secret}", "file_id": file.id}


def complete_upload(world: World, arguments: Arguments) -> JsonObject:
    """One message with all the files in each channel; without a channel they stay private."""
    wanted = _wanted(arguments.nested("files", "invalid_arguments"))
    draft = _draft(arguments)
    refuse_unknown_files(world, draft)
    channels = _channels(world, arguments)
    for channel in channels:
        refuse_unknown_thread(world, replace(draft, channel=channel.id))
    with world.changed:
        files = world.uploads.take(wanted, world.clock())
        for channel in channels:
            world.post(replace(draft, channel=channel.id, files=files))
    return {"ok": True, "files": [{"id": file.id, "title": file.title} for file in files]}


def receive(world: World, secret: str, content: bytes) -> int:
    """How many bytes came. Raises ApiError."""
    with world.changed:
        return len(world.uploads.receive(secret, content).content)


def _wanted(files: Any) -> list[JsonObject]:
    if not isinstance(files, list) or not files or not all(isinstance(each, dict) for each in files):
        raise ApiError("invalid_arguments", messages=["must provide an array of files [json-pointer:/files]"])
    if len({each.get("id") for each in files}) < len(files):
        raise ApiError("invalid_arguments", messages=["a file is named twice [json-pointer:/files]"])
    return files


def _draft(arguments: Arguments) -> Message:
    """With an initial comment the blocks are ignored, as in Slack."""
    comment = arguments.text("initial_comment")
    blocks = [] if comment else checked_blocks(arguments.nested("blocks", "invalid_blocks_format"))
    return Message("", "", BOT.id, comment, blocks, thread_ts=arguments.text("thread_ts") or None)


def _channels(world: World, arguments: Arguments) -> list[Channel]:
    """By id only: a name, or a user's id as `channel_id`, is no channel here."""
    named = [arguments.text("channel_id")] if arguments.text("channel_id") else []
    named += [each.strip() for each in arguments.text("channels").split(",") if each.strip()]
    if len(named) > MOST_CHANNELS:
        raise ApiError("channels_limit_exceeded")
    if arguments.text("thread_ts") and len(named) != 1:
        raise ApiError("invalid_arguments", messages=["a thread is in one channel [json-pointer:/thread_ts]"])
    return [_channel(world, each) for each in dict.fromkeys(named)]


def _channel(world: World, id: str) -> Channel:
    channel = world.channel(id)
    if channel.id != id:
        raise ApiError("channel_not_found")
    if not channel.bot_in:
        raise ApiError("not_in_channel")
    return channel
