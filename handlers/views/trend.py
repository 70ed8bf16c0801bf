"""The picture of the score, and the same in words."""

from slack_sdk.models.blocks import ImageBlock
from slack_sdk.models.blocks.basic_components import SlackFile

from bot.domain.trend import Week, words
from handlers.views.message import Message


def picture(name: str, weeks: tuple[Week, ...], file: str) -> Message:
    """`file` is the id of an uploaded PNG."""
    said = words(weeks)
    return Message(f"{name}: {said}", (ImageBlock(slack_file=SlackFile(id=file), alt_text=said),))
