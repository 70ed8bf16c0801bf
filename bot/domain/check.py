"""What preflight says of one thing that a plan needs, before anybody is asked to approve it."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Check:
    """`fails`: as things are, AWS would refuse; `unchecked`: nobody could look, or what was seen proves nothing.

    The sentence of what fails says how to mend it, that of what is unchecked what would let us look.
    """

    state: Literal["ready", "fails", "unchecked"]
    sentence: str


ORDER = ("fails", "unchecked", "ready")


def worst_first(checks: tuple[Check, ...]) -> tuple[Check, ...]:
    """Each once."""
    return tuple(sorted(dict.fromkeys(checks), key=lambda c: ORDER.index(c.state)))
