"""Exceptions from the asking to the end: approved like a change, never a write to AWS, and never for ever."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest

from bot import jobs
from bot.domain.acceptance import Wanted
from bot.domain.change import Change, State
from bot.domain.evidence import broken
from bot.domain.exceptions import Review
from bot.domain.finding import Attention, Report, Verdict
from bot.domain.plan import lost
from bot.domain.refusal import Refused
from bot.domain.trail import Delivery
from bot.ports import CannotAnnounceError, Run
from bot.services import applying, decisions, digests, exceptions, proposals, releases, runs, settling
from bot.services.proposals import Asker
from tests.builders import ACCOUNT, account, denied, entitled, exception, surveyed, trail
from tests.fakes_bot import Bot, Crash, bot, stopped
from tests.services.crashing import Fuse, fused

OWNER = Asker("UREQUESTER", "C1")
WHY = "the account is closed by then"
SECOND = "222233334444"


def wanted(*named: str, until: str = "2027-01-31", reason: str = WHY) -> Wanted:
    return Wanted(named or (ACCOUNT,), until, reason)


def asked(*named: str, made: Bot | None = None, until: str = "2027-01-31") -> Bot:
    made = made or bot()
    exceptions.propose_accept(made.world, OWNER, wanted(*named, until=until))
    return made


def accepted(*named: str, until: str = "2027-01-31") -> Bot:
    made = asked(*named, until=until)
    decisions.approve(made.world, 1, "UALICE")
    return made


def audited(made: Bot) -> Report:
    runs.run_audit(made.world, Run(f"run-{len(made.runs.saved)}", "C1", "UBOB", (), made.clock.now()))
    report: Report = made.announcer.of("audit finished")[-1][1]
    return report


# Asking


def test_an_exception_is_asked_for_and_writes_nothing() -> None:
    made = asked()
    change = made.change()
    assert (change.state, change.plan.kind, change.plan.steps) == (State.PROPOSED, "accept", ())
    assert change.plan.accepts
    assert change.plan.accepts.controls == ("multi-region-trail", "log-delivery")
    assert made.card().id == "C-1"
    (entry,) = made.evidence.all
    assert entry.facts["accepts"] == {
        "controls": ["multi-region-trail", "log-delivery"],
        "until": "2027-01-31",
        "reason": WHY,
    }
    assert (made.aws.calls, made.aws.simulated) == ([], [])


def test_a_control_is_named_in_any_case() -> None:
    accepts = asked(ACCOUNT, "Log-Delivery").change().plan.accepts
    assert accepts
    assert accepts.controls == ("log-delivery",)


REFUSALS = {
    "a control that there is not": (wanted(ACCOUNT, "everything"), "There is no control everything. There are:"),
    "a control that is not audited": (wanted(ACCOUNT, "kms-encryption"), "kms-encryption is not audited here"),
    "a control that passes": (wanted(ACCOUNT, "log-file-validation"), "log-file-validation passes in"),
    "an account out of scope": (wanted("999999999999"), "No account in scope is called 999999999999."),
    "no account but markup": (wanted("<!channel>`x`"), "No account in scope is called <!channel>"),
    "a past day": (wanted(until="2026-11-22"), "2026-11-22 is over."),
    "a day that there is not": (wanted(until="2027-02-30"), "There is no day 2027-02-30."),
    "more than a year": (wanted(until="2027-11-24"), "more than a year away"),
    "one letter": (wanted(reason="x"), "Say why in a few words"),
}


@pytest.mark.parametrize(("wish", "why"), REFUSALS.values(), ids=REFUSALS)
def test_what_may_not_be_asked_for_is_refused_with_what_would_do(wish: Wanted, why: str) -> None:
    made = bot()
    with pytest.raises(Refused) as refusal:
        exceptions.propose_accept(made.world, OWNER, wish)
    assert why in str(refusal.value)
    assert "For example: `/trail-audit accept 111122223333" in str(refusal.value)
    assert (made.changes.all(), made.announcer.said) == ((), [])


@pytest.mark.parametrize(
    ("wish", "meant"),
    [
        (wanted(ACCOUNT, "log-file-validatoin"), "Did you mean log-file-validation?"),
        (wanted(ACCOUNT, "log-file-validatoin", until=""), "Say until when"),
        (wanted("no-account", "log-file-validatoin"), "No account in scope is called no-account."),
    ],
    ids=["nothing else is wrong", "no end", "no such account"],
)
def test_an_example_has_the_control_that_was_meant_and_no_slip_of_the_pen(wish: Wanted, meant: str) -> None:
    with pytest.raises(Refused) as refusal:
        exceptions.propose_accept(bot().world, OWNER, wish)
    said, example = str(refusal.value).split("For example: ")
    assert meant in said
    assert f"accept {ACCOUNT} log-file-validation until" in example


def test_where_nothing_fails_nothing_can_be_accepted() -> None:
    made = bot(surveyed(trail()))
    with pytest.raises(Refused, match="there is nothing to accept"):
        asked(made=made)
    made.aws.blind = [denied()] * 3
    with pytest.raises(Refused, match="Could not look into"):
        asked(made=made)


def test_who_may_not_ask_for_changes_may_not_ask_for_exceptions() -> None:
    made = bot()
    made.directory.may_request = entitled("UBOB")
    with pytest.raises(Refused, match="You may not ask for changes"):
        asked(made=made)


def test_a_proposal_has_no_more_time_than_its_own_last_day() -> None:
    made = bot()
    made.clock.move(hours=13)
    made = asked(made=made, until="2026-11-23")
    assert made.change().expires_at - made.clock.now() == timedelta(hours=2)
    made.clock.move(hours=2)
    with pytest.raises(Refused, match="expired"):
        decisions.approve(made.world, 1, "UALICE")
    assert made.change().state is State.EXPIRED


# Deciding


def test_the_approval_of_a_second_person_makes_it_active_and_starts_no_work() -> None:
    made = accepted()
    assert (made.change().state, made.card().state) == (State.ACTIVE, State.ACTIVE)
    assert made.changes.started == []
    approved = made.evidence.all[-1]
    assert (approved.what, approved.actor) == ("approved", "UALICE")
    assert approved.facts["state"] == "active"
    assert approved.facts["until"] == "2027-01-31"


def test_whoever_asked_cannot_approve_it() -> None:
    made = asked()
    made.directory.may_approve = entitled("UREQUESTER", "UALICE")
    with pytest.raises(Refused, match="somebody else must approve it"):
        decisions.approve(made.world, 1, "UREQUESTER")
    assert made.change().state is State.PROPOSED


def expires(made: Bot) -> None:
    made.clock.move(hours=4)
    jobs.sweep(made.world)


OTHER_ENDS: dict[State, Callable[[Bot], object]] = {
    State.DENIED: lambda b: decisions.deny(b.world, 1, "UALICE", "no"),
    State.CANCELLED: lambda b: decisions.cancel(b.world, 1, "UREQUESTER"),
    State.EXPIRED: expires,
}


@pytest.mark.parametrize("state", OTHER_ENDS)
def test_it_is_denied_cancelled_and_expired_like_a_change(state: State) -> None:
    made = asked()
    OTHER_ENDS[state](made)
    assert made.change().state is state
    assert audited(made).accounts[0].attention is Attention.FAIL


def test_no_write_to_aws_ever_comes_of_it_whatever_the_runner_does() -> None:
    """Even one whose approval was saved in the way of a change."""
    for made in (asked(), accepted()):
        for _ in range(2):
            assert applying.begin(made.world, 1) == 0
            assert applying.perform(made.world, 1, 0) is False
            settling.settle(made.world, 1)
            settling.give_up(made.world, 1, "Error")
        assert made.change().state in (State.PROPOSED, State.ACTIVE)
        made.changes.save(replace(made.change(), state=State.APPROVED))
        with pytest.raises(ValueError, match="cannot go from approved to applying"):
            applying.begin(made.world, 1)
        assert (made.aws.calls, made.changes.started) == ([], [])


# Beside changes


def test_neither_a_waiting_nor_an_active_exception_stands_in_the_way_of_a_repair() -> None:
    for made in (asked(), accepted()):
        assert proposals.propose_fix(made.world, OWNER, ACCOUNT).id == "C-2"


def test_an_open_repair_does_not_stand_in_the_way_of_an_exception() -> None:
    made = bot()
    proposals.propose_fix(made.world, OWNER, ACCOUNT)
    assert asked(made=made).change(2).plan.accepts


def test_two_that_wait_for_the_same_control_are_twins() -> None:
    made = asked(ACCOUNT, "log-delivery")
    with pytest.raises(Refused, match="C-1 for 111122223333 waits for approval already"):
        asked(made=made)
    asked(ACCOUNT, "multi-region-trail", made=made)


def test_an_active_one_is_followed_by_a_longer_one_which_takes_its_place() -> None:
    made = asked(made=accepted(), until="2027-03-31")
    jobs.sweep(made.world)
    assert made.change().state is State.ACTIVE
    decisions.approve(made.world, 2, "UALICE")
    jobs.sweep(made.world)
    assert (made.change(1).state, made.change(1).outcome) == (State.ENDED, "C-2 has taken its place.")
    assert made.change(2).state is State.ACTIVE
    (found, *_) = audited(made).accounts[0].findings
    assert found.accepted
    assert (found.accepted.change, found.accepted.until) == ("C-2", date(2027, 3, 31))


# In reports


def test_an_accepted_failure_is_shown_as_accepted_and_stays_a_failure() -> None:
    made = accepted()
    report = audited(made)
    assert report.verdict is report.accounts[0].verdict is Verdict.FAIL
    assert report.accounts[0].attention is Attention.ACCEPTED
    marks = {f.control: f.accepted for f in report.accounts[0].findings}
    assert marks["log-file-validation"] is None
    assert marks["multi-region-trail"]
    assert marks["multi-region-trail"].owner.name == "Requester"
    kept = made.runs.get("run-0")
    assert kept
    assert kept[1] == report


def test_another_account_and_another_control_are_not_covered() -> None:
    second = replace(surveyed(trail(owner=SECOND, logging=False)), account=account(SECOND))
    made = asked(ACCOUNT, "log-delivery", made=bot(stopped(), second))
    decisions.approve(made.world, 1, "UALICE")
    report = audited(made)
    assert [a.attention for a in report.accounts] == [Attention.FAIL, Attention.FAIL]
    assert [f.control for a in report.accounts for f in a.accepted()] == ["log-delivery"]


def test_what_nobody_can_see_any_more_is_unknown_and_not_accepted() -> None:
    made = accepted()
    made.aws.blind = [denied()]
    assert audited(made).accounts[0].attention is Attention.UNKNOWN


def test_the_digest_counts_it_by_itself_and_calls_it_new_when_it_is_over() -> None:
    made = accepted(until="2026-11-24")
    digests.post_digest(made.world, "C1", "first")
    made.clock.move(days=2)
    digests.post_digest(made.world, "C1", "second")
    first, second = (digest.comparison for _, digest in made.announcer.of("digest"))
    assert ([len(first.accepted), len(first.new)], [len(second.accepted), len(second.new)]) == ([1, 0], [0, 1])


def test_the_digest_names_it_when_its_end_is_near_and_when_it_is_over() -> None:
    made = accepted(until="2027-01-31")
    for days in (0, 60, 20):
        made.clock.move(days=days)
        jobs.sweep(made.world)
        digests.post_digest(made.world, "C1", f"after {days}")
    assert [[c.id for c in digest.to_review] for _, digest in made.announcer.of("digest")] == [[], ["C-1"], ["C-1"]]


# Its end


def test_it_ends_by_itself_with_its_last_day_whoever_looks_first() -> None:
    made = accepted(until="2026-11-24")
    made.clock.move(hours=38)
    jobs.sweep(made.world)
    assert made.change().state is State.ACTIVE
    made.clock.move(hours=1)
    assert audited(made).accounts[0].attention is Attention.FAIL
    jobs.sweep(made.world)
    assert (made.change().state, made.card().state) == (State.ENDED, State.ENDED)
    assert made.change().outcome == "Its last day is over: the failure is an ordinary one again."
    assert (made.evidence.all[-1].what, made.evidence.all[-1].actor) == ("ended", "trailwarden")
    before = len(made.evidence.all)
    jobs.sweep(made.world)
    assert len(made.evidence.all) == before
    assert broken(made.evidence.all) == ""


@pytest.mark.parametrize("user", ["UREQUESTER", "UBOB"])
def test_its_owner_or_an_approver_ends_it_early_and_the_evidence_says_who(user: str) -> None:
    made = accepted()
    assert exceptions.end_early(made.world, 1, user).ended_by == user
    assert audited(made).accounts[0].attention is Attention.FAIL
    assert (made.evidence.all[-1].what, made.evidence.all[-1].actor) == ("ended", user)
    with pytest.raises(Refused, match="C-1 is ended, so there is nothing to end"):
        exceptions.end_early(made.world, 1, user)


def test_nobody_else_ends_it_and_a_group_that_cannot_be_read_means_no() -> None:
    made = accepted()
    with pytest.raises(Refused, match="you cannot end C-1"):
        exceptions.end_early(made.world, 1, "UMALLORY")
    made.directory.unreadable = Refused("The group could not be read.")
    with pytest.raises(Refused, match="could not be read"):
        exceptions.end_early(made.world, 1, "UBOB")
    assert made.change().state is State.ACTIVE
    assert exceptions.end_early(made.world, 1, "UREQUESTER").state is State.ENDED


def test_of_two_who_end_it_at_once_one_does() -> None:
    made = accepted()
    save = made.changes.save

    def slower(change: Change, *rest: object, **more: object) -> Change | None:
        made.changes.save = save  # type: ignore[method-assign]  # the next save is the real one
        exceptions.end_early(made.world, 1, "UBOB")
        return save(change, *rest, **more)  # type: ignore[arg-type]  # as they came

    made.changes.save = slower  # type: ignore[method-assign]  # somebody is faster between the read and the save
    with pytest.raises(Refused, match="nothing to end"):
        exceptions.end_early(made.world, 1, "UALICE")
    assert made.change().ended_by == "UBOB"


def test_what_a_new_release_cannot_read_accepts_nothing_and_is_ended() -> None:
    made = accepted()
    made.changes.save(replace(made.change(), plan=lost(account(), made.clock.now())))
    assert audited(made).accounts[0].attention is Attention.FAIL
    releases.end_lost(made.world)
    assert made.change().state is State.ENDED
    assert "another release" in made.change().outcome


# The list


def test_the_list_has_what_waits_is_active_and_is_past_its_end_for_30_days() -> None:
    made = accepted(ACCOUNT, "log-delivery", until="2026-11-24")
    asked(ACCOUNT, "multi-region-trail", made=made)
    proposals.propose_fix(made.world, OWNER, ACCOUNT)
    assert [c.id for c in exceptions.listed(made.world)] == ["C-1", "C-2"]
    made.clock.move(days=2)
    jobs.sweep(made.world)
    assert [c.state for c in exceptions.listed(made.world)] == [State.ENDED]
    made.clock.move(days=30)
    assert len(exceptions.listed(made.world)) == 1
    made.clock.move(seconds=1)
    assert exceptions.listed(made.world) == ()


# What its owner is told


def reviews(made: Bot) -> list[Review]:
    return [review for _, review in made.announcer.of("review")]


def test_its_owner_is_told_that_it_began_a_week_and_a_day_before_its_end_and_at_the_end_once_each() -> None:
    made = accepted(until="2026-12-31")
    seen: list[list[Review]] = []
    for days in (0, 31, 1, 5, 1):
        made.clock.move(days=days)
        for _ in range(2):
            jobs.sweep(made.world)
            jobs.send_notices(made.world)
        seen.append(reviews(made))
    begun, week, day = Review
    assert seen == [[begun], [begun], [begun, week], [begun, week], [begun, week, day]]
    assert [c.state for (c,) in made.announcer.of("tell")] == []
    made.clock.move(days=1)
    for _ in range(2):
        jobs.sweep(made.world)
        jobs.send_notices(made.world)
    assert [c.state for (c,) in made.announcer.of("tell")] == [State.ENDED]


def test_whoever_ends_their_own_is_told_nothing_and_of_anothers_the_owner_is() -> None:
    for user, told in (("UREQUESTER", 0), ("UBOB", 1)):
        made = accepted()
        exceptions.end_early(made.world, 1, user)
        jobs.send_notices(made.world)
        assert len(made.announcer.of("tell")) == told


def test_a_proposal_that_waits_is_remembered_half_way() -> None:
    made = asked()
    made.clock.move(hours=2)
    jobs.send_notices(made.world)
    assert [c.id for (c,) in made.announcer.of("remind")] == ["C-1"]


# Trouble

JOBS: dict[str, Callable[[Bot], object]] = {
    "at its end": lambda b: b.clock.move(days=90),
    "a week before": lambda b: b.clock.move(days=64),
}


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
@pytest.mark.parametrize("when", JOBS.values(), ids=JOBS)
def test_a_crash_at_any_call_repeats_and_loses_nothing(when: Callable[[Bot], object], before: bool) -> None:
    whole = accepted()
    when(whole)
    jobs.sweep(whole.world)
    jobs.send_notices(whole.world)
    for at in range(1, 14):
        made, fuse = accepted(), Fuse(at, before=before)
        when(made)
        for job in (jobs.sweep, jobs.send_notices):
            try:
                job(fused(made.world, fuse))
            except Crash:
                job(made.world)
        assert made.change().state is whole.change().state
        assert made.evidence.whats() == whole.evidence.whats()
        assert [said[0] for said in made.announcer.said if said[0] in ("review", "tell")] == [
            said[0] for said in whole.announcer.said if said[0] in ("review", "tell")
        ]
        assert made.card().state is whole.card().state


def test_an_exception_whose_card_nobody_can_see_is_none() -> None:
    made = bot()
    made.announcer.fails = CannotAnnounceError("The channel is archived.")
    with pytest.raises(CannotAnnounceError):
        asked(made=made)
    assert made.change().state is State.CANCELLED
    assert audited_quietly(made).accounts[0].attention is Attention.FAIL


def audited_quietly(made: Bot) -> Report:
    made.announcer.fails = None
    return audited(made)


def test_a_repair_is_as_it_was_while_a_failure_is_accepted() -> None:
    made = accepted()
    made.aws.becomes(surveyed(trail(delivery=Delivery(last=made.clock.now()))))
    assert audited(made).accounts[0].attention is Attention.PASS
    assert exception().plan.awaits_delivery == ()
