"""The state of the workspace: one lock, one version number that grows with each change."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from bot.playground.slack.message import File, Message, with_ids
from bot.playground.slack.refusal import ApiError
from bot.playground.slack.setup import BOT, SLACKBOT, SLACKBOT_ID, Channel, Group, Person, WorkspaceSetup
from bot.playground.slack.tickets import TRIGGER_SECONDS, PostingRate, ResponseUrls, Triggers
from bot.playground.slack.uploads import Uploads
from bot.playground.slack.view_book import ViewBook

Clock = Callable[[], float]


class World:
    """People, channels and messages. `clock` returns epoch seconds.

    Every method takes the lock itself; `changed` is notified after each change.
    """

    def __init__(self, setup: WorkspaceSetup, clock: Clock, trigger_seconds: float = TRIGGER_SECONDS) -> None:
        self.setup = setup
        self.clock = clock
        self.changed = threading.Condition()
        self.version = 0
        self.url = ""  # known once the server listens
        self.views = ViewBook()
        self.triggers = Triggers(trigger_seconds)
        self.response_urls = ResponseUrls()
        self.rate = PostingRate()
        self.uploads = Uploads()
        self.channels = setup.channels
        self._people = {person.id: person for person in (*setup.people, BOT, SLACKBOT)}
        self._messages: dict[str, list[Message]] = {channel.id: [] for channel in setup.channels}
        self._last_microsecond = 0

    @contextmanager
    def change(self) -> Iterator[None]:
        """Holds the lock, then tells everybody who waits."""
        with self.changed:
            yield
            self.version += 1
            self.changed.notify_all()

    # Who and where

    def people(self) -> list[Person]:
        return list(self._people.values())

    def person(self, user_id_or_name: str) -> Person:
        """Raises ApiError `user_not_found`."""
        wanted = user_id_or_name.removeprefix("@")
        for person in self._people.values():
            if wanted in (person.id, person.name):
                return person
        raise ApiError("user_not_found")

    def replace_person(self, person: Person) -> None:
        """Somebody is deactivated, or becomes a guest."""
        with self.change():
            self._people[person.id] = person

    def channel(self, reference: str) -> Channel:
        """By id (`C…`, `D…`), name, `#name`, or a user id for that person's DM with the bot.

        Raises ApiError `channel_not_found`.
        """
        for channel in self.channels:
            if reference.removeprefix("#") in (channel.id, channel.name):
                return channel
        for person in self.setup.people:
            if reference in (person.id, direct_channel_id(person.id)):
                return _direct_channel(person.id)
        raise ApiError("channel_not_found")

    def takes_words(self, channel: Channel) -> bool:
        """Whether a person can write there, a command too: not in the Messages tab of an app that only tells."""
        return channel in self.channels or not self.setup.read_only

    def let_bot_in(self, joined: Channel) -> None:
        with self.change():
            self.channels = tuple(replace(c, bot_in=True) if c.id == joined.id else c for c in self.channels)

    def group(self, group_id: str) -> Group:
        """Raises ApiError `no_such_subteam`."""
        for group in self.setup.groups:
            if group.id == group_id:
                return group
        raise ApiError("no_such_subteam")

    # Messages

    def post(self, message: Message) -> Message:
        """Keeps the message under a new `ts` (the given one is ignored) and with block ids filled in."""
        with self.change():
            kept = replace(message, ts=self._next_ts(), blocks=with_ids(message.blocks))
            self._messages.setdefault(message.channel, []).append(kept)
            return kept

    def say_as_slackbot(self, channel: str, user: str, text: str) -> Message:
        """What Slack itself tells one user, e.g. that a command timed out."""
        return self.post(Message("", channel, SLACKBOT_ID, text, ephemeral_to=user))

    def put(self, message: Message) -> None:
        """Replaces the message with the same channel and ts. Raises ApiError `message_not_found`."""
        with self.change():
            place = self._messages.get(message.channel, []).index(self.message(message.channel, message.ts))
            self._messages[message.channel][place] = replace(message, blocks=with_ids(message.blocks))

    def remove(self, message: Message) -> None:
        with self.change():
            self._messages[message.channel].remove(message)

    def message(self, channel: str, ts: str) -> Message:
        """Raises ApiError `message_not_found`."""
        for message in self.everything_in(channel):
            if message.ts == ts:
                return message
        raise ApiError("message_not_found")

    def everything_in(self, channel: str) -> list[Message]:
        """All messages of a channel id, everybody's ephemerals included, oldest first."""
        with self.changed:
            return list(self._messages.get(channel, ()))

    def known_channels(self) -> list[list[Message]]:
        """The messages of every channel that has any, DMs included."""
        with self.changed:
            return [list(messages) for messages in self._messages.values() if messages]

    def files_of(self, message: Message) -> tuple[File, ...]:
        """Those that it shares, and those that its blocks show."""
        with self.changed:
            return (*message.files, *self.uploads.shown(message.blocks))

    def public(self, channel: str) -> list[Message]:
        return [message for message in self.everything_in(channel) if message.ephemeral_to is None]

    def _next_ts(self) -> str:
        self._last_microsecond = max(int(self.clock() * 1_000_000), self._last_microsecond + 1)
        seconds, microseconds = divmod(self._last_microsecond, 1_000_000)
        return f"{seconds}.{microseconds:06d}"


def direct_channel_id(user_id: str) -> str:
    return "D" + user_id[1:]


def _direct_channel(user_id: str) -> Channel:
    return Channel(direct_channel_id(user_id), "directmessage", (user_id,))
