"""Refuses blocks and views as Slack does, with the pointers that it gives."""

import json
from typing import Any

from bot.playground.slack.message import JsonObject, with_ids
from bot.playground.slack.refusal import ApiError
from handlers.views.blockkit import LONGEST_MESSAGE, Problem, characters, problems, view_problems

LARGEST_VIEW = 250_000
"""Bytes: docs.slack.dev/reference/methods/views.publish, `view_too_large`."""


def checked_blocks(blocks: Any) -> list[JsonObject]:
    """Raises ApiError `invalid_blocks_format`, `invalid_blocks`, `msg_blocks_too_long`."""
    if blocks is None:
        return []
    if not _is_list_of_objects(blocks):
        raise ApiError("invalid_blocks_format")
    found = problems(blocks, "message")
    if characters(blocks) > LONGEST_MESSAGE:
        raise ApiError("msg_blocks_too_long")
    if found:
        raise ApiError("invalid_blocks", messages=[_line("", problem) for problem in found])
    return list(blocks)


def checked_view(view: Any) -> JsonObject:
    """The view with ids filled in. Raises ApiError `invalid_arguments`, `view_too_large`."""
    if not isinstance(view, dict) or not _is_list_of_objects(view.get("blocks")):
        raise ApiError("invalid_arguments", messages=["must provide an object [json-pointer:/view]"])
    if len(json.dumps(view, ensure_ascii=False).encode()) > LARGEST_VIEW:
        raise ApiError("view_too_large")
    found = view_problems(view)
    if found:
        raise ApiError("invalid_arguments", messages=[_line("/view", problem) for problem in found])
    return {**view, "blocks": with_ids(view["blocks"])}


def _is_list_of_objects(blocks: Any) -> bool:
    return isinstance(blocks, list) and all(isinstance(block, dict) for block in blocks)


def _line(root: str, problem: Problem) -> str:
    return f"{problem.message} [json-pointer:{root}{problem.pointer}]"
