"""The Home: how CloudTrail stands, what waits for me, and how the bot itself is. One function for each section.

A new section is a function from the Home to blocks and a line in SECTIONS; `bulleted` shows a tuple as a list.
"""

from collections.abc import Callable

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    DividerBlock,
    MarkdownTextObject,
    SectionBlock,
)
from slack_sdk.models.views import View

from bot.domain.change import Change, State
from bot.domain.home import Home
from bot.domain.plan import Plan
from handlers.views import exceptions, subscriptions
from handlers.views.card import FIRST_WORDS, cancelling, deciding, full_plan, subject
from handlers.views.home_standing import health, running, standing
from handlers.views.message import bulleted, context, header, section
from handlers.views.who import by
from handlers.views.words import code_block, cut, escape, mention, plural, refusal, when

CHANGES_SHOWN, PLAN_ROOM, DIGESTS_SHOWN = 5, 420, 5
"""Each with its buttons."""


def home(content: Home) -> View:
    return _view([block for part in SECTIONS for block in part(content)])


def closed(words: str) -> View:
    """For somebody to whom nothing is shown, and why; the words are ready for Slack."""
    return _view([header("Trailwarden"), section(words)])


def _view(blocks: list[Block]) -> View:
    return View(type="home", blocks=blocks)


# What waits for me, and what I asked for


def _decisions(content: Home) -> list[Block]:
    desk = content.desk
    title = header(f"Waiting for your approval: {len(desk.decides)}")
    shown = [block for c in desk.decides[:CHANGES_SHOWN] for block in _to_decide(c)]
    notes = []
    if len(desk.decides) > CHANGES_SHOWN:
        notes.append(f"{CHANGES_SHOWN} of {len(desk.decides)} shown; `/trail-audit changes` lists all.")
    if desk.unsure:
        notes.append(f"{plural(desk.unsure, 'other change')} may wait for you: see the cards, `/trail-audit changes`.")
    if desk.unread:
        notes.append(f"What waits for you could not be told. {cut(refusal(desk.unread), 500)}")
    if not shown and not notes:
        notes.append("Nothing waits for you.")
    return [DividerBlock(), title, *shown, *([context(*notes)] if notes else [])]


def _to_decide(change: Change) -> list[Block]:
    """As much as the card says of what would be changed; the whole is behind Full plan."""
    plan = change.plan
    text = (
        f"{_what(change)}, asked by {mention(change.requester)}\n{len(change.approvers)} of "
        f"{plural(change.quorum, 'approval')} · until {when(change.expires_at)} · plan `{plan.fingerprint}` · card in "
        f"<#{change.channel}>\n{_wanted(plan)}"
    )
    buttons = ActionsBlock(block_id=f"decide-{change.id}", elements=[*deciding(change), *full_plan(change)])
    return [section(text), buttons]


def _wanted(plan: Plan) -> str:
    """The diff; an exception has none."""
    if plan.accepts:
        controls = ", ".join(f"`{control}`" for control in plan.accepts.controls)
        why = escape(cut(plan.accepts.reason, PLAN_ROOM))
        return f"Accepts {controls} {exceptions.period(plan.accepts)}, because {why}"
    diff = tuple(line for step in plan.steps for line in (f"{step.call} in {step.region}", *step.diff))
    return code_block(diff, PLAN_ROOM)


def _what(change: Change) -> str:
    return f"*{change.id}* {subject(change)}"


def _mine(content: Home) -> list[Block]:
    mine = content.desk.mine
    if not mine:
        return []
    more = [context(f"{CHANGES_SHOWN} of {len(mine)} shown.")] if len(mine) > CHANGES_SHOWN else []
    return [DividerBlock(), header("Your open requests"), *(_own(c) for c in mine[:CHANGES_SHOWN]), *more]


def _own(change: Change) -> Block:
    """With Cancel as long as it can be taken back."""
    waits = change.state is State.PROPOSED
    until = f" until {when(change.expires_at)}, {len(change.approvers)} of {plural(change.quorum, 'approval')}"
    text = f"{_what(change)}\n{FIRST_WORDS[change.state]}{until if waits else ''} · card in <#{change.channel}>"
    button = cancelling(change) if waits else next(iter(full_plan(change)), None)
    return SectionBlock(block_id=f"mine-{change.id}", text=MarkdownTextObject(text=text), accessory=button)


# What happened, and who gets digests


def _recent(content: Home) -> list[Block]:
    return bulleted("Recent changes", [_moved(c) for c in (*content.moving, *content.ended)], 20)


def _moved(change: Change) -> str:
    at = f" {when(change.decided_at)}" if change.decided_at else ""
    return f"{_what(change)}: {FIRST_WORDS[change.state]}{at}, asked by {mention(change.requester)}{_decided(change)}"


def _decided(change: Change) -> str:
    if change.state is State.DENIED:
        return f", denied by {mention(change.votes[-1].user)}"
    return f", approved by {by(change)}" if change.approvers else ""


def _exceptions(content: Home) -> list[Block]:
    """Those that are active or over; one that waits is a change like any other."""
    shown = [c for c in content.exceptions if c.state is not State.PROPOSED]
    return bulleted("Exceptions", [exceptions.line(c, content.now).removeprefix("• ") for c in shown])


def _digests(content: Home) -> list[Block]:
    """Each with its buttons, which do as those of its list in the channel."""
    if not content.digests:
        return []
    shown = content.digests[:DIGESTS_SHOWN]
    entries = [block for s in shown for block in subscriptions.entry(s, content.now, f" in <#{s.channel}>")]
    more = [context(f"{len(shown)} of {len(content.digests)} shown; `/trail-audit digest` lists those of its channel.")]
    return [DividerBlock(), header("Digests"), *entries, *(more if len(shown) < len(content.digests) else [])]


SECTIONS: tuple[Callable[[Home], list[Block]], ...] = (
    standing,
    running,
    _decisions,
    _mine,
    _recent,
    _exceptions,
    _digests,
    health,
)
"""From top to bottom."""
