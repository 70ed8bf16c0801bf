"""What the clock runs: expire, paint what a crash left unpainted, look again, and fire digests."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from bot import jobs
from bot.domain.change import State
from bot.domain.digest import kept
from bot.domain.subscription import Subscription
from bot.ports import Run
from bot.services import proposals
from bot.services.proposals import Asker
from tests.builders import ACCOUNT, NOW, account_report, elsewhere, report
from tests.fakes_bot import RULES, Bot, FakeRunner, bot

ASKER = Asker("UREQUESTER", "C1")


def proposed() -> Bot:
    made = bot()
    proposals.propose_fix(made.world, ASKER, ACCOUNT)
    return made


def unpainted() -> Bot:
    """The process died between the approval and its card."""
    made = proposed()
    made.changes.save(replace(made.change(), state=State.APPROVED))
    return made


def never_posted() -> Bot:
    """The process died between the record and the card."""
    made = proposed()
    made.changes.add(replace(made.change(), plan=elsewhere()), lambda c: made.evidence.all[0])  # type: ignore[arg-type, return-value]  # noqa: ARG005
    return made


def test_what_is_over_expires_with_its_card() -> None:
    made = proposed()
    made.clock.move(hours=4)
    jobs.sweep(made.world)
    assert made.card().state is State.EXPIRED
    assert made.evidence.whats() == ["proposed", "expired"]


def test_what_has_time_is_left_alone() -> None:
    made = proposed()
    made.clock.move(hours=3, minutes=59)
    said = len(made.announcer.said)
    jobs.sweep(made.world)
    assert made.change().state is State.PROPOSED
    assert len(made.announcer.said) == said


@pytest.mark.parametrize("state", [State.APPROVED, State.APPLYING, State.UNKNOWN], ids=lambda state: state.value)
def test_what_was_approved_never_expires(state: State) -> None:
    made = proposed()
    made.changes.save(replace(made.change(), state=state))
    made.clock.move(days=30)
    jobs.sweep(made.world)
    assert made.change().state is state


def test_a_card_that_could_not_be_painted_is_painted_later_and_once() -> None:
    made = unpainted()
    assert made.card().state is State.PROPOSED
    jobs.sweep(made.world)
    assert made.card().state is State.APPROVED
    said = len(made.announcer.said)
    jobs.sweep(made.world)
    assert len(made.announcer.said) == said


def test_a_card_that_was_never_announced_is_posted_once() -> None:
    made = never_posted()
    for _ in range(2):
        jobs.sweep(made.world)
    assert [c.number for c in made.announcer.shown] == [1, 2]


def test_a_change_that_ended_before_anybody_saw_it_is_not_shown_any_more() -> None:
    made = never_posted()
    made.changes.save(replace(made.change(2), state=State.CANCELLED))
    jobs.sweep(made.world)
    assert [c.number for c in made.announcer.shown] == [1]


def test_unknown_changes_are_looked_at_once_in_five_minutes() -> None:
    made, runner = proposed(), FakeRunner()
    made.changes.save(replace(made.change(), state=State.UNKNOWN))
    made.clock.time = datetime(2026, 11, 23, 9, 0, 1, tzinfo=UTC)
    for _ in range(3):
        jobs.settle_unknown(made.world, runner)
        made.clock.move(seconds=90)
    assert {number for number, _ in runner.settled} == {1}
    assert len({attempt for _, attempt in runner.settled}) == 1
    made.clock.move(minutes=5)
    jobs.settle_unknown(made.world, runner)
    assert len({attempt for _, attempt in runner.settled}) == 2


@pytest.mark.parametrize("state", [s for s in State if s is not State.UNKNOWN], ids=lambda state: state.value)
def test_no_other_change_is_looked_at(state: State) -> None:
    made, runner = proposed(), FakeRunner()
    made.changes.save(replace(made.change(), state=state))
    jobs.settle_unknown(made.world, runner)
    assert runner.settled == []


def test_what_is_older_than_the_setting_keeps_is_pruned_and_evidence_and_changes_stay() -> None:
    made = proposed()
    found = kept(None, report(account_report()))
    for day in range(3):
        made.history.add("C1", 1, f"day {day}", found, NOW + timedelta(days=day))
        run = Run(f"run-{day}", "C1", "UALICE", (), NOW + timedelta(days=day))
        made.runs.start(run)
        made.runs.finish(run.id, report(account_report(), run=run.id), run.started)
    made.clock.time = NOW + RULES.keep + timedelta(days=1)
    jobs.prune(made.world)
    assert [key for key, _ in made.history.each(NOW)] == ["day 1", "day 2"]
    assert list(made.runs.saved) == ["run-1", "run-2"]
    made.clock.move(days=9_000)
    jobs.prune(made.world)
    assert [key for key, _ in made.history.each(NOW)] == ["day 2"]
    assert list(made.runs.saved) == ["run-2"]
    assert made.evidence.whats() == ["proposed"]
    assert made.change().state is State.PROPOSED


def a_subscription(at: time, zone: str, since: datetime) -> Subscription:
    return Subscription("C1", at, zone, "UALICE", since, id=3)


@pytest.mark.parametrize(
    ("at", "zone", "now", "day"),
    [
        (time(9), "Europe/Paris", datetime(2026, 11, 23, 8, 0, 1, tzinfo=UTC), "2026-11-23T0900"),
        (time(0, 30), "Pacific/Auckland", datetime(2026, 11, 23, 11, 30, 1, tzinfo=UTC), "2026-11-24T0030"),
        (time(2, 30), "Europe/Paris", datetime(2026, 10, 25, 1, 30, 1, tzinfo=UTC), "2026-10-25T0230"),
        (time(2, 30), "Europe/Paris", datetime(2027, 3, 28, 1, 30, 1, tzinfo=UTC), "2027-03-28T0230"),
    ],
    ids=["Paris", "a day ahead", "the second 02:30", "the 02:30 that is not"],
)
def test_a_fire_is_the_digest_of_its_local_date(at: time, zone: str, now: datetime, day: str) -> None:
    made, runner = bot(), FakeRunner()
    made.clock.time = now
    jobs.fire_digest(made.clock, runner)(a_subscription(at, zone, now - timedelta(days=1, hours=1)))
    assert runner.digests == [(3, day)]


def test_a_fire_before_the_first_one_is_none() -> None:
    made, runner = bot(), FakeRunner()
    jobs.fire_digest(made.clock, runner)(a_subscription(time(9), "UTC", made.clock.now() + timedelta(minutes=1)))
    assert runner.digests == []
