"""What people see: messages and views, as frozen values."""

import copy
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

JsonObject = dict[str, Any]


IMAGES = ((b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"), (b"GIF8", "image/gif"))
"""First bytes of what is shown as a picture. An SVG is none of them: it is markup, and may hold a script."""
NO_IMAGE = "application/octet-stream"


@dataclass(frozen=True)
class File:
    """What was uploaded. Its type is what its first bytes say, whatever its name says."""

    id: str
    name: str
    title: str
    alt_text: str = ""
    content: bytes = field(default=b"", repr=False)

    @property
    def mimetype(self) -> str:
        return next((kind for start, kind in IMAGES if self.content.startswith(start)), NO_IMAGE)

    @property
    def is_image(self) -> bool:
        return self.mimetype != NO_IMAGE


@dataclass(frozen=True)
class Message:
    """A message as its readers see it now. `ts` is its id within the channel.

    `ephemeral_to` is the only user who sees it, None for everybody; `thread_ts` is set for replies.
    """

    ts: str
    channel: str
    user: str
    text: str
    blocks: list[JsonObject] = field(default_factory=list)
    thread_ts: str | None = None
    ephemeral_to: str | None = None
    metadata: JsonObject | None = None
    edited: bool = False
    files: tuple[File, ...] = ()

    def all_text(self) -> str:
        """Every text of the message, its blocks and its files, one a line, for asserts."""
        about_files = (text for file in self.files for text in (file.title, file.alt_text) if text)
        return "\n".join([self.text, *texts(self.blocks), *about_files])

    def buttons(self) -> list[tuple[str, str, str]]:
        """(action_id, value, label) of every button, in reading order."""
        return buttons(self.blocks)


@dataclass(frozen=True)
class View:
    """A modal or an App Home as one user sees it. `body` is what the app sent, with block ids filled in.

    `state` has the shape of Slack's `view.state.values`: block_id -> action_id -> value object.
    """

    id: str
    hash: str
    user: str
    body: JsonObject
    root_id: str
    previous_id: str | None = None
    state: JsonObject = field(default_factory=dict)

    @property
    def blocks(self) -> list[JsonObject]:
        return list(self.body["blocks"])

    @property
    def title(self) -> str:
        return str((self.body.get("title") or {}).get("text", ""))

    @property
    def callback_id(self) -> str:
        return str(self.body.get("callback_id") or "")

    @property
    def private_metadata(self) -> str:
        return str(self.body.get("private_metadata") or "")

    def all_text(self) -> str:
        """The title and every text of the blocks, one a line, for asserts."""
        return "\n".join([self.title, *texts(self.blocks)])

    def buttons(self) -> list[tuple[str, str, str]]:
        """(action_id, value, label) of every button, in reading order."""
        return buttons(self.blocks)


def elements(blocks: list[JsonObject]) -> Iterator[tuple[str, JsonObject]]:
    """(block_id, element) of everything that can be pressed or filled in, in reading order."""
    for block in blocks:
        for element in _elements_of(block):
            yield str(block.get("block_id", "")), element


def _elements_of(block: JsonObject) -> list[JsonObject]:
    if block["type"] == "actions":
        return list(block["elements"])
    if block["type"] == "input":
        return [block["element"]]
    accessory = block.get("accessory")
    return [accessory] if accessory else []


def buttons(blocks: list[JsonObject]) -> list[tuple[str, str, str]]:
    """(action_id, value, label) of every button, in reading order."""
    return [
        (element["action_id"], element.get("value", ""), element["text"]["text"])
        for _, element in elements(blocks)
        if element["type"] == "button"
    ]


def texts(part: object) -> Iterator[str]:
    """Every string under a key `text` in nested blocks, in order (also alt texts of images)."""
    if isinstance(part, list):
        for item in part:
            yield from texts(item)
    elif isinstance(part, dict):
        for key, value in part.items():
            if key in ("text", "alt_text") and isinstance(value, str):
                yield value
            else:
                yield from texts(value)


def with_ids(blocks: list[JsonObject]) -> list[JsonObject]:
    """A deep copy in which every block has a block_id and every element an action_id, as Slack fills them in."""
    filled = copy.deepcopy(blocks)
    for block in filled:
        block.setdefault("block_id", secrets.token_urlsafe(4))
    for _, element in elements(filled):
        element.setdefault("action_id", secrets.token_urlsafe(4))
    return filled
