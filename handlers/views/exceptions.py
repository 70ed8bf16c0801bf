"""Exceptions in words: on the card, beside a failure that is accepted, and as a list."""

from datetime import datetime, timedelta

from slack_sdk.models.blocks import Block

from bot.domain.acceptance import EXAMPLE_DAYS, SOME_ACCOUNT, Acceptance
from bot.domain.change import OPEN, Change, State
from bot.domain.exceptions import is_active
from bot.domain.finding import Accepted, AccountReport, Finding
from handlers.views.message import Message, listed, section
from handlers.views.who import by, plain
from handlers.views.words import cut, escape, label, mention, plural, when

SHOWN, ROOM = 20, 2_500
IN_REPORT, REPORT_ROOM, LINE, WHY = 10, 700, 300, 120
"""How many accounts in which failures are accepted, in how many characters, how many for one, and for why it fails."""


def terms(change: Change) -> list[Block]:
    """What somebody who approves agrees to; how to end it as long as it has not ended."""
    accepts = change.plan.accepts
    if accepts is None:
        return []
    effect = f"{EFFECT} {CAN_END}" if change.state in OPEN or change.state is State.ACTIVE else EFFECT
    lines = (
        f"*What is accepted* {period(accepts)}",
        *(f"• `{control}`" for control in accepts.controls),
        f"*Because* {escape(accepts.reason)}",
    )
    return [section(effect), section("\n".join(lines))]


EFFECT = (
    "*Nothing is changed in AWS.* What fails goes on failing: reports show it as accepted, never as PASS. What fails "
    "besides is not accepted."
)
CAN_END = "Its owner and each approver can end it at any time."


def period(accepts: Acceptance) -> str:
    return f"{accepts.period}, which is {when(accepts.ends_at)}"


def accepted(account: AccountReport) -> str:
    """ "`control`, `control` accepted until … (C-42, asked by …): why": what fails now may have another cause than what
    was accepted. Names are text, so that no report calls an owner.
    """
    by_exception: dict[Accepted, list[Finding]] = {}
    for finding in account.accepted():
        if finding.accepted:
            by_exception.setdefault(finding.accepted, []).append(finding)
    return "; ".join(_one_accepted(mark, findings) for mark, findings in by_exception.items())


def _one_accepted(mark: Accepted, findings: list[Finding]) -> str:
    controls = ", ".join(f"`{f.control}`" for f in findings)
    whys = " ".join(dict.fromkeys(escape(cut(f.why, WHY)) for f in findings))
    terms = cut(f"{controls} accepted until {mark.until} ({mark.change}, asked by {plain(mark.owner)})", LINE)
    return f"{terms}: {whys.rstrip('.')}"


def in_report(accounts: tuple[AccountReport, ...]) -> list[Block]:
    """The accounts in which nothing fails but as accepted; a fix may still be asked for."""
    if not accounts:
        return []
    lines = [f"• {escape(label(a.account))}: {accepted(a)}" for a in accounts]
    return [listed(f"Accepted, and still failing: {plural(len(accounts), 'account')}", lines, IN_REPORT, REPORT_ROOM)]


def listing(changes: tuple[Change, ...], now: datetime) -> Message:
    """Those that wait, are active, and have ended."""
    if not changes:
        text = f"No exception waits, is active, or has ended in the last 30 days. {_hint(now)}"
        return Message(text, (section(text),))
    waiting = [c for c in changes if c.state is State.PROPOSED]
    active = [c for c in changes if is_active(c, now)]
    ended = [c for c in changes if c not in waiting and c not in active]
    groups = (("Waiting for approval", waiting), ("Active", active), ("Ended in the last 30 days", ended))
    text = f"{len(waiting)} waiting, {len(active)} active, {len(ended)} ended in the last 30 days"
    told = {title: [f"{_sentence(line(c, now))} {_people(c)}" for c in found] for title, found in groups}
    blocks = [listed(title, lines, SHOWN, ROOM) for title, lines in told.items() if lines]
    return Message(f"Exceptions: {text}.", (*blocks, section(_end(active) + _hint(now))))


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."


def _people(change: Change) -> str:
    approved = f", approved by {by(change)}" if change.approvers else ""
    return f"Asked by {mention(change.requester)}{approved}."


def _end(active: list[Change]) -> str:
    return f"End an active one: `/trail-audit undo {active[0].id}`. " if active else ""


def _hint(now: datetime) -> str:
    until = now.date() + timedelta(days=EXAMPLE_DAYS)
    return f"Ask for one: `/trail-audit accept {SOME_ACCOUNT} log-delivery until {until} because …`."


def line(change: Change, now: datetime) -> str:
    accepts = change.plan.accepts
    if accepts is None:
        return f"• *{change.id}*"
    controls = ", ".join(f"`{c}`" for c in accepts.controls)
    what = f"{escape(label(change.plan.account))}: {controls} until {accepts.until}{_left(change, accepts, now)}"
    return f"• *{change.id}* {what}: {cut(escape(accepts.reason), 150)}"


def _left(change: Change, accepts: Acceptance, now: datetime) -> str:
    """How many days, or how it has ended."""
    if change.state is State.ENDED:
        return f" ({escape(change.outcome.rstrip('.'))})"
    left = (accepts.until - now.date()).days
    return f" ({plural(left, 'day')} left)" if left >= 0 else " (its last day is over)"
