"""A change's life: who may move it where, and that nobody else can."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import product

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from bot.domain.asking import request
from bot.domain.authority import Quorum, Standing
from bot.domain.change import (
    LONGEST_REASON,
    NEXT,
    OPEN,
    Change,
    Entitled,
    State,
    Vote,
    approve,
    cancel,
    deny,
    expire,
    quorum,
)
from bot.domain.plan import Plan, lost
from bot.domain.refusal import Group, Person, Refused
from bot.domain.steps import DeleteTrail
from tests.builders import HOUR, NOW, acceptance, account, change, entitled, exception, plan, snapshot, trail, trail_arn

SOON = NOW + timedelta(minutes=5)
LATE = NOW + 4 * HOUR
NOBODY = entitled("")


def delete_plan() -> Plan:
    step = DeleteTrail(trail_arn(), "main", "us-east-1")
    return plan(step, before=snapshot(trail()), kind="delete")


def deletion(**different: object) -> Change:
    return change(plan=delete_plan(), quorum=2, **different)


# The table.

TABLE = {
    "proposed": {"approved", "denied", "expired", "cancelled", "superseded"},
    "approved": {"applying", "superseded", "failed", "active"},
    "applying": {"verified", "failed", "unknown"},
    "unknown": {"verified", "failed"},
    "active": {"ended"},
}


def test_the_table_is_that_of_the_product() -> None:
    assert {s.value: {n.value for n in after} for s, after in NEXT.items() if after} == TABLE


def test_every_state_is_in_the_table_and_what_ends_is_not_open() -> None:
    assert set(NEXT) == set(State)
    assert {s for s, after in NEXT.items() if after} == OPEN | {State.ACTIVE}


@pytest.mark.parametrize(("here", "there"), list(product(State, State)), ids=lambda s: s.value)
def test_only_a_move_of_the_table_can_be_made(here: State, there: State) -> None:
    standing = change(state=here, plan=exception().plan if there is State.ACTIVE else plan())
    if there.value in TABLE.get(here.value, set()):
        assert standing.moved(there, SOON).state is there
        return
    with pytest.raises(ValueError, match="cannot go from"):
        standing.moved(there, SOON)


def test_an_exception_is_never_applied_and_nothing_else_becomes_active() -> None:
    for standing, astray in (
        (exception(state=State.APPROVED), State.APPLYING),
        (change(state=State.APPROVED), State.ACTIVE),
    ):
        with pytest.raises(ValueError, match="cannot go from approved"):
            standing.moved(astray, SOON)


def test_a_move_remembers_when_and_keeps_the_last_word() -> None:
    moved = change(outcome="so far").moved(State.APPROVED, SOON)
    assert (moved.decided_at, moved.outcome) == (SOON, "so far")
    assert moved.moved(State.APPLYING, LATE, "now").outcome == "now"


# Approving.


def test_a_plan_that_this_release_cannot_read_cannot_be_approved() -> None:
    with pytest.raises(Refused, match="another release"):
        approve(change(plan=lost(account(), NOW)), "UALICE", entitled(), SOON)


def test_one_approval_of_an_entitled_person_is_enough() -> None:
    approved = approve(change(), "UALICE", entitled(), SOON)
    assert (approved.state, approved.approvers, approved.decided_at) == (State.APPROVED, ("UALICE",), SOON)


def test_the_requester_cannot_approve_even_as_an_approver() -> None:
    with pytest.raises(Refused, match=r"must approve it\. Ask @UBOB\.") as refusal:
        approve(change(), "UREQUESTER", entitled("UREQUESTER", "UBOB"), SOON)
    assert Person("UBOB") in refusal.value.parts


def test_a_requester_who_is_the_only_approver_is_told_so() -> None:
    with pytest.raises(Refused, match="There is no other approver"):
        approve(change(), "UREQUESTER", entitled("UREQUESTER"), SOON)


def test_a_stranger_is_told_whom_to_ask() -> None:
    with pytest.raises(Refused, match=r"not an approver.*Ask @UALICE, @UBOB"):
        approve(change(), "USTRANGER", entitled(), SOON)


def test_a_group_is_named_as_a_group() -> None:
    with pytest.raises(Refused) as refusal:
        approve(change(), "USTRANGER", Entitled(frozenset({"UALICE"}), (Group("SPLATFORM"),)), SOON)
    assert Group("SPLATFORM") in refusal.value.parts


@pytest.mark.parametrize("standing", [s for s in Standing if s is not Standing.MEMBER])
def test_an_account_that_does_not_let_its_owner_decide_is_told_so(standing: Standing) -> None:
    barred = entitled().barring({"UALICE": standing})
    for act in (
        lambda: approve(change(), "UALICE", barred, SOON),
        lambda: deny(change(), "UALICE", barred, SOON, "no"),
    ):
        with pytest.raises(Refused, match=f"Your account {standing}, so you cannot .* C-42. Ask @UBOB."):
            act()


def test_where_all_accounts_are_barred_nobody_is_told_to_be_asked() -> None:
    barred = entitled("UALICE").barring({"UALICE": Standing.DEACTIVATED})
    with pytest.raises(Refused, match="There is no other approver"):
        approve(change(), "USTRANGER", barred, SOON)


def test_a_stranger_is_not_sent_to_the_requester() -> None:
    with pytest.raises(Refused, match=r"Ask @UALICE\."):
        approve(change(), "USTRANGER", entitled("UREQUESTER", "UALICE"), SOON)


def test_two_of_a_rule_are_two_for_a_fix_too() -> None:
    two = by_rule(fix=2)
    first = approve(change(), "UALICE", two, SOON)
    assert (first.state, first.quorum) == (State.PROPOSED, 2)
    assert approve(first, "UBOB", two, SOON).state is State.APPROVED


def test_who_left_is_not_waited_for() -> None:
    first = approve(deletion(), "UALICE", entitled(), SOON, "main")
    left = entitled().barring({"UBOB": Standing.DEACTIVATED})
    again = approve(first, "UALICE", left, SOON, "main")
    assert (again.state, again.quorum) == (State.APPROVED, 1)


def test_the_vote_of_who_left_does_not_count() -> None:
    first = approve(deletion(), "UALICE", entitled("UALICE", "UBOB", "UCAROL"), SOON, "main")
    left = entitled("UALICE", "UBOB", "UCAROL").barring({"UALICE": Standing.DEACTIVATED})
    assert approve(first, "UBOB", left, SOON, "main").state is State.PROPOSED


def test_a_reason_has_an_end() -> None:
    assert deny(change(), "UALICE", entitled(), SOON, "n" * LONGEST_REASON).state is State.DENIED
    with pytest.raises(Refused, match="at most 3,000 characters"):
        deny(change(), "UALICE", entitled(), SOON, "n" * (LONGEST_REASON + 1))


@pytest.mark.parametrize("user", ["UALICE", "USTRANGER"])
def test_where_nobody_is_configured_nobody_may_approve(user: str) -> None:
    with pytest.raises(Refused, match="no approvers are configured"):
        approve(change(), user, NOBODY, SOON)


def test_a_second_click_is_refused() -> None:
    once = approve(change(), "UALICE", entitled(), SOON)
    with pytest.raises(Refused, match="C-42 was already approved by @UALICE"):
        approve(once, "UALICE", entitled(), SOON)


@pytest.mark.parametrize("late", [LATE, LATE + HOUR], ids=["at the very moment", "an hour later"])
def test_an_expired_change_cannot_be_approved_denied_or_cancelled(late: datetime) -> None:
    with pytest.raises(Refused, match="expired 20"):
        approve(change(), "UALICE", entitled(), late)
    with pytest.raises(Refused, match="expired 20"):
        deny(change(), "UALICE", entitled(), late, "no")
    with pytest.raises(Refused, match="expired 20"):
        cancel(change(), "UREQUESTER", late)


def test_just_before_its_end_it_can_be_approved() -> None:
    assert approve(change(), "UALICE", entitled(), LATE - timedelta(seconds=1)).state is State.APPROVED


@pytest.mark.parametrize("state", [s for s in State if s is not State.PROPOSED], ids=lambda s: s.value)
def test_what_is_decided_cannot_be_decided_again(state: State) -> None:
    decided = change(state=state, votes=(Vote("UBOB", state is not State.DENIED, NOW),), decided_at=SOON)
    with pytest.raises(Refused, match="C-42 was already"):
        approve(decided, "UALICE", entitled(), SOON)
    with pytest.raises(Refused, match="C-42 was already"):
        deny(decided, "UALICE", entitled(), SOON, "no")
    with pytest.raises(Refused, match="C-42 was already"):
        cancel(decided, "UREQUESTER", SOON)


ALREADY = [
    (State.APPROVED, "C-42 was already approved by @UBOB 2026-11-23 09:00 UTC."),
    (State.APPLYING, "C-42 was already approved by @UBOB 2026-11-23 09:00 UTC."),
    (State.VERIFIED, "C-42 was already approved by @UBOB 2026-11-23 09:00 UTC, and verified."),
    (State.FAILED, "C-42 was already approved by @UBOB 2026-11-23 09:00 UTC, and has failed. If it is still"),
    (State.SUPERSEDED, "C-42 was already approved by @UBOB 2026-11-23 09:00 UTC, and superseded because"),
    (State.DENIED, "C-42 was already denied by @UBOB 2026-11-23 09:05 UTC. If it is still wanted, ask anew"),
    (State.EXPIRED, "C-42 was already expired 2026-11-23 09:05 UTC. If it is still wanted"),
    (State.ACTIVE, "C-42 was already approved by @UBOB 2026-11-23 09:00 UTC, and is active."),
    (State.ENDED, "C-42 was already approved by @UBOB 2026-11-23 09:00 UTC, and has ended."),
    (State.CANCELLED, "C-42 was already cancelled by @UREQUESTER 2026-11-23 09:05 UTC. If it is"),
]


@pytest.mark.parametrize(("state", "words"), ALREADY, ids=[a[0].value for a in ALREADY])
def test_a_click_too_late_hears_who_decided_and_when(state: State, words: str) -> None:
    """Whoever approved did not fail or supersede it."""
    decided = change(state=state, votes=(Vote("UBOB", state is not State.DENIED, NOW),), decided_at=SOON)
    with pytest.raises(Refused) as refusal:
        approve(decided, "UALICE", entitled(), SOON)
    assert str(refusal.value).startswith(words)


# Accepting.


def test_the_last_vote_makes_an_exception_active() -> None:
    active = approve(exception(), "UALICE", entitled(), SOON)
    assert (active.state, active.decided_at, active.approvers) == (State.ACTIVE, SOON, ("UALICE",))
    assert active.outcome == "Accepted until the end of 2027-01-31 (UTC)."


def test_an_exception_waits_for_its_quorum() -> None:
    first = approve(exception(), "UALICE", by_rule(accept=2), SOON)
    assert (first.state, first.quorum) == (State.PROPOSED, 2)
    assert approve(first, "UBOB", by_rule(accept=2), SOON).state is State.ACTIVE


def test_whoever_asked_for_an_exception_cannot_approve_it() -> None:
    with pytest.raises(Refused, match="You asked for C-42, so somebody else must approve it"):
        approve(exception(), "UREQUESTER", entitled("UREQUESTER", "UALICE"), SOON)


# Deleting.


def test_a_delete_needs_the_trails_typed_name() -> None:
    for typed in ("", "mai", "MAIN", "main trail"):
        with pytest.raises(Refused, match=r"not the trail.s name\. Type main"):
            approve(deletion(), "UALICE", entitled(), SOON, typed)


def test_a_blank_around_the_typed_name_is_forgiven() -> None:
    assert approve(deletion(), "UALICE", entitled("UALICE"), SOON, " main\n").state is State.APPROVED


def test_a_delete_needs_two_where_two_exist() -> None:
    first = approve(deletion(), "UALICE", entitled(), SOON, "main")
    assert (first.state, first.approvers) == (State.PROPOSED, ("UALICE",))
    assert approve(first, "UBOB", entitled(), SOON, "main").state is State.APPROVED


def test_one_person_cannot_be_both_of_them() -> None:
    first = approve(deletion(), "UALICE", entitled(), SOON, "main")
    with pytest.raises(Refused, match=r"waits for one more\. Ask @UBOB"):
        approve(first, "UALICE", entitled(), SOON, "main")


def test_the_vote_of_somebody_who_is_no_approver_any_more_does_not_count() -> None:
    first = approve(deletion(), "UALICE", entitled(), SOON, "main")
    second = approve(first, "UBOB", entitled("UBOB", "UCAROL"), SOON, "main")
    assert second.state is State.PROPOSED
    assert approve(second, "UCAROL", entitled("UBOB", "UCAROL"), SOON, "main").state is State.APPROVED


def by_rule(*users: str, **votes: int) -> Entitled:
    return replace(entitled(*users), quorum=Quorum(**votes))


QUORUMS = [
    ("a fix", plan(), entitled("UALICE", "UBOB", "UCAROL"), 1),
    ("a fix by a rule of two", plan(), by_rule("UALICE", "UBOB", "UCAROL", fix=2), 2),
    ("a fix by a rule of two, one other", plan(), by_rule("UALICE", "UREQUESTER", fix=2), 1),
    ("a fix by a rule on other kinds", plan(), by_rule("UALICE", "UBOB", create=2, undo=2), 1),
    ("a delete by a rule of three", delete_plan(), by_rule("UALICE", "UBOB", "UCAROL", delete=3), 3),
    ("a delete by a rule of three, two others", delete_plan(), by_rule("UALICE", "UBOB", delete=3), 2),
    ("an undo that deletes", replace(delete_plan(), kind="undo"), entitled("UALICE", "UBOB"), 2),
    ("a delete, two others", delete_plan(), entitled("UALICE", "UBOB"), 2),
    ("a delete, one other", delete_plan(), entitled("UALICE"), 1),
    ("a delete, one other besides the requester", delete_plan(), entitled("UREQUESTER", "UALICE"), 1),
    ("a delete, nobody: still one, whom there is not", delete_plan(), NOBODY, 1),
]


@pytest.mark.parametrize(("wanted", "who", "number"), [q[1:] for q in QUORUMS], ids=[q[0] for q in QUORUMS])
def test_the_quorum_depends_on_the_kind_and_on_who_there_is(wanted: Plan, who: Entitled, number: int) -> None:
    assert quorum(wanted, "UREQUESTER", who) == number


# Denying, cancelling, expiring.


def test_one_deny_ends_it() -> None:
    denied = deny(deletion(), "UBOB", entitled(), SOON, "too risky")
    assert (denied.state, denied.outcome) == (State.DENIED, "too risky")
    assert denied.votes[-1] == Vote("UBOB", False, SOON, "too risky")
    assert denied.approvers == ()


def test_a_deny_after_a_first_approval_ends_it_too() -> None:
    first = approve(deletion(), "UALICE", entitled(), SOON, "main")
    assert deny(first, "UBOB", entitled(), SOON, "no").state is State.DENIED


@pytest.mark.parametrize("reason", ["", "  \n"])
def test_a_deny_needs_a_reason(reason: str) -> None:
    with pytest.raises(Refused, match="Say why"):
        deny(change(), "UALICE", entitled(), SOON, reason)


def test_a_stranger_cannot_deny() -> None:
    with pytest.raises(Refused, match="you cannot deny C-42"):
        deny(change(), "USTRANGER", entitled(), SOON, "no")


def test_the_requester_cancels_instead_of_denying() -> None:
    with pytest.raises(Refused, match="press Cancel"):
        deny(change(), "UREQUESTER", entitled("UREQUESTER"), SOON, "no")
    assert cancel(change(), "UREQUESTER", SOON).state is State.CANCELLED


@pytest.mark.parametrize("user", ["UALICE", "USTRANGER"])
def test_nobody_else_can_cancel(user: str) -> None:
    with pytest.raises(Refused, match="Only @UREQUESTER, who asked for C-42, can cancel it"):
        cancel(change(), user, SOON)


@pytest.mark.parametrize(
    ("standing", "now", "expires"),
    [
        (change(), LATE, True),
        (change(), LATE - timedelta(seconds=1), False),
        (change(state=State.APPROVED), LATE, False),
        (change(state=State.DENIED), LATE, False),
    ],
    ids=["its time is over", "it has still time", "it is approved", "it is denied"],
)
def test_a_change_expires_only_undecided_and_when_its_time_is_over(
    standing: Change, now: datetime, expires: bool
) -> None:
    expired = expire(standing, now)
    assert (expired is not None) is expires
    assert expired is None or expired.state is State.EXPIRED


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (plan(), "/trail-audit fix 111122223333"),
        (delete_plan(), "/trail-audit delete main 111122223333"),
        (
            exception(accepts=acceptance(reason="The `old` one.")).plan,
            "/trail-audit accept 111122223333 multi-region-trail until 2027-01-31 because The 'old' one.",
        ),
        (
            exception(accepts=acceptance("multi-region-trail", "log-delivery")).plan,
            "/trail-audit accept 111122223333 until 2027-01-31 because The account is closed by then.",
        ),
    ],
)
def test_how_to_ask_again_is_the_command_itself(asked: Plan, words: str) -> None:
    assert request(asked) == words


def test_a_change_is_called_by_its_number() -> None:
    assert change(7).id == "C-7"


# Whatever anybody clicks in whatever order.

PEOPLE = ("UREQUESTER", "UALICE", "UBOB", "UCAROL", "USTRANGER")
people = st.sampled_from(PEOPLE)


class Clicking(RuleBasedStateMachine):
    """Everybody clicks everything, approvers come and go, their accounts are closed and opened, time passes."""

    def __init__(self) -> None:
        super().__init__()
        self.change = deletion()
        self.now = NOW
        self.members = entitled()
        self.votes = Quorum()
        self.closed: set[str] = set()
        self.clicked: set[str] = set()
        self.entitled_at_the_end: frozenset[str] | None = None
        self.wanted_at_the_end = 2

    @rule(who=st.sets(people.filter(lambda p: p != "USTRANGER")))
    def the_approvers_change(self, who: set[str]) -> None:
        self.members = entitled(*sorted(who)) if who else NOBODY

    @rule(who=st.sets(people, max_size=2))
    def accounts_are_closed(self, who: set[str]) -> None:
        self.closed = who

    @rule(votes=st.integers(2, 4))
    def the_rule_changes(self, votes: int) -> None:
        self.votes = Quorum(delete=votes)

    @property
    def entitled(self) -> Entitled:
        closed = dict.fromkeys(self.closed & self.members.users, Standing.DEACTIVATED)
        return replace(self.members, quorum=self.votes).barring(closed)

    @rule(minutes=st.integers(1, 50))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(user=people, typed=st.sampled_from(["main", "main", "main", "wrong"]))
    def somebody_approves(self, user: str, typed: str) -> None:
        before = self.change
        try:
            self.change = approve(before, user, self.entitled, self.now, typed)
        except Refused:
            return
        assert before.state is State.PROPOSED
        assert self.now < before.expires_at
        assert typed == "main"
        assert user in self.entitled.users
        self.clicked.add(user)
        if self.change.state is State.APPROVED:
            self.entitled_at_the_end, self.wanted_at_the_end = self.entitled.users, self.votes.delete

    @rule(user=people)
    def somebody_denies(self, user: str) -> None:
        before = self.change
        try:
            self.change = deny(before, user, self.entitled, self.now, "no")
        except Refused:
            return
        assert before.state is State.PROPOSED
        assert user in self.entitled.users - {"UREQUESTER"}

    @rule(user=people)
    def somebody_cancels(self, user: str) -> None:
        before = self.change
        try:
            self.change = cancel(before, user, self.now)
        except Refused:
            return
        assert (before.state, user) == (State.PROPOSED, "UREQUESTER")

    @rule()
    def the_clock_expires_it(self) -> None:
        before = self.change
        expired = expire(before, self.now)
        if expired:
            assert before.state is State.PROPOSED
            assert self.now >= before.expires_at
            self.change = expired

    @invariant()
    def it_is_approved_only_by_entitled_people_who_clicked_and_are_not_the_requester(self) -> None:
        if self.change.state is not State.APPROVED:
            return
        assert self.entitled_at_the_end is not None
        counted = set(self.change.approvers) & self.entitled_at_the_end
        assert counted <= self.clicked - {"UREQUESTER"}
        others = len(self.entitled_at_the_end - {"UREQUESTER"})
        assert len(counted) >= max(1, min(self.wanted_at_the_end, others))

    @invariant()
    def nobody_votes_twice_and_the_requester_never(self) -> None:
        assert len(set(self.change.approvers)) == len(self.change.approvers)
        assert "UREQUESTER" not in {v.user for v in self.change.votes}

    @invariant()
    def what_was_asked_for_stays_what_it_was(self) -> None:
        assert self.change.plan.fingerprint == deletion().plan.fingerprint


Clicking.TestCase.settings = settings(max_examples=60, stateful_step_count=20)
TestClicking = Clicking.TestCase


def test_a_vote_of_a_change_is_no_vote_of_its_copy() -> None:
    """Two replicas read the same version; each has its own copy, and only one save wins."""
    mine, theirs = change(), replace(change())
    approve(mine, "UALICE", entitled(), SOON)
    assert theirs.votes == mine.votes == ()
