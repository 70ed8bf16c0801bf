"""DBOS on SQLite: started with the approval or not at all, once, and taken up again after a crash."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from sqlalchemy import Engine

from bot.adapters.db.changes import ChangesTable
from bot.adapters.db.engine import connect
from bot.adapters.runner import DbosRunner, Work
from bot.domain.change import Change, State
from bot.domain.evidence import Fact
from tests.builders import NOW, change

PATIENCE = 20.0


@dataclass
class Workbook:
    """What was carried out, in order. A name among `fails` raises so many times."""

    done: list[tuple[object, ...]] = field(default_factory=list)
    fails: dict[str, int] = field(default_factory=dict)
    steps: int = 2
    stop_after: int | None = None

    def work(self) -> Work:
        """Functions and no methods, which DBOS cannot mark as its own."""
        return Work(
            begin=lambda number: self._begin(number),
            perform=lambda number, index: self._perform(number, index),
            settle=lambda number: self._did("settle", number),
            give_up=lambda number, error: self._did("give up", number, error),
            digest=lambda subscription, day: self._did("digest", subscription, day),
        )

    def _did(self, *what: object) -> None:
        self.done.append(what)
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
        deadline = time.monotonic() + PATIENCE
        while not true():
            assert time.monotonic() < deadline, self.done
            threading.Event().wait(0.02)


@dataclass
class Running:
    runner: DbosRunner
    changes: ChangesTable
    book: Workbook

    def approved(self, start: bool = True) -> Change:
        added = self.changes.add(change(0), lambda c: Fact(NOW, c.id, "proposed", c.requester, {}))
        saved = self.changes.save(replace(added, state=State.APPROVED), start=start)
        assert saved
        return saved

    def applied(self) -> list[object]:
        number = self.approved().number
        self.book.until(lambda: {"settle", "give up RuntimeError"} & set(self.book.of(number)))
        return self.book.of(number)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    made = connect(f"sqlite:///{tmp_path_factory.mktemp('runner') / 'bot.sqlite'}")
    yield made
    made.dispose()


@pytest.fixture(scope="module")
def started(engine: Engine) -> Iterator[Running]:
    """One runner for the file: starting one takes a second."""
    runner = DbosRunner(engine.url.render_as_string(), "trailwarden-1")
    running = Running(runner, ChangesTable(engine, runner.enqueue_apply), Workbook())
    runner.start(running.book.work())
    yield running
    runner.stop()


@pytest.fixture
def running(started: Running) -> Running:
    fresh = Workbook()
    started.book.__dict__.update(fresh.__dict__)
    return started


def test_an_approved_change_is_begun_performed_and_settled(running: Running) -> None:
    assert running.applied() == ["begin", "perform 0", "perform 1", "settle"]


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


def test_a_digest_is_posted_once_for_each_day(running: Running) -> None:
    for day in ("2026-11-23", "2026-11-23", "2026-11-24", "2026-11-23"):
        running.runner.digest(7, day)
    running.book.until(lambda: len(running.book.of(7)) == 2)
    running.runner.digest(8, "2026-11-23")
    running.book.until(lambda: running.book.of(8))
    assert sorted(map(str, running.book.of(7))) == ["digest 2026-11-23", "digest 2026-11-24"]


def test_an_unknown_change_is_looked_at_once_for_each_attempt(running: Running) -> None:
    for attempt in ("1", "1", "2"):
        running.runner.settle(900, attempt)
    running.book.until(lambda: len(running.book.of(900)) == 2)
    running.runner.settle(901, "1")
    running.book.until(lambda: running.book.of(901))
    assert running.book.of(900) == ["settle", "settle"]


def test_before_it_was_started_nothing_can_be_enqueued(engine: Engine) -> None:
    runner = DbosRunner("sqlite:///never-opened.sqlite", "trailwarden-2")
    changes = ChangesTable(engine, runner.enqueue_apply)
    added = changes.add(change(0), lambda c: Fact(NOW, c.id, "proposed", c.requester, {}))
    with pytest.raises(RuntimeError, match="not started"):
        changes.save(replace(added, state=State.APPROVED), start=True)
    assert changes.get(added.number) == added


def run(folder: Path, mode: str) -> int:
    told = [sys.executable, "-m", "tests.adapters.bot_process", str(folder / "bot.sqlite"), str(folder / "log"), mode]
    return subprocess.run(told, timeout=60, check=False, cwd=Path(__file__).parents[2]).returncode


def test_after_a_crash_only_the_step_in_flight_is_repeated(tmp_path: Path) -> None:
    assert run(tmp_path, "die") == 9
    assert run(tmp_path, "finish") == 0
    assert (tmp_path / "log").read_text().splitlines() == [
        "die begin 1",
        "die perform 1 0",
        "die perform 1 1",
        "finish perform 1 1",
        "finish perform 1 2",
        "finish settle 1",
    ]


def test_a_gentle_stop_in_the_middle_of_a_step_gives_nothing_up(tmp_path: Path) -> None:
    run(tmp_path, "stop")
    run(tmp_path, "finish")
    lines = (tmp_path / "log").read_text().splitlines()
    assert not [line for line in lines if "give up" in line], lines
    assert lines[-1].endswith("settle 1"), lines
    assert sum("settle" in line for line in lines) == 1, lines
