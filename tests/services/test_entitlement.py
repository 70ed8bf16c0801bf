"""Who may decide is read afresh at the click: membership, rule and account; what cannot be read means no."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from bot.domain.authority import Quorum, Standing
from bot.domain.change import Change, Entitled, State
from bot.domain.refusal import Person, Refused
from bot.ports import World
from bot.services import decisions, proposals
from bot.services.entitlement import refuse_requester
from bot.services.proposals import Asker
from tests.builders import ACCOUNT, account, entitled, surveyed, trail
from tests.fakes_bot import Bot, bot, stopped

ASKER = Asker("UREQUESTER", "C1")
UNREAD = Refused("The account of ", Person("UALICE"), " could not be read, so nobody can decide now.")

DECISIONS: dict[str, Callable[[World, str], Change]] = {
    "approve": lambda w, user: decisions.approve(w, 1, user, typed="spare"),
    "deny": lambda w, user: decisions.deny(w, 1, user, "no"),
    "may approve": lambda w, user: decisions.may_approve(w, 1, user),
    "may deny": lambda w, user: decisions.may_deny(w, 1, user),
}
ALL = pytest.mark.parametrize("decide", DECISIONS.values(), ids=DECISIONS)


def proposed_fix() -> Bot:
    made = bot()
    proposals.propose_fix(made.world, ASKER, ACCOUNT)
    made.directory.looked_up.clear()
    return made


def proposed_delete(*approvers: str) -> Bot:
    made = bot(surveyed(trail("main"), trail("spare")))
    made.directory.may_approve = entitled(*approvers)
    proposals.propose_delete(made.world, ASKER, ACCOUNT, "spare")
    made.directory.looked_up.clear()
    return made


def assert_undecided(made: Bot) -> None:
    assert (made.change().state, made.change().votes, made.changes.started) == (State.PROPOSED, (), [])
    assert made.evidence.whats() == ["proposed"]


@ALL
@pytest.mark.parametrize("standing", [s for s in Standing if s is not Standing.MEMBER])
def test_whoever_is_no_member_any_more_cannot_decide(
    decide: Callable[[World, str], Change], standing: Standing
) -> None:
    made = proposed_fix()
    made.directory.standings["UALICE"] = standing
    with pytest.raises(Refused, match=f"Your account {standing}, so you cannot .* C-1. Ask @UBOB."):
        decide(made.world, "UALICE")
    assert_undecided(made)


@ALL
def test_an_account_that_cannot_be_read_means_no(decide: Callable[[World, str], Change]) -> None:
    made = proposed_fix()
    made.directory.standings["UALICE"] = UNREAD
    with pytest.raises(Refused, match="nobody can decide now"):
        decide(made.world, "UALICE")
    assert_undecided(made)


@ALL
def test_who_may_decide_in_another_account_may_not_here(decide: Callable[[World, str], Change]) -> None:
    made = proposed_fix()
    made.directory.of = {ACCOUNT: entitled("UCAROL"), "222233334444": entitled("UALICE")}
    with pytest.raises(Refused, match=r"You are not an approver.*Ask @UCAROL\."):
        decide(made.world, "UALICE")
    assert_undecided(made)


def test_one_approval_asks_for_one_account_however_many_approvers_there_are() -> None:
    made = proposed_fix()
    made.directory.may_approve = entitled(*(f"U{n:03}" for n in range(300)))
    decisions.approve(made.world, 1, "U250")
    assert made.directory.looked_up == ["U250"]


def test_a_delete_asks_for_as_many_as_its_quorum_needs() -> None:
    made = proposed_delete("UALICE", "UBOB", "UCAROL", "UDAVE", "UREQUESTER")
    decisions.approve(made.world, 1, "UDAVE", typed="spare")
    assert made.directory.looked_up == ["UDAVE", "UALICE"]


def test_a_departed_approver_is_not_waited_for() -> None:
    made = proposed_delete("UALICE", "UBOB")
    assert made.change().quorum == 2
    made.directory.standings["UBOB"] = Standing.DEACTIVATED
    assert decisions.approve(made.world, 1, "UALICE", typed="spare").state is State.APPROVED


def test_the_earlier_vote_of_a_departed_approver_does_not_count() -> None:
    made = proposed_delete("UALICE", "UBOB", "UCAROL")
    decisions.approve(made.world, 1, "UALICE", typed="spare")
    made.directory.standings["UALICE"] = Standing.DEACTIVATED
    assert decisions.approve(made.world, 1, "UBOB", typed="spare").state is State.PROPOSED
    assert decisions.approve(made.world, 1, "UCAROL", typed="spare").state is State.APPROVED


def test_at_a_proposal_who_left_is_not_counted_either() -> None:
    made = bot(surveyed(trail("main"), trail("spare")))
    made.directory.standings["UBOB"] = Standing.DEACTIVATED
    assert proposals.propose_delete(made.world, ASKER, ACCOUNT, "spare").quorum == 1


def test_a_requester_who_left_keeps_nobody_from_deciding_and_the_others_are_told() -> None:
    made = proposed_fix()
    made.directory.standings["UREQUESTER"] = Standing.DEACTIVATED
    with pytest.raises(Refused, match=r"Only @UREQUESTER, who .*can cancel it, and that account is deactivated"):
        decisions.cancel(made.world, 1, "UALICE")
    assert decisions.approve(made.world, 1, "UALICE").state is State.APPROVED


def test_who_may_cancel_is_said_even_where_the_requesters_account_cannot_be_read() -> None:
    made = proposed_fix()
    made.directory.standings["UREQUESTER"] = UNREAD
    with pytest.raises(Refused, match=r"can cancel it\. An approver can deny it\."):
        decisions.cancel(made.world, 1, "UALICE")


def test_the_rule_at_the_click_counts_and_not_that_of_the_proposal() -> None:
    made = proposed_fix()
    made.directory.of[ACCOUNT] = Entitled(
        frozenset({"UCAROL", "UDAVE"}), (Person("UCAROL"), Person("UDAVE")), quorum=Quorum(fix=2)
    )
    voted = decisions.approve(made.world, 1, "UCAROL")
    assert (voted.state, voted.quorum) == (State.PROPOSED, 2)
    assert decisions.approve(made.world, 1, "UDAVE").state is State.APPROVED


def test_a_late_click_is_answered_although_nothing_can_be_read() -> None:
    made = proposed_fix()
    decisions.deny(made.world, 1, "UALICE", "no")
    made.directory.unreadable = UNREAD
    with pytest.raises(Refused, match="was already denied by @UALICE"):
        decisions.approve(made.world, 1, "UBOB")


def test_a_requester_is_refused_with_the_account_and_who_may() -> None:
    made = bot(replace(stopped(), account=account(name="prod-web")))
    made.directory.may_request = entitled("UCAROL")
    with pytest.raises(Refused, match=r"You may not ask for changes in prod-web \(111122223333\)\. Ask @UCAROL\."):
        refuse_requester(made.world, "UALICE", account(name="prod-web"))
    refuse_requester(made.world, "UCAROL", account())
