"""The digest. New and fixed come first; no change is one line, and never silence; what is long goes into the thread."""

from collections.abc import Sequence

from slack_sdk.models.blocks import Block

from bot.domain.digest import score
from bot.domain.finding import AccountReport
from bot.domain.subscription import Subscription
from bot.ports import Digest
from handlers.views import exceptions
from handlers.views.card import TITLES
from handlers.views.message import Message, context, header, section
from handlers.views.report import account_blocks, account_text
from handlers.views.words import cut, escape, fitting, label, plural, when

SHOWN, ROOM = 10, 1_000
"""How many of a list, and characters for it; the new failures have more."""
NEW_ROOM = 2_400
IN_THREAD, THREAD_ROOM = 40, 2_900
THREADED = 10
"""Messages in the thread; what is longer still is a matter for `trailwarden export`."""


def digest(digest: Digest) -> tuple[Message, ...]:
    """The message, and what hangs below it. Where nothing changed, one line says so, and all else is below."""
    title = f"CloudTrail digest: {score(digest.report)} % pass{_trend(digest)}"
    summary, footer, lists = _summary(digest), context(_footer(digest)), _lists(digest)
    if not digest.comparison.changed:
        first = Message(f"{title}. {summary}", (section(f"*{title}.* {summary}"), footer))
        return (first, *_below(_whole(lists)), *_accepted(digest))
    new = digest.comparison.new
    shown = new[: len(fitting([account_text(a) + _who(a, digest) for a in new[:SHOWN]], NEW_ROOM))]
    blocks: list[Block] = [header(title), section(summary), *_new(digest, shown)]
    blocks += [_listed(name, lines) for name, lines in lists if lines]
    blocks += [*exceptions.in_report(digest.comparison.accepted), footer]
    first = Message(f"{title}. {summary}", tuple(blocks))
    return (first, *_below([*_named(new[len(shown) :]), *_others(lists)]))


def _accepted(digest: Digest) -> list[Message]:
    """Below where nothing changed, the failures that are accepted."""
    blocks = exceptions.in_report(digest.comparison.accepted)
    count = plural(len(digest.comparison.accepted), "account")
    return [Message(f"Accepted, and still failing: {count}.", tuple(blocks))] if blocks else []


def _trend(digest: Digest) -> str:
    if digest.score_before is None:
        return f", the first of {digest.subscription.name}" if digest.subscription else ", the first digest here"
    difference = score(digest.report) - digest.score_before
    return f" ({difference:+d})" if difference else ", as before"


def _summary(digest: Digest) -> str:
    found = digest.comparison
    accepted = f", {len(found.accepted)} failing as accepted" if found.accepted else ""
    unjudged = plural(len(found.unreadable), "account")
    waiting = f", {plural(len(digest.waiting), 'change')} waiting for approval" if digest.waiting else ""
    counts = f"{len(found.still)} still failing, {unjudged} could not be judged{accepted}{waiting}."
    if found.changed:
        return f"{_apology(digest)}{len(found.new)} new, {len(found.fixed)} fixed, {counts}"
    return f"{_apology(digest)}{_nothing(digest)}: {counts}"


def _nothing(digest: Digest) -> str:
    """What can no longer be seen is no "nothing changed", nor is a list that broke off."""
    if lost := digest.comparison.lost:
        return f"Nothing fails anew, but {plural(len(lost), 'account')} can no longer be judged"
    whole = digest.score_before is not None and digest.report.complete
    return "Nothing changed since the last digest" if whole else "Nothing fails anew"


def _apology(digest: Digest) -> str:
    """What went wrong with it, and with those before it."""
    late = f"This digest is late: it was due {when(digest.due)}. " if digest.late and digest.due else ""
    late += "" if digest.report.complete else "Not every account could be listed, so this is not the whole. "
    if not digest.missed:
        return late
    why = digest.subscription.paused if digest.subscription else ""
    because = f": {escape(cut(why, 150))}" if why else "."
    if len(digest.missed) == 1:
        return f"{late}The digest of {when(digest.missed[0])} was missed{because} "
    return f"{late}{len(digest.missed)} digests were missed, since {when(digest.missed[-1])}{because} "


def _new(digest: Digest, shown: Sequence[AccountReport]) -> list[Block]:
    total = len(digest.comparison.new)
    more = [context(f"{len(shown)} of {total} new failures shown; the others are below.")] if len(shown) < total else []
    return [*(block for a in shown for block in _failure(a, digest)), *more]


def _failure(account: AccountReport, digest: Digest) -> list[Block]:
    who = _who(account, digest)
    return [*account_blocks(account), *([context(who)] if who else [])]


def _who(account: AccountReport, digest: Digest) -> str:
    """Who changed its trail, as far as that is known."""
    return escape(cut(digest.changed_by.get(account.account.id, ""), 400))


def _lists(digest: Digest) -> tuple[tuple[str, list[str]], ...]:
    found = digest.comparison
    return (
        ("Fixed", [_line(a) for a in found.fixed]),
        ("Still failing", [f"{_line(a)} · {_open(a, digest)}" for a in found.still]),
        ("Waiting for approval", _waiting(digest)),
        ("Exceptions that end soon, or have ended", _to_review(digest)),
        ("Could not be judged", [_line(a) for a in found.unreadable]),
    )


def _line(account: AccountReport) -> str:
    return f"• {escape(label(account.account))}: {escape(cut(account.findings[0].why, 120))}"


def _open(account: AccountReport, digest: Digest) -> str:
    """Since when, in calendar days, and what is done about it. Nobody is mentioned: no call day after day."""
    known = [digest.since.get((account.account.id, f.control)) for f in account.findings]
    days = max(((digest.report.started.date() - since.date()).days for since in known if since), default=0)
    age = f"_{plural(days, 'day')}_" if days else "_since today_"
    change = next((c for c in digest.waiting if c.plan.account.id == account.account.id), None)
    return f"{age} · {f'{change.id} waits for approval' if change else 'nobody is at it'}"


def _waiting(digest: Digest) -> list[str]:
    return [
        f"• {c.id}: {TITLES[c.plan.kind]} in {escape(label(c.plan.account))}, until {when(c.expires_at)}"
        for c in digest.waiting
    ]


def _to_review(digest: Digest) -> list[str]:
    return [exceptions.line(change, digest.report.finished) for change in digest.to_review]


def _listed(title: str, lines: list[str]) -> Block:
    shown = fitting(lines[:SHOWN], ROOM)
    more = [f"{len(shown)} of {len(lines)} shown; the others are below."] if len(shown) < len(lines) else []
    return section("\n".join([f"*{title}*", *shown, *more]))


def _named(new: Sequence[AccountReport]) -> list[str]:
    return [f"*FAIL* {escape(label(a.account))}: {escape(cut(a.findings[0].why, 120))}" for a in new]


def _whole(lists: Sequence[tuple[str, list[str]]]) -> list[str]:
    return [line for title, every in lists if every for line in (f"*{title}*", *every)]


def _others(lists: Sequence[tuple[str, list[str]]]) -> list[str]:
    """What had no room above."""
    rests = ((title, every[len(fitting(every[:SHOWN], ROOM)) :]) for title, every in lists)
    return [line for title, rest in rests if rest for line in (f"*{title}, the others*", *rest)]


def _below(lines: list[str]) -> list[Message]:
    made: list[Message] = []
    while lines and len(made) < THREADED:
        shown = fitting(lines[:IN_THREAD], THREAD_ROOM)
        lines = lines[len(shown) :]
        text = "\n".join(shown)
        made.append(Message(text, (section(text),)))
    if lines:
        text = f"{len(lines)} more lines do not fit here. `trailwarden export` has them all."
        made.append(Message(text, (section(text),)))
    return made


def _footer(digest: Digest) -> str:
    following = f"next digest {when(digest.next_run)}" if digest.next_run else "no digest is scheduled here"
    left_out = "".join(f"{escape(cut(note, 100))} · " for note in digest.report.left_out[:3])
    accounts = plural(len(digest.report.accounts), "account")
    of = f"{digest.subscription.name}: {escape(cut(digest.subscription.words, 200))} · " if digest.subscription else ""
    return f"{of}{accounts} · {left_out}{following} · evidence `{digest.chain_head[:12]}`"


def started() -> Message:
    text = "The digest is being made. Looking…"
    return Message(text, (section(text),))


def failed(subscription: Subscription, why: str) -> Message:
    """`why` is escaped already."""
    text = f"CloudTrail digest {subscription.name} could not be made, so nobody knows how things are. {why}"
    again = f"The next one comes as ever ({escape(subscription.words)}). `/trail-audit digest now` tries at once."
    return Message(text, (section(text), context(again)))


def paused(subscription: Subscription, why: str) -> Message:
    """`why` is escaped already."""
    text = (
        f"Your digest {subscription.name} ({escape(subscription.words)}) in <#{subscription.channel}> is paused: {why} "
        "It goes on by itself at the next time at which I can write there."
    )
    return Message(text, (section(text),))
