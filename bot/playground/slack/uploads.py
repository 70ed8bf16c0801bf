"""Bytes on their way from an upload URL to a message."""

import secrets
from dataclasses import replace

from bot.playground.slack.message import File, JsonObject
from bot.playground.slack.refusal import ApiError


class Uploads:
    """What was announced and what has come, by file id; each URL takes its bytes once. Not locked by itself."""

    def __init__(self) -> None:
        self._announced: dict[str, tuple[File, int]] = {}
        self._come: dict[str, File] = {}

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

    def take(self, wanted: list[JsonObject]) -> tuple[File, ...]:
        """These, with their titles; each is completed once. Raises ApiError `file_not_found`, and takes none then."""
        if any(each.get("id") not in self._come for each in wanted):
            raise ApiError("file_not_found")
        files = [(self._come.pop(each["id"]), each.get("title")) for each in wanted]
        return tuple(replace(file, title=str(title or file.name)) for file, title in files)
