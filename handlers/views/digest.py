"""The digest. New and fixed come first; no change is one line, and never silence."""

from datetime import datetime

from slack_sdk.models.blocks import Block

from bot.domain.digest import Subscription, score
from bot.domain.finding import AccountReport
from bot.ports import Digest
from handlers.views import exceptions
from handlers.views.card import TITLES
from handlers.views.message import Message, context, header, listed, section
from handlers.views.report import account_blocks, account_text
from handlers.views.words import cut, escape, fitting, label, plural, when

SHOWN, ROOM = 10, 1_200
NEW_ROOM = 2_400
"""Characters for a list, and for the new failures."""


def digest(digest: Digest) -> Message:
    title = f"CloudTrail digest: {score(digest.report)} % pass{_trend(digest)}"
    blocks: list[Block] = [header(title), section(_summary(digest))]
    blocks += _new(digest.comparison.new)
    blocks += [*_listed("Fixed", digest.comparison.fixed), *_listed("Still failing", digest.comparison.still)]
    blocks += _listed("Could not be judged", digest.comparison.unreadable)
    blocks += [*exceptions.in_report(digest.comparison.accepted), *_waiting(digest)]
    blocks.append(context(_footer(digest)))
    return Message(f"{title}. {_summary(digest)}", tuple(blocks))


def _trend(digest: Digest) -> str:
    if digest.score_before is None:
        return ", the first digest here"
    difference = score(digest.report) - digest.score_before
    return f" ({difference:+d})" if difference else ", as before"


def _summary(digest: Digest) -> str:
    late = f"This digest is late: it was due {when(digest.due)}. " if digest.late and digest.due else ""
    found = digest.comparison
    accepted = f", {len(found.accepted)} failing as accepted" if found.accepted else ""
    unjudged = plural(len(found.unreadable), "account")
    counts = f"{len(found.still)} still failing, {unjudged} could not be judged{accepted}."
    if not found.changed:
        return f"{late}Nothing changed since the last digest: {counts}"
    return f"{late}{len(found.new)} new, {len(found.fixed)} fixed, {counts}"


def _new(accounts: tuple[AccountReport, ...]) -> list[Block]:
    shown = accounts[: len(fitting([account_text(a) for a in accounts[:SHOWN]], NEW_ROOM))]
    more = [context(f"{len(shown)} of {len(accounts)} new failures shown")] if len(shown) < len(accounts) else []
    return [*(block for a in shown for block in account_blocks(a)), *more]


def _listed(title: str, accounts: tuple[AccountReport, ...]) -> list[Block]:
    if not accounts:
        return []
    return [listed(title, [f"• {escape(label(a.account))}: {escape(_why(a))}" for a in accounts], SHOWN, ROOM)]


def _why(account: AccountReport) -> str:
    told = (f for f in account.findings if f.verdict.value == account.attention and f.accepted is None)
    return cut(next((f.why for f in told), ""), 120)


def _waiting(digest: Digest) -> list[Block]:
    if not digest.waiting:
        return []
    lines = [
        f"• {c.id}: {TITLES[c.plan.kind]} in {escape(label(c.plan.account))}, until {when(c.expires_at)}"
        for c in digest.waiting
    ]
    return [listed("Waiting for approval", lines, SHOWN, ROOM)]


def _footer(digest: Digest) -> str:
    following = f"next digest {when(digest.next_run)}" if digest.next_run else "no digest is scheduled here"
    left_out = "".join(f"{escape(cut(note, 100))} · " for note in digest.report.left_out[:3])
    accounts = plural(len(digest.report.accounts), "account")
    return f"{accounts} · {left_out}{following} · evidence `{digest.chain_head[:12]}`"


def subscribed(subscription: Subscription, next_run: datetime) -> Message:
    text = f"This channel gets a digest at {escape(subscription.words)}. The next one comes {when(next_run)}."
    return Message(text, (section(text), context("`/trail-audit digest off` ends it.")))


def unsubscribed() -> Message:
    text = "This channel gets no more digests. `/trail-audit digest 09:00 Europe/Paris` brings them back."
    return Message(text, (section(text),))


def not_subscribed() -> Message:
    text = "This channel has no digest. Ask for one with `/trail-audit digest 09:00 Europe/Paris weekdays`."
    return Message(text, (section(text),))
