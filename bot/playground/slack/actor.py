"""One person of the workspace, driven by a test or by the page."""

from collections.abc import Mapping, Sequence

from bot.playground.slack import interactions
from bot.playground.slack.interactions import Hands, find_element
from bot.playground.slack.message import Message, View
from bot.playground.slack.refusal import ApiError
from bot.playground.slack.results import ClickResult, SlashResult, SubmitResult
from bot.playground.slack.setup import Person
from bot.playground.slack.transport import Transport
from bot.playground.slack.world import World, direct_channel_id


class Actor:
    """Acts as one user. Blocks until the app has acked, or until Slack's patience (3 s) is over."""

    def __init__(self, world: World, transport: Transport, person: Person) -> None:
        self.person = person
        self._world = world
        self.hands = Hands(world, transport, person)

    def types(self, channel: str, text: str) -> SlashResult:
        """A slash command, or plain words, into a channel (id or name; one's own user id for the DM).

        Raises ValueError where nobody can write, as in the Messages tab of an app that only tells.
        """
        return interactions.say(self.hands, channel, text)

    def clicks(self, source: Message | View, action_id: str, value: str | None = None) -> ClickResult:
        """Presses a button of a message, modal or Home as it looked in `source`: an old one is a late click.

        `value` chooses among several buttons with the same action_id. Raises LookupError when no button,
        or more than one, fits.
        """
        block_id, element = find_element(source, action_id, value)
        return interactions.act(self.hands, source, block_id, element, None)

    def picks(self, source: Message | View, action_id: str, choice: str | Sequence[str]) -> ClickResult:
        """Picks from a select, overflow, radio, checkboxes or picker; options are named by their value.

        Raises LookupError when there is no such element or option.
        """
        block_id, element = find_element(source, action_id, None)
        return interactions.act(self.hands, source, block_id, element, choice)

    def ephemerals(self, channel: str) -> list[Message]:
        """What only this person sees there, oldest first."""
        here = self._world.everything_in(self._world.channel(channel).id)
        return [message for message in here if message.ephemeral_to == self.person.id]

    def dms(self) -> list[Message]:
        """The conversation between this person and the bot, oldest first."""
        return self._world.public(direct_channel_id(self.person.id))

    def modal(self) -> View | None:
        """The modal on top, None when none is open."""
        stack = self._world.views.stack(self.person.id)
        return stack[-1] if stack else None

    def home(self) -> View | None:
        """The App Home as last published, without telling the app."""
        return self._world.views.home(self.person.id)

    def submits(self, values: Mapping[str, str | Sequence[str] | None]) -> SubmitResult:
        """Fills in and submits the top modal; keys are block ids or action ids, options go by value.

        Raises LookupError without a modal, or for a field or option that isn't there.
        """
        return interactions.submit(self.hands, self._top(), dict(values))

    def fills(self, view: View, values: Mapping[str, str | Sequence[str] | None]) -> View:
        """Enters something into a modal or a Home without sending it: the next click carries it.

        Raises LookupError for a field or option that isn't there.
        """
        return interactions.fill(self.hands, view, dict(values))

    def closes(self) -> None:
        """Cancels the top modal. Raises LookupError without one."""
        interactions.close(self.hands, self._top())

    def opens_home(self) -> View | None:
        """Opens the App Home and waits up to 3 s for the app to publish it."""
        return interactions.open_home(self.hands)

    def opens_messages(self) -> None:
        """Opens the app's Messages tab; the app hears of it."""
        interactions.enter(self.hands, "messages")

    def sees(self, place: Mapping[str, str]) -> Message | View:
        """The message at `channel` and `ts`, or the view `view_id`. Raises LookupError when it is gone."""
        try:
            if "view_id" in place:
                return self._world.views.find(place["view_id"])
            return self._world.message(place["channel"], place["ts"])
        except ApiError as problem:
            raise LookupError("That is no longer there.") from problem

    def _top(self) -> View:
        view = self.modal()
        if view is None:
            raise LookupError(f"{self.person.name} has no modal open")
        return view
