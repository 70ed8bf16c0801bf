"""Is this a payload as Slack sends them? Pure. What is none reaches no listener, nor Bolt, which trusts its shape."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

TEXT, ID, VALUE, PRIVATE, URL = 40_000, 255, 2_000, 3_000, 3_000
"""Characters at most: of a message, an id, a button's value, a form's private metadata, and a URL."""


@dataclass(frozen=True)
class Field:
    """A text by its path. Where it is absent nothing is wrong, unless a payload of that type cannot be without it."""

    path: tuple[str, ...]
    longest: int = ID
    pattern: str = ""
    needed_by: tuple[str, ...] = ()


USER = r"[UW][A-Z0-9]{1,30}"
PLACE = r"[CDG][A-Z0-9]{1,30}"
CLICK, SUBMISSION, CLOSED, EVENT = "block_actions", "view_submission", "view_closed", "event_callback"
SHORTCUTS = ("shortcut", "message_action")
LEFT = ("app_uninstalled", "tokens_revoked")
"""Events of the app itself, which name nobody."""
KINDS = f"{CLICK}|{SUBMISSION}|{CLOSED}|{EVENT}|shortcut|message_action|url_verification"
"""What Slack sends to an app like ours; a slash command has no type. The last asks whether our address is ours."""
FIELDS = (
    Field(("type",), pattern=KINDS),
    Field(("command",)),
    Field(("text",), TEXT),
    Field(("callback_id",)),
    Field(("challenge",), needed_by=("url_verification",)),
    Field(("action_id",)),
    Field(("api_app_id",)),
    Field(("trigger_id",)),
    Field(("response_url",), URL),
    Field(("user_id",), pattern=USER),
    Field(("team_id",)),
    Field(("channel_id",), pattern=PLACE),
    Field(("user", "id"), pattern=USER, needed_by=(CLICK, SUBMISSION, *SHORTCUTS)),
    Field(("user", "team_id")),
    Field(("team", "id")),
    Field(("channel", "id"), pattern=PLACE),
    Field(("container", "channel_id"), pattern=PLACE),
    Field(("container", "message_ts")),
    Field(("view", "type"), pattern="modal|home", needed_by=(SUBMISSION, CLOSED)),
    Field(("view", "id")),
    Field(("view", "hash")),
    Field(("view", "callback_id"), needed_by=(SUBMISSION,)),
    Field(("view", "private_metadata"), PRIVATE),
    Field(("view", "app_installed_team_id")),
    Field(("view", "team_id")),
    Field(("event", "type"), needed_by=(EVENT,)),
    Field(("event", "user"), pattern=USER, needed_by=(EVENT,)),
    Field(("event", "tab")),
)
ACTION = (
    Field(("action_id",), needed_by=(CLICK,)),
    Field(("block_id",)),
    Field(("type",)),
    Field(("value",), VALUE),
    Field(("selected_option", "value")),
)
MAPPINGS = ("user", "team", "channel", "container", "view", "event", "enterprise", "message", "state")
LISTS = ("actions", "authorizations")


def problem(payload: object) -> str:
    """What is wrong with it, in a word for the log; "" for nothing. The word holds nothing that was sent."""
    if not isinstance(payload, Mapping):
        return "no object"
    return next(_problems(payload), "")


def _problems(payload: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"{name} is no object" for name in MAPPINGS if not _is(payload.get(name), Mapping))
    for name in ("view", "event"):  # Bolt takes either for a mapping wherever it stands
        if payload.get(name, {}) is None:
            yield f"{name} is no object"
    yield from (f"{name} is no list of objects" for name in LISTS if not _is_list(payload.get(name)))
    kind = payload.get("type")
    if kind == EVENT and (payload.get("event") or {}).get("type") in LEFT:
        kind = "left"
    yield from _wrong(payload, FIELDS, kind)
    if kind == CLICK:
        yield from _wrong_action((payload.get("actions") or [{}])[0], kind)
    if kind == SUBMISSION:
        yield from _wrong_values(payload["view"])
    if "command" in payload and not payload.get("user_id"):
        yield "user_id is missing"


def _wrong_action(action: Mapping[str, Any], kind: object) -> Iterator[str]:
    yield from _wrong(action, ACTION, kind)
    if not _is(action.get("selected_option"), Mapping):
        yield "selected_option is no object"


def _is(found: object, wanted: type) -> bool:
    return found is None or isinstance(found, wanted)


def _is_list(found: object) -> bool:
    return found is None or (isinstance(found, list) and all(isinstance(each, Mapping) for each in found))


def _wrong(part: Mapping[str, Any], fields: tuple[Field, ...], kind: object) -> Iterator[str]:
    for field in fields:
        found: Any = part
        for name in field.path:
            found = found.get(name) if isinstance(found, Mapping) else None
        name = ".".join(field.path)
        if found in (None, ""):
            if kind in field.needed_by:
                yield f"{name} is missing"
        elif not _fits(found, field.longest, field.pattern):
            yield f"{name} is malformed"


def _fits(found: object, longest: int, pattern: str = "") -> bool:
    """Text that can be stored and sent: no zero character, no half of a character."""
    if not isinstance(found, str) or len(found) > longest or "\0" in found:
        return False
    if any("\ud800" <= c <= "\udfff" for c in found):
        return False
    return not pattern or re.fullmatch(pattern, found) is not None


def _wrong_values(view: Mapping[str, Any]) -> Iterator[str]:
    """What was filled in, by block and action: a text's `value`, a choice's `selected_option` or `selected_options`."""
    state = view.get("state")
    values = state.get("values") if isinstance(state, Mapping) else None
    if not isinstance(values, Mapping) or not all(isinstance(block, Mapping) for block in values.values()):
        yield "view.state is malformed"
        return
    for element in (element for block in values.values() for element in block.values()):
        if not isinstance(element, Mapping) or not _is_filled(element):
            yield "view.state.values is malformed"


def _is_filled(element: Mapping[str, Any]) -> bool:
    value, option, options = (element.get(k) for k in ("value", "selected_option", "selected_options"))
    chosen = [option] if option is not None else []
    if not _is_list(options) or not all(isinstance(each, Mapping) for each in chosen):
        return False
    said = [value, *(each.get("value") for each in [*chosen, *(options or [])])]
    return all(each is None or _fits(each, PRIVATE) for each in said)
