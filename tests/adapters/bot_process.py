"""A process with the runner and a store, which a test may kill. Arguments: database file, log file, mode.

Each thing that the work does is a line of the log. Modes: `die` ends abruptly in the middle of step 1, `stop` stops
gently there, `finish` takes up what is left.
"""

import os
import sys
import threading
from dataclasses import replace
from pathlib import Path

from bot.adapters.db.changes import ChangesTable
from bot.adapters.db.engine import connect
from bot.adapters.runner import DbosRunner, Work
from bot.domain.change import State
from bot.domain.evidence import Fact
from tests.builders import NOW, change


def main(database: str, log: str, mode: str) -> None:
    over, inside = threading.Event(), threading.Event()

    def say(line: str) -> None:
        with Path(log).open("a") as file:
            file.write(f"{mode} {line}\n")

    def begin(number: int) -> int:
        say(f"begin {number}")
        return 3

    def perform(number: int, index: int) -> bool:
        say(f"perform {number} {index}")
        if index == 1 and mode == "die":
            os._exit(9)
        if index == 1 and mode == "stop":
            inside.set()
            over.wait(1.5)  # the process is told to stop meanwhile
            say(f"performed {number} {index}")
        return True

    def settle(number: int) -> None:
        say(f"settle {number}")
        over.set()

    url = f"sqlite:///{database}"
    engine, runner = connect(url), DbosRunner(url, "trailwarden-1")
    changes = ChangesTable(engine, runner.enqueue_apply)
    give_up = lambda number, error: say(f"give up {number} {error}")  # noqa: E731 - a line of the log
    runner.start(Work(begin, perform, settle, give_up, lambda subscription, day: say(f"digest {subscription} {day}")))
    if mode != "finish":
        added = changes.add(change(0), lambda c: Fact(NOW, c.id, "proposed", c.requester, {}))
        changes.save(replace(added, state=State.APPROVED), start=True)
    if mode == "stop":
        inside.wait(20)
    else:
        over.wait(20)
    runner.stop()
    engine.dispose()


if __name__ == "__main__":
    main(*sys.argv[1:])
