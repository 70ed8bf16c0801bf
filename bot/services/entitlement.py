"""Who may decide on a change, gathered afresh at the moment of the decision: membership, then each one's account.

Where one of both cannot be read nobody may. Accounts are asked for one by one and only as far as the decision needs:
whoever clicks, whoever voted before, and so many others that the quorum is known. A large group costs no more.
"""

from bot.domain.authority import Standing
from bot.domain.change import Change, Entitled, votes_wanted
from bot.domain.plan import Plan
from bot.domain.refusal import Refused, listed
from bot.domain.trail import Account
from bot.ports import Directory, World


def deciders(world: World, change: Change, user: str) -> Entitled:
    """Raises Refused."""
    return _gathered(world.directory, change.plan, change.requester, (user, *change.approvers))


def electorate(world: World, plan: Plan, requester: str) -> Entitled:
    """Who could decide on such a plan; tells how many approvals there can be. Raises Refused."""
    return _gathered(world.directory, plan, requester, ())


def _gathered(directory: Directory, plan: Plan, requester: str, first: tuple[str, ...]) -> Entitled:
    entitled = directory.approvers(plan.account)
    wanted = votes_wanted(plan, entitled)
    others = entitled.users - {requester}
    standings = {user: directory.standing(user) for user in dict.fromkeys(first) if user in others}
    for user in sorted(others - standings.keys()):
        if sum(s is Standing.MEMBER for s in standings.values()) >= wanted:
            break
        standings[user] = directory.standing(user)
    return entitled.barring({user: s for user, s in standings.items() if s is not Standing.MEMBER})


def refuse_requester(world: World, user: str, account: Account) -> None:
    """Raises Refused, with who may ask, where this person may not ask for changes in the account."""
    allowed = world.directory.requesters(account)
    if allowed is not None and user not in allowed.users:
        raise Refused(f"You may not ask for changes in {account.label}. Ask ", *listed(allowed.named), ".")


def requesters_standing(world: World, change: Change, user: str) -> Standing:
    """Only for a better answer to somebody else, so a look-up that failed is none."""
    if user == change.requester:
        return Standing.MEMBER
    try:
        return world.directory.standing(change.requester)
    except Refused:
        return Standing.MEMBER
