"""What the bot says unasked about a change: the reminder in the card's thread, and the end to whoever asked for it."""

from bot.domain.asking import request
from bot.domain.change import Change, Entitled, State
from bot.domain.exceptions import Review
from handlers.views.card import subject
from handlers.views.exceptions import period
from handlers.views.message import Message, section
from handlers.views.who import by, called
from handlers.views.words import cut, escape, mention, plural, prose, when

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
    return f"{change.id}, {subject(change)}"


def _how(change: Change) -> str:
    match change.state:
        case State.DENIED:
            return f"was DENIED by {mention(change.votes[-1].user)}."
        case State.EXPIRED:
            return f"has EXPIRED: nobody decided until {when(change.expires_at)}."
        case State.ENDED:
            return f"was ENDED early by {mention(change.ended_by)}." if change.ended_by else "has ENDED."
        case State.CANCELLED if change.is_withdrawn:
            return f"is CANCELLED: its card could not be posted in <#{change.channel}>."
        case _ if not change.votes:
            return f"is {change.state.upper()}."
        case _:
            return f"was approved by {by(change) or 'nobody'}, and is {change.state.upper()}."


def _why(change: Change) -> str:
    if change.ended_by:
        return ""
    if change.state is State.DENIED:
        return f"Why: {cut(escape(change.outcome), ROOM)} "
    if change.state is State.EXPIRED:
        return f"If it is still wanted, ask anew: {_request(change)} "
    if change.is_withdrawn:
        return f"{cut(prose(change.outcome), ROOM)} Then ask anew: {_request(change)}"
    return f"{cut(prose(change.outcome), ROOM)} " if change.outcome else ""


def _request(change: Change) -> str:
    return prose(f"`{request(change.plan)}`.")


LEFT = {Review.WEEK: "within 7 days", Review.DAY: "within a day"}


def review(change: Change, review: Review) -> Message:
    """To its owner: that it is active; or when it ends, and what to do before."""
    where = f"The card is in <#{change.channel}>."
    if review is Review.BEGUN or change.plan.accepts is None:
        return _said(f"{_what(change)}, was approved by {by(change)}, and is ACTIVE. {_why(change)}{where}")
    ends = f"{_what(change)}, ends {LEFT[review]}: {period(change.plan.accepts)}."
    account = change.plan.account.id
    todo = (
        f"Then it is an ordinary failure again. Repair it (`/trail-audit fix {account}`), or ask for another exception "
        f"(`/trail-audit accept {account} until … because …`)."
    )
    return _said(f"{ends} {todo} {where}")


def _said(text: str) -> Message:
    return Message(text, (section(text),))
