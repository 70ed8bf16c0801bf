"""Pictures on their way to Slack: drawn, and uploaded without a channel, so that nobody sees one before its message."""

import logging
from collections.abc import Callable, Sequence

from slack_sdk import WebClient

from bot.domain.trend import Week, words
from handlers.slack_errors import TROUBLE

log = logging.getLogger(__name__)

Draw = Callable[[str, Sequence[Week]], bytes]
"""From a digest's name and its weeks to a PNG."""
ODD = (ImportError, LookupError, RuntimeError, TypeError, ValueError)
"""What a library may make of a font, a figure or an answer: no picture may cost the digest."""


class Pictures:
    def __init__(self, client: WebClient, draw: Draw) -> None:
        self._client = client
        self._draw = draw

    def uploaded(self, name: str, weeks: tuple[Week, ...]) -> str:
        """The id of the file, which is the bot's alone until a message shows it; "" where that did not work."""
        try:
            png = self._draw(name, weeks)
            answer = self._client.files_upload_v2(
                content=png, filename=f"{name}-{weeks[-1].name}.png", title=f"{name}: score", alt_txt=words(weeks)
            )
            return str(answer["files"][0]["id"])
        except (*TROUBLE, *ODD) as failed:
            log.warning("the picture of %s is left out: %r", name, failed)
            return ""
