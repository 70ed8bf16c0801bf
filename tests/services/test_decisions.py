"""Who may decide, and that a decision counts once, however many press at the same moment."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from bot import jobs
from bot.adapters.db.changes import ChangesTable
from bot.adapters.db.engine import connect
from bot.adapters.db.evidence import EvidenceTable
from bot.domain.change import Change, State
from bot.domain.evidence import broken
from bot.domain.refusal import Group, Refused
from bot.ports import World
from bot.services import cards, decisions, proposals
from bot.services.proposals import Asker
from tests.builders import ACCOUNT, entitled, surveyed, trail
from tests.fakes_bot import Bot, Crash, bot
from tests.services.crashing import DiesIn, Fuse, fused

ASKER = Asker("UREQUESTER", "C1")


def proposed_fix() -> Bot:
    made = bot()
    proposals.propose_fix(made.world, ASKER, ACCOUNT)
    return made


def proposed_delete() -> Bot:
    made = bot(surveyed(trail("main"), trail("spare")))
    proposals.propose_delete(made.world, ASKER, ACCOUNT, "spare")
    return made


def assert_undecided(made: Bot) -> None:
    assert made.change().state is State.PROPOSED
    assert made.change().votes == ()
    assert made.changes.started == []
    assert made.evidence.whats() == ["proposed"]


def test_an_approver_starts_the_work_once() -> None:
    made = proposed_fix()
    assert decisions.approve(made.world, 1, "UALICE").state is State.APPROVED
    assert made.changes.started == [1]
    assert made.evidence.whats() == ["proposed", "approved"]
    assert made.evidence.all[-1].actor == "UALICE"
    assert made.card().approvers == ("UALICE",)


def test_who_denies_what_they_approved_is_its_denier() -> None:
    made = proposed_delete()
    decisions.approve(made.world, 1, "UALICE", "spare")
    denied = decisions.deny(made.world, 1, "UALICE", "the wrong trail")
    assert [(vote.user, vote.approve) for vote in denied.votes] == [("UALICE", False)]
    assert made.evidence.all[-1].facts["reason"] == "the wrong trail"


def test_a_click_on_what_a_new_release_ended_is_answered() -> None:
    made = proposed_fix()
    made.changes.save(replace(made.change(), state=State.SUPERSEDED, decided_at=made.world.clock.now()))
    with pytest.raises(Refused, match="C-1 was already superseded"):
        decisions.approve(made.world, 1, "UALICE")


def test_an_approval_makes_no_call_to_aws() -> None:
    made = proposed_fix()
    made.aws.log.clear()
    decisions.approve(made.world, 1, "UALICE")
    assert made.aws.log == []


REFUSALS: dict[str, tuple[Callable[[World], Change], str]] = {
    "the requester approves": (lambda w: decisions.approve(w, 1, "UREQUESTER"), "somebody else must approve"),
    "the requester denies": (lambda w: decisions.deny(w, 1, "UREQUESTER", "no"), "press Cancel"),
    "a stranger approves": (lambda w: decisions.approve(w, 1, "UMALLORY"), "You are not an approver"),
    "a stranger denies": (lambda w: decisions.deny(w, 1, "UMALLORY", "no"), "You are not an approver"),
    "an approver cancels": (lambda w: decisions.cancel(w, 1, "UALICE"), "Only @UREQUESTER"),
    "a denial without a reason": (lambda w: decisions.deny(w, 1, "UALICE", "  "), "Say why"),
    "a number that is no change": (lambda w: decisions.approve(w, 2, "UALICE"), "There is no change C-2"),
    "a denial of no change": (lambda w: decisions.deny(w, 0, "UALICE", "no"), "There is no change C-0"),
    "a stranger asks whether": (lambda w: decisions.may_approve(w, 1, "UMALLORY"), "You are not an approver"),
    "the requester asks whether": (lambda w: decisions.may_deny(w, 1, "UREQUESTER"), "press Cancel"),
}


@pytest.mark.parametrize(("decide", "why"), REFUSALS.values(), ids=REFUSALS)
def test_who_may_not_is_told_and_nothing_happens(decide: Callable[[World], Change], why: str) -> None:
    made = proposed_fix()
    with pytest.raises(Refused, match=why):
        decide(made.world)
    assert_undecided(made)


def test_with_nobody_configured_nobody_may_approve() -> None:
    made = proposed_fix()
    made.directory.may_approve = entitled("")
    with pytest.raises(Refused, match="TRAILWARDEN_APPROVERS"):
        decisions.approve(made.world, 1, "UALICE")
    assert_undecided(made)


@pytest.mark.parametrize("decide", [decisions.approve, decisions.may_approve], ids=["approve", "may approve"])
def test_a_group_that_cannot_be_read_means_no(decide: Callable[[World, int, str], Change]) -> None:
    made = proposed_fix()
    made.directory.unreadable = Refused("Who belongs to ", Group("S1"), " could not be read.")
    with pytest.raises(Refused, match="could not be read"):
        decide(made.world, 1, "UALICE")
    assert_undecided(made)


def test_the_approvers_are_read_afresh_at_the_click() -> None:
    made = proposed_fix()
    made.directory.may_approve = entitled("UBOB")
    with pytest.raises(Refused, match="You are not an approver"):
        decisions.approve(made.world, 1, "UALICE")


def test_asking_whether_one_may_approve_is_no_vote() -> None:
    made = proposed_fix()
    assert decisions.may_approve(made.world, 1, "UALICE").id == "C-1"
    assert decisions.may_deny(made.world, 1, "UALICE").id == "C-1"
    assert_undecided(made)


def test_after_its_time_nobody_may_approve_and_the_card_says_so() -> None:
    made = proposed_fix()
    made.clock.move(hours=4)
    with pytest.raises(Refused, match="C-1 expired 20"):
        decisions.approve(made.world, 1, "UALICE")
    assert made.change().state is State.EXPIRED
    assert made.card().state is State.EXPIRED
    assert made.changes.started == []
    assert made.evidence.whats() == ["proposed", "expired"]


LATE: dict[str, Callable[[World], Change]] = {
    "approve": lambda w: decisions.approve(w, 1, "UBOB"),
    "deny": lambda w: decisions.deny(w, 1, "UBOB", "no"),
    "cancel": lambda w: decisions.cancel(w, 1, "UREQUESTER"),
    "open the delete form": lambda w: decisions.may_approve(w, 1, "UBOB"),
    "open the deny form": lambda w: decisions.may_deny(w, 1, "UBOB"),
}


@pytest.mark.parametrize("late", LATE.values(), ids=LATE)
def test_a_late_click_is_told_who_was_faster_and_the_card_is_painted_again(late: Callable[[World], Change]) -> None:
    made = proposed_fix()
    decisions.deny(made.world, 1, "UALICE", "not now")
    shown = len(made.announcer.shown)
    with pytest.raises(Refused, match="C-1 was already denied by @UALICE"):
        late(made.world)
    assert len(made.announcer.shown) == shown + 1
    assert made.card().state is State.DENIED


@pytest.mark.parametrize("late", LATE.values(), ids=LATE)
def test_a_click_after_the_time_expires_the_change(late: Callable[[World], Change]) -> None:
    made = proposed_fix()
    made.clock.move(days=1)
    with pytest.raises(Refused, match="expired 20"):
        late(made.world)
    assert made.card().state is State.EXPIRED


def test_a_double_click_starts_nothing_twice() -> None:
    made = proposed_fix()
    decisions.approve(made.world, 1, "UALICE")
    with pytest.raises(Refused, match="already approved by @UALICE"):
        decisions.approve(made.world, 1, "UALICE")
    assert made.changes.started == [1]


def test_a_denial_ends_it_with_its_reason() -> None:
    made = proposed_fix()
    decisions.deny(made.world, 1, "UALICE", "not during the freeze")
    assert made.change().state is State.DENIED
    assert made.change().outcome == "not during the freeze"
    assert made.evidence.all[-1].facts["reason"] == "not during the freeze"
    assert made.changes.started == []


def test_the_requester_takes_it_back() -> None:
    made = proposed_fix()
    decisions.cancel(made.world, 1, "UREQUESTER")
    assert made.card().state is State.CANCELLED
    assert made.evidence.whats() == ["proposed", "cancelled"]


def test_a_decision_stands_where_the_process_dies_before_its_card_is_painted() -> None:
    made = proposed_fix()
    with pytest.raises(Crash):
        decisions.approve(fused(made.world, DiesIn("announcer.repaint")), 1, "UALICE")
    assert made.changes.started == [1]
    assert [c.number for c in made.changes.unpainted()] == [1]
    jobs.sweep(made.world)
    assert made.card().state is State.APPROVED
    assert made.changes.unpainted() == ()


def test_a_change_whose_time_has_not_come_is_not_expired() -> None:
    made = proposed_fix()
    assert decisions.expire(made.world, made.change(), made.clock.now()) is None
    assert_undecided(made)


# Deletes


def test_a_delete_needs_the_trails_name_typed() -> None:
    made = proposed_delete()
    with pytest.raises(Refused, match="That is not the trail's name"):
        decisions.approve(made.world, 1, "UALICE", typed="main")
    assert_undecided(made)


def test_a_delete_needs_two_people() -> None:
    made = proposed_delete()
    assert decisions.approve(made.world, 1, "UALICE", typed="spare").state is State.PROPOSED
    assert made.changes.started == []
    with pytest.raises(Refused, match="it waits for one more"):
        decisions.approve(made.world, 1, "UALICE", typed="spare")
    assert made.card().approvers == ("UALICE",)
    assert decisions.approve(made.world, 1, "UBOB", typed="spare").state is State.APPROVED
    assert made.changes.started == [1]
    assert made.evidence.whats() == ["proposed", "vote", "approved"]


def test_one_denial_ends_a_delete_that_one_approved() -> None:
    made = proposed_delete()
    decisions.approve(made.world, 1, "UALICE", typed="spare")
    decisions.deny(made.world, 1, "UBOB", "we need it")
    assert made.change().state is State.DENIED
    assert made.changes.started == []


def test_a_vote_of_somebody_who_is_no_approver_any_more_does_not_count() -> None:
    made = proposed_delete()
    decisions.approve(made.world, 1, "UALICE", typed="spare")
    made.directory.may_approve = entitled("UBOB", "UCAROL")
    assert decisions.approve(made.world, 1, "UBOB", typed="spare").state is State.PROPOSED
    assert decisions.approve(made.world, 1, "UCAROL", typed="spare").state is State.APPROVED


# The same moment


@contextmanager
def on_sqlite(made: Bot, folder: Path) -> Iterator[tuple[World, list[int]]]:
    """The same world with its changes and evidence in a real database."""
    started: list[int] = []
    engine = connect(f"sqlite:///{folder / 'race.sqlite'}")
    changes = ChangesTable(engine, lambda _connection, change: started.append(change.number))
    yield replace(made.world, changes=changes, evidence=EvidenceTable(engine)), started
    engine.dispose()


@contextmanager
def in_memory(made: Bot, folder: Path) -> Iterator[tuple[World, list[int]]]:
    assert folder.exists()
    yield made.world, made.changes.started


STORES = pytest.mark.parametrize("store", [in_memory, on_sqlite], ids=["in memory", "on SQLite"])
Store = Callable[[Bot, Path], "Iterator[tuple[World, list[int]]]"]


def at_once(*acts: Callable[[], object]) -> list[object]:
    """What each came to, all of them let go at the same moment."""
    barrier, results = threading.Barrier(len(acts)), []

    def run(act: Callable[[], object]) -> None:
        barrier.wait()
        try:
            results.append(act())
        except Exception as error:  # noqa: BLE001 - the test looks at it
            results.append(error)

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@STORES
def test_of_many_who_approve_at_once_one_starts_the_work(store: Store, tmp_path: Path) -> None:
    made, users = bot(), tuple(f"U{n}" for n in range(8))
    made.directory.may_approve = entitled(*users)
    with store(made, tmp_path) as (world, started):  # type: ignore[attr-defined]  # made by the parameter
        proposals.propose_fix(world, ASKER, ACCOUNT)
        came = at_once(*(lambda u=u: decisions.approve(world, 1, u) for u in users))  # type: ignore[misc]  # a lambda with a default
        assert started == [1]
        assert sum(isinstance(c, Change) for c in came) == 1
        assert all("already approved" in str(c) for c in came if not isinstance(c, Change)), came
        assert [e.what for e in world.evidence.entries()] == ["proposed", "approved"]


@STORES
def test_one_person_on_two_devices_votes_once(store: Store, tmp_path: Path) -> None:
    made = bot(surveyed(trail("main"), trail("spare")))
    with store(made, tmp_path) as (world, started):  # type: ignore[attr-defined]  # made by the parameter
        proposals.propose_delete(world, ASKER, ACCOUNT, "spare")
        at_once(*[lambda: decisions.approve(world, 1, "UALICE", typed="spare")] * 4)
        found = world.changes.get(1)
        assert found
        assert [v.user for v in found.votes] == ["UALICE"]
        assert found.state is State.PROPOSED
        assert started == []


@STORES
@pytest.mark.parametrize("round", range(5))
def test_approve_against_deny_has_one_winner(store: Store, tmp_path: Path, round: int) -> None:
    made = bot()
    with store(made, tmp_path) as (world, started):  # type: ignore[attr-defined]  # made by the parameter
        proposals.propose_fix(world, ASKER, ACCOUNT)
        acts = [
            lambda: decisions.approve(world, 1, "UALICE"),
            lambda: decisions.deny(world, 1, "UBOB", "no"),
            lambda: decisions.cancel(world, 1, "UREQUESTER"),
        ]
        came = at_once(*acts[round % 3 :], *acts[: round % 3])
        won = [c for c in came if isinstance(c, Change)]
        assert len(won) == 1
        assert world.changes.get(1).state is won[0].state  # type: ignore[union-attr]  # it was added
        assert started == ([1] if won[0].state is State.APPROVED else [])
        assert broken(world.evidence.entries()) == ""


@STORES
def test_two_who_approve_a_delete_at_once_make_two_votes_and_one_start(store: Store, tmp_path: Path) -> None:
    made = bot(surveyed(trail("main"), trail("spare")))
    with store(made, tmp_path) as (world, started):  # type: ignore[attr-defined]  # made by the parameter
        proposals.propose_delete(world, ASKER, ACCOUNT, "spare")
        at_once(*(lambda u=u: decisions.approve(world, 1, u, typed="spare") for u in ("UALICE", "UBOB")))  # type: ignore[misc]  # a lambda with a default
        found = world.changes.get(1)
        assert found
        assert sorted(found.approvers) == ["UALICE", "UBOB"]
        assert started == [1]


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
def test_a_crash_at_any_call_of_an_approval_loses_nothing_and_starts_nothing_twice(before: bool) -> None:
    whole = Fuse()
    decisions.approve(fused(proposed_fix().world, whole), 1, "UALICE")
    for at in range(1, whole.calls + 1):
        made = proposed_fix()
        with pytest.raises(Crash):
            decisions.approve(fused(made.world, Fuse(at, before=before)), 1, "UALICE")
        if made.change().state is State.PROPOSED:
            decisions.approve(made.world, 1, "UALICE")
        assert made.change().state is State.APPROVED
        assert made.changes.started == [1]


def test_a_click_that_is_faster_than_the_answer_to_the_post_makes_no_second_card() -> None:
    made = bot()
    made.announcer.once_posted = lambda change: decisions.approve(made.world, change.number, "UALICE")
    proposals.propose_fix(made.world, ASKER, ACCOUNT)
    assert len(made.announcer.of("card")) == 1
    assert made.card().state is State.APPROVED
    assert made.changes.unpainted() == ()


def test_an_older_card_that_arrives_last_is_painted_over() -> None:
    made = proposed_fix()
    old = made.change()
    decisions.approve(made.world, 1, "UALICE")
    cards.paint(made.world, old)
    assert made.card().state is State.APPROVED
