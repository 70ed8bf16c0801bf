"""Small checks that compose: each looks at one JSON value and says what Slack would dislike about it.

The wording is Slack's where it is known (its answers to chat.postMessage carry it).
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Problem:
    """`pointer` is a JSON pointer from the message or view, e.g. `/blocks/0/text/text`."""

    pointer: str
    message: str


Check = Callable[[object, str], Iterator[Problem]]


@dataclass(frozen=True)
class Required:
    """Marks a field that must be there; all others may be missing."""

    check: Check


Shape = Mapping[str, Check | Required]


def string(longest: int, shortest: int = 1) -> Check:
    """A string of `shortest` to `longest` characters."""

    def check(value: object, at: str) -> Iterator[Problem]:
        if not isinstance(value, str):
            yield Problem(at, "must be a string")
        elif len(value) < shortest:
            yield Problem(at, f"must be more than {shortest - 1} characters")
        elif len(value) > longest:
            yield Problem(at, f"must be less than {longest + 1} characters")

    return check


def matching(pattern: str, called: str) -> Check:
    """A string that the pattern describes whole; `called` is what people call it."""

    def check(value: object, at: str) -> Iterator[Problem]:
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            yield Problem(at, f"must be in the format {called}")

    return check


def choice(*allowed: str) -> Check:
    """One of these words."""

    def check(value: object, at: str) -> Iterator[Problem]:
        if value not in allowed:
            yield Problem(at, f"must be one of {', '.join(allowed)}")

    return check


def yes_or_no(value: object, at: str) -> Iterator[Problem]:
    """true or false."""
    if not isinstance(value, bool):
        yield Problem(at, "must be a boolean")


def number(lowest: int, highest: int) -> Check:
    """A whole number from `lowest` to `highest`."""

    def check(value: object, at: str) -> Iterator[Problem]:
        if not isinstance(value, int) or not lowest <= value <= highest:
            yield Problem(at, f"must be a number from {lowest} to {highest}")

    return check


def anything(_value: object, _at: str) -> Iterator[Problem]:
    """Not looked into."""
    return iter(())


def items(each: Check, most: int, fewest: int = 1) -> Check:
    """A list of `fewest` to `most` items."""

    def check(value: object, at: str) -> Iterator[Problem]:
        if not isinstance(value, list | tuple):
            yield Problem(at, "must be an array")
            return
        if len(value) > most:
            yield Problem(at, f"no more than {most} items allowed")
        if len(value) < fewest:
            yield Problem(at, f"no less than {fewest} items allowed")
        for place, item in enumerate(value):
            yield from each(item, f"{at}/{place}")

    return check


def shaped(shape: Shape) -> Check:
    """An object with these fields and no others."""

    def check(value: object, at: str) -> Iterator[Problem]:
        if not isinstance(value, Mapping):
            yield Problem(at, "must be an object")
            return
        for name, rule in shape.items():
            yield from _field(value, name, rule, at)
        for name in value:
            if name not in shape:
                yield Problem(f"{at}/{name}", f"invalid additional property: {name}")

    return check


def _field(value: Mapping[str, object], name: str, rule: Check | Required, at: str) -> Iterator[Problem]:
    wanted = rule.check if isinstance(rule, Required) else rule
    if value.get(name) is not None:
        yield from wanted(value[name], f"{at}/{name}")
    elif isinstance(rule, Required):
        yield Problem(at, f"missing required field: {name}")


def typed(table: Mapping[str, Check]) -> Check:
    """An object whose `type` chooses the check."""

    def check(value: object, at: str) -> Iterator[Problem]:
        kind = value.get("type") if isinstance(value, Mapping) else None
        if not isinstance(kind, str):
            yield Problem(at, "missing required field: type")
        elif kind not in table:
            yield Problem(f"{at}/type", f"unsupported type: {kind}")
        else:
            yield from table[kind](value, at)

    return check


def both(first: Check, second: Check) -> Check:
    """The second is asked only when the first is content, so that it may rely on the shape."""

    def check(value: object, at: str) -> Iterator[Problem]:
        found = tuple(first(value, at))
        yield from found or second(value, at)

    return check


def one_of(first: str, second: str) -> Check:
    """An object with exactly one of these two fields."""

    def check(value: Any, at: str) -> Iterator[Problem]:
        if (value.get(first) is None) == (value.get(second) is None):
            yield Problem(at, f"must define either `{first}` or `{second}`")

    return check


def initial_among_options(value: Any, at: str) -> Iterator[Problem]:
    """Slack wants it to be exactly one of the options: docs.slack.dev/reference/block-kit/block-elements."""
    groups = value.get("option_groups") or [value]
    options = [option for group in groups for option in group.get("options") or ()]
    single = {"initial_option": value["initial_option"]} if value.get("initial_option") else {}
    several = {f"initial_options/{n}": each for n, each in enumerate(value.get("initial_options") or ())}
    for place, chosen in {**single, **several}.items():
        if chosen not in options:
            yield Problem(f"{at}/{place}", "must be one of the options")
