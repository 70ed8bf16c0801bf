"""What every view makes: a whole sentence for phones and screen readers, and blocks."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from slack_sdk.models.blocks import (
    Block,
    ContextBlock,
    DividerBlock,
    HeaderBlock,
    MarkdownTextObject,
    PlainTextObject,
    SectionBlock,
)

from handlers.views.words import cut, fitting, one_line


@dataclass(frozen=True)
class Message:
    """`text` says who, what and id on its own; `blocks` are Block Kit."""

    text: str
    blocks: tuple[Block, ...] = ()

    def as_dicts(self) -> list[dict[str, Any]]:
        return [block.to_dict() for block in self.blocks]

    def plainly(self) -> list[dict[str, Any]]:
        return plainly(self.text, [b.to_dict() for b in self.blocks if b.type == "actions"])


def plainly(text: str, blocks: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The text and the buttons alone, for a Slack that does not accept the rest."""
    return [section(text).to_dict(), *(b for b in blocks if b["type"] == "actions")]


def header(text: str) -> HeaderBlock:
    return HeaderBlock(text=PlainTextObject(text=cut(one_line(text), 150), emoji=False))


def section(text: str) -> SectionBlock:
    return SectionBlock(text=MarkdownTextObject(text=cut(text, 3_000), verbatim=True))


def fields(pairs: Sequence[tuple[str, str]]) -> SectionBlock:
    """Up to ten name and value pairs; the values are escaped already, and Slack looks for no names in them."""
    texts = (cut(f"*{name}*\n{value}", 2_000) for name, value in pairs)
    return SectionBlock(fields=[MarkdownTextObject(text=text, verbatim=True) for text in texts])


def listed(title: str, lines: Sequence[str], most: int, room: int) -> SectionBlock:
    """The title and as many of the lines as have room; what is left out is counted."""
    shown = fitting(lines[:most], room)
    more = [f"{len(shown)} of {len(lines)} shown"] if len(shown) < len(lines) else []
    return section("\n".join([f"*{title}*", *shown, *more]))


def bulleted(title: str, lines: Sequence[str], most: int = 10, room: int = 1_300) -> list[Block]:
    """A part of its own, with one line for each; nothing for none. What has no room is counted."""
    return [DividerBlock(), listed(title, [f"• {line}" for line in lines], most, room)] if lines else []


def context(*texts: str) -> ContextBlock:
    return ContextBlock(elements=[MarkdownTextObject(text=cut(text, 2_000)) for text in texts[:10]])
