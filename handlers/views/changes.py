"""The list of open changes, and one change's whole story."""

from slack_sdk.models.blocks import Block

from bot.domain.change import Change
from bot.domain.evidence import BOT, Entry
from handlers.views.card import FIRST_WORDS, subject
from handlers.views.exceptions import terms
from handlers.views.message import Message, context, listed, section
from handlers.views.words import code_block, cut, escape, fitting, mention, plural, prose, when

SHOWN, ROOM = 20, 2_800
DECISIONS, DECISIONS_ROOM = 15, 2_000
"""How much of it is for what people asked and decided; a step always finds room."""
HEAD = 150
"""Room for the line on what is left out."""


def listing(changes: tuple[Change, ...]) -> Message:
    if not changes:
        text = "No change is open. Propose one with `/trail-audit fix 111122223333`."
        return Message(text, (section(text),))
    text = f"{plural(len(changes), 'change is', 'changes are')} open."
    return Message(text, (listed(text, [_line(c) for c in changes], SHOWN, ROOM),))


def _line(change: Change) -> str:
    until = f", until {when(change.expires_at)}" if change.state == "proposed" else ""
    return (
        f"• *{change.id}* {FIRST_WORDS[change.state]}: {subject(change)}, asked by {mention(change.requester)}{until}"
    )


def story(change: Change, entries: tuple[Entry, ...]) -> Message:
    """What the evidence says, oldest first; where there is too much, what people did and the newest of the rest."""
    title = f"{change.id}: {subject(change)} is {change.state.upper()}."
    told = section("\n".join(_told(change, entries)) or "No evidence.")
    outcome = (section(cut(prose(change.outcome), 1_500)),) if change.outcome else ()
    plan = _plan(change)
    head = context(f"Plan `{change.plan.fingerprint}` · newest evidence `{entries[-1].hash[:12] if entries else '-'}`")
    return Message(title, (section(f"*{title}*"), *outcome, *plan, told, head))


def _plan(change: Change) -> list[Block]:
    if change.plan.accepts:
        return terms(change)
    return [section(code_block(tuple(line for s in change.plan.steps for line in s.diff), 1_500))]


def _told(change: Change, entries: tuple[Entry, ...]) -> list[str]:
    lines = [_entry(e) for e in entries]
    if len(lines) <= SHOWN and len(fitting(lines, ROOM)) == len(lines):
        return lines
    shown = _chosen(entries, lines)
    rest = f"{len(shown)} of {len(lines)}: what people asked and decided, and the newest of the rest."
    return [f"{rest} `trailwarden evidence --change {change.id}` has all.", *(lines[n] for n in sorted(shown))]


def _chosen(entries: tuple[Entry, ...], lines: list[str]) -> set[int]:
    """The places of what people did, the oldest first, and then of the newest, as far as there is room."""
    people = [n for n, e in enumerate(entries) if e.actor != BOT][:DECISIONS]
    kept = people[: len(fitting([lines[n] for n in people], DECISIONS_ROOM))]
    room = ROOM - sum(len(lines[n]) + 1 for n in kept) - HEAD
    newest = [n for n in reversed(range(len(lines))) if n not in kept][: SHOWN - len(kept)]
    return {*kept, *newest[: len(fitting([lines[n] for n in newest], room))]}


def _entry(entry: Entry) -> str:
    who = mention(entry.actor) if entry.actor != BOT else "Trailwarden"
    about = entry.facts.get("reason") or entry.facts.get("call") or entry.facts.get("outcome") or ""
    return f"• {when(entry.at)} *{escape(entry.what)}* by {who}{f': {escape(cut(str(about), 150))}' if about else ''}"
