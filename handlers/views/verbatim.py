"""Accounts with every sentence whole, where few were asked for: the remedy stands at a sentence's end."""

from slack_sdk.models.blocks import Block

from bot.domain.finding import AccountReport, Finding
from handlers.views.message import section
from handlers.views.words import cut, escape, fitting, label

FEW = 5
"""An audit of more accounts than this has a table, whose rows are cut."""
LINE, IN_SECTION = 530, 2_900
"""Characters of a sentence and of a section: nine controls of one account have room together."""
TOLD_BY_WHY = frozenset({"sources-excluded"})
"""Warnings that the sentence of the verdict says itself, so that their names add nothing."""


def blocks(account: AccountReport, elsewhere: str = "") -> list[Block]:
    """One section, or as many as it takes; a note with the code `elsewhere` has its own place."""
    rest = [f"*{account.attention}* {escape(label(account.account))}", *lines(account.findings, elsewhere)]
    made: list[Block] = []
    while rest:
        shown = fitting(rest, IN_SECTION)
        made.append(section("\n".join(shown)))
        rest = rest[len(shown) :]
    return made


def lines(findings: tuple[Finding, ...], elsewhere: str = "") -> list[str]:
    """A line for each sentence: which controls it is said of, with their verdict."""
    said: dict[tuple[str, str], list[str]] = {}
    for finding in findings:
        said.setdefault((finding.attention.value, _told(finding, elsewhere)), []).append(f"`{finding.control}`")
    return [f"• {verdict} {', '.join(controls)}: {cut(told, LINE)}" for (verdict, told), controls in said.items()]


def _told(finding: Finding, elsewhere: str) -> str:
    notes = tuple(note.text for note in finding.notes if note.code != elsewhere)
    said = TOLD_BY_WHY.union(note.code for note in finding.notes)
    named = [w for w in finding.warnings if w not in said]
    warned = (f"Warning: {', '.join(named)}.",) if named else ()
    return escape(" ".join((finding.why or "Nothing was said.", *notes, *warned)))
