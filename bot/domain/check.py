"""What preflight says of one thing that a plan needs, before anybody is asked to approve it."""

from dataclasses import dataclass
from typing import Literal

from bot.domain.unreadable import FOREIGN_BUCKET, OWNER_NOT_READ, Unreadable


@dataclass(frozen=True)
class Check:
    """`fails`: as things are, AWS would refuse; `unchecked`: nobody could look, or what was seen proves nothing.

    The sentence of what fails says how to mend it, that of what is unchecked what would let us look.
    """

    state: Literal["ready", "fails", "unchecked"]
    sentence: str


def because(found: Unreadable) -> str:
    """Why nobody could look; of a denial only the permission: AWS's own words are longer than a line on a card."""
    if found.permission and found.error not in (OWNER_NOT_READ, FOREIGN_BUCKET):
        return f"{found.call} answered {found.error}; it needs {found.permission}"
    return found.sentence


ORDER = ("fails", "unchecked", "ready")


def worst_first(checks: tuple[Check, ...]) -> tuple[Check, ...]:
    """Each once."""
    return tuple(sorted(dict.fromkeys(checks), key=lambda c: ORDER.index(c.state)))
