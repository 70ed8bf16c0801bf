"""A clock that can be moved on, the same one in every process of the playground.

time-machine moves `time.time` and `datetime.now` of a whole process, libraries included, and leaves what measures
durations (`time.monotonic`, sleeping, waiting) alone: what a real machine does when its clock is set.
"""

import contextlib
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import time_machine

FOLLOWS_WITHIN = 0.3
"""Seconds after which the other processes have seen a move."""
LOOK_EVERY = 0.05


class MovableClock:
    """This process's clock, and what tells others of it: the file holds by how many seconds it is ahead."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._ahead = _Ahead()

    def move_to(self, moment: datetime) -> None:
        """AWS and Slack first: a bot that is ahead of them finds deliveries that seem to have stopped.

        Raises ValueError for the past: what has happened would happen again.
        """
        by = (moment - datetime.now(UTC)).total_seconds()
        if by < 0:
            raise ValueError("The clock goes forward only.")
        seconds = self._ahead.seconds + by
        self._ahead.become(seconds)
        _write(self.file, seconds)
        time.sleep(FOLLOWS_WITHIN)

    def move(self, by: timedelta) -> None:
        self.move_to(datetime.now(UTC) + by)

    def stop(self) -> None:
        """This process has the machine's own time again; nobody moves the clock after that."""
        self._ahead.become(0)


def follow(file: Path) -> None:
    """From now on this process's clock is as far ahead as the file says. Another's file: it is only read."""
    ahead = _Ahead()
    ahead.become(_read(file))
    threading.Thread(target=_keep_up, args=(file, ahead), name="clock", daemon=True).start()


def _keep_up(file: Path, ahead: "_Ahead") -> None:
    while True:
        time.sleep(LOOK_EVERY)
        ahead.become(_read(file))


class _Ahead:
    """By how much this process is ahead of the machine."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._travel: time_machine.travel | None = None
        self._here: time_machine.Traveller | None = None

    def become(self, seconds: float) -> None:
        if seconds == self.seconds:
            return
        moment = _machine_time() + seconds
        if seconds == 0 and self._travel:
            self._travel.stop()
            self._travel = self._here = None
        elif self._here:
            self._here.move_to(moment)
        else:
            self._travel = time_machine.travel(moment, tick=True)
            self._here = self._travel.start()
        self.seconds = seconds


def _machine_time() -> float:
    """Epoch seconds."""
    hatch = time_machine.escape_hatch
    return hatch.time.time() if hatch.is_travelling() else time.time()


def _write(file: Path, seconds: float) -> None:
    """Whole or not at all: somebody reads it at any moment."""
    new = file.with_suffix(".new")
    new.write_text(str(seconds))
    new.replace(file)


def _read(file: Path) -> float:
    with contextlib.suppress(FileNotFoundError):
        return float(file.read_text())
    return 0.0
