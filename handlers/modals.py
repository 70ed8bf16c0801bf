"""The small forms that come back; what is wrong with them is answered in the channel."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from slack_bolt import Ack

from bot.services import decisions
from handlers.actions import agreed_number
from handlers.answers import text
from handlers.talk import HOME, Talk, caller_of
from handlers.views import ids


class Modals:
    def __init__(self, talk: Talk) -> None:
        self._talk = talk
        self._world = talk.world

    def delete(self, ack: Ack, body: dict[str, Any]) -> None:
        ack()
        self._decide(
            body, lambda number, user: decisions.approve(self._world, number, user, text(body["view"], ids.TYPED))
        )

    def deny(self, ack: Ack, body: dict[str, Any]) -> None:
        ack()
        self._decide(
            body, lambda number, user: decisions.deny(self._world, number, user, text(body["view"], ids.REASON))
        )

    def _decide(self, body: dict[str, Any], decision: Callable[[int, str], object]) -> None:
        """The form carries what the button did; everything else is read again."""
        value, _, channel = (body["view"].get("private_metadata") or "").partition(" ")
        caller = replace(caller_of(body), **({"surface": HOME} if channel == HOME else {"channel": channel}))
        self._talk.hand_over(caller, lambda: decision(agreed_number(self._world, value), caller.user))
