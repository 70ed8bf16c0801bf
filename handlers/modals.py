"""The small forms that come back; but for a wrong name, what is wrong with them is answered in the channel."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from slack_bolt import Ack

from bot.domain.change import misnamed
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
        typed = text(body["view"], ids.TYPED)
        if wrong := misnamed(_carried(body)[2], typed):
            ack(response_action="errors", errors={ids.TYPED: wrong})
            return
        ack()
        self._decide(body, lambda number, user: decisions.approve(self._world, number, user, typed))

    def deny(self, ack: Ack, body: dict[str, Any]) -> None:
        ack()
        self._decide(
            body, lambda number, user: decisions.deny(self._world, number, user, text(body["view"], ids.REASON))
        )

    def _decide(self, body: dict[str, Any], decision: Callable[[int, str], object]) -> None:
        """The form carries what the button did; everything else is read again."""
        value, channel, _ = _carried(body)
        caller = replace(caller_of(body), **({"surface": HOME} if channel == HOME else {"channel": channel}))
        self._talk.hand_over(caller, lambda: decision(agreed_number(self._world, value), caller.user))


def _carried(body: dict[str, Any]) -> tuple[str, str, str]:
    """The button's value, the channel, and the name to be typed; "" in a form that carries none."""
    value, _, rest = str(body["view"].get("private_metadata") or "").partition(" ")
    channel, _, name = rest.partition(" ")
    return value, channel, name
