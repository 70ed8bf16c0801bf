"""DBOS on SQLite and PostgreSQL: started with the approval or not at all, once, and taken up again after a crash."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from bot.adapters.db.changes import ChangesTable
from bot.adapters.db.engine import connect
from bot.adapters.runner import RETRIES, STRANDED_AFTER, DbosRunner, Work
from bot.domain.change import Change, State
from bot.domain.evidence import Fact
from bot.ports.context import known
from tests.adapters import bot_process
from tests.builders import NOW, change, elsewhere
from tests.conftest import DATABASES
from tests.fakes import FakeTraces
from tests.forked import forked
from tests.postgres import Postgres
from tests.waiting import until


@dataclass
class Workbook:
    """What was carried out, in order. A name among `fails` raises so many times."""

    done: list[tuple[object, ...]] = field(default_factory=list)
    fails: dict[str, int] = field(default_factory=dict)
    steps: int = 2
    stop_after: int | None = None
    known: list[dict[str, str]] = field(default_factory=list)
    """The ids that a line of the log would have carried, each time."""

    def work(self) -> Work:
        """Functions and no methods, which DBOS cannot mark as its own."""
        return Work(
            begin=lambda number: self._begin(number),
            perform=lambda number, index: self._perform(number, index),
            settle=lambda number: self._did("settle", number),
            give_up=lambda number, error: self._did("give up", number, error),
            digest=lambda subscription, day: self._did("digest", subscription, day),
            give_up_digest=lambda subscription, day, why: self._did("given up", subscription, day, why),
        )

    def _did(self, *what: object) -> None:
        self.done.append(what)
        self.known.append(dict(known()))
        if self.fails.get(str(what[0]), 0) > 0:
            self.fails[str(what[0])] -= 1
            raise RuntimeError("as the test wishes")

    def _begin(self, number: int) -> int:
        self._did("begin", number)
        return self.steps

    def _perform(self, number: int, index: int) -> bool:
        self._did("perform", number, index)
        return index != self.stop_after

    def of(self, number: int) -> list[object]:
        return [" ".join(map(str, [what[0], *what[2:]])) for what in self.done if what[1] == number]

    def until(self, true: Callable[[], object]) -> None:
        until(true, self.done)


@dataclass
class Running:
    runner: DbosRunner
    changes: ChangesTable
    book: Workbook
    traces: FakeTraces

    def approved(self, start: bool = True) -> Change:
        added = self.changes.add(change(0, plan=elsewhere()), lambda c: Fact(NOW, c.id, "proposed", c.requester, {}))
        saved = self.changes.save(replace(added, state=State.APPROVED), start=start)
        assert saved
        return saved

    def applied(self) -> list[object]:
        number = self.approved().number
        self.book.until(lambda: {"settle", "give up RuntimeError"} & set(self.book.of(number)))
        return self.book.of(number)


@pytest.fixture(scope="module", params=DATABASES)
def engine(request: pytest.FixtureRequest, new_url: Callable[[str], str]) -> Iterator[Engine]:
    made = connect(new_url(request.param))
    yield made
    made.dispose()


@pytest.fixture(scope="module")
def started(engine: Engine) -> Iterator[Running]:
    """One runner for the file: starting one takes a second."""
    traces, url = FakeTraces(), engine.url.render_as_string(hide_password=False)
    runner = DbosRunner(url, "trailwarden-1", bot_process.POLL_SECONDS, traces)
    running = Running(runner, ChangesTable(engine, runner.enqueue_apply), Workbook(), traces)
    runner.start(running.book.work())
    yield running
    runner.stop()


@pytest.fixture
def running(started: Running) -> Running:
    fresh = Workbook()
    started.book.__dict__.update(fresh.__dict__)
    started.traces.ended.clear()
    return started


def test_an_approved_change_is_begun_performed_and_settled(running: Running) -> None:
    assert running.applied() == ["begin", "perform 0", "perform 1", "settle"]


def test_each_line_on_a_change_names_it_and_the_workflow(running: Running) -> None:
    id = running.approved().id
    running.book.until(lambda: len(running.book.done) == 4)
    assert running.book.known == [{"workflow": id, "change": id}] * 4


def test_a_change_is_one_trace_and_each_try_of_a_step_a_span_in_it(running: Running) -> None:
    running.book.fails["settle"] = 1
    id = running.approved().id
    told = lambda: [name for name, ids in running.traces.ended if ids == {"workflow": id, "change": id}]  # noqa: E731 - read anew
    until(lambda: "apply_change" in told(), running.traces.ended)
    assert told() == [
        "apply_change > begin",
        *["apply_change > perform"] * 2,
        *["apply_change > settle"] * 2,
        "apply_change",
    ]


def test_a_step_after_which_none_may_follow_is_the_last(running: Running) -> None:
    running.book.stop_after = 0
    assert running.applied() == ["begin", "perform 0", "settle"]


def test_a_change_that_may_not_be_applied_is_only_settled(running: Running) -> None:
    running.book.steps = 0
    assert running.applied() == ["begin", "settle"]


def test_a_step_that_raises_is_tried_again(running: Running) -> None:
    running.book.fails = {"perform": 1}
    assert running.applied() == ["begin", "perform 0", "perform 0", "perform 1", "settle"]


def test_a_save_that_is_rolled_back_starts_nothing(running: Running, engine: Engine) -> None:
    unsaved = running.approved(start=False)
    with suppress(RuntimeError), engine.begin() as connection:
        running.runner.enqueue_apply(connection, unsaved)
        raise RuntimeError
    assert running.applied()[0] == "begin", "a later one was started"
    assert running.book.of(unsaved.number) == []


def test_an_approval_that_lost_starts_nothing(running: Running) -> None:
    saved = running.approved(start=False)
    running.changes.save(saved)
    assert running.changes.save(saved, start=True) is None
    running.applied()
    assert running.book.of(saved.number) == []


def test_the_same_change_is_started_once_however_often_it_is_enqueued(running: Running, engine: Engine) -> None:
    saved = running.approved()
    for _ in range(3):
        with suppress(Exception), engine.begin() as connection:
            running.runner.enqueue_apply(connection, saved)
    running.book.until(lambda: "settle" in running.book.of(saved.number))
    running.applied()
    assert running.book.of(saved.number).count("begin") == 1


def test_a_digest_is_posted_once_for_each_slot(running: Running) -> None:
    for slot in ("2026-11-23", "2026-11-23", "2026-11-24", "2026-11-23"):
        running.runner.digest(7, slot)
    running.book.until(lambda: len(running.book.of(7)) == 2)
    running.runner.digest(8, "2026-11-23")
    running.book.until(lambda: running.book.of(8))
    assert sorted(map(str, running.book.of(7))) == ["digest 2026-11-23", "digest 2026-11-24"]


def test_a_digest_that_breaks_in_every_try_is_given_up_in_words(running: Running) -> None:
    running.book.fails["digest"] = RETRIES
    running.runner.digest(9, "2026-11-23")
    given_up = "given up 2026-11-23 Something broke. Whoever runs Trailwarden finds more in its log."
    running.book.until(lambda: running.book.of(9)[-1:] == [given_up])
    assert running.book.of(9)[:-1] == ["digest 2026-11-23"] * RETRIES


def test_an_unknown_change_is_looked_at_once_for_each_attempt(running: Running) -> None:
    for attempt in ("1", "1", "2"):
        running.runner.settle(900, attempt)
    running.book.until(lambda: len(running.book.of(900)) == 2)
    running.runner.settle(901, "1")
    running.book.until(lambda: running.book.of(901))
    assert running.book.of(900) == ["settle", "settle"]


def test_work_that_runs_here_is_not_thought_to_be_stranded(running: Running) -> None:
    for _ in range(STRANDED_AFTER + 1):
        running.runner.take_up()
    assert running.applied() == ["begin", "perform 0", "perform 1", "settle"]


STRANDS = {
    "sqlite": "UPDATE workflow_status SET status = 'PENDING' WHERE workflow_uuid = :id",
    "postgresql": "UPDATE dbos.workflow_status SET status = 'PENDING' WHERE workflow_uuid = :id",
}
"""The end of a workflow was not saved, because the database went away."""


def test_work_whose_thread_has_ended_is_taken_up_again(running: Running, engine: Engine) -> None:
    running.applied()
    running.book.until(lambda: running.runner.owners() == frozenset())
    with engine.begin() as connection:
        connection.execute(text(STRANDS[engine.dialect.name]), {"id": running.changes.open()[-1].id})
    for _ in range(STRANDED_AFTER):
        assert running.runner.owners() == {"trailwarden-1"}
        running.runner.take_up()
    running.book.until(lambda: running.runner.owners() == frozenset())


def test_before_it_was_started_nothing_can_be_enqueued(engine: Engine) -> None:
    runner = DbosRunner("sqlite:///never-opened.sqlite", "trailwarden-2")
    changes = ChangesTable(engine, runner.enqueue_apply)
    added = changes.add(change(0, plan=elsewhere()), lambda c: Fact(NOW, c.id, "proposed", c.requester, {}))
    with pytest.raises(RuntimeError, match="not started"):
        changes.save(replace(added, state=State.APPROVED), start=True)
    assert changes.get(added.number) == added


def run(url: str, log: Path, mode: str) -> int | None:
    return ended(begun(url, log, mode))


def begun(url: str, log: Path, mode: str) -> ForkServerProcess:
    return forked(bot_process.main, url, str(log), mode)


def ended(process: ForkServerProcess) -> int | None:
    """Its exit code."""
    process.join(timeout=60)
    return process.exitcode


def lines(log: Path) -> list[str]:
    return [line for line in log.read_text().splitlines() if not line.endswith(" up")] if log.exists() else []


def test_after_a_crash_only_the_step_in_flight_is_repeated(url: str, tmp_path: Path) -> None:
    log = tmp_path / "log"
    assert run(url, log, "die") == 9
    assert run(url, log, "finish") == 0
    assert lines(log) == [
        "die begin 1",
        "die perform 1 0",
        "die perform 1 1",
        "finish perform 1 1",
        "finish perform 1 2",
        "finish settle 1",
    ]


def test_a_gentle_stop_in_the_middle_of_a_step_lets_the_change_end_first(url: str, tmp_path: Path) -> None:
    log = tmp_path / "log"
    run(url, log, "stop")
    told = lines(log)
    assert not [line for line in told if "give up" in line], told
    assert told[-1].endswith("settle 1"), told
    assert sum("settle" in line for line in told) == 1, told


def test_a_live_replica_goes_on_with_what_a_dead_one_left(postgres_url: str, tmp_path: Path) -> None:
    log = tmp_path / "log"
    assert run(postgres_url, log, "die") == 9, "nobody else is there yet who could take the work from the queue"
    survivor = begun(postgres_url, log, "stay")
    try:
        until(lambda: any(line.endswith("settle 1") for line in lines(log)))
    finally:
        survivor.kill()
        survivor.join()
    performed = [line.split(maxsplit=1)[1] for line in lines(log) if "perform" in line]
    assert performed == ["perform 1 0", "perform 1 1", "perform 1 1", "perform 1 2"]
    assert sum(line.endswith("begin 1") for line in lines(log)) == 1


def test_two_replicas_that_start_at_once_on_an_empty_database_post_a_digest_once(
    postgres: Postgres, tmp_path: Path
) -> None:
    url, log = postgres.url(postgres.new_database()), tmp_path / "log"
    both = [begun(url, log, "digest") for _ in range(2)]
    assert [ended(process) for process in both] == [0, 0]
    run(url, log, "digest")
    assert lines(log) == ["digest digest 7 2026-11-23"]
