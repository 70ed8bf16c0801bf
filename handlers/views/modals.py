"""The forms. Their private data are ids and a name to compare; what to do is read again when they come back."""

from slack_sdk.models.blocks import Block, InputBlock, PlainTextInputElement, PlainTextObject
from slack_sdk.models.views import View

from bot.domain.change import Change
from bot.domain.commands import aws_command
from bot.domain.steps import Step, permissions
from handlers.views import ids, preflight
from handlers.views.card import value_of
from handlers.views.message import context, section
from handlers.views.words import code_blocks, command_block, cut, escape, label

MOST_BLOCKS = 100


def delete_form(change: Change, channel: str) -> View:
    """Whoever approves a delete types the trail's name, which it carries; refusals go to the channel of the click."""
    name = change.plan.trail_name
    return View(
        type="modal",
        callback_id=ids.DELETE_FORM,
        private_metadata=f"{value_of(change)} {channel} {name}",
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
        private_metadata=f"{value_of(change)} {channel}",
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
    command, is_cut = command_block(aws_command(step, change.plan.account.id), COMMAND_ROOM)
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
