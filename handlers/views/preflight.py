"""What preflight found: the worst of it on the card, all of it in the full plan."""

from slack_sdk.models.blocks import Block

from bot.domain.check import Check
from handlers.views.message import section
from handlers.views.words import cut, fitting, plural, prose

ON_CARD = 3
"""So many lines of so many characters: the card has other things to say."""
CARD_LINE = 250
PART = 2_800
"""Of a section's 3,000 characters; a longer line is none that a check has."""
WORDS = {"fails": "Would fail", "unchecked": "Not checked", "ready": "Ready"}


def summary(checks: tuple[Check, ...]) -> list[Block]:
    """Nothing for a plan that was made without a preflight."""
    if not checks:
        return []
    open_ones = [c for c in checks if c.state != "ready"]
    if not open_ones:
        return [section(f"*Preflight:* ready ({plural(len(checks), 'check')})")]
    shown = [f"• {_line(c, CARD_LINE)}" for c in open_ones[:ON_CARD]]
    more = [f"{len(shown)} of {len(open_ones)} shown; press Full plan"] if len(open_ones) > ON_CARD else []
    return [section("\n".join([f"*Preflight:* {_counted(checks)}", *shown, *more]))]


def _counted(checks: tuple[Check, ...]) -> str:
    """Worst first: "1 would fail, 2 not checked, 5 ready"."""
    counts = ((sum(c.state == state for c in checks), words.lower()) for state, words in WORDS.items())
    return ", ".join(f"{count} {words}" for count, words in counts if count)


def _line(check: Check, room: int) -> str:
    return cut(f"*{WORDS[check.state]}:* {prose(check.sentence)}", room)


def in_full(checks: tuple[Check, ...]) -> list[Block]:
    """Every check, in as many sections as they need."""
    blocks: list[Block] = []
    rest = [f"• {_line(check, PART - 10)}" for check in checks]
    while rest:
        shown = fitting(rest, PART)
        blocks.append(section("\n".join(shown)))
        rest = rest[len(shown) :]
    return [section(f"*Preflight:* {_counted(checks)}"), *blocks] if blocks else []
