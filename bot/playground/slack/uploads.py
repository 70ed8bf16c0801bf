"""Bytes on their way from an upload URL to a message."""

import secrets
from collections.abc import Iterator
from dataclasses import replace

from bot.playground.slack.message import File, JsonObject
from bot.playground.slack.refusal import ApiError

PROCESSED_AFTER = 0.3
"""Seconds until a completed file can be shown in a block: Slack too ends uploads in its own time."""


class Uploads:
    """What was announced and what has come, by file id; each URL takes its bytes once. Not locked by itself."""

    def __init__(self) -> None:
        self._announced: dict[str, tuple[File, int]] = {}
        self._come: dict[str, File] = {}
        self._done: dict[str, tuple[File, float]] = {}

    def announce(self, file: File, size: int) -> str:
        """The secret of its upload URL."""
        secret = secrets.token_urlsafe(24)
        self._announced[secret] = (file, size)
        return secret

    def receive(self, secret: str, content: bytes) -> File:
        """Raises ApiError `not_found` for an unknown or used URL, `file_upload_size_restricted` for another size."""
        if secret not in self._announced:
            raise ApiError("not_found")
        file, size = self._announced[secret]
        if len(content) != size:
            raise ApiError("file_upload_size_restricted")
        del self._announced[secret]
        self._come[file.id] = replace(file, content=content)
        return self._come[file.id]

    def take(self, wanted: list[JsonObject], now: float) -> tuple[File, ...]:
        """These, with their titles; each is completed once. Raises ApiError `file_not_found`, and takes none then."""
        if any(each.get("id") not in self._come for each in wanted):
            raise ApiError("file_not_found")
        files = [(self._come.pop(each["id"]), each.get("title")) for each in wanted]
        taken = tuple(replace(file, title=str(title or file.name)) for file, title in files)
        self._done |= {file.id: (file, now + PROCESSED_AFTER) for file in taken}
        return taken

    def shown(self, blocks: list[JsonObject]) -> tuple[File, ...]:
        """The files in these blocks."""
        return tuple(self._done[id][0] for _, id in slack_files(blocks) if id in self._done)

    def refuse_unknown(self, blocks: list[JsonObject], now: float) -> None:
        """Raises ApiError `invalid_blocks` for a file that is not there, is no picture, or is not processed yet."""
        wrong = [at for at, id in slack_files(blocks) if not self._is_ready(id, now)]
        if wrong:
            raise ApiError("invalid_blocks", messages=[f"invalid slack file [json-pointer:{at}]" for at in wrong])

    def _is_ready(self, id: str, now: float) -> bool:
        file, ready = self._done.get(id, (None, now))
        return file is not None and file.is_image and ready <= now


def slack_files(part: object, at: str = "/blocks") -> Iterator[tuple[str, str]]:
    """(pointer, id) of every file in nested blocks. One that is named by its address has no id, and is not played."""
    if isinstance(part, list):
        for place, each in enumerate(part):
            yield from slack_files(each, f"{at}/{place}")
    elif isinstance(part, dict):
        if isinstance(part.get("slack_file"), dict):
            yield f"{at}/slack_file", str(part["slack_file"].get("id", ""))
        for key, value in part.items():
            yield from slack_files(value, f"{at}/{key}")
