"""What `trailwarden doctor` finds: a diagnosis a check. Here is what facts mean; gathering them is others' work."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from bot.domain.trail import Account


class State(StrEnum):
    OK = "OK"
    WRONG = "WRONG"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True)
class Diagnosis:
    """What one check found. `mend` is what to do, "" where there is nothing; `accounts` those of which it is true."""

    check: str
    state: State
    sentence: str
    mend: str = ""
    accounts: tuple[Account, ...] = ()


def ok(check: str, sentence: str) -> Diagnosis:
    return Diagnosis(check, State.OK, sentence)


def wrong(check: str, sentence: str, mend: str) -> Diagnosis:
    return Diagnosis(check, State.WRONG, sentence, mend)


def unknown(check: str, sentence: str, mend: str) -> Diagnosis:
    return Diagnosis(check, State.UNKNOWN, sentence, mend)


def worst(found: Iterable[Diagnosis]) -> State:
    """WRONG over UNKNOWN over OK."""
    states = {d.state for d in found}
    return next((s for s in (State.WRONG, State.UNKNOWN) if s in states), State.OK)
