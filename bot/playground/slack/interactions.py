"""What a person does becomes an envelope; what the ack carries is carried out as Slack does."""

import threading
from dataclasses import dataclass, replace

from bot.playground.slack import payloads
from bot.playground.slack.blocks import checked_blocks, checked_view
from bot.playground.slack.forms import Entry, complaints, fill_in, value_of
from bot.playground.slack.message import JsonObject, Message, View, elements
from bot.playground.slack.refusal import ApiError
from bot.playground.slack.results import ClickResult, SlashResult, SubmitResult
from bot.playground.slack.setup import BOT, Channel, Person
from bot.playground.slack.transport import Delivery, Transport
from bot.playground.slack.world import World

EVENT_RETRIES = 3  # docs.slack.dev/apis/events-api: "We'll retry up to 3 times"
HOME_SECONDS = 3.0
RESPONSE_ACTIONS = (None, "errors", "update", "push", "clear")
"""docs.slack.dev/surfaces/modals: what the acknowledgement of a submission may ask for."""
ENTERED = ("type", "value", "timezone")
"""What of an action is what was entered, besides `selected_…`."""
INVITE = "/invite"
"""What comes of it: docs.slack.dev/reference/events/message/channel_join."""
TURNED_OFF = "Sending messages to this app has been turned off."
"""Slack's words in place of the composer: docs.slack.dev/reference/app-manifest, messages_tab_read_only_enabled."""
TROUBLE = "We had some trouble connecting. Try again?"


@dataclass(frozen=True)
class Hands:
    """One person's hands on the workspace."""

    world: World
    transport: Transport
    person: Person


def say(hands: Hands, channel_reference: str, text: str) -> SlashResult:
    """A command goes to the app; anything else is posted as the person's own message.

    Raises ValueError, with Slack's words, where nobody can write.
    """
    world, person = hands.world, hands.person
    channel = world.channel(channel_reference)
    if not world.takes_words(channel):
        raise ValueError(TURNED_OFF)
    if not text.startswith("/"):
        world.post(Message("", channel.id, person.id, _escaped(text)))
        return SlashResult(acked=True)
    return _command(hands, channel, text)


def _command(hands: Hands, channel: Channel, text: str) -> SlashResult:
    """Slack's own, the app's, or none."""
    world = hands.world
    command, _, rest = text.partition(" ")
    if command == INVITE:
        return _invite(hands, channel, rest)
    if command != world.setup.command:
        world.say_as_slackbot(channel.id, hands.person.id, f"{command} is not a valid command.")
        return SlashResult(acked=False, error="unknown_command")
    payload = payloads.slash_command(world, hands.person, channel, command, rest.strip())
    delivery = _send(hands, "slash_commands", payload)
    if delivery.acked:
        _answer_command(hands, channel.id, delivery.payload)
    else:
        failed = f'{command} failed with the error "{delivery.error}"'
        world.say_as_slackbot(channel.id, hands.person.id, failed)
    return SlashResult(delivery.acked, payload, delivery.error)


def _invite(hands: Hands, channel: Channel, asked: str) -> SlashResult:
    """Slack's own command, for the bot alone: every person is everywhere already."""
    world, name = hands.world, asked.strip().removeprefix("@").lower()
    if name not in (BOT.name, BOT.real_name.lower()):
        world.say_as_slackbot(
            channel.id, hands.person.id, f"Here only the app can be invited: {INVITE} @{BOT.real_name}"
        )
    elif channel.bot_in:
        world.say_as_slackbot(channel.id, hands.person.id, f"{BOT.real_name} is already in this channel.")
    else:
        world.let_bot_in(channel)
        world.post(Message("", channel.id, BOT.id, f"<@{BOT.id}> has joined the channel"))
    return SlashResult(acked=True)


def _escaped(typed: str) -> str:
    """Typed text is never markup: docs.slack.dev/messaging/formatting-message-text, "Escaping text"."""
    return typed.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _answer_command(hands: Hands, channel: str, body: JsonObject | None) -> None:
    """An ack may carry a message; it is ephemeral unless it says `in_channel`."""
    if not body or not (body.get("text") or body.get("blocks")):
        return
    reader = None if body.get("response_type") == "in_channel" else hands.person.id
    try:
        blocks = checked_blocks(body.get("blocks"))
    except ApiError as refusal:
        hands.world.say_as_slackbot(channel, hands.person.id, f"The app's answer was refused: {refusal.error}")
        return
    hands.world.post(Message("", channel, BOT.id, str(body.get("text", "")), blocks, ephemeral_to=reader))


def act(hands: Hands, source: Message | View, block_id: str, element: JsonObject, entry: Entry) -> ClickResult:
    """Presses a button or picks from a menu, as this person saw it in `source`."""
    action = _action(hands.world, block_id, element, entry)
    if isinstance(source, Message):
        payload = payloads.message_action(hands.world, hands.person, _now(hands.world, source), action)
    else:
        payload = payloads.view_action(hands.world, hands.person, _picked(hands.world, source, action), action)
    delivery = _send(hands, "interactive", payload)
    return ClickResult(delivery.acked, payload, delivery.error)


def _action(world: World, block_id: str, element: JsonObject, entry: Entry) -> JsonObject:
    action = {
        "type": element["type"],
        "action_id": element["action_id"],
        "block_id": block_id,
        "action_ts": f"{world.clock():.6f}",
    }
    if element["type"] != "button":
        return action | value_of(element, entry)
    optional = {key: element[key] for key in ("value", "style") if key in element}
    return action | {"text": element["text"]} | optional


def _now(world: World, message: Message) -> Message:
    """The message as the server has it; a late click comes with the new text and the old button."""
    try:
        return world.message(message.channel, message.ts)
    except ApiError:
        return message


def _picked(world: World, view: View, action: JsonObject) -> View:
    """The view, its state now holding what was picked."""
    with world.change():
        current = world.views.find(view.id)
        if action["type"] in ("button", "overflow"):
            return current
        value = {key: each for key, each in action.items() if key in ENTERED or key.startswith("selected_")}
        state = {block_id: dict(values) for block_id, values in current.state.items()}
        state.setdefault(action["block_id"], {})[action["action_id"]] = value
        current = replace(current, state=state)
        world.views.keep(current)
        return current


def submit(hands: Hands, view: View, entries: dict[str, Entry]) -> SubmitResult:
    """Fills in and submits the modal. Raises LookupError for a field or option that isn't there."""
    filled = fill(hands, view, entries)
    wrong = complaints(filled.blocks, filled.state)
    if wrong:
        return SubmitResult(acked=False, errors=wrong)
    payload = payloads.view_submission(hands.world, hands.person, filled)
    delivery = _send(hands, "interactive", payload)
    if not delivery.acked:
        return SubmitResult(acked=False, payload=payload, error=TROUBLE)
    return _after_submission(hands, filled, payload, delivery.payload or {})


def _after_submission(hands: Hands, view: View, sent: JsonObject, answer: JsonObject) -> SubmitResult:
    """Slack's `response_action`: none closes the modal. An answer Slack can't use is trouble connecting."""
    action = answer.get("response_action")
    if action == "errors":
        return _field_errors(view, sent, answer.get("errors") or {})
    if action not in RESPONSE_ACTIONS:
        return SubmitResult(acked=True, payload=sent, error=f"{TROUBLE} (response_action {action})")
    views = hands.world.views
    try:
        with hands.world.change():
            if action == "update":
                views.update(view.id, checked_view(answer.get("view")), None)
            elif action == "push":
                views.push(view.user, checked_view(answer.get("view")))
            elif action == "clear":
                views.clear(view.user)
            elif views.stack(view.user) and views.stack(view.user)[-1].id == view.id:
                views.close_top(view.user)
    except ApiError as refusal:
        return SubmitResult(acked=True, payload=sent, error=f"{TROUBLE} ({'; '.join(refusal.messages) or refusal})")
    return SubmitResult(acked=True, payload=sent)


def _field_errors(view: View, sent: JsonObject, errors: dict[str, str]) -> SubmitResult:
    inputs = {block["block_id"] for block in view.blocks if block["type"] == "input"}
    if not errors or not set(errors) <= inputs:
        return SubmitResult(acked=True, payload=sent, error=f"{TROUBLE} (errors for {sorted(errors)})")
    return SubmitResult(acked=True, payload=sent, errors=dict(errors))


def close(hands: Hands, view: View) -> None:
    """Cancel or ✕: the top view goes, and the app hears of it when it asked to."""
    with hands.world.change():
        hands.world.views.close_top(view.user)
    if view.body.get("notify_on_close"):
        _send(hands, "interactive", payloads.view_closed(hands.world, hands.person, view))


def open_home(hands: Hands) -> View | None:
    """Tells the app, and waits shortly for it to publish; then the Home as it is."""
    world, user = hands.world, hands.person.id
    before = world.views.publications.get(user, 0)
    enter(hands, "home")
    with world.changed:
        world.changed.wait_for(lambda: world.views.publications.get(user, 0) > before, HOME_SECONDS)
        return world.views.home(user)


def enter(hands: Hands, tab: str) -> None:
    """Tells the app that this person opened its "home" or "messages" tab, and waits for nothing."""
    event = payloads.home_opened(hands.world, hands.person, tab, hands.world.views.home(hands.person.id))
    threading.Thread(target=_send_event, args=(hands, event), daemon=True).start()


def fill(hands: Hands, view: View, entries: dict[str, Entry]) -> View:
    """The view with what was entered, not sent yet. Raises LookupError for a field or option that isn't there."""
    with hands.world.change():
        current = hands.world.views.find(view.id)
        filled = replace(current, state=fill_in(current.blocks, current.state, entries))
        hands.world.views.keep(filled)
        return filled


def _send_event(hands: Hands, event: JsonObject) -> None:
    """Once, and again with the same event id while nobody acks."""
    payload = payloads.event_callback(hands.world, event)
    for attempt in range(EVENT_RETRIES + 1):
        retry = {"retry_attempt": attempt, "retry_reason": "timeout" if attempt else ""}
        envelope = {"type": "events_api", "payload": payload, "accepts_response_payload": False, **retry}
        if hands.transport.deliver(envelope).acked:
            return


def _send(hands: Hands, kind: str, payload: JsonObject) -> Delivery:
    return hands.transport.deliver({"type": kind, "payload": payload, "accepts_response_payload": True})


def find_element(source: Message | View, action_id: str, value: str | None) -> tuple[str, JsonObject]:
    """(block_id, element). Raises LookupError when there is none, or several and no `value` to choose by."""
    alike = [(block_id, each) for block_id, each in elements(source.blocks) if each["action_id"] == action_id]
    chosen = [found for found in alike if value is None or found[1].get("value") == value]
    if len(chosen) != 1:
        there = [(each["action_id"], each.get("value")) for _, each in elements(source.blocks)]
        raise LookupError(f"{len(chosen)} elements are {action_id!r} with value {value!r}; there are {there}")
    return chosen[0]
