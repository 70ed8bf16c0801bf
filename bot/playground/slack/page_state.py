"""The workspace as one person's screen needs it."""

from bot.playground.slack.actor import Actor
from bot.playground.slack.message import File, JsonObject, Message, View, elements
from bot.playground.slack.setup import BOT, SLACKBOT, Channel, Person
from bot.playground.slack.world import World

MOST_MESSAGES = 300  # of each channel, newest


def state_for(world: World, person: Person) -> JsonObject:
    """Everything in one object; `version` is what the page sends back as `seen`."""
    with world.changed:
        shown = _shown(world, person)
        stack = world.views.stack(person.id)
        return {
            "version": world.version,
            "now": world.clock(),
            "me": person.id,
            "command": world.setup.command,
            "people": [_person_json(each) for each in world.people()],
            "groups": [{"id": group.id, "handle": group.handle} for group in world.setup.groups],
            "channels": [_channel_json(world, channel) for channel in shown],
            "messages": {channel.id: _messages(world, channel, person) for channel in shown},
            "modal": _view_json(stack[-1] if stack else None),
            "modal_depth": len(stack),
            "home": _view_json(world.views.home(person.id)),
        }


def _shown(world: World, person: Person) -> list[Channel]:
    return [*(channel for channel in world.channels if person.id in channel.members), world.channel(person.id)]


def _messages(world: World, channel: Channel, person: Person) -> list[JsonObject]:
    visible = [message for message in world.everything_in(channel.id) if message.ephemeral_to in (None, person.id)]
    return [_message_json(message) for message in visible[-MOST_MESSAGES:]]


def element_at(actor: Actor, place: JsonObject) -> tuple[Message | View, JsonObject]:
    """What was pressed: `channel` and `ts`, or `view_id`; then `block_id` and `action_id`.

    Raises LookupError, with words for the person, when it is no longer there.
    """
    source = actor.sees(place)
    for block_id, element in elements(source.blocks):
        if (block_id, element["action_id"]) == (place["block_id"], place["action_id"]):
            return source, element
    raise LookupError("That button is no longer there.")


def _message_json(message: Message) -> JsonObject:
    return {
        "ts": message.ts,
        "user": message.user,
        "text": message.text,
        "blocks": message.blocks,
        "thread_ts": message.thread_ts,
        "ephemeral": message.ephemeral_to is not None,
        "edited": message.edited,
        "files": [_file_json(file) for file in message.files],
    }


def file_for(world: World, person: Person, id: str) -> File:
    """Where this person sees a message with it. Raises LookupError."""
    for channel in _shown(world, person):
        for message in world.everything_in(channel.id):
            for file in world.files_of(message):
                if file.id == id and message.ephemeral_to in (None, person.id):
                    return file
    raise LookupError("That file is not there, or not for you.")


def _file_json(file: File) -> JsonObject:
    return {
        "id": file.id,
        "name": file.name,
        "title": file.title,
        "alt_text": file.alt_text,
        "size": len(file.content),
        "is_image": file.is_image,
    }


def _view_json(view: View | None) -> JsonObject | None:
    if view is None:
        return None
    return {"id": view.id, "hash": view.hash, "body": view.body, "state": view.state}


def _channel_json(world: World, channel: Channel) -> JsonObject:
    words = world.takes_words(channel)
    return {"id": channel.id, "name": channel.name, "bot_in": channel.bot_in, "takes_words": words}


def _person_json(person: Person) -> JsonObject:
    is_app = person.id == BOT.id
    return {
        "id": person.id,
        "name": person.name,
        "real_name": person.real_name,
        "is_app": is_app,
        "is_slackbot": person.id == SLACKBOT.id,
        "deactivated": person.deactivated,
    }
