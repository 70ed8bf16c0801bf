"""What was typed after `/trail-audit`, as a command. Pure; a mistake is an answer with words of its own."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.domain.acceptance import Wanted


@dataclass(frozen=True)
class Audit:
    scope: tuple[str, ...]


@dataclass(frozen=True)
class Fix:
    account: str


@dataclass(frozen=True)
class Create:
    account: str


@dataclass(frozen=True)
class Update:
    trail: str
    account: str


@dataclass(frozen=True)
class Delete:
    trail: str
    account: str


@dataclass(frozen=True)
class ListChanges:
    pass


@dataclass(frozen=True)
class ShowChange:
    number: int


@dataclass(frozen=True)
class Undo:
    number: int


@dataclass(frozen=True)
class Accept:
    """What is wrong with it is said by who knows what day it is."""

    wanted: Wanted


@dataclass(frozen=True)
class ListExceptions:
    pass


@dataclass(frozen=True)
class DigestAt:
    at: time
    zone: str
    weekdays: bool


@dataclass(frozen=True)
class DigestNow:
    pass


@dataclass(frozen=True)
class DigestOff:
    pass


@dataclass(frozen=True)
class DigestShow:
    pass


@dataclass(frozen=True)
class Help:
    """Examples; `mistake` says what was wrong, "" where they were asked for."""

    mistake: str = ""


Command = (
    Audit
    | Fix
    | Create
    | Update
    | Delete
    | ListChanges
    | ShowChange
    | Undo
    | Accept
    | ListExceptions
    | DigestAt
    | DigestNow
    | DigestOff
    | DigestShow
    | Help
)


def parse(text: str) -> Command:
    """The first word decides; what is no command names accounts to audit."""
    words = text.split()
    if not words:
        return Audit(())
    parser = VERBS.get(words[0].lower())
    return parser(words[1:]) if parser else _audit(words)


def _audit(words: list[str]) -> Command:
    """`all` among other words is still all."""
    named = tuple(w for w in (word.strip(",") for word in words) if w)
    return Audit(() if "all" in map(str.lower, named) else named)


def _all(_words: list[str]) -> Command:
    return Audit(())


def _fix(words: list[str]) -> Command:
    return Fix(words[0]) if len(words) == 1 else Help("Say which account to fix, and only one.")


def _create(words: list[str]) -> Command:
    return Create(words[0]) if len(words) == 1 else Help("Say in which account to create a trail, and only one.")


def _update(words: list[str]) -> Command:
    if len(words) != 2:
        return Help("Say which trail to update, by its name or ARN, and then in which account.")
    return Update(words[0], words[1])


def _delete(words: list[str]) -> Command:
    if len(words) != 2:
        return Help("Say which trail to delete, by its name or ARN, and then in which account.")
    return Delete(words[0], words[1])


def _changes(words: list[str]) -> Command:
    return Help("`changes` takes no more words.") if words else ListChanges()


def _change(words: list[str]) -> Command:
    number = _number(words)
    return Help("Say which change, by its id such as C-42.") if number is None else ShowChange(number)


def _undo(words: list[str]) -> Command:
    number = _number(words)
    return Help("Say which change to undo, by its id such as C-42.") if number is None else Undo(number)


def _number(words: list[str]) -> int | None:
    match = re.fullmatch(r"(?:C-)?([0-9]{1,9})", words[0], re.IGNORECASE) if len(words) == 1 else None
    return int(match[1]) if match else None


def _digest(words: list[str]) -> Command:
    match [w.lower() for w in words]:
        case []:
            return DigestShow()
        case ["now"]:
            return DigestNow()
        case ["off"]:
            return DigestOff()
        case [_, _] | [_, _, "weekdays" | "daily"]:
            return _digest_at(words)
        case _:
            return Help("A digest needs a time and a zone, such as 09:00 Europe/Paris, and perhaps weekdays.")


def _digest_at(words: list[str]) -> Command:
    at, zone = _time(words[0]), _zone(words[1])
    if at is None:
        return Help(f"{words[0]} is no time of day. Say one such as 09:00.")
    if zone is None:
        return Help(f"{words[1]} is no time zone. Say one such as Europe/Paris or UTC.")
    return DigestAt(at, zone, weekdays=len(words) == 3 and words[2].lower() == "weekdays")


def _time(word: str) -> time | None:
    match = re.fullmatch(r"(\d{1,2}):(\d{2})", word)
    if match and int(match[1]) < 24 and int(match[2]) < 60:
        return time(int(match[1]), int(match[2]))
    return None


def _zone(word: str) -> str | None:
    try:
        return ZoneInfo(word).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _accept(words: list[str]) -> Command:
    """The first `because` ends the rest: a reason may have both words in it."""
    lower = [w.lower() for w in words]
    because = lower.index("because") if "because" in lower else len(words)
    until = lower.index("until", 0, because) if "until" in lower[:because] else because
    return Accept(Wanted(tuple(words[:until]), " ".join(words[until + 1 : because]), " ".join(words[because + 1 :])))


def _exceptions(words: list[str]) -> Command:
    return Help("`exceptions` takes no more words.") if words else ListExceptions()


def _help(_words: list[str]) -> Command:
    return Help()


VERBS: dict[str, Callable[[list[str]], Command]] = {
    "all": _all,
    "fix": _fix,
    "create": _create,
    "update": _update,
    "delete": _delete,
    "changes": _changes,
    "change": _change,
    "undo": _undo,
    "digest": _digest,
    "accept": _accept,
    "exceptions": _exceptions,
    "help": _help,
}
