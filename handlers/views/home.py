"""The Home: how CloudTrail stands, what waits for me, and how the bot itself is. One function for each section.

A new section is a function from the Home to blocks and a line in SECTIONS; `lines` shows a tuple as a list.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    ConfirmObject,
    DividerBlock,
    MarkdownTextObject,
    PlainTextObject,
    SectionBlock,
)
from slack_sdk.models.views import View

from bot.domain.change import Change, State
from bot.domain.digest import Subscription, score
from bot.domain.finding import Report, Verdict
from bot.domain.home import Audit, Chain, Home, Unit, accounts_of, units
from handlers.views import ids
from handlers.views.card import FIRST_WORDS, TITLES, cancelling, deciding, full_plan
from handlers.views.message import context, header, listed, section
from handlers.views.who import by
from handlers.views.words import code_block, cut, escape, label, mention, plural, refusal, when

UNITS_SHOWN, UNITS_ROOM = 10, 1_100
CHANGES_SHOWN, PLAN_ROOM = 5, 420
"""Each with its buttons."""
LINES_SHOWN, LINES_ROOM = 10, 1_300
OLD_AFTER = timedelta(days=1)


def home(content: Home) -> View:
    return _view([block for part in SECTIONS for block in part(content)])


def closed(words: str) -> View:
    """For somebody to whom nothing is shown, and why; the words are ready for Slack."""
    return _view([header("Trailwarden"), section(words)])


def _view(blocks: list[Block]) -> View:
    return View(type="home", blocks=blocks)


def lines(title: str, of: Sequence[str], most: int = LINES_SHOWN, room: int = LINES_ROOM) -> list[Block]:
    """A section with one line for each; nothing for none. What has no room is counted."""
    return [DividerBlock(), listed(title, [f"• {line}" for line in of], most, room)] if of else []


# How CloudTrail stands


def _standing(content: Home) -> list[Block]:
    audit = content.audit
    if audit is None:
        words = "Nothing was audited as a whole yet. *Audit now* does that, and `/trail-audit` in a channel too."
        return [header("How CloudTrail stands"), section(words), _doing(content)]
    return [header(_headline(audit.report)), context(*_age(content, audit)), *_units(audit.report), _doing(content)]


def _headline(report: Report) -> str:
    if not report.accounts:
        return "UNKNOWN: there is no account in scope"
    return f"{report.verdict}: {score(report)} % of {plural(len(report.accounts), 'account')} pass"


def _age(content: Home, audit: Audit) -> list[str]:
    report = audit.report
    asked = f"asked by {mention(audit.requester)}" if audit.requester else "for a digest"
    seconds = (report.finished - report.started).total_seconds()
    old = "*This is old.* " if content.now - report.finished > OLD_AFTER else ""
    said = (
        f"{old}As it was {_ago(content.now - report.finished)}, {when(report.finished)} · {asked}, in {seconds:.0f} s"
    )
    partial = "" if report.complete else " · *other accounts could not be listed*"
    return [f"{said}{partial} · nothing is asked of AWS for this page"]


def _ago(age: timedelta) -> str:
    minutes = int(age.total_seconds() // 60)
    if minutes < 1:
        return "just now"
    if minutes < 60:
        return f"{plural(minutes, 'minute')} ago"
    return f"{plural(minutes // 60, 'hour')} ago" if minutes < 48 * 60 else f"{minutes // 1_440} days ago"


def _units(report: Report) -> list[Block]:
    found = units(report)
    if [u.path for u in found] in ([], [""]):
        return [section(_counts(report))]
    return [listed(f"By unit, worst first: {_counts(report)}", [_unit(u) for u in found], UNITS_SHOWN, UNITS_ROOM)]


def _counts(report: Report) -> str:
    return " · ".join(f"{report.count(v)} {v}" for v in (Verdict.FAIL, Verdict.UNKNOWN, Verdict.PASS))


def _unit(unit: Unit) -> str:
    bad = [f"{unit.failing} FAIL"] if unit.failing else []
    unknown = [f"{unit.unknown} UNKNOWN"] if unit.unknown else []
    why = f": {', '.join([*bad, *unknown])}" if bad or unknown else ""
    return f"• *{unit.score} %* {unit_name(unit.path)}, {plural(unit.total, 'account')}{why}"


def unit_name(path: str) -> str:
    """Escaped; the end of a long path tells more than its beginning."""
    shown = path if len(path) <= 70 else f"…{path[-69:]}"
    return escape(shown) or "no unit"


def _doing(content: Home) -> Block:
    buttons = [] if content.underway else [_audit_now(content)]
    if content.audit and content.audit.report.accounts:
        buttons.append(_button("Accounts…", ids.ACCOUNTS, "accounts"))
    if buttons:
        return ActionsBlock(block_id="home-audit", elements=buttons)
    return context(_underway(content.underway))


def _audit_now(content: Home) -> ButtonElement:
    button = _button("Audit now", ids.AUDIT_NOW, "all")
    button.style = "primary"
    where = f"in <#{content.audits_in}>" if content.audits_in.startswith(("C", "G")) else "under Messages"
    text = MarkdownTextObject(text=f"Every account in scope is read. The report comes {where}.")
    button.confirm = ConfirmObject(title="Audit everything?", text=text, confirm="Audit", deny="Not now")
    return button


def _underway(since: datetime | None) -> str:
    return f"An audit of everything is under way since {when(since)}." if since else ""


def _running(content: Home) -> list[Block]:
    """Said beside what the last one found."""
    both = content.underway and content.audit and content.audit.report.accounts
    return [context(_underway(content.underway))] if both else []


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
    diff = tuple(line for step in plan.steps for line in (f"{step.call} in {step.region}", *step.diff))
    text = (
        f"{_what(change)}, asked by {mention(change.requester)}\n{len(change.approvers)} of "
        f"{plural(change.quorum, 'approval')} · until {when(change.expires_at)} · plan `{plan.fingerprint}` · card in "
        f"<#{change.channel}>\n{code_block(diff, PLAN_ROOM)}"
    )
    buttons = ActionsBlock(block_id=f"decide-{change.id}", elements=[*deciding(change), full_plan(change)])
    return [section(text), buttons]


def _what(change: Change) -> str:
    return f"*{change.id}* {TITLES[change.plan.kind]} in {escape(label(change.plan.account))}"


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
    button = cancelling(change) if waits else full_plan(change)
    return SectionBlock(block_id=f"mine-{change.id}", text=MarkdownTextObject(text=text), accessory=button)


# What happened, and who gets digests


def _recent(content: Home) -> list[Block]:
    return lines("Recent changes", [_moved(c) for c in (*content.moving, *content.ended)], 2 * LINES_SHOWN)


def _moved(change: Change) -> str:
    at = f" {when(change.decided_at)}" if change.decided_at else ""
    return f"{_what(change)}: {FIRST_WORDS[change.state]}{at}, asked by {mention(change.requester)}{_decided(change)}"


def _decided(change: Change) -> str:
    if change.state is State.DENIED:
        return f", denied by {mention(change.votes[-1].user)}"
    return f", approved by {by(change)}" if change.approvers else ""


def _digests(content: Home) -> list[Block]:
    return lines("Digests", [_digest(s, content.now) for s in content.digests])


def _digest(subscription: Subscription, now: datetime) -> str:
    at = f"{escape(subscription.words)}, next {when(subscription.next_after(now))}"
    return f"<#{subscription.channel}> at {at}, set by {mention(subscription.owner)}"


# How the bot is


def _health(content: Home) -> list[Block]:
    health, audit = content.health, content.audit
    unsent = f"{plural(health.unsent, 'message')} still to be sent" if health.unsent else "every message is sent"
    return lines(
        "Trailwarden's own health",
        [
            f"Slack: connected, {unsent}",
            f"Database: all of this was read in {health.answered:.2f} s",
            f"AWS: {_aws(audit.report) if audit else 'not asked yet'}",
            f"Evidence: {_chain(health.chain)}, newest entry `{health.head[:12]}`",
        ],
    )


def _aws(report: Report) -> str:
    blind = accounts_of(report, None, Verdict.UNKNOWN)
    left_out = f" {cut(escape(' '.join(report.left_out)), 200)}" if report.left_out else ""
    if not blind:
        return f"every account that was listed could be judged.{left_out}"
    named = ", ".join(escape(label(a.account)) for a in blind[:3])
    more = f" and {len(blind) - 3} more" if len(blind) > 3 else ""
    return f"{plural(len(blind), 'account')} could not be judged: {named}{more}.{left_out}"


def _chain(chain: Chain | None) -> str:
    if chain is None:
        return "not looked through yet since the start"
    if chain.problem:
        return f"*BROKEN* at {when(chain.at)}: {cut(escape(chain.problem), 200)}. Run `trailwarden verify`"
    return f"the chain of {plural(chain.entries, 'entry', 'entries')} held {when(chain.at)}"


def _button(text: str, action: str, value: str) -> ButtonElement:
    return ButtonElement(text=PlainTextObject(text=text), action_id=action, value=value)


SECTIONS: tuple[Callable[[Home], list[Block]], ...] = (
    _standing,
    _running,
    _decisions,
    _mine,
    _recent,
    _digests,
    _health,
)
"""From top to bottom."""
