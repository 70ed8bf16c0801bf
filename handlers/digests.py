"""A channel's digests: the commands, the buttons of the list, and the form."""

import difflib
import json
import re
from dataclasses import fields, replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from slack_bolt import Ack

from bot.domain.refusal import Refused
from bot.domain.subscription import RHYTHMS, Subscription
from bot.services import digests, home, subscriptions
from handlers import answers, parse
from handlers.talk import HOME, Caller, Talk, caller_of
from handlers.views import subscriptions as views

EPOCH = datetime.fromtimestamp(0, UTC)
"""Stands for the moment at which it is saved."""


class Digests:
    def __init__(self, talk: Talk) -> None:
        self._talk = talk
        self._world = talk.world

    # Commands

    def show(self, caller: Caller) -> None:
        there = self._world.subscriptions.of(caller.channel)
        self._talk.answer(caller, views.listing(there, self._world.clock.now()))

    def now(self, caller: Caller) -> None:
        """Each of the channel's; all accounts where it has none."""
        _refuse_conversation(caller)
        self._world.directory.reach(caller.channel)
        there = self._world.subscriptions.of(caller.channel) or (None,)
        if refused := [why for why in [self._post(caller, s) for s in there] if why]:
            raise Refused(" ".join(refused))

    def _post(self, caller: Caller, subscription: Subscription | None) -> str:
        """Why it cannot be made, or "": the others of the channel are made all the same."""
        try:
            digests.post_digest(self._world, caller.channel, f"now:{uuid4().hex[:12]}", subscription)
        except Refused as unknown:
            return f"{subscription.name if subscription else 'The digest'} cannot be made: {unknown}"
        return ""

    def at(self, command: parse.DigestAt, caller: Caller) -> None:
        wanted = _subscription(command, caller)
        try:
            self._save(caller, wanted)
        except Refused as unknown:
            raise Refused(*unknown.parts, _meant(command.scope, str(unknown))) from unknown

    def off(self, command: parse.DigestOff, caller: Caller) -> None:
        self._end(caller, subscriptions.Off(caller.channel, caller.user, command.which, command.all))

    # Buttons

    def switched_off(self, ack: Ack, body: dict[str, Any]) -> None:
        ack()
        caller, id = caller_of(body), _id(body)
        self._talk.hand_over(caller, lambda: self._end(caller, self._off(caller, id)))

    def _off(self, caller: Caller, id: int) -> subscriptions.Off:
        return subscriptions.Off(self._found(caller, id).channel, caller.user, id)

    def added(self, ack: Ack, body: dict[str, Any]) -> None:
        ack()
        caller = caller_of(body)
        self._talk.hand_over(caller, lambda: self._talk.open(caller, views.form(None, _private(caller.channel))))

    def changed(self, ack: Ack, body: dict[str, Any]) -> None:
        ack()
        caller, id = caller_of(body), _id(body)
        self._talk.hand_over(caller, lambda: self._open(caller, self._found(caller, id)))

    def _found(self, caller: Caller, id: int) -> Subscription:
        """In the Home, for whoever may see it now: it may have been published to somebody who was more then."""
        if caller.surface == HOME:
            home.refuse_blind(self._world, caller.user, self._talk.channels)
        return subscriptions.found(self._world, id)

    def _open(self, caller: Caller, subscription: Subscription) -> None:
        self._talk.open(caller, views.form(subscription, _private(subscription.channel, subscription.id)))

    # The form

    def submitted(self, ack: Ack, body: dict[str, Any]) -> None:
        ack()
        channel, id = _of_private(body["view"].get("private_metadata") or "")
        caller = replace(caller_of(body), channel=channel)
        self._talk.hand_over_once(
            caller, lambda: self._save(caller, _subscription(answers.digest(body["view"]), caller, id))
        )

    def _save(self, caller: Caller, wanted: Subscription) -> None:
        saved = subscriptions.subscribe(self._world, wanted)
        self._talk.digests_changed()
        self._talk.answer(caller, views.subscribed(saved, self._world.clock.now()))

    def _end(self, caller: Caller, off: subscriptions.Off) -> None:
        ended = subscriptions.unsubscribe(self._world, off)
        self._talk.digests_changed()
        self._talk.answer(caller, views.unsubscribed(ended))


def _subscription(wanted: parse.DigestAt, caller: Caller, id: int = 0) -> Subscription:
    """Saved, it gets the moment since which it is there."""
    _refuse_conversation(caller)
    own = {f.name: getattr(wanted, f.name) for f in fields(wanted)}
    return Subscription(channel=caller.channel, owner=caller.user, since=EPOCH, id=id, **own)


WORDS = {"every": "daily", "day": "daily", "hour": "hourly", **{word: word for word in (*RHYTHMS, "only", "changes")}}
"""Of a digest, and what may be meant by others."""


def _meant(scope: tuple[str, ...], why: str) -> str:
    """What to say where a word names no account: perhaps it was to be one of ours."""
    unknown = [word for word in scope if f" called {word}." in why]
    near = [
        WORDS[near] for word in unknown for near in difflib.get_close_matches(word.lower(), WORDS, n=1, cutoff=0.75)
    ]
    perhaps = f" If you meant the word: `{near[0]}`." if near else ""
    return f"{perhaps} {parse.EXAMPLE}" if unknown else ""


def _refuse_conversation(caller: Caller) -> None:
    if not re.fullmatch(r"[CG][A-Z0-9]+", caller.channel):
        raise Refused(f"A digest belongs to a channel, so ask for it there. {subscriptions.EXAMPLE}")


def _id(body: dict[str, Any]) -> int:
    """Of the button; what is no number is no digest's."""
    value = str(body["actions"][0].get("value", ""))
    return int(value) if re.fullmatch(r"[0-9]{1,9}", value) else 0


def _private(channel: str, id: int = 0) -> str:
    return json.dumps({"channel": channel, "id": id})


def _of_private(text: str) -> tuple[str, int]:
    """What is not ours names no channel."""
    try:
        found = json.loads(text)
        return str(found["channel"]), int(found["id"])
    except (ValueError, TypeError, LookupError):
        return "", 0
