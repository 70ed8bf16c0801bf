"""Who is too fast is told so and when to try again; a decision is never held up."""

import pytest

from bot.domain.change import State
from bot.domain.refusal import Refused
from handlers.pace import A_MINUTE, MOST_KNOWN, Pace
from tests.builders import ACCOUNT
from tests.fakes import FakeClock
from tests.fakes_bot import bot
from tests.handlers.test_listeners import Desk


@pytest.fixture
def desk() -> Desk:
    """Of which Alice has used up a minute's commands."""
    made = Desk(bot())
    made.types(f"fix {ACCOUNT}")
    for _ in range(A_MINUTE):
        made.types("help", "UALICE")
    made.slack.calls.clear()
    return made


def taken(pace: Pace, user: str, times: int) -> int:
    """How many of so many were allowed."""
    done = 0
    for _ in range(times):
        try:
            pace.take(user)
            done += 1
        except Refused:
            pass
    return done


def test_each_person_has_a_minutes_worth_at_once_and_then_one_now_and_then() -> None:
    clock = FakeClock()
    pace = Pace(clock, 20)
    assert [taken(pace, who, 30) for who in ("UALICE", "UBOB")] == [20, 20]
    clock.move(seconds=6)
    assert taken(pace, "UALICE", 30) == 2
    clock.move(seconds=60)
    assert taken(pace, "UALICE", 30) == 20


def test_without_a_limit_there_is_none() -> None:
    assert taken(Pace(FakeClock(), 0), "UALICE", 500) == 500


def test_what_is_refused_costs_nothing() -> None:
    clock = FakeClock()
    pace = Pace(clock, 1)
    assert taken(pace, "UALICE", 100) == 1
    clock.move(seconds=60)
    assert taken(pace, "UALICE", 1) == 1


def test_those_who_are_slow_again_are_forgotten_and_nobody_else() -> None:
    clock = FakeClock()
    pace = Pace(clock, 1)
    for n in range(MOST_KNOWN - 1):
        pace.take(f"U{n}")
    clock.move(seconds=60)
    pace.take("UFAST")
    pace.take("UNEXT")
    assert set(pace._buckets) == {"UFAST", "UNEXT"}
    assert taken(pace, "UFAST", 1) == 0


def test_who_is_too_fast_is_told_when_to_try_again_and_nothing_is_done(desk: Desk) -> None:
    desk.types("help", "UALICE")
    assert desk.told == [
        "Slow down, please: I take 20 commands a minute from each person, and did nothing now. Try again in 3 s."
    ]
    desk.bot.clock.move(seconds=3)
    desk.types("changes", "UALICE")
    assert desk.told[1] == "1 change is open."


@pytest.mark.parametrize("button", ["propose_fix", "propose_undo"])
def test_a_proposal_counts_as_a_command(desk: Desk, button: str) -> None:
    desk.presses(button, ACCOUNT if button == "propose_fix" else "C-1:0")
    assert [words.partition(",")[0] for words in desk.told] == ["Slow down"]
    assert len(desk.bot.changes.all()) == 1


def test_nobody_else_is_held_up(desk: Desk) -> None:
    desk.types("changes", "UBOB")
    assert desk.told == ["1 change is open."]


def test_a_decision_is_never_held_up(desk: Desk) -> None:
    for _ in range(3 * A_MINUTE):
        desk.presses("approve", "C-1:0", "UREQUESTER")
    assert all("You asked for C-1" in words for words in desk.told)
    assert len(desk.told) == 3 * A_MINUTE
    desk.presses("approve", "C-1:0")
    assert desk.bot.change().state is State.APPROVED


def test_a_command_that_is_brought_again_costs_nothing(desk: Desk) -> None:
    desk.bot.clock.move(seconds=3)
    body = {"text": "changes", "user_id": "UALICE", "team_id": "T1", "channel_id": "C1", "trigger_id": "same"}
    for _ in range(5):
        desk.commands.trail_audit(desk.acks, body)  # type: ignore[arg-type]  # our stand-in
    assert desk.told == ["1 change is open."]
    desk.bot.clock.move(seconds=3)
    desk.types("changes", "UALICE")
    assert desk.told[1:] == ["1 change is open."]
