"""The Home's first and last section: how CloudTrail stands, with the result's age, and how the bot itself is."""

from datetime import datetime, timedelta

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    ConfirmObject,
    MarkdownTextObject,
    PlainTextObject,
)

from bot.domain.digest import score
from bot.domain.evidence import GENESIS
from bot.domain.finding import Attention, Report
from bot.domain.home import Audit, Chain, Home, Unit, accounts_of, units
from handlers.views import ids
from handlers.views.message import bulleted, context, header, listed, section
from handlers.views.words import cut, escape, label, mention, plural, when

UNITS_SHOWN, UNITS_ROOM = 10, 1_100
OLD_AFTER = timedelta(days=1)


# How CloudTrail stands


def standing(content: Home) -> list[Block]:
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
    counted = [(a, len(report.asking(a))) for a in Attention]
    return " · ".join(f"{n} {a}" for a, n in counted if n or a is not Attention.ACCEPTED)


def _unit(unit: Unit) -> str:
    bad = [f"{unit.failing} FAIL"] if unit.failing else []
    unknown = [f"{unit.unknown} UNKNOWN"] if unit.unknown else []
    accepted = [f"{unit.accepted} ACCEPTED"] if unit.accepted else []
    why = ", ".join([*bad, *unknown, *accepted])
    return f"• *{unit.score} %* {unit_name(unit.path)}, {plural(unit.total, 'account')}{why and f': {why}'}"


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


def running(content: Home) -> list[Block]:
    """Said beside what the last one found."""
    both = content.underway and content.audit and content.audit.report.accounts
    return [context(_underway(content.underway))] if both else []


# How the bot is


def health(content: Home) -> list[Block]:
    found, audit = content.health, content.audit
    unsent = f"{plural(found.unsent, 'message')} still to be sent" if found.unsent else "every message is sent"
    return bulleted(
        "Trailwarden's own health",
        [
            f"Slack: connected, {unsent}",
            f"Database: all of this was read in {found.answered:.2f} s",
            f"AWS: {_aws(audit.report) if audit else 'not asked yet'}",
            f"Evidence: {_chain(found.chain)}; {_newest(found.head)}",
        ],
    )


def _aws(report: Report) -> str:
    blind = accounts_of(report, None, Attention.UNKNOWN)
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
        return f"*BROKEN* {when(chain.at)}: {cut(escape(chain.problem), 200)}. Run `trailwarden verify`"
    if not chain.entries:
        return f"no entry to look through {when(chain.at)}"
    return f"the chain of {plural(chain.entries, 'entry', 'entries')} held {when(chain.at)}"


def _newest(head: str) -> str:
    """It may have come after the last look."""
    return "none yet" if head == GENESIS else f"the newest entry now is `{head[:12]}`"


def _button(text: str, action: str, value: str) -> ButtonElement:
    return ButtonElement(text=PlainTextObject(text=text), action_id=action, value=value)
