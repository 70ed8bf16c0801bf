"""Two changes that would stand in each other's way while both are open."""

from collections.abc import Iterable

from bot.domain.change import Change, State
from bot.domain.plan import Plan
from bot.domain.refusal import Refused


def refuse_twin(plan: Plan, open_ones: Iterable[Change]) -> None:
    """One open change an account: two plans for one world would supersede each other."""
    for twin in (c for c in open_ones if _are_twins(plan, c.plan)):
        what = "waits for approval" if twin.state is State.PROPOSED else f"is {twin.state}"
        raise Refused(
            f"{twin.id} for {plan.account.label} {what} already. See it with `/trail-audit change {twin.id}`; "
            "when it has ended, ask again."
        )


def refuse_foreign(plan: Plan, open_ones: Iterable[Change]) -> None:
    """As `refuse_twin`, for those of other workspaces: AWS is the same for all. Nothing of theirs is told."""
    if any(_are_twins(plan, c.plan) for c in open_ones):
        raise Refused(
            f"A change of {plan.account.label} that another workspace asked for is open. Ask again when it has ended; "
            "whoever runs Trailwarden sees it with `trailwarden evidence`."
        )


def _are_twins(one: Plan, other: Plan) -> bool:
    """An exception writes nothing, so it is in the way of an exception to the same control alone."""
    if one.account.id != other.account.id:
        return False
    if one.accepts and other.accepts:
        return not set(one.accepts.controls).isdisjoint(other.accepts.controls)
    return not (one.accepts or other.accepts)
