"""What the clock starts, made anew from the subscriptions."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_EXECUTED, EVENT_JOB_MISSED, JobExecutionEvent
from apscheduler.triggers.cron import CronTrigger

from bot.adapters.scheduler import GRACE_SECONDS, QUIET_SECONDS, Every, Repeated, Scheduler, _trigger
from bot.domain.subscription import Subscription
from tests.builders import NOW


def subscription(id: int = 1, **different: object) -> Subscription:
    values = {"channel": f"C{id}", "at": time(9), "zone": "Europe/Paris", "owner": "U1"}
    return Subscription(**{**values, "since": NOW, "id": id, **different})  # type: ignore[arg-type]  # its own


class Book:
    """The subscriptions, and which of them fired."""

    def __init__(self, *subscriptions: Subscription) -> None:
        self.subscriptions = subscriptions
        self.fired: list[Subscription] = []

    def all(self) -> tuple[Subscription, ...]:
        return self.subscriptions


@pytest.fixture
def book() -> Book:
    return Book(subscription(1), subscription(2))


@pytest.fixture
def scheduler(book: Book) -> Iterator[Scheduler]:
    made = Scheduler(book.all, book.fired.append)
    made.start(())
    yield made
    made.stop()


def jobs(scheduler: Scheduler) -> dict[str, object]:
    return {job.id: job.args[0] for job in scheduler._scheduler.get_jobs()}


def test_each_subscription_is_a_job(scheduler: Scheduler, book: Book) -> None:
    assert jobs(scheduler) == {"digest:1": book.subscriptions[0], "digest:2": book.subscriptions[1]}


def test_a_job_that_fails_or_is_missed_is_told_by_its_kind(book: Book) -> None:
    told: list[tuple[str, str]] = []
    made = Scheduler(book.all, book.fired.append, lambda *what: told.append(what))
    for code, id in ((EVENT_JOB_ERROR, "sweep"), (EVENT_JOB_MISSED, "digest:7"), (EVENT_JOB_EXECUTED, "homes")):
        made._noticed(JobExecutionEvent(code, id, "default", NOW))
    assert told == [("sweep", "failed"), ("digest", "missed")]


def test_it_is_well_while_it_runs(book: Book) -> None:
    made = Scheduler(book.all, book.fired.append)
    assert not made.is_well()
    made.start(())
    assert made.is_well()
    made._last -= QUIET_SECONDS
    assert not made.is_well()
    made._noticed(JobExecutionEvent(EVENT_JOB_EXECUTED, "outbox", "default", NOW))
    assert made.is_well()
    made.stop()
    assert not made.is_well()


def test_one_that_was_never_started_can_be_stopped(book: Book) -> None:
    Scheduler(book.all, book.fired.append).stop()


def test_a_refresh_adds_and_removes(scheduler: Scheduler, book: Book) -> None:
    book.subscriptions = (subscription(2), subscription(3))
    scheduler.refresh()
    assert set(jobs(scheduler)) == {"digest:2", "digest:3"}
    book.subscriptions = ()
    scheduler.refresh()
    assert jobs(scheduler) == {}


def test_a_zone_that_this_machine_does_not_know_stops_no_other(caplog: pytest.LogCaptureFixture) -> None:
    book = Book(subscription(1, zone="Mars/Phobos"), subscription(2))
    scheduler = Scheduler(book.all, book.fired.append)
    scheduler.refresh()
    assert set(jobs(scheduler)) == {"digest:2"}
    assert "D-1 has no trigger" in caplog.text


def test_one_that_was_changed_gets_its_new_trigger(scheduler: Scheduler, book: Book) -> None:
    scheduler.refresh()
    book.subscriptions = (subscription(1, at=time(10)), subscription(2))
    scheduler.refresh()
    assert jobs(scheduler) == {"digest:1": book.subscriptions[0], "digest:2": book.subscriptions[1]}


def test_a_refresh_does_not_touch_what_is_unchanged(scheduler: Scheduler) -> None:
    before = {job.id: job.next_run_time for job in scheduler._scheduler.get_jobs()}
    scheduler.refresh()
    assert {job.id: job.next_run_time for job in scheduler._scheduler.get_jobs()} == before


def test_refreshes_at_the_same_moment_do_not_disturb_each_other(scheduler: Scheduler, book: Book) -> None:
    failed: list[Exception] = []
    barrier = threading.Barrier(6)

    def refresh(n: int) -> None:
        barrier.wait()
        try:
            for round in range(20):
                book.subscriptions = tuple(subscription(i) for i in range((n + round) % 5))
                scheduler.refresh()
        except Exception as error:  # noqa: BLE001 - the test looks at it
            failed.append(error)

    threads = [threading.Thread(target=refresh, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []


def test_what_is_repeated_is_done_again_and_again_and_no_refresh_removes_it(book: Book) -> None:
    done, twice = [], threading.Event()

    def do() -> None:
        done.append(1)
        if len(done) == 2:
            twice.set()

    made = Scheduler(book.all, book.fired.append)
    made.start((Repeated("sweep", 0.02, do),))
    made.refresh()
    try:
        assert twice.wait(5)
    finally:
        made.stop()


def test_some_jobs_run_right_after_the_start_too(book: Book) -> None:
    done = threading.Event()
    made = Scheduler(book.all, book.fired.append)
    made.start((Repeated("chain", 3_600, done.set, at_once=True),))
    try:
        assert done.wait(5)
    finally:
        made.stop()


def test_a_job_that_raises_is_run_again(book: Book) -> None:
    runs, again = [], threading.Event()

    def fails() -> None:
        runs.append(1)
        if len(runs) == 2:
            again.set()
        raise RuntimeError

    made = Scheduler(book.all, book.fired.append)
    made.start((Repeated("sweep", 0.02, fails),))
    try:
        assert again.wait(5)
    finally:
        made.stop()


def test_a_machine_that_slept_for_a_year_counts_no_beats() -> None:
    beat, woken = Every(timedelta(seconds=0.5)), NOW + timedelta(days=365)
    assert beat.get_next_fire_time(None, NOW) == NOW + timedelta(seconds=0.5)
    assert beat.get_next_fire_time(NOW, woken) == woken
    assert beat.get_next_fire_time(woken, woken) == woken + timedelta(seconds=0.5)


def test_a_busy_hour_skips_no_digest(scheduler: Scheduler) -> None:
    job = scheduler._scheduler.get_job("digest:1")
    assert job.misfire_grace_time == GRACE_SECONDS == 6 * 3600
    assert job.coalesce
    job.func(*job.args)


def test_a_fire_hands_over_its_subscription(scheduler: Scheduler, book: Book) -> None:
    job = scheduler._scheduler.get_job("digest:2")
    job.func(*job.args)
    assert book.fired == [book.subscriptions[1]]


def fires(trigger: CronTrigger, after: datetime, count: int) -> list[datetime]:
    found: list[datetime] = []
    previous = None
    for _ in range(count):
        previous = trigger.get_next_fire_time(
            previous, found[-1].astimezone(UTC) + timedelta(seconds=1) if found else after
        )
        found.append(previous)
    return found


PARIS = ZoneInfo("Europe/Paris")


@pytest.mark.parametrize(
    ("after", "hour_utc"),
    [(datetime(2026, 7, 1, tzinfo=UTC), 7), (datetime(2026, 12, 1, tzinfo=UTC), 8)],
    ids=["summer", "winter"],
)
def test_nine_in_paris_is_nine_in_paris(after: datetime, hour_utc: int) -> None:
    fire = fires(_trigger(subscription()), after, 1)[0]
    assert fire.astimezone(UTC).hour == hour_utc
    assert fire.astimezone(PARIS).hour == 9


def test_weekdays_leave_out_saturday_and_sunday() -> None:
    found = fires(_trigger(subscription(rhythm="weekdays")), datetime(2026, 11, 27, tzinfo=UTC), 3)
    assert [f.strftime("%a") for f in found] == ["Fri", "Mon", "Tue"]


def test_every_day_leaves_out_none() -> None:
    found = fires(_trigger(subscription()), datetime(2026, 11, 27, tzinfo=UTC), 4)
    assert [f.strftime("%a") for f in found] == ["Fri", "Sat", "Sun", "Mon"]


@pytest.mark.parametrize(
    "after",
    [datetime(2026, 10, 24, 12, tzinfo=UTC), datetime(2027, 3, 27, 12, tzinfo=UTC), datetime(2026, 11, 23, tzinfo=UTC)],
    ids=["the clocks go back", "the clocks go forward", "an ordinary week"],
)
def test_the_trigger_and_the_subscription_agree_on_the_days(after: datetime) -> None:
    """02:30 is there twice in autumn and not at all in spring: each local date has a fire all the same."""
    made = subscription(at=time(2, 30), since=after - timedelta(days=9))
    found = [made.last_before(f.astimezone(UTC) + timedelta(seconds=1)) for f in fires(_trigger(made), after, 4)]
    days = sorted({f.date() for f in found if f})
    assert len(days) >= 3
    assert days[0] == made.next_after(after).date()
    assert all(later - sooner == timedelta(days=1) for sooner, later in pairwise(days))
