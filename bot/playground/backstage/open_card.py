"""The newest approval card that waits for a decision, and people who press its buttons at the same moment."""

import html
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from bot.playground.slack import Actor, Message, RunningWorkspace
from handlers.views import ids

NONE_OPEN = "No approval card is open. As Alice, type `/trail-audit fix prod-payments`; then press this again."
APPROVERS = ("bob", "carol", "alice")
"""In the order in which they are asked; whoever asked for the change is left out."""
REASON = "Both of us pressed at the same moment."
_REQUESTER = re.compile(r"asked by <@(\w+)>")
_MENTION = re.compile(r"<@(\w+)>")
_REFERENCE = re.compile(r"<(?:[^|>]*\|)?([^>]*)>")


class OpenCard:
    """`message` is the card as it was when it was found. Raises LookupError, with words, when none is open."""

    def __init__(self, workspace: RunningWorkspace) -> None:
        self._workspace = workspace
        self.message = _newest(workspace)
        asked = _REQUESTER.search(self.message.text)
        people = [workspace.person(name) for name in APPROVERS]
        self._first, self._second, *_ = [each for each in people if not asked or each.person.id != asked[1]]

    def double_click(self) -> None:
        click = lambda: self._first.clicks(self.message, ids.APPROVE)  # noqa: E731 - a deed
        at_once(click, click)

    def approve_and_deny(self, patience: float = 10) -> None:
        """The denier has the form with the reason open already: it is its sending that happens at the same moment.

        `patience`, in seconds, is how long the form may take; LookupError when it does not come.
        """
        self._second.clicks(self.message, ids.DENY)
        try:
            self._workspace.wait_for(lambda: _form_is_open(self._second), timeout=patience)
        except TimeoutError:
            raise LookupError("The bot opened no form for the reason. Is it running?") from None
        at_once(
            lambda: self._first.clicks(self.message, ids.APPROVE),
            lambda: self._second.submits({ids.REASON: REASON}),
        )

    def since(self) -> list[str]:
        """What the bot did about it, so far, in plain words."""
        place, ts = self.message.channel, self.message.ts
        change = self.message.text.partition(" ")[0]
        cards = [self._plain(m).partition(", asked by")[0] for m in self._workspace.messages(place) if m.ts == ts]
        told = [(each, late) for each in (self._first, self._second) for late in each.ephemerals(place)]
        return [
            *(f"The card: {card}" for card in cards or ["it is gone."]),
            *(f"{each.person.real_name} was told: {self._plain(m)}" for each, m in told if f"{change} " in m.text),
        ]

    def _plain(self, message: Message) -> str:
        return plain(message.text, lambda user: self._workspace.person(user).person.name)


def _newest(workspace: RunningWorkspace) -> Message:
    """A delete asks for the trail's name, which no button can do at once."""
    open_ones = [m for m in workspace.everywhere() if _waits(m) and "Delete a trail" not in m.text]
    if not open_ones:
        raise LookupError(NONE_OPEN)
    return max(open_ones, key=lambda message: message.ts)


def _waits(message: Message) -> bool:
    return any(action == ids.APPROVE for action, _, _ in message.buttons())


def _form_is_open(person: Actor) -> bool:
    form = person.modal()
    return form is not None and form.callback_id == ids.DENY_FORM


def at_once(*deeds: Callable[[], object]) -> None:
    """Each in a thread of its own, none before all are there."""
    ready = Barrier(len(deeds))
    with ThreadPoolExecutor(len(deeds)) as pool:
        list(pool.map(lambda deed: (ready.wait(), deed()), deeds))


def plain(text: str, name: Callable[[str], str]) -> str:
    """Slack's markup as words: a mention as the `name` of that id, a date or a link as what it says."""
    named = _MENTION.sub(lambda found: f"@{name(found[1])}", text)
    return html.unescape(_REFERENCE.sub(r"\1", named)).replace("`", "").replace("*", "")
