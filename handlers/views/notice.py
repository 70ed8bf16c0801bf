"""What the bot says unasked about a change: the reminder in the card's thread, and the end to whoever asked for it."""

from bot.domain.change import Change, Entitled, State, request
from handlers.views.card import TITLES
from handlers.views.message import Message, section
from handlers.views.who import by, called
from handlers.views.words import cut, escape, label, mention, plural, prose, when

ROOM = 1_500


def reminder(change: Change, entitled: Entitled | None) -> Message:
    missing = plural(max(1, change.quorum - len(change.approvers)), "approval")
    people = called(change, entitled)
    text = f"{_what(change)} still waits for {missing}, until {when(change.expires_at)}."
    return _said(f"{people}: {text}" if people else text)


def ended(change: Change) -> Message:
    """One sentence with who, what and id, then why, and where the card is."""
    where = "" if change.is_withdrawn else f"The card is in <#{change.channel}>."
    return _said(f"{_what(change)}, {_how(change)} {_why(change)}{where}".rstrip())


def _what(change: Change) -> str:
    return f"{change.id}, {TITLES[change.plan.kind]} in {escape(label(change.plan.account))}"


def _how(change: Change) -> str:
    match change.state:
        case State.DENIED:
            return f"was DENIED by {mention(change.votes[-1].user)}."
        case State.EXPIRED:
            return f"has EXPIRED: nobody decided until {when(change.expires_at)}."
        case State.CANCELLED if change.is_withdrawn:
            return f"is CANCELLED: its card could not be posted in <#{change.channel}>."
        case _ if not change.votes:
            return f"is {change.state.upper()}."
        case _:
            return f"was approved by {by(change) or 'nobody'}, and is {change.state.upper()}."


def _why(change: Change) -> str:
    if change.state is State.DENIED:
        return f"Why: {cut(escape(change.outcome), ROOM)} "
    if change.state is State.EXPIRED:
        return f"If it is still wanted, ask anew: `{request(change.plan)}`. "
    if change.is_withdrawn:
        return f"{cut(prose(change.outcome), ROOM)} Then ask anew: `{request(change.plan)}`."
    return f"{cut(prose(change.outcome), ROOM)} " if change.outcome else ""


def _said(text: str) -> Message:
    return Message(text, (section(text),))
