"""A diagnosis for people, one line a check, and for programs."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from bot.domain.doctor import Diagnosis, State, worst
from bot.domain.printable import printable
from bot.domain.trail import Account

NAMED = 2
"""So many accounts are named in a line."""
COLOURS = {State.OK: "green", State.WRONG: "bold red", State.UNKNOWN: "yellow"}


@dataclass(frozen=True)
class Part:
    """What was found of one part of the whole."""

    name: str
    found: tuple[Diagnosis, ...]


def line(diagnosis: Diagnosis) -> str:
    """What the check found and what to do, after its state."""
    where = f"{named(diagnosis.accounts)}: " if diagnosis.accounts else ""
    return printable(f"{diagnosis.check}: {where}{diagnosis.sentence} {diagnosis.mend}".rstrip())


def named(accounts: tuple[Account, ...]) -> str:
    """ "prod-a, prod-b and 998 others"; three are named rather than "and 1 other"."""
    shown = accounts if len(accounts) <= NAMED + 1 else accounts[:NAMED]
    words = ", ".join(a.name or a.id for a in shown)
    more = len(accounts) - len(shown)
    return f"{words} and {more:,} others" if more else words


def _print_text(parts: Iterable[Part]) -> None:
    from rich.console import Console
    from rich.text import Text

    parts = tuple(parts)
    console = Console()
    for part in parts:
        console.print(Text(part.name, style="bold"))
        for d in part.found:
            told = Text.assemble("  ", (f"{d.state:<9}", COLOURS[d.state]), line(d))
            console.print(told, soft_wrap=True)
    console.print(Text(summary(d for part in parts for d in part.found)), soft_wrap=True)


def summary(found: Iterable[Diagnosis]) -> str:
    states = [d.state for d in found]
    return ", ".join(f"{states.count(s)} {s}" for s in (State.WRONG, State.UNKNOWN, State.OK))


def _print_json(parts: Iterable[Part]) -> None:
    parts = tuple(parts)
    checks = [{"part": part.name, **_as_json(d)} for part in parts for d in part.found]
    state = worst(d for part in parts for d in part.found)
    print(json.dumps({"state": state, "checks": checks}, indent=2))


def _as_json(d: Diagnosis) -> dict[str, Any]:
    accounts = [{"account_id": a.id, "account_name": a.name} for a in d.accounts]
    return {"check": d.check, "state": d.state, "sentence": d.sentence, "mend": d.mend, "accounts": accounts}


FORMATS: dict[str, Callable[[Iterable[Part]], None]] = {"text": _print_text, "json": _print_json}
