"""The accounts of the last audit as a form to look at: by unit and by verdict, page after page."""

import hashlib
import json
from dataclasses import asdict, dataclass

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    DividerBlock,
    Option,
    PlainTextObject,
    StaticSelectElement,
)
from slack_sdk.models.views import View

from bot.domain.finding import AccountReport, Attention, Report
from bot.domain.home import Unit, accounts_of, units
from handlers.views import ids
from handlers.views.home_standing import unit_name
from handlers.views.message import context, section
from handlers.views.words import cut, escape, label, one_line, plural, when

A_PAGE = 20
MOST_OPTIONS = 100
ALL = "all"


@dataclass(frozen=True)
class Chosen:
    """What is looked at: a unit by its key or ALL, a verdict or ALL, and the page from 0."""

    unit: str = ALL
    verdict: str = ALL
    page: int = 0

    def dump(self) -> str:
        return json.dumps(asdict(self))


def load_chosen(text: str) -> Chosen:
    """What is not ours is the beginning."""
    try:
        found = json.loads(text)
        return Chosen(str(found["unit"]), str(found["verdict"]), max(0, int(found["page"])))
    except (KeyError, TypeError, ValueError):
        return Chosen()


def key_of(path: str) -> str:
    """A unit's path may be longer than an option's value."""
    return hashlib.sha256(path.encode()).hexdigest()[:16]


def accounts(report: Report, chosen: Chosen) -> View:
    """A page past the last one is the last one; a unit that is no longer there is all of them."""
    found = units(report)
    path = next((u.path for u in found if key_of(u.path) == chosen.unit), None)
    asking = next((a for a in Attention if a == chosen.verdict), None)
    rows = accounts_of(report, path, asking)
    pages = max(1, -(-len(rows) // A_PAGE))
    page = min(chosen.page, pages - 1)
    now = Chosen(ALL if path is None else key_of(path), asking or ALL, page)
    blocks: list[Block] = [
        _filters(found if _are_known(found) else (), now),
        *_unlisted(found),
        context(_where(report, len(rows), page)),
    ]
    blocks += [section(_row(a)) for a in rows[page * A_PAGE : (page + 1) * A_PAGE]]
    blocks += _turning(page, pages)
    return View(
        type="modal",
        title=PlainTextObject(text="Accounts"),
        close=PlainTextObject(text="Close"),
        private_metadata=now.dump(),
        blocks=blocks,
    )


def _are_known(found: tuple[Unit, ...]) -> bool:
    return any(u.path for u in found)


def _filters(found: tuple[Unit, ...], now: Chosen) -> Block:
    by_unit = [(ALL, "All units"), *((key_of(u.path), _option_of(u)) for u in _offered(found, now.unit))]
    by_verdict = [(ALL, "All verdicts"), *((a.value, a.value) for a in Attention)]
    units = [_select(ids.ACCOUNTS_UNIT, "Unit", by_unit, now.unit)] if found else []
    verdicts = _select(ids.ACCOUNTS_VERDICT, "Verdict", by_verdict, now.verdict)
    return ActionsBlock(block_id="accounts-filters", elements=[*units, verdicts])


def _offered(found: tuple[Unit, ...], chosen: str) -> tuple[Unit, ...]:
    """As many as a menu takes, the chosen one among them."""
    worst = found[: MOST_OPTIONS - 1]
    if chosen == ALL or any(key_of(u.path) == chosen for u in worst):
        return worst
    return (*worst[:-1], *(u for u in found if key_of(u.path) == chosen))


def _option_of(unit: Unit) -> str:
    """Plain text, where nothing is markup."""
    name = one_line(unit.path) or "no unit"
    shown = name if len(name) <= 60 else f"…{name[-59:]}"
    return f"{shown} ({unit.score} %)"


def _select(action: str, what: str, pairs: list[tuple[str, str]], chosen: str) -> StaticSelectElement:
    options = [Option(value=value, label=words) for value, words in pairs]
    picked = next(o for o in options if o.value == chosen)
    return StaticSelectElement(
        action_id=action, placeholder=PlainTextObject(text=what), options=options, initial_option=picked
    )


def _unlisted(found: tuple[Unit, ...]) -> list[Block]:
    if len(found) < MOST_OPTIONS:
        return []
    return [context(f"The menu has the {MOST_OPTIONS - 1} worst of {len(found)} units.")]


def _where(report: Report, count: int, page: int) -> str:
    first = page * A_PAGE + 1
    shown = f"{first} to {min(first + A_PAGE - 1, count)} of {plural(count, 'account')}" if count else "No account"
    return f"{shown}, worst first · as it was {when(report.finished)}"


def _row(account: AccountReport) -> str:
    telling = next((f for f in account.findings if f.attention is account.attention), None)
    passes = account.attention is Attention.PASS
    why = "" if passes else f"\n{escape(cut(telling.why, 200)) if telling else 'Not judged.'}"
    unit = f" · {unit_name(account.account.path)}" if account.account.path else ""
    return f"*{account.attention}* {escape(label(account.account))}{unit}{why}"


def _turning(page: int, pages: int) -> list[Block]:
    if pages == 1:
        return []
    back = [_button("Previous", ids.ACCOUNTS_PREVIOUS, page - 1)] if page else []
    forth = [_button("Next", ids.ACCOUNTS_NEXT, page + 1)] if page + 1 < pages else []
    where = context(f"Page {page + 1} of {pages}")
    return [DividerBlock(), ActionsBlock(block_id="accounts-pages", elements=[*back, *forth]), where]


def _button(text: str, action: str, page: int) -> ButtonElement:
    return ButtonElement(text=PlainTextObject(text=text), action_id=action, value=str(page))
