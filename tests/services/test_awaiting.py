"""A repair of delivery is proved by a log file, which takes its time."""

from dataclasses import replace
from datetime import timedelta

from bot import jobs
from bot.domain.change import State
from bot.domain.trail import Delivery, Status
from bot.services import decisions, proposals, settling
from bot.services.proposals import Asker
from tests.builders import ACCOUNT, NOW, REGION, denied, safe_bucket, surveyed, trail
from tests.fakes_bot import Bot, FakeRunner, bot
from tests.services.crashing import Durable

LONG_AGO = NOW - timedelta(days=3)
BROKEN = Status(True, Delivery("AccessDenied", LONG_AGO, LONG_AGO))


def applied() -> Bot:
    """The bucket's policy was lost, and is put back."""
    world = surveyed(trail(status=BROKEN), buckets=(safe_bucket(region=REGION),))
    made = bot(world)
    proposals.propose_fix(made.world, Asker("UREQUESTER", "C1"), ACCOUNT)
    decisions.approve(made.world, 1, "UALICE")
    Durable().apply(made.world, 1)
    return made


def delivers(made: Bot, delivery: Delivery) -> None:
    world = made.aws.truth(ACCOUNT)
    made.aws.becomes(world.with_trail(trail(status=Status(True, delivery))))


def test_the_repair_waits_for_a_log_file_and_says_so_once() -> None:
    made = applied()
    assert made.change().plan.awaits_delivery
    assert made.change().state is State.APPLYING
    assert made.card().outcome == "The repair is in place. Waiting for a log file to prove it, until 09:30 UTC."
    shown = len(made.announcer.shown)
    settling.settle(made.world, 1)
    assert len(made.announcer.shown) == shown


def test_a_log_file_proves_it() -> None:
    made = applied()
    made.clock.move(minutes=5)
    delivers(made, Delivery(last=NOW + timedelta(minutes=4), started=LONG_AGO))
    settling.settle(made.world, 1)
    assert made.change().state is State.VERIFIED


def test_one_whose_last_answer_was_lost_is_looked_at_again_too() -> None:
    made = applied()
    made.changes.save(replace(made.change(), done=0))
    runner = FakeRunner()
    jobs.settle_awaited(made.world, runner)
    assert len(runner.settled) == 1


def test_without_one_it_is_unknown_after_half_an_hour_and_found_out_later() -> None:
    made = applied()
    made.clock.move(minutes=31)
    settling.settle(made.world, 1)
    assert made.change().state is State.UNKNOWN
    assert "no log file has come yet" in made.change().outcome
    delivers(made, Delivery(last=NOW + timedelta(minutes=40), started=LONG_AGO))
    settling.settle(made.world, 1)
    assert made.change().state is State.VERIFIED


def test_after_a_day_without_one_it_has_failed_and_other_changes_are_free() -> None:
    made = applied()
    made.clock.move(minutes=31)
    settling.settle(made.world, 1)
    made.clock.move(hours=23, minutes=59)
    settling.settle(made.world, 1)
    assert made.change().state is State.UNKNOWN
    made.clock.move(minutes=1)
    settling.settle(made.world, 1)
    assert (made.change().state, made.change().done) == (State.FAILED, len(made.change().plan.steps))
    assert "no log file came within a day" in made.change().outcome
    assert made.changes.open() == ()


def test_a_delivery_that_nobody_could_look_at_is_called_so() -> None:
    made = applied()
    made.clock.move(minutes=31)
    made.aws.becomes(made.aws.truth(ACCOUNT).with_trail(trail(status=Status(True, denied()))))
    settling.settle(made.world, 1)
    assert made.change().state is State.UNKNOWN
    assert "AccessDeniedException" in made.change().outcome


def test_the_clock_looks_again_and_again() -> None:
    made, runner = applied(), FakeRunner()
    for _ in range(2):
        jobs.settle_awaited(made.world, runner)
    made.clock.move(minutes=1)
    jobs.settle_awaited(made.world, runner)
    assert len(set(runner.settled)) == 2
    assert {number for number, _ in runner.settled} == {1}


def test_a_change_whose_steps_are_under_way_is_left_to_its_work() -> None:
    made, runner = bot(), FakeRunner()
    proposals.propose_fix(made.world, Asker("UREQUESTER", "C1"), ACCOUNT)
    jobs.settle_awaited(made.world, runner)
    assert runner.settled == []
