"""Slack's limits, one row each: what is just right, what is one too many."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.views.blockkit import Surface, characters, problems, view_problems

Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text}


def button(**more: Any) -> Json:
    return {"type": "button", "action_id": "a", "text": plain("Press"), **more}


def option(text: str = "One", value: str = "1") -> Json:
    return {"text": plain(text), "value": value}


def actions(*elements: Json) -> Json:
    return {"type": "actions", "elements": list(elements)}


def section(**more: Any) -> Json:
    return {"type": "section", **(more or {"text": mrkdwn("x")})}


def table(rows: int, columns: int, text: str = "x") -> Json:
    return {"type": "table", "rows": [[{"type": "raw_text", "text": text}] * columns] * rows}


def confirm(title: int = 1, text: int = 1, yes: int = 1, no: int = 1) -> Json:
    return {
        "title": plain("x" * title),
        "text": plain("x" * text),
        "confirm": plain("x" * yes),
        "deny": plain("x" * no),
    }


def asking(**lengths: int) -> Json:
    return actions(button(confirm=confirm(**lengths)))


def field(**element: Any) -> Json:
    return {
        "type": "input",
        "label": plain("Why"),
        "element": {"type": "plain_text_input", "action_id": "t", **element},
    }


def select(count: int, text: int = 1, value: int = 1) -> Json:
    options = [option("x" * text, "x" * value)] * count
    return actions({"type": "static_select", "action_id": "s", "options": options})


FIRST = "/elements/0"
CONFIRM = f"{FIRST}/confirm"

LIMITS: list[tuple[str, Callable[[int], Json], int, str, Surface]] = [
    ("header", lambda n: {"type": "header", "text": plain("x" * n)}, 150, "/text/text", "message"),
    ("section", lambda n: section(text=mrkdwn("x" * n)), 3000, "/text/text", "message"),
    ("fields", lambda n: section(fields=[mrkdwn("x")] * n), 10, "/fields", "message"),
    ("field text", lambda n: section(fields=[mrkdwn("x" * n)]), 2000, "/fields/0/text", "message"),
    ("context", lambda n: {"type": "context", "elements": [mrkdwn("x")] * n}, 10, "/elements", "message"),
    ("button text", lambda n: actions(button(text=plain("x" * n))), 75, f"{FIRST}/text/text", "message"),
    ("button value", lambda n: actions(button(value="x" * n)), 2000, f"{FIRST}/value", "message"),
    ("action_id", lambda n: actions(button(action_id="x" * n)), 255, f"{FIRST}/action_id", "message"),
    ("block_id", lambda n: section(text=mrkdwn("x"), block_id="x" * n), 255, "/block_id", "message"),
    ("options", lambda n: select(n), 100, f"{FIRST}/options", "message"),
    ("option text", lambda n: select(1, text=n), 75, f"{FIRST}/options/0/text/text", "message"),
    ("option value", lambda n: select(1, value=n), 150, f"{FIRST}/options/0/value", "message"),
    ("confirm title", lambda n: asking(title=n), 100, f"{CONFIRM}/title/text", "message"),
    ("confirm text", lambda n: asking(text=n), 300, f"{CONFIRM}/text/text", "message"),
    ("confirm yes", lambda n: asking(yes=n), 30, f"{CONFIRM}/confirm/text", "message"),
    ("confirm no", lambda n: asking(no=n), 30, f"{CONFIRM}/deny/text", "message"),
    ("table rows", lambda n: table(n, 1), 100, "/rows", "message"),
    ("table columns", lambda n: table(1, n), 20, "/rows/0", "message"),
    ("table text", lambda n: table(1, 2, "x" * (n // 2)), 10_001, "", "message"),
    ("initial value", lambda n: field(initial_value="x" * n), 3000, "/element/initial_value", "modal"),
    ("max_length", lambda n: field(max_length=n), 3000, "/element/max_length", "modal"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("build", "limit", "pointer", "surface"), [row[1:] for row in LIMITS], ids=[row[0] for row in LIMITS]
)
def test_a_limit_holds_at_its_edge(build: Callable[[int], Json], limit: int, pointer: str, surface: Surface) -> None:
    assert problems([build(limit)], surface) == ()
    assert [each.pointer for each in problems([build(limit + 1)], surface)] == [f"/blocks/0{pointer}"]


def test_twenty_five_actions() -> None:
    def many(count: int) -> Json:
        return actions(*[button(action_id=str(number)) for number in range(count)])

    assert problems([many(25)], "message") == ()
    assert [each.message for each in problems([many(26)], "message")] == ["no more than 25 items allowed"]


@pytest.mark.parametrize(("surface", "most"), [("message", 50), ("modal", 100), ("home", 100)])
def test_the_number_of_blocks(surface: Surface, most: int) -> None:
    assert problems([section()] * most, surface) == ()
    assert problems([section()] * (most + 1), surface)[0].message == f"no more than {most} items allowed"


ALREADY = '`action_id` "a" already exists for another element'
NO_OPTIONS = "must define either `options` or `option_groups`"
WRONG: list[tuple[str, Json, str, str]] = [
    ("unknown block", {"type": "carousel"}, "/type", "unsupported type: carousel"),
    ("no type", {}, "", "missing required field: type"),
    ("unknown text", section(text={"type": "html", "text": "x"}), "/text/type", "unsupported type: html"),
    ("unknown element", actions({"type": "slider"}), f"{FIRST}/type", "unsupported type: slider"),
    ("property", section(text=mrkdwn("x"), hue="red"), "/hue", "invalid additional property: hue"),
    ("empty text", section(text=mrkdwn("")), "/text/text", "must be more than 0 characters"),
    ("mrkdwn header", {"type": "header", "text": mrkdwn("x")}, "/text/type", "unsupported type: mrkdwn"),
    ("empty actions", actions(), "/elements", "no less than 1 items allowed"),
    ("bare section", {"type": "section"}, "", "must define either `text` or `fields`"),
    ("bare button", actions({"type": "button", "action_id": "a"}), FIRST, "missing required field: text"),
    ("button style", actions(button(style="green")), f"{FIRST}/style", "must be one of primary, danger"),
    ("equal ids", actions(button(), button()), "/elements/1/action_id", ALREADY),
    ("empty cell", table(1, 1, ""), "/rows/0/0/text", "must be more than 0 characters"),
    ("image", {"type": "image", "image_url": "https://x"}, "", "missing required field: alt_text"),
    ("imageless", {"type": "image", "alt_text": "x"}, "", "must define either `image_url` or `slack_file`"),
    ("file", {"type": "image", "alt_text": "x", "slack_file": {}}, "/slack_file", "must define either `id` or `url`"),
    (
        "file id", {"type": "image", "alt_text": "x", "slack_file": {"id": "F1"}}, "/slack_file/id",
        "must be in the format F followed by letters and digits",
    ),
    ("input in a message", field(), "/type", "unsupported type: input"),
    ("alert in a message", {"type": "alert", "text": plain("x")}, "/type", "unsupported type: alert"),
    ("text as a string", section(text="x"), "/text", "missing required field: type"),
    ("optionless", actions({"type": "static_select", "action_id": "s"}), FIRST, NO_OPTIONS),
]  # fmt: skip


@pytest.mark.parametrize(("block", "pointer", "message"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG])
def test_what_is_wrong_is_named_with_its_place(block: Json, pointer: str, message: str) -> None:
    found = [(each.pointer, each.message) for each in problems([block], "message")]

    assert found == [(f"/blocks/0{pointer}", message)]


def test_block_ids_are_unique_and_one_table_is_enough() -> None:
    twice = [section(text=mrkdwn("x"), block_id="b")] * 2

    assert [each.pointer for each in problems(twice, "message")] == ["/blocks/1/block_id"]
    assert [each.message for each in problems([table(1, 1)] * 2, "message")] == [
        "only one table is allowed in a message"
    ]


def test_a_whole_message_has_a_limit_too() -> None:
    blocks = [section(text=mrkdwn("x" * 2640))] * 5

    assert characters(blocks) == 13_200
    assert problems(blocks, "message") == ()
    assert [each.pointer for each in problems([*blocks, section()], "message")] == ["/blocks"]


def modal(*blocks: Json, **more: Any) -> Json:
    return {"type": "modal", "title": plain("T"), "submit": plain("Send"), "blocks": list(blocks), **more}


@pytest.mark.parametrize(
    ("view", "pointer"),
    [
        (modal(section(), title=plain("x" * 25)), "/title/text"),
        (modal(section(), submit=plain("x" * 25)), "/submit/text"),
        (modal(section(), private_metadata="x" * 3001), "/private_metadata"),
        (modal(section(), callback_id="x" * 256), "/callback_id"),
        (modal(field(), submit=None), "/submit"),
        (modal(section(text=mrkdwn(""))), "/blocks/0/text/text"),
        (modal(), "/blocks"),
        ({"type": "modal", "blocks": [section()]}, ""),
        ({"type": "sheet", "blocks": [section()]}, "/type"),
        ({"type": "home", "blocks": [section()], "submit": plain("x")}, "/submit"),
    ],
)
def test_a_wrong_view(view: Json, pointer: str) -> None:
    assert [each.pointer for each in view_problems(view)] == [pointer]


def test_right_views() -> None:
    assert view_problems(modal(field())) == ()
    assert view_problems({"type": "home", "blocks": []}) == ()


WORDS = st.text(alphabet="ab", max_size=3)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(0, 9) | WORDS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["type", "text"]), inner),
    max_leaves=5,
)
KINDS = st.sampled_from(["section", "actions", "table", "input", "context", "header"])
KEYS = st.sampled_from(["text", "fields", "elements", "rows", "element", "block_id"])


@given(kind=KINDS, rest=st.dictionaries(KEYS, JSON, max_size=3))
def test_any_json_is_judged_without_a_crash(kind: str, rest: Json) -> None:
    block = {**rest, "type": kind}

    assert all(each.pointer.startswith("/blocks") for each in problems([block, block], "modal"))


def picked(kind: str, **chosen: Any) -> Json:
    options = [{"text": plain(word), "value": word} for word in ("a", "b")]
    return field(type=kind, action_id="x", options=options, **chosen)


A, C = ({"text": plain(word), "value": word} for word in ("a", "c"))


@pytest.mark.parametrize(
    ("kind", "chosen", "pointers"),
    [
        ("static_select", {"initial_option": A}, []),
        ("static_select", {"initial_option": C}, ["/blocks/0/element/initial_option"]),
        ("radio_buttons", {"initial_option": {**A, "text": plain("b")}}, ["/blocks/0/element/initial_option"]),
        ("checkboxes", {"initial_options": [A]}, []),
        ("checkboxes", {"initial_options": [A, C]}, ["/blocks/0/element/initial_options/1"]),
    ],
)
def test_what_is_chosen_at_first_is_one_of_the_options(kind: str, chosen: Json, pointers: list[str]) -> None:
    assert [each.pointer for each in view_problems(modal(picked(kind, **chosen)))] == pointers
