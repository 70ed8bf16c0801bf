"""A reminder half-way and a notice at the end: once each, whatever crashes, and never in anybody's way."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from bot import jobs
from bot.domain.change import TOLD, Change, State
from bot.ports import CannotAnnounceError
from bot.services import decisions, proposals
from bot.services.applying import CHANGED_MEANWHILE
from bot.services.proposals import Asker
from tests.builders import ACCOUNT
from tests.fakes_bot import Bot, Crash, bot
from tests.services.crashing import Fuse, fused

AWAY = CannotAnnounceError("Slack cannot be reached.")


def proposed() -> Bot:
    made = bot()
    proposals.propose_fix(made.world, Asker("UREQUESTER", "C1"), ACCOUNT)
    return made


def ended(state: State, outcome: str = "So it ended.") -> Bot:
    made = proposed()
    made.changes.save(replace(made.change(), state=state, outcome=outcome, decided_at=made.clock.now()))
    return made


def reminded(made: Bot) -> list[Change]:
    return [change for (change,) in made.announcer.of("remind")]


def told(made: Bot) -> list[Change]:
    return [change for (change,) in made.announcer.of("tell")]


# The reminder


def test_half_way_to_its_end_a_change_is_remembered_once() -> None:
    made = proposed()
    made.clock.move(hours=1, minutes=59)
    jobs.send_notices(made.world)
    assert reminded(made) == []
    made.clock.move(minutes=1)
    for _ in range(3):
        jobs.send_notices(made.world)
    assert [c.id for c in reminded(made)] == ["C-1"]


DECIDED: dict[str, Callable[[Bot], object]] = {
    "approved": lambda b: decisions.approve(b.world, 1, "UALICE"),
    "denied": lambda b: decisions.deny(b.world, 1, "UALICE", "no"),
    "cancelled": lambda b: decisions.cancel(b.world, 1, "UREQUESTER"),
}


@pytest.mark.parametrize("decide", DECIDED.values(), ids=DECIDED)
def test_nobody_is_reminded_of_what_is_decided(decide: Callable[[Bot], object]) -> None:
    made = proposed()
    decide(made)
    made.clock.move(hours=3)
    jobs.send_notices(made.world)
    assert reminded(made) == []


def test_nobody_is_reminded_of_what_is_over() -> None:
    made = proposed()
    made.clock.move(hours=4)
    jobs.send_notices(made.world)
    assert reminded(made) == []


def test_nobody_is_reminded_of_a_card_that_was_never_posted() -> None:
    made = bot()
    made.changes.add(replace(proposed().change(), message=""), lambda c: proposed().evidence.all[0])  # type: ignore[arg-type, return-value]  # noqa: ARG005 - any fact will do
    made.clock.move(hours=2)
    jobs.send_notices(made.world)
    assert reminded(made) == []


def test_a_change_that_was_decided_at_the_last_moment_is_not_claimed() -> None:
    made = proposed()
    decisions.approve(made.world, 1, "UALICE")
    assert made.changes.claim_reminder(1) is False


# The end


@pytest.mark.parametrize("state", State)
def test_the_requester_is_told_once_how_it_ended_and_of_nothing_else(state: State) -> None:
    made = ended(state)
    for _ in range(3):
        jobs.send_notices(made.world)
    assert [c.state for c in told(made)] == ([state] if state in TOLD | {State.CANCELLED} else [])


def test_whoever_cancels_is_told_nothing() -> None:
    made = proposed()
    decisions.cancel(made.world, 1, "UREQUESTER")
    jobs.send_notices(made.world)
    assert told(made) == []


def test_a_proposal_that_nobody_could_see_is_told_to_who_asked_for_it() -> None:
    made = proposed()
    made.announcer.refused[1] = "This channel is archived."
    jobs.sweep(made.world)
    for _ in range(2):
        jobs.send_notices(made.world)
    assert [c.outcome for c in told(made)] == ["This channel is archived."]


def test_what_becomes_of_an_unknown_change_is_told_when_it_is_known() -> None:
    made = ended(State.UNKNOWN)
    jobs.send_notices(made.world)
    made.changes.save(replace(made.change(), state=State.VERIFIED))
    jobs.send_notices(made.world)
    assert [c.state for c in told(made)] == [State.VERIFIED]


def test_a_later_word_on_a_change_that_ended_is_no_second_notice() -> None:
    made = ended(State.VERIFIED)
    jobs.send_notices(made.world)
    made.changes.save(replace(made.change(), outcome="First log file seen."))
    jobs.send_notices(made.world)
    assert len(told(made)) == 1


def test_the_notice_of_a_superseded_change_waits_for_its_successor_but_not_for_ever() -> None:
    made = ended(State.SUPERSEDED, CHANGED_MEANWHILE)
    jobs.send_notices(made.world)
    assert told(made) == []
    made.changes.save(replace(made.change(), outcome=f"{CHANGED_MEANWHILE} C-2 proposes what is needed now."))
    jobs.send_notices(made.world)
    assert "C-2" in told(made)[0].outcome
    orphaned = ended(State.SUPERSEDED, CHANGED_MEANWHILE)
    orphaned.clock.move(minutes=1)
    jobs.send_notices(orphaned.world)
    assert len(told(orphaned)) == 1


# Trouble


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
@pytest.mark.parametrize("half", [True, False], ids=["reminder", "end"])
def test_a_crash_at_any_call_repeats_no_notice(before: bool, half: bool) -> None:
    for at in range(1, 8):
        made = proposed() if half else ended(State.VERIFIED)
        made.clock.move(hours=2)
        try:
            jobs.send_notices(fused(made.world, Fuse(at, before=before)))
        except Crash:
            jobs.send_notices(made.world)
        assert len(reminded(made)) + len(told(made)) <= 1
