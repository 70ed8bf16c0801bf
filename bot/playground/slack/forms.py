"""What a person enters: the value objects of `view.state.values`, and what Slack's client checks before it sends."""

import re
from collections.abc import Sequence

from bot.playground.slack.message import JsonObject, elements
from handlers.views.blockkit import DATE, TIME

Entry = str | Sequence[str] | None

# Element type -> (key of its value in the state, key of its first value in the element)
# docs.slack.dev/reference/interaction-payloads/view-interactions-payload
_ONE_VALUE = {
    "plain_text_input": ("value", "initial_value"),
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "users_select": ("selected_user", "initial_user"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "static_select": ("selected_option", "initial_option"),
    "radio_buttons": ("selected_option", "initial_option"),
    "overflow": ("selected_option", ""),
}
_PICKED = {"datepicker": DATE, "timepicker": TIME}
_MANY_OPTIONS = {"multi_static_select", "checkboxes"}
_REQUIRED = "Please complete this required field."


def initial_state(blocks: list[JsonObject], old: JsonObject) -> JsonObject:
    """block_id -> action_id -> value; what is in `old` under the same ids stays, as in Slack."""
    state: JsonObject = {}
    for block_id, element in elements(blocks):
        if element["type"] in ("button", "overflow"):
            continue
        kept = old.get(block_id, {}).get(element["action_id"])
        state.setdefault(block_id, {})[element["action_id"]] = kept or _first_value(element)
    return state


def _first_value(element: JsonObject) -> JsonObject:
    kind = element["type"]
    if kind in _MANY_OPTIONS:
        return {"type": kind, "selected_options": element.get("initial_options", [])}
    key, initial = _ONE_VALUE[kind]
    return {"type": kind, key: element.get(initial), **_zone(element)}


def _zone(element: JsonObject) -> JsonObject:
    """A time picker's zone goes along with what was picked, so that the app knows which time was meant."""
    return {"timezone": element["timezone"]} if element.get("timezone") else {}


def value_of(element: JsonObject, entry: Entry) -> JsonObject:
    """The value object for what was entered. Options are named by their value.

    Raises LookupError for an option that the element doesn't have, and for what is no date or time.
    """
    kind = element["type"]
    if isinstance(entry, str) and entry and not re.fullmatch(_PICKED.get(kind, ".*"), entry, re.DOTALL):
        raise LookupError(f"{entry!r} is nothing that a {kind} can give")
    if kind in _MANY_OPTIONS:
        chosen = [entry] if isinstance(entry, str) else entry or []
        return {"type": kind, "selected_options": [_option(element, value) for value in chosen]}
    key, _ = _ONE_VALUE[kind]
    if key == "selected_option":
        return {"type": kind, key: _option(element, str(entry)) if entry else None}
    return {"type": kind, key: str(entry) if entry else None, **_zone(element)}


def _option(element: JsonObject, value: str) -> JsonObject:
    groups = element.get("option_groups") or [element]
    options: list[JsonObject] = [option for group in groups for option in group.get("options", [])]
    for option in options:
        if option.get("value") == value:
            return option
    raise LookupError(f"no option {value!r}; there are {[option.get('value') for option in options]}")


def fill_in(blocks: list[JsonObject], state: JsonObject, entries: dict[str, Entry]) -> JsonObject:
    """The state after entering. A key of `entries` is a block_id, else an action_id.

    Raises LookupError for a key that names nothing.
    """
    filled = {block_id: dict(values) for block_id, values in state.items()}
    block_ids = {block_id for block_id, _ in elements(blocks)}
    unknown = set(entries)
    for block_id, element in elements(blocks):
        by_action = {element["action_id"]} - block_ids
        for name in ({block_id} | by_action) & set(entries):
            filled.setdefault(block_id, {})[element["action_id"]] = value_of(element, entries[name])
            unknown.discard(name)
    if unknown:
        raise LookupError(f"no field {sorted(unknown)}; there are {sorted(filled)}")
    return filled


def complaints(blocks: list[JsonObject], state: JsonObject) -> dict[str, str]:
    """block_id -> what Slack's client says under the field, before anything is sent."""
    found = {}
    for block in blocks:
        if block["type"] == "input":
            problem = _complaint(block, state[block["block_id"]][block["element"]["action_id"]])
            if problem:
                found[str(block["block_id"])] = problem
    return found


def _complaint(block: JsonObject, value: JsonObject) -> str | None:
    entered = next(content for key, content in value.items() if key != "type")
    if not entered:
        return None if block.get("optional") else _REQUIRED
    shortest, longest = block["element"].get("min_length", 0), block["element"].get("max_length", 3000)
    if isinstance(entered, str) and len(entered) < shortest:
        return f"Please enter at least {shortest} characters."
    if isinstance(entered, str) and len(entered) > longest:
        return f"Please enter no more than {longest} characters."
    return None
