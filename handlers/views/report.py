"""The audit's report: is it bad, and must I act?"""

from dataclasses import dataclass

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    MarkdownTextObject,
    PlainTextObject,
    SectionBlock,
    TableBlock,
)

from bot.domain.controls import multi_region_trail
from bot.domain.finding import AccountReport, Attention, Finding, Report, Verdict
from bot.ports import Run
from handlers.views import exceptions, ids, verbatim
from handlers.views.blockkit import characters
from handlers.views.message import Message, context, header, section
from handlers.views.words import cut, escape, fitting, label, mention, one_line, plural, when

WITH_BUTTON, BUTTONS_ROOM = 20, 4_200
IN_TABLE, TABLE_ROOM = 40, 2_100
PAID_SHOWN, PAID_ROOM = 3, 700
WHOLE_ROOM = 5_300
"""How many, and how many characters: all blocks of a message together have room for about 9,000."""


@dataclass(frozen=True)
class Lengths:
    """Characters of one sentence, and of all that is said of a failing account."""

    sentence: int
    account: int


SHORT, WHOLE = Lengths(250, 600), Lengths(verbatim.LINE, verbatim.IN_SECTION)


def started(run: Run) -> Message:
    scope = _scope(run) or "every account in scope"
    text = f"{mention(run.requester)} asked for an audit of {scope}. Looking…"
    return Message(text, (section(text),))


def _scope(run: Run) -> str:
    return escape(cut(" ".join(run.scope), 100))


def progress(run: Run, done: int, total: int) -> Message:
    text = f"{mention(run.requester)} asked for an audit: {done} of {plural(total, 'account')} read…"
    return Message(text, (section(text),))


def failed(run: Run, why: str) -> Message:
    text = f"The audit that {mention(run.requester)} asked for ended without a result. {why}"
    return Message(text, (section(text),))


def finished(run: Run, report: Report, before: Report | None) -> Message:
    """Worst first; each failing account has its button, the others are rows of the one table."""
    failing = report.asking(Attention.FAIL)
    blocks: list[Block] = [header(_headline(report)), section(_counts(report))]
    blocks += _whole(report) or _in_short(report)
    blocks += exceptions.in_report(report.asking(Attention.ACCEPTED))
    blocks += _paid_twice(report)
    blocks.append(context(_footer(run, report, before)))
    return Message(f"{_headline(report)} {_worst(failing)}{_sentence(report)} Run {report.run}.", tuple(blocks))


def _whole(report: Report) -> list[Block]:
    """Every sentence to its end, where few accounts were looked at; none of it where that has no room."""
    if len(report.accounts) > verbatim.FEW:
        return []
    blocks = [block for a in report.asking(Attention.FAIL) for block in account_blocks(a, WHOLE)]
    blocks += [block for a in _others(report) for block in verbatim.blocks(a, PAID)]
    return blocks if characters([b.to_dict() for b in blocks]) <= WHOLE_ROOM else []


def _in_short(report: Report) -> list[Block]:
    failing = report.asking(Attention.FAIL)
    shown = _with_room(failing)
    rest = failing[len(shown) :]
    blocks = [block for a in shown for block in account_blocks(a)]
    if rest:
        blocks.append(context(f"{len(shown)} of {len(failing)} failing accounts; name accounts to see the others."))
    blocks += _table((*rest, *_others(report)))
    return [*blocks, context("`/trail-audit ACCOUNT` shows an account's reasons in full.")] if blocks else []


def _others(report: Report) -> tuple[AccountReport, ...]:
    return (*report.asking(Attention.UNKNOWN), *report.asking(Attention.PASS))


def _with_room(failing: tuple[AccountReport, ...]) -> tuple[AccountReport, ...]:
    return failing[: len(fitting([account_text(a) for a in failing[:WITH_BUTTON]], BUTTONS_ROOM))]


def _worst(failing: tuple[AccountReport, ...]) -> str:
    """For phones and screen readers, which get no table."""
    named = ", ".join(escape(label(a.account)) for a in failing[:3])
    more = f" and {len(failing) - 3} more" if len(failing) > 3 else ""
    return f"Failing: {named}{more}. " if failing else ""


def _headline(report: Report) -> str:
    if not report.accounts:
        return "UNKNOWN: there is no account in scope."
    bad, unknown, accepted = (len(report.asking(a)) for a in (Attention.FAIL, Attention.UNKNOWN, Attention.ACCEPTED))
    nothing = "nothing fails but what is accepted" if any(a.accepted() for a in report.accounts) else "nothing fails"
    total = plural(len(report.accounts), "account")
    if bad:
        return f"FAIL: {bad} of {total} {'needs' if bad == 1 else 'need'} a repair."
    if not report.complete:
        return f"UNKNOWN: {nothing} in {total}, but others could not be listed."
    if unknown:
        return f"UNKNOWN: {nothing}, but {unknown} of {total} could not be judged."
    if accepted:
        return f"ACCEPTED: {nothing} ({accepted} of {total})."
    return f"PASS: CloudTrail is on in {len(report.accounts)} of {total}."


def _sentence(report: Report) -> str:
    accepted = len(report.asking(Attention.ACCEPTED))
    more = f", {accepted} accepted" if accepted else ""
    return f"{len(report.asking(Attention.PASS))} pass, {len(report.asking(Attention.UNKNOWN))} unknown{more}."


def _counts(report: Report) -> str:
    counted = [(a, len(report.asking(a))) for a in Attention]
    counts = " · ".join(f"*{n}* {a}" for a, n in counted if n or a is not Attention.ACCEPTED)
    return f"{counts}\n" + "\n".join(_by_control(report, control) for control in report.controls)


def _by_control(report: Report, control: str) -> str:
    findings = [f for a in report.accounts for f in a.findings if f.control == control]
    passes, accepted = (sum(f.verdict is Verdict.PASS for f in findings), sum(f.accepted is not None for f in findings))
    more = f", accepted in {accepted}" if accepted else ""
    return f"`{control}` passes in {passes} of {len(report.accounts)}{more}"


def account_blocks(account: AccountReport, lengths: Lengths = SHORT) -> list[Block]:
    """With the form as a second way where there is no trail to repair."""
    return [account_section(account, lengths), *([_create(account)] if _has_no_trail(account) else [])]


def _has_no_trail(account: AccountReport) -> bool:
    return any(f.control == multi_region_trail.ID and f.reasons == (NO_TRAIL,) for f in account.failing())


def _create(account: AccountReport) -> Block:
    """A section takes one accessory only, so this stands below it."""
    button = ButtonElement(
        action_id=ids.CREATE,
        text=PlainTextObject(text="Create trail…"),
        value=account.account.id,
        accessibility_label=cut(f"Create trail in {label(account.account)}", 75),
    )
    return ActionsBlock(block_id=f"create-{account.account.id}", elements=[button])


def account_section(account: AccountReport, lengths: Lengths) -> SectionBlock:
    return SectionBlock(
        block_id=f"account-{account.account.id}",
        text=MarkdownTextObject(text=account_text(account, lengths)),
        accessory=ButtonElement(
            action_id=ids.PROPOSE_FIX,
            text=PlainTextObject(text="Propose fix"),
            value=account.account.id,
            accessibility_label=cut(f"Propose fix for {label(account.account)}", 75),
        ),
    )


def account_text(account: AccountReport, lengths: Lengths = SHORT) -> str:
    whys = "\n".join([*(f"• {line}" for line in _whys(account, lengths)), *_besides(account, lengths)])
    return cut(f"*FAIL* {escape(label(account.account))}\n{whys}", lengths.account)


def _besides(account: AccountReport, lengths: Lengths) -> list[str]:
    """Where there is room, what does not fail: above all what could not be judged."""
    fine = tuple(f for f in account.findings if f.verdict is not Verdict.FAIL)
    return verbatim.lines(fine, PAID) if lengths is WHOLE else []


NO_TRAIL = "no-multi-region-trail"
"""A reason: of the account's own or of its organization's, there is none."""
PAID = "paid-copy"
"""A hint with a section of its own."""
CONSEQUENCES = frozenset({NO_TRAIL, "not-logging"})
"""Reasons that may say again what the first failing control said."""


def _whys(account: AccountReport, lengths: Lengths) -> list[str]:
    """Why it fails, without saying the same thing for each control."""
    first, *others = account.failing()
    told = [f for f in others if not _follows(f, first)]
    implied = [f"`{f.control}`" for f in others if f not in told]
    also = [f"So {' and '.join(implied)} {'fails' if len(implied) == 1 else 'fail'} too."] if implied else []
    notes = (note for f in account.failing() for note in f.notes if note.code != PAID)
    accepted = [f"Not counted: {exceptions.accepted(account)}."] if account.accepted() else []
    whys = (escape(cut(f.why, lengths.sentence)) for f in (first, *told))
    return [*whys, *also, *(escape(cut(note.text, lengths.sentence)) for note in notes), *accepted]


def _follows(finding: Finding, first: Finding) -> bool:
    """It adds nothing: no trail to speak of, or the same trail stopped. Another trail that is stopped is news."""
    if finding.reasons == (NO_TRAIL,):
        return True
    same = finding.resource == first.resource
    return same and CONSEQUENCES.intersection(first.reasons).issuperset(finding.reasons)


def _table(accounts: tuple[AccountReport, ...]) -> list[Block]:
    """A cell may not be empty; what does not fit is counted."""
    if not accounts:
        return []
    rows = [_row(a) for a in accounts[:IN_TABLE]]
    rows = rows[: len(fitting(["".join(row) for row in rows], TABLE_ROOM))]
    table = TableBlock(
        rows=[[{"type": "raw_text", "text": cell} for cell in row] for row in (["Account", "Verdict", "Why"], *rows)],
        column_settings=[{"is_wrapped": False}, {"is_wrapped": False}, {"is_wrapped": True}],
    )
    if len(rows) == len(accounts):
        return [table]
    return [table, context(f"{len(rows)} of {len(accounts)} others shown; name accounts to see the rest.")]


def _paid_twice(report: Report) -> list[Block]:
    """Which trails, and where: the price is the same for all."""
    paid = [(a, note) for a in report.worst_first() for f in a.findings for note in f.notes if note.code == PAID]
    lines = [f"• {escape(label(a.account))}: {escape(cut(note.text, 200))}" for a, note in paid[:PAID_SHOWN]]
    shown = fitting(lines, PAID_ROOM)
    more = [f"{len(shown)} of {len(paid)} shown"] if len(shown) < len(paid) else []
    return [section("\n".join(["*Recorded and paid for more than once*", *shown, *more]))] if paid else []


def _row(account: AccountReport) -> list[str]:
    telling = next((f for f in account.findings if f.verdict.value == account.attention), None)
    warnings = ", ".join(w for f in account.findings for w in f.warnings)
    why = telling.why if telling else "Nothing was judged."
    why += "".join(f" Accepted: {f.control}." for f in account.accepted())
    return [
        label(account.account),
        account.attention.value,
        cut(one_line(f"{why}{f' Warning: {warnings}.' if warnings else ''}"), 140),
    ]


def _footer(run: Run, report: Report, before: Report | None) -> str:
    seconds = (report.finished - report.started).total_seconds()
    left_out = cut("".join(f" · {escape(note)}" for note in report.left_out), 300)
    scope = _scope(run) or "all accounts"
    return (
        f"{scope} · asked by {mention(run.requester)} {when(report.started)} · {seconds:.0f} s · run `{report.run}`"
        f"{left_out} · {_since(report, before)}"
    )


def _since(report: Report, before: Report | None) -> str:
    if before is None:
        return "first run with this scope here"
    since = f"since the run of {when(before.finished)}"
    was = {a.account.id: a.attention for a in before.accounts}
    changed = [a for a in report.accounts if was.get(a.account.id, a.attention) is not a.attention]
    if not changed:
        return f"nothing changed {since}"
    named = ", ".join(f"{escape(label(a.account))} {was[a.account.id]} → {a.attention}" for a in changed[:3])
    more = f" and {len(changed) - 3} more" if len(changed) > 3 else ""
    return f"{since}: {named}{more}"
