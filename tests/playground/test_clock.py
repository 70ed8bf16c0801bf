"""The clock that AWS, Slack and the bot share."""

import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.playground.clock import MovableClock

SAYS_TIME = """
import sys, time
from pathlib import Path
from bot.playground.clock import follow
follow(Path(sys.argv[1]))
for _ in sys.stdin:
    print(time.time(), flush=True)
"""


@pytest.fixture
def clock(tmp_path: Path) -> Iterator[MovableClock]:
    made = MovableClock(tmp_path / "clock")
    yield made
    made.stop()


@pytest.fixture
def other(clock: MovableClock) -> Iterator[subprocess.Popen[str]]:
    """Another process, which tells its time when it is asked."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", SAYS_TIME, str(clock.file)], **pipes) as process:  # type: ignore[call-overload]  # by name
        yield process
        process.stdin.close()


def time_of(process: subprocess.Popen[str]) -> float:
    assert process.stdin
    assert process.stdout
    process.stdin.write("\n")
    process.stdin.flush()
    return float(process.stdout.readline())


def test_a_move_is_a_move_for_every_process_and_time_goes_on(clock: MovableClock, other: subprocess.Popen[str]) -> None:
    before = time_of(other)
    clock.move(timedelta(days=3))
    assert timedelta(days=3) < timedelta(seconds=time_of(other) - before) < timedelta(days=3, minutes=2)
    assert abs(time_of(other) - time.time()) < 60
    first = datetime.now(UTC)
    assert datetime.now(UTC) > first


def test_moves_add_up_and_somebody_who_comes_later_has_them_all(clock: MovableClock) -> None:
    then = datetime.now(UTC) + timedelta(days=400)
    clock.move(timedelta(hours=5))
    clock.move_to(then)
    later = subprocess.run(
        [sys.executable, "-c", SAYS_TIME, str(clock.file)], input="\n", capture_output=True, text=True, check=True
    )
    assert float(later.stdout) >= then.timestamp()


def test_it_never_goes_back(clock: MovableClock) -> None:
    with pytest.raises(ValueError, match="forward only"):
        clock.move(timedelta(seconds=-1))


def test_in_the_end_this_process_has_its_own_time_again(clock: MovableClock) -> None:
    clock.move(timedelta(days=9))
    away = datetime.now(UTC)
    clock.stop()
    assert datetime.now(UTC) < away - timedelta(days=8)


def test_durations_are_left_alone(clock: MovableClock) -> None:
    before = time.monotonic()
    clock.move(timedelta(days=9))
    assert time.monotonic() - before < 60
