"""How to ask for a plan again: the command that would."""

from bot.domain.acceptance import Acceptance
from bot.domain.plan import Plan


def request(plan: Plan) -> str:
    """The command that asks for such a plan again."""
    if plan.kind == "undo":
        return f"/trail-audit undo C-{plan.undoes}"
    if plan.accepts:
        return _request_to_accept(plan.account.id, plan.accepts)
    updated = plan.form.name if plan.form and plan.kind == "update" else ""
    words = ("/trail-audit", plan.kind, plan.trail_name or updated, plan.account.id)
    return " ".join(filter(None, words))


def _request_to_accept(account: str, accepts: Acceptance) -> str:
    """Without a control it is for all that fails; a backtick would end the code that it is shown as."""
    one = accepts.controls[0] if len(accepts.controls) == 1 else ""
    words = ("/trail-audit accept", account, one, f"until {accepts.until} because", accepts.reason.replace("`", "'"))
    return " ".join(filter(None, words))
