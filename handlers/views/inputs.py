"""The fields of a form. A block and its element have the same id, by which the answer is found."""

from collections.abc import Sequence
from dataclasses import dataclass

from slack_sdk.models.blocks import (
    CheckboxesElement,
    InputBlock,
    InputInteractiveElement,
    Option,
    PlainTextInputElement,
    PlainTextObject,
    RadioButtonsElement,
    StaticSelectElement,
)


@dataclass(frozen=True)
class Field:
    """A field's id, its label, and what is said below it ("" for nothing)."""

    id: str
    label: str
    hint: str = ""


Pairs = Sequence[tuple[str, str]]
"""Value and words of each option, in order."""


def plain(text: str) -> PlainTextObject:
    return PlainTextObject(text=text)


def text_input(field: Field, value: str, longest: int, optional: bool = False) -> InputBlock:
    element = PlainTextInputElement(action_id=field.id, initial_value=value or None, max_length=longest)
    return _input(field, element, optional)


def radio(field: Field, options: Pairs, chosen: str, about: Sequence[str] = ()) -> InputBlock:
    """`about` describes the options, in their order."""
    made = [_option(pair, about[n] if about else "") for n, pair in enumerate(options)]
    return _input(field, RadioButtonsElement(action_id=field.id, options=made, initial_option=_chosen(made, chosen)))


def select(field: Field, options: Pairs, chosen: str) -> InputBlock:
    made = [_option(pair) for pair in options]
    return _input(field, StaticSelectElement(action_id=field.id, options=made, initial_option=_chosen(made, chosen)))


def tick(field: Field, words: str, ticked: bool) -> InputBlock:
    option = _option(("on", words))
    box = CheckboxesElement(action_id=field.id, options=[option], initial_options=[option] if ticked else None)
    return _input(field, box, optional=True)


def _input(field: Field, element: InputInteractiveElement, optional: bool = False) -> InputBlock:
    hint = plain(field.hint) if field.hint else None
    return InputBlock(block_id=field.id, label=plain(field.label), element=element, hint=hint, optional=optional)


def _option(pair: tuple[str, str], about: str = "") -> Option:
    return Option(value=pair[0], label=pair[1], description=about or None)


def _chosen(options: list[Option], value: str) -> Option:
    return next((o for o in options if o.value == value), options[0])
