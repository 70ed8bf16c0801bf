"""What went between the bot, Slack and AWS, each question with its answer and its time."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bot.playground.backstage.masking import masked
from bot.playground.exchanges import Exchange, Journal
from bot.playground.slack import JsonObject

LONGEST_GLANCE = 300
"""Characters of what was asked that the list shows, and that are searched."""


class Traffic:
    def __init__(self, journals: Sequence[Journal]) -> None:
        self._journals = journals
        self.deeds: Mapping[str, Callable[[JsonObject], str]] = {"open": self._open}

    def shown(self) -> JsonObject:
        """The newest first, without what makes them long."""
        return {"exchanges": [_row(each) for each in self._all()]}

    def _open(self, asked: JsonObject) -> str:
        """Both sides of one exchange, as text. Raises LookupError for one that is no longer kept."""
        for each in self._all():
            if each.number == asked.get("number"):
                return f"Request\n{_pretty(each.asked)}\n\nAnswer, {each.outcome}\n{_pretty(each.answered)}"
        raise LookupError("That one is too old: only the last 300 of each kind are kept.")

    def _all(self) -> list[Exchange]:
        found = [each for journal in self._journals for each in journal.all()]
        return sorted(found, key=lambda each: each.number, reverse=True)


def _row(each: Exchange) -> JsonObject:
    return {
        "number": each.number,
        "at": each.at.isoformat(timespec="milliseconds"),
        "kind": each.kind,
        "name": each.name,
        "about": each.about,
        "outcome": each.outcome,
        "milliseconds": round(each.seconds * 1000),
        "glance": _glance(each.asked),
    }


def _glance(asked: object) -> str:
    """The words of a message or of a call's parameters, on one line."""
    if not isinstance(asked, Mapping):
        return ""
    payload = asked.get("payload")
    shown = asked.get("text") or ("" if payload else json.dumps(asked, default=str, ensure_ascii=False))
    return masked(" ".join(str(shown).split()))[:LONGEST_GLANCE]


def _pretty(said: object) -> str:
    if said is None or said == "":
        return "(empty)"
    unfolded = _unfolded(said)
    text = unfolded if isinstance(unfolded, str) else json.dumps(unfolded, indent=2, default=str, ensure_ascii=False)
    return masked(text.replace("><", ">\n<") if text.startswith("<") else text)


def _unfolded(said: Any) -> Any:
    """JSON inside of a text, as in `blocks` and in AWS's answers, as what it says."""
    if isinstance(said, str) and said[:1] in ("{", "["):
        try:
            return _unfolded(json.loads(said))
        except ValueError:
            return said
    if isinstance(said, Mapping):
        return {name: _unfolded(inner) for name, inner in said.items()}
    return [_unfolded(inner) for inner in said] if isinstance(said, list | tuple) else said
