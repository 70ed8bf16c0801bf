"""Words for Slack. What others wrote is text, and never markup, a mention or a link."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime

from bot.domain.printable import printable
from bot.domain.refusal import Channel, Group, Part, Person, Refused
from bot.domain.trail import Account

LOOKALIKES = {"*": "∗", "_": "ˍ", "~": "∼", "`": "ˋ"}
"""Slack has no escape for the marks that format, so others' words get characters that only look like them."""
MARKS = re.compile(r"[*~`]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
"""An underscore formats only at a word's edge: `my_trail` stays as it is, and can be copied."""


def escape(text: str) -> str:
    """Others' words: neither the three characters that Slack reads as control, nor marks that format."""
    return MARKS.sub(lambda mark: LOOKALIKES[mark[0]], one_line(_in_code(text)))


def one_line(text: str) -> str:
    """Without line breaks, control characters, and marks that turn the direction of reading."""
    return printable(text).strip()


def prose(text: str) -> str:
    """A sentence of ours with others' words in it: code in backticks stays code, all else is escaped."""
    pieces = printable(text).split("`")
    if len(pieces) % 2 == 0:
        return escape(text)
    return "".join(f"`{_in_code(p)}`" if n % 2 else _spaced(p) for n, p in enumerate(pieces))


def _spaced(piece: str) -> str:
    """Escaped, with the blanks at its ends kept."""
    start, end = piece[: len(piece) - len(piece.lstrip())], piece[len(piece.rstrip()) :]
    return f"{start}{escape(piece)}{end}" if piece.strip() else piece


def _in_code(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def code_block(lines: tuple[str, ...], limit: int = 2_800) -> str:
    """Preformatted lines, cut visibly."""
    text = "\n".join(_code_line(line) for line in lines)
    if len(text) > limit:
        text = "\n".join([*fitting(text.split("\n"), limit - 40), "… cut here; press Full plan"])
    return f"```{text}```"


def code_blocks(lines: tuple[str, ...], limit: int = 2_500) -> tuple[str, ...]:
    """All of the lines, preformatted, in as many blocks as they need."""
    blocks, rest = [], [_code_line(part) for line in lines for part in _folded(line, limit // 5)]
    while rest:
        shown = fitting(rest, limit)
        blocks.append("```" + "\n".join(shown) + "```")
        rest = rest[len(shown) :]
    return tuple(blocks)


def command_block(command: str, limit: int) -> tuple[str, bool]:
    """Preformatted on one line, for a folded command would be two; and whether it had to be cut, visibly.

    What would end the block is not replaced, which would change the quoting, so such a command is not shown.
    """
    text = "(not shown: it has three backticks in it)" if "```" in command else _in_code(printable(command))
    return f"```{cut(text, limit)}```", len(text) > limit or "```" in command


def _folded(line: str, width: int) -> list[str]:
    return [line[at : at + width] for at in range(0, len(line), width)] or [""]


def _code_line(line: str) -> str:
    return _in_code(printable(line.replace("```", "'''")))


def fitting(lines: Iterable[str], room: int) -> list[str]:
    """The lines from the first on that have room together, with the line breaks between them."""
    kept = []
    for line in lines:
        room -= len(line) + 1
        if room < -1:
            break
        kept.append(line)
    return kept


def cut(text: str, limit: int) -> str:
    """Truncated visibly, and never in the middle of a mention, a time, an escaped character or code."""
    if len(text) <= limit:
        return text
    kept = re.sub(r"(<[^>]*|&[a-z]*|`{1,2})$", "", text[: limit - 4]) + "…"
    return kept + "```" if kept.count("```") % 2 else kept


def label(account: Account) -> str:
    """Name and id, raw; a long name is cut, the id never."""
    return f"{cut(one_line(account.name), 50)} ({account.id})" if account.name else account.id


def when(moment: datetime) -> str:
    """In the reader's own time zone."""
    fallback = f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    return f"<!date^{int(moment.timestamp())}^{{date_short_pretty}} {{time}}|{fallback}>"


def mention(user: str) -> str:
    return f"<@{user}>"


def part(piece: Part) -> str:
    match piece:
        case Person(id=id):
            return mention(id)
        case Group(id=id):
            return f"<!subteam^{id}>"
        case Channel(id=id):
            return f"<#{id}>"
        case datetime():
            return when(piece)
        case _:
            return prose(piece) if piece.strip() else piece


def refusal(refused: Refused) -> str:
    return "".join(part(p) for p in refused.parts)


def plural(count: int, one: str, many: str = "") -> str:
    return f"{count} {one if count == 1 else many or one + 's'}"
