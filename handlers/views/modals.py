"""The forms. Their private data are ids only; what to do is read again when they come back."""

from slack_sdk.models.blocks import (
    Block,
    CheckboxesElement,
    InputBlock,
    Option,
    PlainTextInputElement,
    PlainTextObject,
    RadioButtonsElement,
)
from slack_sdk.models.views import View

from bot.domain.change import Change
from bot.domain.commands import aws_command
from bot.domain.form import default_form
from bot.domain.steps import Step, permissions
from bot.domain.trail import Account
from handlers.views import ids, preflight
from handlers.views.message import context, section
from handlers.views.words import code_blocks, command_block, cut, escape, label

NEW, EXISTING = "new", "existing"
MOST_BLOCKS = 100


def create_form(account: Account, private: str) -> View:
    """The create-trail form; multi-region always, read and write events always."""
    form = default_form(account)
    return View(
        type="modal",
        callback_id=ids.CREATE_FORM,
        private_metadata=private,
        title=_plain("Create a trail"),
        submit=_plain("Ask for approval"),
        close=_plain("Cancel"),
        blocks=[
            section(f"A multi-region trail in *{escape(label(account))}* that records all management events."),
            _text(ids.NAME, "Trail name", form.name, "3 to 128 letters, digits, . _ or -"),
            _choice(
                ids.BUCKET_KIND, "Bucket for log files", (NEW, "Make a new one"), (EXISTING, "Use an existing one")
            ),
            _text(ids.BUCKET, "Bucket name", form.bucket, "Bucket names are shared by all of AWS."),
            _text(ids.PREFIX, "Prefix", "", "A folder in the bucket. Usually empty.", optional=True),
            _validation(),
            context("Nothing is made before somebody else approves. A new bucket is private, versioned, HTTPS only."),
        ],
    )


def _validation() -> Block:
    on = Option(value="on", label="Log file validation")
    box = CheckboxesElement(action_id=ids.VALIDATION, options=[on], initial_options=[on])
    return InputBlock(block_id=ids.VALIDATION, label=_plain("Integrity"), element=box, optional=True)


def _choice(id: str, label: str, *choices: tuple[str, str]) -> Block:
    options = [Option(value=value, label=text) for value, text in choices]
    element = RadioButtonsElement(action_id=id, options=options, initial_option=options[0])
    return InputBlock(block_id=id, label=_plain(label), element=element)


def _text(id: str, label: str, initial: str, hint: str, optional: bool = False) -> Block:
    element = PlainTextInputElement(action_id=id, initial_value=initial or None)
    return InputBlock(block_id=id, label=_plain(label), element=element, hint=_plain(hint), optional=optional)


def delete_form(change: Change, channel: str) -> View:
    """Whoever approves a delete types the trail's name; refusals go to the channel of the click."""
    name = change.plan.trail_name
    return View(
        type="modal",
        callback_id=ids.DELETE_FORM,
        private_metadata=f"{change.id} {channel}",
        title=_plain(f"Approve {change.id}"),
        submit=_plain("Approve delete"),
        close=_plain("Back"),
        blocks=[
            section(
                f"This deletes trail *{escape(name)}* in *{escape(label(change.plan.account))}*. It cannot be undone. "
                "Its bucket, log files and log group stay, and go on costing."
            ),
            InputBlock(
                block_id=ids.TYPED,
                label=_plain("Type the trail's name"),
                element=PlainTextInputElement(action_id=ids.TYPED),
            ),
        ],
    )


def deny_form(change: Change, channel: str) -> View:
    reason = PlainTextInputElement(action_id=ids.REASON, max_length=500, multiline=True)
    return View(
        type="modal",
        callback_id=ids.DENY_FORM,
        private_metadata=f"{change.id} {channel}",
        title=_plain(f"Deny {change.id}"),
        submit=_plain("Deny"),
        close=_plain("Back"),
        blocks=[InputBlock(block_id=ids.REASON, label=_plain("Why? The requester will read it."), element=reason)],
    )


def full_plan(change: Change) -> View:
    """Preflight, and each step with its call, permissions and command, uncut as far as a modal allows."""
    blocks: list[Block] = [context(f"Plan `{change.plan.fingerprint}` in {escape(label(change.plan.account))}")]
    blocks += preflight.in_full(change.plan.checks)
    for number, step in enumerate(change.plan.steps, start=1):
        blocks += _step(number, step, change)
    if len(blocks) > MOST_BLOCKS:
        left_out = len(blocks) - MOST_BLOCKS + 1
        blocks = [*blocks[: MOST_BLOCKS - 1], context(f"{left_out} more parts do not fit; see `trailwarden evidence`.")]
    return View(type="modal", title=_plain(f"Plan of {change.id}"), close=_plain("Close"), blocks=blocks)


COMMAND_ROOM = 2_000


def _step(number: int, step: Step, change: Change) -> list[Block]:
    """A policy makes a long command; what is cut is whole in the evidence."""
    needed = ", ".join(f"`{permission}`" for permission in permissions(step))
    command, is_cut = command_block(aws_command(step), COMMAND_ROOM)
    cut_short = [context(f"The command is cut here; `trailwarden evidence --change {change.id}` has all of it.")]
    return [
        section(f"*{number}. {step.call}* in {step.region}, permission {needed}"),
        *(section(part) for part in code_blocks(step.diff)),
        section(command),
        *(cut_short if is_cut else []),
        context(f"Undo: {escape(step.undo)}"),
    ]


def message(title: str, text: str) -> View:
    return View(type="modal", title=_plain(cut(title, 24)), close=_plain("Close"), blocks=[section(text)])


def _plain(text: str) -> PlainTextObject:
    return PlainTextObject(text=text)
