"""A process with the runner and a store, which a test may kill. It is given database, log file and mode.

Each thing that the work does is a line of the log. Modes: `die` ends abruptly in the middle of step 1, `stop` stops
gently there, `finish` takes up what is left and ends with it, `stay` takes up what others leave until it is killed,
`digest` posts the same digest many times.
"""

import os
import threading
import time
from dataclasses import replace
from pathlib import Path

from bot.adapters.db.changes import ChangesTable
from bot.adapters.db.engine import connect, driver_url
from bot.adapters.presence import present
from bot.adapters.replicas import Watch
from bot.adapters.runner import DbosRunner, Work
from bot.domain.change import State
from bot.domain.evidence import Fact
from tests.builders import NOW, change

LOOK_EVERY = 0.1
POLL_SECONDS = 0.02
"""Of the queue; the bot's own is a quarter of a second, which a test that kills many would wait for each time."""


def main(url: str, log: str, mode: str) -> None:
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

    presence, engine = present(url), connect(url)
    runner = DbosRunner(driver_url(url), presence.id, POLL_SECONDS)
    changes = ChangesTable(engine, runner.enqueue_apply)
    give_up = lambda number, error: say(f"give up {number} {error}")  # noqa: E731 - a line of the log
    presence.hold()
    runner.start(
        Work(
            begin,
            perform,
            settle,
            give_up,
            lambda subscription, day: say(f"digest {subscription} {day}"),
            lambda *_: None,
        )
    )
    watch = Watch(presence, runner.owners, runner.take_over)
    if mode == "digest":
        for _ in range(20):
            runner.digest(7, "2026-11-23")
    if mode in ("die", "stop"):
        added = changes.add(change(0), lambda c: Fact(NOW, c.id, "proposed", c.requester, {}))
        changes.save(replace(added, state=State.APPROVED), start=True)
    if mode == "stop":
        inside.wait(20)
    elif mode != "digest":
        say("up")
        while mode == "stay" or not over.wait(LOOK_EVERY):
            watch.look()
            time.sleep(LOOK_EVERY)
    runner.stop()
    presence.release()
    engine.dispose()
