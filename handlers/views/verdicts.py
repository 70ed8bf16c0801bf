"""What a plan does to the verdicts: each control before and after."""

from bot.domain.controls import log_delivery, named
from bot.domain.finding import Finding, Verdict
from bot.domain.plan import Plan, judged
from handlers.views.words import cut, escape, fitting

TITLE = "*Verdicts, before → after*"
WARNING = "*Afterwards the account no longer passes what it passes now.*"


def of(plan: Plan) -> str:
    """All of them; why, where one will not pass."""
    lines = [f"• {_line(b, a)}{_why(a)}" for b, a in _pairs(plan)]
    return "\n".join([TITLE, *fitting(lines, 2_800)])


def changed(plan: Plan, *, warns: bool) -> str:
    """Those that change, with `warns` the bad news first, and what a log file has to prove; "" where there is none."""
    pairs = [(b, a) for b, a in _pairs(plan) if b.verdict is not a.verdict]
    worse = [WARNING] if warns and any(b.verdict is Verdict.PASS for b, _ in pairs) else []
    lines = [*(f"• {_line(b, a)}{_why(a)}" for b, a in pairs), *_awaited(plan)]
    return "\n".join([TITLE, *worse, *fitting(lines, 2_600)]) if lines else ""


def _awaited(plan: Plan) -> list[str]:
    """No plan can say that a log file comes: it is waited for, and read."""
    return (
        [f"• `{log_delivery.ID}` FAIL → PASS, if a log file comes within half an hour"] if plan.awaits_delivery else []
    )


def _pairs(plan: Plan) -> list[tuple[Finding, Finding]]:
    before, after = (judged(world, named(plan.controls), plan.profile) for world in (plan.before, plan.after))
    return list(zip(before, after, strict=True))


def _line(before: Finding, after: Finding) -> str:
    return f"`{after.control}` {before.verdict} → *{after.verdict}*"


def _why(after: Finding) -> str:
    return "" if after.verdict is Verdict.PASS else f": {escape(cut(after.why, 200))}"
