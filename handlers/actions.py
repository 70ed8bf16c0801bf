"""Buttons: a click is never ignored, and a late one is told who was faster."""

import re
from typing import Any

from slack_bolt import Ack

from bot.domain.refusal import Channel, Refused
from bot.ports import World
from bot.ports.context import note
from bot.services import decisions, exceptions, proposals
from bot.services.cards import paint
from handlers.talk import Caller, Talk, caller_of
from handlers.views import modals


class Actions:
    def __init__(self, talk: Talk) -> None:
        self._talk = talk
        self._world = talk.world

    def propose_fix(self, ack: Ack, body: dict[str, Any]) -> None:
        ack()
        caller, account = caller_of(body), _value(body)
        asker = proposals.Asker(caller.user, caller.channel)
        self._talk.begin(caller, lambda: proposals.propose_fix(self._world, asker, account))

    def approve(self, ack: Ack, body: dict[str, Any]) -> None:
        ack()
        caller, value = caller_of(body), _value(body)
        self._talk.hand_over(caller, lambda: self._approve(caller, value))

    def _approve(self, caller: Caller, value: str) -> None:
        """A delete asks for the trail's name first."""
        number = self._number(caller, value)
        change = decisions.may_approve(self._world, number, caller.user)
        if change.plan.trail_name:
            self._talk.open(caller, modals.delete_form(change, caller.place))
            return
        decisions.approve(self._world, number, caller.user)

    def deny(self, ack: Ack, body: dict[str, Any]) -> None:
        ack()
        caller, value = caller_of(body), _value(body)
        self._talk.hand_over(caller, lambda: self._deny(caller, value))

    def _deny(self, caller: Caller, value: str) -> None:
        change = decisions.may_deny(self._world, self._number(caller, value), caller.user)
        self._talk.open(caller, modals.deny_form(change, caller.place))

    def cancel(self, ack: Ack, body: dict[str, Any]) -> None:
        ack()
        caller, value = caller_of(body), _value(body)
        self._talk.hand_over(caller, lambda: self._cancel(caller, value))

    def _cancel(self, caller: Caller, value: str) -> None:
        decisions.cancel(self._world, self._number(caller, value), caller.user)

    def end_now(self, ack: Ack, body: dict[str, Any]) -> None:
        ack()
        caller, value = caller_of(body), _value(body)
        self._talk.hand_over(caller, lambda: self._end_now(caller, value))

    def _end_now(self, caller: Caller, value: str) -> None:
        exceptions.end_early(self._world, self._number(caller, value), caller.user)

    def _number(self, caller: Caller, value: str) -> int:
        """Of the change whose card it is. A value that names another one than the message shows was tampered with."""
        number = agreed_number(self._world, value)
        change = decisions.found(self._world, number)
        if caller.message and change.message not in ("", caller.message):
            raise Refused(
                f"This button is not on {change.id}'s card, which is in ",
                Channel(change.channel),
                f". `/trail-audit change {change.id}` shows how it stands.",
            )
        return number

    def unknown(self, ack: Ack, body: dict[str, Any]) -> None:
        """Of another version of ours, or of nobody: every id that this one does not know."""
        ack()
        self._talk.hand_over(caller_of(body), _not_known)

    def propose_undo(self, ack: Ack, body: dict[str, Any]) -> None:
        ack()
        caller, value = caller_of(body), _value(body)
        asker = proposals.Asker(caller.user, caller.channel)
        self._talk.begin(caller, lambda: proposals.propose_undo(self._world, asker, agreed_number(self._world, value)))

    def full_plan(self, ack: Ack, body: dict[str, Any]) -> None:
        ack()
        caller, value = caller_of(body), _value(body)
        self._talk.hand_over(caller, lambda: self._full_plan(caller, value))

    def _full_plan(self, caller: Caller, value: str) -> None:
        self._talk.open(caller, modals.full_plan(decisions.found(self._world, agreed_number(self._world, value))))


def _not_known() -> None:
    raise Refused("This is of another version of me. `/trail-audit changes` shows what is open; ask anew for the rest.")


def _value(body: dict[str, Any]) -> str:
    return str(body["actions"][0].get("value", ""))


def agreed_number(world: World, value: str) -> int:
    """Of a change that has the plan which the button or the form showed: after a restore from a backup numbers are
    given again. Its own card is painted, for to another release the same plan may be another one. Raises Refused.
    """
    number = change_number(value)
    change, shown = decisions.found(world, number), value.split(":")[2:]
    if shown and shown != [change.plan.fingerprint]:
        paint(world, change)
        raise Refused(
            f"{change.id} has another plan than this card shows, so nothing was decided. "
            f"`/trail-audit change {change.id}` shows what it is now, and its own card is in ",
            Channel(change.channel),
            ".",
        )
    return number


def change_number(value: str) -> int:
    """42 of "C-42:7:89abcdef01234567", which the log names from here on. Raises Refused for what is no button of ours.

    The version and the fingerprint are missing from what earlier releases posted.
    """
    match = re.fullmatch(r"C-([0-9]{1,9})(?::[0-9]{1,9})?(?::[0-9a-f]{1,64})?", value)
    if match is None:
        raise Refused("This button names no change. `/trail-audit changes` shows those that are open.")
    note(change=f"C-{match[1]}")
    return int(match[1])
