"""What was typed after `/trail-audit`, as a command. Pure; a mistake is an answer with words of its own."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.domain.acceptance import Wanted
from bot.domain.controls import CONTROLS
from bot.domain.subscription import RHYTHMS, Rhythm


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
    """All of a subscription but where and by whom."""

    at: time
    zone: str
    rhythm: Rhythm = "daily"
    scope: tuple[str, ...] = ()
    controls: tuple[str, ...] = ()
    only_changes: bool = False


@dataclass(frozen=True)
class DigestNow:
    pass


@dataclass(frozen=True)
class DigestOff:
    """`which` is the number of one; None: the channel's only one. `all` of them where it says so."""

    which: int | None = None
    all: bool = False


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


def _number(words: list[str], letter: str = "C") -> int | None:
    match = re.fullmatch(rf"(?:{letter}-)?([0-9]{{1,9}})", words[0], re.IGNORECASE) if len(words) == 1 else None
    return int(match[1]) if match else None


def _digest(words: list[str]) -> Command:
    match [w.lower() for w in words]:
        case []:
            return DigestShow()
        case ["now"]:
            return DigestNow()
        case ["off", *which]:
            return _digest_off(which)
        case _:
            return _digest_at(words)


def _digest_off(words: list[str]) -> Command:
    if words == ["all"] or not words:
        return DigestOff(all=bool(words))
    number = _number(words, "D")
    return Help("Say which digest, by its id such as D-3, or `all`.") if number is None else DigestOff(number)


def _digest_at(words: list[str]) -> Command:
    """The words in any order; what is none of ours names accounts."""
    words = AS_SAID.sub(lambda said: SAID[said[0].lower()], " ".join(words)).split()
    rest = [w for w in words if w.lower() not in ("only", "changes")]
    times, rest = _split(rest, TIME.fullmatch)
    rhythms, rest = _split(rest, lambda w: w.lower() in RHYTHMS)
    controls, rest = _split(rest, lambda w: w in CONTROL_IDS)
    zones, scope = _split(rest, _looks_like_a_zone)
    if wrong := _wrong(times, zones, rhythms):
        return Help(wrong)
    return DigestAt(
        at=(_time(times[0]) if times else None) or time(0),
        zone=(_zone(zones[0]) if zones else None) or "UTC",
        rhythm=_rhythm(rhythms),
        scope=tuple(scope),
        controls=tuple(controls),
        only_changes=len(rest) < len(words) and "only" in [w.lower() for w in words],
    )


def _wrong(times: list[str], zones: list[str], rhythms: list[str]) -> str:
    """What is missing or too much, or ""; an hourly digest needs neither a time nor a zone."""
    hourly = [r.lower() for r in rhythms] == ["hourly"]
    if max(map(len, (times, zones, rhythms))) > 1:
        return f"One digest has one time, one zone and one rhythm. {EXAMPLE}"
    if times and _time(times[0]) is None:
        return f"{times[0]} is no time of day. {EXAMPLE}"
    if zones and _zone(zones[0]) is None:
        return f"{zones[0]} is no time zone. {EXAMPLE}"
    if not hourly and not (times and zones):
        return f"A digest needs a time and a zone. {EXAMPLE}"
    return ""


EXAMPLE = (
    "Say it like `/trail-audit digest 09:00 Europe/Paris weekdays` or `digest mondays 08:30 UTC ou:Prod only changes`."
)
CONTROL_IDS = frozenset(c.id for c in CONTROLS)
TIME = re.compile(r"\d{1,2}:\d{2}")
SAID = {"every day": "daily", "every hour": "hourly", **{f"on {rhythm}": rhythm for rhythm in RHYTHMS}}
AS_SAID = re.compile(rf"(?<!\S)({'|'.join(SAID)})(?!\S)", re.IGNORECASE | re.ASCII)


def _split(words: list[str], true: Callable[[str], object]) -> tuple[list[str], list[str]]:
    """Those of which it is true, and the others."""
    return [w for w in words if true(w)], [w for w in words if not true(w)]


def _looks_like_a_zone(word: str) -> bool:
    """A unit of the organization is written `ou:…`."""
    return ("/" in word and not word.lower().startswith("ou:")) or _zone(word) is not None


def _rhythm(words: list[str]) -> Rhythm:
    return next((r for r in RHYTHMS if words and words[0].lower() == r), "daily")


def _time(word: str) -> time | None:
    hours, _, minutes = word.partition(":")
    return time(int(hours), int(minutes)) if int(hours) < 24 and int(minutes) < 60 else None


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
