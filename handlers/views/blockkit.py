"""What Slack would refuse: Block Kit's rules as tables you can read.

Limits: docs.slack.dev/reference/block-kit (blocks, block-elements, composition-objects), as collected
in our design notes. An `input` is refused in a message: without a submit nobody would ever send it.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from handlers.views.blockkit_checks import (
    Check,
    Problem,
    Required,
    Shape,
    anything,
    both,
    choice,
    initial_among_options,
    items,
    matching,
    number,
    one_of,
    shaped,
    string,
    typed,
    yes_or_no,
)

__all__ = ["LONGEST_MESSAGE", "Problem", "Surface", "characters", "problems", "view_problems"]

Surface = Literal["message", "modal", "home"]

DATE, TIME = r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])", r"([01]\d|2[0-3]):[0-5]\d"
MOST_BLOCKS: Mapping[Surface, int] = {"message": 50, "modal": 100, "home": 100}
LONGEST_MESSAGE = 13_200  # characters over all blocks; undocumented, found by others
LONGEST_TABLE = 10_000


def text(longest: int, *kinds: str) -> Check:
    """A text object of these kinds (both when none is given), not empty."""
    shape = shaped(
        {"type": Required(anything), "text": Required(string(longest)), "emoji": yes_or_no, "verbatim": yes_or_no}
    )
    return typed(dict.fromkeys(kinds or ("plain_text", "mrkdwn"), shape))


def plain(longest: int) -> Check:
    return text(longest, "plain_text")


CONFIRM = shaped(
    {
        "title": Required(plain(100)),
        "text": Required(text(300)),
        "confirm": Required(plain(30)),
        "deny": Required(plain(30)),
        "style": choice("primary", "danger"),
    }
)


def option(*kinds: str) -> Check:
    """An option whose text is of these kinds."""
    return shaped(
        {
            "text": Required(text(75, *kinds)),
            "value": Required(string(150)),
            "description": plain(75),
            "url": string(3000),
        }
    )


PLAIN_OPTION, RICH_OPTION = option("plain_text"), option()
OPTION_GROUP = shaped({"label": Required(plain(75)), "options": Required(items(PLAIN_OPTION, 100))})


def element(**fields: Check | Required) -> Check:
    """An interactive element; all of them may have an action_id and a confirm."""
    return shaped({"type": Required(anything), "action_id": string(255), "confirm": CONFIRM, **fields})


SELECT: Shape = {
    "placeholder": plain(150),
    "options": items(PLAIN_OPTION, 100),
    "option_groups": items(OPTION_GROUP, 100),
    "focus_on_load": yes_or_no,
}

BUTTON = element(
    text=Required(plain(75)),
    value=string(2000),
    url=string(3000),
    style=choice("primary", "danger"),
    accessibility_label=string(75),
)
CHOICES: Mapping[str, Check] = {
    "static_select": both(
        both(element(**SELECT, initial_option=PLAIN_OPTION), one_of("options", "option_groups")), initial_among_options
    ),
    "users_select": element(placeholder=plain(150), initial_user=string(255), focus_on_load=yes_or_no),
    "conversations_select": element(
        placeholder=plain(150),
        initial_conversation=string(255),
        default_to_current_conversation=yes_or_no,
        response_url_enabled=yes_or_no,
        filter=anything,
        focus_on_load=yes_or_no,
    ),
    "radio_buttons": both(
        element(options=Required(items(RICH_OPTION, 10)), initial_option=RICH_OPTION, focus_on_load=yes_or_no),
        initial_among_options,
    ),
    "checkboxes": both(
        element(
            options=Required(items(RICH_OPTION, 10)),
            initial_options=items(RICH_OPTION, 10),
            focus_on_load=yes_or_no,
        ),
        initial_among_options,
    ),
    "datepicker": element(placeholder=plain(150), initial_date=matching(DATE, "YYYY-MM-DD"), focus_on_load=yes_or_no),
    "timepicker": element(
        placeholder=plain(150), initial_time=matching(TIME, "HH:mm"), timezone=string(255), focus_on_load=yes_or_no
    ),
}
MULTI_SELECT = both(
    element(**SELECT, initial_options=items(PLAIN_OPTION, 100), max_selected_items=number(1, 100)),
    one_of("options", "option_groups"),
)
PLAIN_TEXT_INPUT = element(
    placeholder=plain(150),
    initial_value=string(3000, 0),
    multiline=yes_or_no,
    min_length=number(0, 3000),
    max_length=number(1, 3000),
    dispatch_action_config=anything,
    focus_on_load=yes_or_no,
)


SLACK_FILE = both(
    shaped({"id": matching("F[A-Z0-9]{8,}", "F followed by letters and digits"), "url": string(3000)}),
    one_of("id", "url"),
)
IMAGE_ELEMENT = both(
    shaped(
        {
            "type": Required(anything),
            "image_url": string(3000),
            "slack_file": SLACK_FILE,
            "alt_text": Required(string(2000)),
        }
    ),
    one_of("image_url", "slack_file"),
)
OVERFLOW = element(options=Required(items(PLAIN_OPTION, 5)))

IN_ACTIONS = {**CHOICES, "button": BUTTON, "overflow": OVERFLOW}
AS_ACCESSORY = {**IN_ACTIONS, "multi_static_select": MULTI_SELECT, "image": IMAGE_ELEMENT}
IN_INPUT = {**CHOICES, "multi_static_select": MULTI_SELECT, "plain_text_input": PLAIN_TEXT_INPUT}
IN_CONTEXT = {
    "image": IMAGE_ELEMENT,
    "plain_text": text(2000),
    "mrkdwn": text(2000),
}


def _text_or_fields(value: Any, at: str) -> Iterator[Problem]:
    if "text" not in value and "fields" not in value:
        yield Problem(at, "must define either `text` or `fields`")


def _unique_action_ids(value: Any, at: str) -> Iterator[Problem]:
    for place, name in _repeated(value["elements"], "action_id"):
        yield Problem(f"{at}/elements/{place}/action_id", f'`action_id` "{name}" already exists for another element')


def _table_size(value: Any, at: str) -> Iterator[Problem]:
    if characters([value]) > LONGEST_TABLE:
        yield Problem(at, f"must be less than {LONGEST_TABLE + 1} characters")


def block(**fields: Check | Required) -> Check:
    """A block; all of them have a type and may have a block_id."""
    return shaped({"type": Required(anything), "block_id": string(255), **fields})


RICH_TEXT = block(elements=Required(items(anything, 1000)))
CELL = typed(
    {
        "raw_text": shaped({"type": Required(anything), "text": Required(string(LONGEST_TABLE))}),
        "raw_number": shaped({"type": Required(anything), "value": Required(anything), "text": Required(string(255))}),
        "rich_text": RICH_TEXT,
    }
)
COLUMN = shaped({"align": choice("left", "center", "right"), "is_wrapped": yes_or_no})

BLOCKS: Mapping[str, Check] = {
    "header": block(text=Required(plain(150))),
    "section": both(
        block(
            text=text(3000),
            fields=items(text(2000), 10),
            accessory=typed(AS_ACCESSORY),
            expand=yes_or_no,
        ),
        _text_or_fields,
    ),
    "context": block(elements=Required(items(typed(IN_CONTEXT), 10))),
    "actions": both(block(elements=Required(items(typed(IN_ACTIONS), 25))), _unique_action_ids),
    "divider": block(),
    "image": both(
        block(image_url=string(3000), slack_file=SLACK_FILE, alt_text=Required(string(2000)), title=plain(2000)),
        one_of("image_url", "slack_file"),
    ),
    "rich_text": RICH_TEXT,
    "input": block(
        label=Required(plain(2000)),
        element=Required(typed(IN_INPUT)),
        hint=plain(2000),
        optional=yes_or_no,
        dispatch_action=yes_or_no,
    ),
    "table": both(block(rows=Required(items(items(CELL, 20), 100)), column_settings=items(COLUMN, 20)), _table_size),
    "alert": block(text=Required(text(3000)), level=choice("default", "info", "warning", "error", "success")),
}
NOT_ON: Mapping[Surface, frozenset[str]] = {
    "message": frozenset({"input", "alert"}),
    "modal": frozenset({"table"}),
    "home": frozenset({"table", "alert"}),
}


def problems(blocks: Sequence[Mapping[str, object]], surface: Surface) -> tuple[Problem, ...]:
    """All that Slack would refuse in these blocks; empty means fine. Pointers begin with `/blocks`."""
    allowed = {kind: check for kind, check in BLOCKS.items() if kind not in NOT_ON[surface]}
    fewest = 1 if surface == "modal" else 0  # [] takes the blocks away from a message
    found = list(items(typed(allowed), MOST_BLOCKS[surface], fewest)(list(blocks), "/blocks"))
    for place, name in _repeated(blocks, "block_id"):
        found.append(Problem(f"/blocks/{place}/block_id", f'`block_id` "{name}" already exists for another block'))
    tables = [place for place, each in enumerate(blocks) if each.get("type") == "table"]
    found += [Problem(f"/blocks/{place}", "only one table is allowed in a message") for place in tables[1:]]
    if surface == "message" and characters(blocks) > LONGEST_MESSAGE:
        found.append(Problem("/blocks", f"must be less than {LONGEST_MESSAGE + 1} characters over all blocks"))
    return tuple(found)


VIEW: Shape = {
    "type": Required(choice("modal", "home")),
    "blocks": Required(anything),
    "private_metadata": string(3000, 0),
    "callback_id": string(255, 0),
    "external_id": string(255, 0),
}
MODAL = shaped(
    {
        **VIEW,
        "title": Required(plain(24)),
        "submit": plain(24),
        "close": plain(24),
        "clear_on_close": yes_or_no,
        "notify_on_close": yes_or_no,
        "submit_disabled": yes_or_no,
    }
)
HOME = shaped(VIEW)


def view_problems(view: Mapping[str, Any]) -> tuple[Problem, ...]:
    """All that Slack would refuse in a modal or an App Home. Pointers begin at the view."""
    is_modal = view.get("type") == "modal"
    found = list((MODAL if is_modal else HOME)(view, ""))
    blocks = view.get("blocks") or ()
    found += problems(blocks, "modal" if is_modal else "home")
    if is_modal and not view.get("submit") and any(each.get("type") == "input" for each in blocks):
        found.append(Problem("/submit", "`submit` is required when an input block is present"))
    return tuple(found)


def characters(part: object) -> int:
    """The characters of every text in nested blocks, as Slack counts them against a whole message."""
    if isinstance(part, Mapping):
        own = part.get("text")
        nested = sum(characters(value) for value in part.values())
        return nested + (len(own) if isinstance(own, str) else 0)
    if isinstance(part, list | tuple):
        return sum(characters(item) for item in part)
    return 0


def _repeated(parts: Sequence[Mapping[str, object]], key: str) -> Iterator[tuple[int, str]]:
    """(place, id) of everything whose id came before."""
    seen: set[str] = set()
    for place, part in enumerate(parts):
        name = part.get(key)
        if isinstance(name, str):
            if name in seen:
                yield place, name
            seen.add(name)
