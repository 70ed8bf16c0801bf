"""The life of an exception, and what it does to a report: the failure is accepted, and stays a failure."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from bot.domain.authority import Standing
from bot.domain.change import Change, Entitled, State
from bot.domain.control import Profile
from bot.domain.exceptions import Review, end_early, ended, is_active, marked, plan_accept, review_due, to_review
from bot.domain.finding import AccountReport, Attention, Finding, Verdict
from bot.domain.plan import fingerprint, lost
from bot.domain.refusal import Person, Refused
from bot.domain.twins import refuse_twin
from tests.builders import (
    ACCOUNT,
    DEFAULTS,
    HOUR,
    NOW,
    acceptance,
    account,
    account_report,
    active,
    change,
    denied,
    entitled,
    exception,
    finding,
    plan,
    report,
    snapshot,
    trail,
)

ENDS = acceptance().ends_at
DAY = timedelta(days=1)
STOPPED = snapshot(trail(logging=False))
HALF_SEEN = snapshot(trail(validation=False, delivery=denied()))


# Its plan


def test_without_a_control_all_that_fails_now_is_accepted_and_nothing_else() -> None:
    made = plan_accept(STOPPED, DEFAULTS, Profile.CIS, replace(acceptance(), controls=()))
    assert made.accepts
    assert made.accepts.controls == made.controls == ("multi-region-trail", "log-delivery")
    assert (made.kind, made.steps, made.is_lost, made.notes) == ("accept", (), False, ())
    assert (made.touched, made.regions, made.trail_name, made.after) == (frozenset(), (), "", made.before)


def test_a_control_that_is_named_is_accepted_alone() -> None:
    made = plan_accept(STOPPED, DEFAULTS, Profile.CIS, acceptance("log-delivery"))
    assert made.accepts == acceptance("log-delivery")


def test_what_could_not_be_judged_is_not_accepted_and_the_card_says_so() -> None:
    made = plan_accept(HALF_SEEN, DEFAULTS, Profile.CIS, replace(acceptance(), controls=()))
    assert made.controls == ("log-file-validation",)
    (note,) = made.notes
    assert note.startswith("Not accepted, because it could not be judged: log-delivery. Trail main")


NOTHING = {
    "all passes": (snapshot(trail()), (), "what is audited passes in 111122223333, so there is nothing to accept."),
    "the named one passes": (STOPPED, ("log-file-validation",), "log-file-validation passes in 111122223333"),
    "the named one is unknown": (HALF_SEEN, ("log-delivery",), "could not be judged in 111122223333, so it cannot be"),
    "only unknown": (snapshot(trail(delivery=denied())), (), "log-delivery could not be judged in 111122223333"),
    "nobody can look": (snapshot(unreadable=denied()), (), "Could not look into 111122223333"),
}


@pytest.mark.parametrize(("world", "controls", "words"), NOTHING.values(), ids=NOTHING)
def test_what_does_not_fail_cannot_be_accepted(world: object, controls: tuple[str, ...], words: str) -> None:
    with pytest.raises(Refused) as refusal:
        plan_accept(world, DEFAULTS, Profile.CIS, replace(acceptance(), controls=controls))  # type: ignore[arg-type]  # a Snapshot
    assert words in str(refusal.value)


def test_where_something_else_fails_the_example_is_for_that() -> None:
    with pytest.raises(Refused, match=f"`/trail-audit accept {ACCOUNT} multi-region-trail until 2027-02-21 because"):
        plan_accept(STOPPED, DEFAULTS, Profile.CIS, acceptance("log-file-validation"))


def test_the_fingerprint_is_of_what_is_accepted_until_when_and_why() -> None:
    made = exception().plan
    others = (
        acceptance("log-delivery"),
        acceptance(until=date(2027, 2, 1)),
        acceptance(reason="Another one."),
    )
    prints = {made.fingerprint, *(exception(accepts=other).plan.fingerprint for other in others)}
    assert len(prints) == 4
    assert fingerprint(made, snapshot(trail())) not in prints


# Twins


OPEN_ONES = {
    "another exception for the control": (exception(7), True),
    "one for that control and another": (exception(7, accepts=acceptance("log-delivery", "multi-region-trail")), True),
    "one for another control": (exception(7, accepts=acceptance("log-delivery")), False),
    "a repair": (change(7), False),
    "an exception elsewhere": (exception(7, before=replace(STOPPED, account=account("222233334444"))), False),
}


@pytest.mark.parametrize(("other", "twins"), OPEN_ONES.values(), ids=OPEN_ONES)
def test_an_exception_has_only_exceptions_to_the_same_control_as_twins(other: Change, twins: bool) -> None:
    for mine, theirs in ((exception(), other), (other, exception())):
        if not twins:
            refuse_twin(mine.plan, [theirs])
            continue
        with pytest.raises(Refused, match="waits for approval already"):
            refuse_twin(mine.plan, [theirs])


def test_two_repairs_of_an_account_are_twins_still() -> None:
    with pytest.raises(Refused, match="C-7 for 111122223333 waits for approval already"):
        refuse_twin(plan(), [change(7)])


# Its end


@pytest.mark.parametrize(
    ("now", "holds"),
    [(NOW, True), (ENDS - timedelta(seconds=1), True), (ENDS, False), (ENDS + DAY, False)],
    ids=["at once", "in the last second", "when the day is over", "a day later"],
)
def test_an_exception_holds_to_the_end_of_its_last_day(now: datetime, holds: bool) -> None:
    assert is_active(active(), now) is holds
    over = ended(active(), (), now)
    assert (over is None) is holds
    assert over is None or (over.state, over.decided_at, over.ended_by) == (State.ENDED, now, "")


@pytest.mark.parametrize("state", [s for s in State if s is not State.ACTIVE])
def test_only_what_is_active_accepts_and_ends(state: State) -> None:
    assert not is_active(active(state=state), NOW)
    assert ended(active(state=state), (), ENDS) is None


def test_of_an_exception_that_cannot_be_read_nothing_is_accepted() -> None:
    gone = replace(active(), plan=lost(account(), NOW))
    assert not is_active(gone, NOW)
    assert marked(report(account_report()), (gone,), Person, NOW) == report(account_report())


LONGER = acceptance("multi-region-trail", "log-delivery", until=date(2027, 3, 31))
NEIGHBOURS = {
    "a later one that covers it": (active(43, accepts=LONGER), True),
    "one of the same end": (active(43), True),
    "an earlier one": (active(41, accepts=LONGER), False),
    "a shorter one": (active(43, accepts=acceptance(until=date(2026, 12, 1))), False),
    "one for another control": (active(43, accepts=acceptance("log-delivery", until=date(2027, 3, 31))), False),
    "one elsewhere": (active(43, before=replace(STOPPED, account=account("222233334444"))), False),
    "one that only waits": (exception(43, accepts=LONGER), False),
}


@pytest.mark.parametrize(("neighbour", "replaces"), NEIGHBOURS.values(), ids=NEIGHBOURS)
def test_a_later_exception_that_covers_it_takes_its_place(neighbour: Change, replaces: bool) -> None:
    over = ended(active(), (active(), neighbour), NOW)
    assert (over is not None) is replaces
    assert over is None or over.outcome == "C-43 has taken its place."


def nobody_can_be_read() -> Entitled:
    raise Refused("The group could not be read.")


@pytest.mark.parametrize("user", ["UREQUESTER", "UALICE", "UBOB"])
def test_its_owner_and_an_approver_end_it_early(user: str) -> None:
    over = end_early(active(), user, entitled, NOW + HOUR)
    assert (over.state, over.ended_by, over.decided_at) == (State.ENDED, user, NOW + HOUR)


def test_its_owner_needs_nobodys_group_to_be_read() -> None:
    assert end_early(active(), "UREQUESTER", nobody_can_be_read, NOW).state is State.ENDED
    with pytest.raises(Refused, match="could not be read"):
        end_early(active(), "UALICE", nobody_can_be_read, NOW)


def test_nobody_else_ends_it() -> None:
    with pytest.raises(Refused, match=r"You are not an approver, so you cannot end C-42\. Ask @UALICE, @UBOB\."):
        end_early(active(), "UMALLORY", entitled, NOW)
    left = entitled().barring({"UBOB": Standing.DEACTIVATED})
    with pytest.raises(Refused, match="Your account is deactivated"):
        end_early(active(), "UBOB", lambda: left, NOW)


@pytest.mark.parametrize("state", [s for s in State if s is not State.ACTIVE])
def test_what_is_not_active_cannot_be_ended(state: State) -> None:
    words = "its owner can cancel it" if state is State.PROPOSED else f"C-42 is {state}, so there is nothing to end"
    with pytest.raises(Refused, match=words):
        end_early(active(state=state), "UREQUESTER", entitled, NOW)


# What its owner is told


@pytest.mark.parametrize(
    ("now", "given", "due"),
    [
        (NOW, 0, Review.BEGUN),
        (NOW, Review.BEGUN, None),
        (ENDS - 7 * DAY - HOUR, Review.BEGUN, None),
        (ENDS - 7 * DAY, Review.BEGUN, Review.WEEK),
        (ENDS - 7 * DAY, Review.WEEK, None),
        (ENDS - DAY - HOUR, Review.WEEK, None),
        (ENDS - DAY, Review.WEEK, Review.DAY),
        (ENDS - DAY, Review.BEGUN, Review.DAY),
        (ENDS - DAY, Review.DAY, None),
        (ENDS, 0, None),
    ],
)
def test_a_review_is_due_at_its_time_and_once(now: datetime, given: int, due: Review | None) -> None:
    assert review_due(active(reviewed=given), now) is due


def test_a_short_exception_has_no_review_of_a_time_before_it_began() -> None:
    two_days = acceptance(until=date(2026, 11, 24))
    assert review_due(active(accepts=two_days, reviewed=Review.BEGUN), NOW + HOUR) is None
    assert review_due(active(accepts=two_days, reviewed=Review.BEGUN), two_days.ends_at - DAY) is Review.DAY
    today = acceptance(until=NOW.date())
    assert review_due(active(accepts=today), NOW + HOUR) is Review.BEGUN
    assert review_due(active(accepts=today, reviewed=Review.BEGUN), NOW + HOUR) is None


@pytest.mark.parametrize("state", [s for s in State if s is not State.ACTIVE])
def test_only_of_what_is_active_there_are_reviews(state: State) -> None:
    assert review_due(active(state=state), ENDS - DAY) is None


# What it does to a report


def owner(user: str) -> Person:
    return Person(user, "Alice")


def judged(*findings: Finding, id: str = ACCOUNT) -> AccountReport:
    return AccountReport(account(id), findings)


def test_a_failure_is_accepted_and_the_verdict_left_alone() -> None:
    made = marked(report(account_report()), (active(),), owner, NOW)
    (found,) = made.accounts[0].findings
    assert found.accepted
    assert (found.accepted.until, found.accepted.owner, found.accepted.change) == (
        date(2027, 1, 31),
        Person("UREQUESTER"),
        "C-42",
    )
    assert found.accepted.owner.name == "Alice"
    assert found.verdict is made.accounts[0].verdict is made.verdict is Verdict.FAIL
    assert (made.count(Verdict.FAIL), made.count(Verdict.PASS)) == (1, 0)


@pytest.mark.parametrize("verdict", [Verdict.PASS, Verdict.UNKNOWN])
def test_nothing_but_a_failure_is_ever_accepted(verdict: Verdict) -> None:
    before = report(account_report(verdict=verdict))
    assert marked(before, (active(),), owner, NOW) == before


@pytest.mark.parametrize(
    "holds_not",
    [
        active(accepts=acceptance("log-delivery")),
        active(before=replace(STOPPED, account=account("222233334444"))),
        exception(),
        active(state=State.ENDED),
        active(accepts=acceptance(until=date(2026, 11, 22))),
    ],
    ids=["another control", "another account", "it waits", "it has ended", "its day is over"],
)
def test_an_exception_covers_one_account_and_control_while_it_is_active(holds_not: Change) -> None:
    before = report(account_report())
    assert marked(before, (holds_not,), owner, NOW) == before


def test_of_two_the_one_that_holds_longer_is_told() -> None:
    for both in ((active(41, accepts=LONGER), active(42)), (active(42), active(41, accepts=LONGER))):
        (found,) = marked(report(account_report()), both, owner, NOW).accounts[0].findings
        assert found.accepted
        assert found.accepted.change == "C-41"


ACCEPTED = marked(report(account_report()), (active(),), owner, NOW).accounts[0].findings[0]
FAILS, PASSES = finding("log-delivery"), finding("log-delivery", Verdict.PASS)
BLIND = finding("log-delivery", Verdict.UNKNOWN)


@pytest.mark.parametrize(
    ("findings", "attention"),
    [
        ((ACCEPTED,), Attention.ACCEPTED),
        ((ACCEPTED, PASSES), Attention.ACCEPTED),
        ((ACCEPTED, FAILS), Attention.FAIL),
        ((ACCEPTED, BLIND), Attention.UNKNOWN),
        ((ACCEPTED, BLIND, FAILS), Attention.FAIL),
        ((FAILS,), Attention.FAIL),
        ((BLIND, PASSES), Attention.UNKNOWN),
        ((PASSES,), Attention.PASS),
        ((), Attention.UNKNOWN),
    ],
)
def test_what_an_account_asks_for_is_its_verdict_unless_it_fails_only_as_accepted(
    findings: tuple[Finding, ...], attention: Attention
) -> None:
    assert judged(*findings).attention is attention


def test_a_report_tells_what_asks_most_first() -> None:
    made = report(judged(PASSES, id="1"), judged(ACCEPTED, id="2"), judged(BLIND, id="3"), judged(FAILS, id="4"))
    assert [a.account.id for a in made.worst_first()] == ["4", "3", "2", "1"]


def test_what_is_accepted_and_what_is_not_are_told_apart() -> None:
    assert judged(ACCEPTED, FAILS, PASSES).accepted() == (ACCEPTED,)
    assert judged(ACCEPTED, FAILS, PASSES).failing() == (FAILS,)


TO_REVIEW = {
    "far from its end": (active(), ENDS - 15 * DAY, False),
    "two weeks before": (active(), ENDS - 14 * DAY, True),
    "its last day is over": (active(state=State.ENDED), ENDS, True),
    "ended early": (active(state=State.ENDED, ended_by="UBOB"), ENDS, False),
    "replaced by a longer one": (active(state=State.ENDED), ENDS - DAY, False),
    "it waits for approval": (exception(), ENDS - DAY, False),
    "no exception": (change(), ENDS, False),
}


@pytest.mark.parametrize(("found", "now", "due"), TO_REVIEW.values(), ids=TO_REVIEW)
def test_somebody_has_to_see_to_what_ends_soon_or_ended_by_itself(found: Change, now: datetime, due: bool) -> None:
    assert to_review(found, now) is due
