"""The `chat.*` methods. Codes and shapes: docs.slack.dev/reference/methods."""

from dataclasses import replace

from bot.playground.slack.arguments import Arguments
from bot.playground.slack.blocks import checked_blocks
from bot.playground.slack.message import File, JsonObject, Message
from bot.playground.slack.refusal import ApiError
from bot.playground.slack.setup import BOT, BOT_ID, Channel
from bot.playground.slack.world import World

LONGEST_TEXT = 40_000


def post_message(world: World, arguments: Arguments) -> JsonObject:
    channel = _where_the_bot_is(world, arguments)
    draft = _draft(world, arguments, channel.id)
    refuse_unknown_thread(world, draft)
    if world.setup.rate_limit:
        with world.changed:
            world.rate.spend(channel.id, world.clock())
    message = world.post(draft)
    return {"ok": True, "channel": channel.id, "ts": message.ts, "message": message_json(message)}


def post_ephemeral(world: World, arguments: Arguments) -> JsonObject:
    channel = _where_the_bot_is(world, arguments)
    reader = world.person(arguments.required("user"))
    if reader.id not in channel.members:
        raise ApiError("user_not_in_channel")
    message = world.post(replace(_draft(world, arguments, channel.id), ephemeral_to=reader.id))
    return {"ok": True, "message_ts": message.ts}


def update(world: World, arguments: Arguments) -> JsonObject:
    """Blocks and metadata that are not given stay as they were, as in Slack."""
    with world.changed:
        old = _own_message(world, arguments, "cant_update_message")
        new = replace(
            _draft(world, arguments, old.channel), ts=old.ts, thread_ts=old.thread_ts, edited=True, files=old.files
        )
        if arguments.values.get("blocks") is None:
            new = replace(new, blocks=old.blocks)
        if arguments.values.get("metadata") is None:
            new = replace(new, metadata=old.metadata)
        world.put(new)
        return {
            "ok": True,
            "channel": old.channel,
            "ts": old.ts,
            "text": new.text,
            "message": message_json(world.message(old.channel, old.ts)),
        }


def delete(world: World, arguments: Arguments) -> JsonObject:
    with world.changed:
        message = _own_message(world, arguments, "cant_delete_message")
        world.remove(message)
    return {"ok": True, "channel": message.channel, "ts": message.ts}


def get_permalink(world: World, arguments: Arguments) -> JsonObject:
    channel = world.channel(arguments.required("channel"))
    message = _public_message(world, channel.id, arguments.required("message_ts"))
    link = f"{world.url}archives/{channel.id}/p{message.ts.replace('.', '')}"
    return {"ok": True, "channel": channel.id, "permalink": link}


def message_json(message: Message, *, with_metadata: bool = True) -> JsonObject:
    """A message as the Web API and payloads show it."""
    shown: JsonObject = {
        "type": "message",
        "user": message.user,
        "ts": message.ts,
        "text": message.text,
        "blocks": message.blocks,
    }
    if message.user == BOT.id:
        shown |= {"bot_id": BOT_ID}
    if message.thread_ts:
        shown["thread_ts"] = message.thread_ts
    if message.edited:
        shown["edited"] = {"user": message.user, "ts": message.ts}
    if message.files:
        shown["files"] = [file_json(file) for file in message.files]
    if message.metadata and with_metadata:
        shown["metadata"] = message.metadata
    return shown


def file_json(file: File) -> JsonObject:
    """docs.slack.dev/reference/objects/file-object, as far as it is played."""
    return {
        "id": file.id,
        "name": file.name,
        "title": file.title,
        "mimetype": file.mimetype,
        "size": len(file.content),
        "alt_txt": file.alt_text,
        "user": BOT.id,
        "mode": "hosted",
    }


def _draft(world: World, arguments: Arguments, channel_id: str) -> Message:
    """What is to be said, checked; its ts is given later."""
    blocks = checked_blocks(arguments.nested("blocks", "invalid_blocks_format"))
    text = arguments.text("text")
    if not text and not blocks:
        raise ApiError("no_text")
    if len(text) > LONGEST_TEXT:
        raise ApiError("msg_too_long")
    drafted = Message(
        ts="",
        channel=channel_id,
        user=BOT.id,
        text=text,
        blocks=blocks,
        thread_ts=arguments.text("thread_ts") or None,
        metadata=_metadata(arguments),
    )
    refuse_unknown_files(world, drafted)
    return drafted


def _metadata(arguments: Arguments) -> JsonObject | None:
    metadata = arguments.nested("metadata", "invalid_metadata_format")
    if metadata is None:
        return None
    if not isinstance(metadata, dict) or not {"event_type", "event_payload"} <= set(metadata):
        raise ApiError("invalid_metadata_schema")
    return metadata


def _where_the_bot_is(world: World, arguments: Arguments) -> Channel:
    channel = world.channel(arguments.required("channel"))
    if not channel.bot_in:
        raise ApiError("not_in_channel")
    return channel


def _own_message(world: World, arguments: Arguments, error: str) -> Message:
    channel = world.channel(arguments.required("channel"))
    message = _public_message(world, channel.id, arguments.required("ts"))
    if message.user != BOT.id:
        raise ApiError(error)
    return message


def _public_message(world: World, channel_id: str, ts: str) -> Message:
    """An ephemeral message can't be found by the API. Raises ApiError `message_not_found`."""
    message = world.message(channel_id, ts)
    if message.ephemeral_to:
        raise ApiError("message_not_found")
    return message


def refuse_unknown_thread(world: World, draft: Message) -> None:
    """Raises ApiError `thread_not_found`."""
    known = {message.ts for message in world.public(draft.channel)}
    if draft.thread_ts and draft.thread_ts not in known:
        raise ApiError("thread_not_found")


def refuse_unknown_files(world: World, draft: Message) -> None:
    """Raises ApiError `invalid_blocks`."""
    with world.changed:
        world.uploads.refuse_unknown(draft.blocks, world.clock())
