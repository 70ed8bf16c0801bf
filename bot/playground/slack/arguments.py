"""The arguments of one Web API call: slack_sdk sends forms or JSON, and nested values as JSON text."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from bot.playground.slack.refusal import ApiError


class Arguments:
    """Reads typed values. Missing and empty are the same, as in Slack."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.values = dict(values)

    def text(self, name: str) -> str:
        """The value as text, "" when it is missing."""
        value = self.values.get(name)
        return "" if value is None else str(value)

    def required(self, name: str) -> str:
        """Raises ApiError `invalid_arguments` with Slack's detail when it is missing."""
        value = self.text(name)
        if not value:
            raise ApiError("invalid_arguments", messages=[f"missing required field: {name}"])
        return value

    def flag(self, name: str, default: bool = False) -> bool:
        value = self.text(name).lower()
        return value in ("1", "true") if value else default

    def number(self, name: str, default: int) -> int:
        """Raises ApiError `invalid_arguments` when it is not a number."""
        value = self.text(name) or str(default)
        if not value.isdecimal():
            raise ApiError("invalid_arguments", messages=[f"must be a number [json-pointer:/{name}]"])
        return int(value)

    def nested(self, name: str, error: str) -> Any:
        """A value that may have come as JSON text; None when missing. Raises ApiError(error)."""
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return json.loads(value)
        except ValueError as problem:
            raise ApiError(error) from problem


def read_arguments(content_type: str, body: bytes, query: str) -> Arguments:
    """From a request's query, then its form or JSON body. Raises ApiError `invalid_json`."""
    values: dict[str, Any] = dict(parse_qsl(query, keep_blank_values=True))
    if content_type.startswith("application/json"):
        values.update(_json_object(body))
    else:
        values.update(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    return Arguments(values)


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        parsed = json.loads(body or b"{}")
    except ValueError as problem:
        raise ApiError("invalid_json") from problem
    if not isinstance(parsed, dict):
        raise ApiError("json_not_object")
    return parsed
