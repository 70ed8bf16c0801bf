"""One of several replicas in which people press Approve and Deny on the same changes at the same moment.

Arguments: database, folder, name, clicks a change. The clicks of all replicas on one change come together; a click that
the database could not answer is repeated, as a person would. Each thing that the work does is a line of the log.
"""

import json
import logging
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from bot.adapters.db.changes import ChangesTable
from bot.adapters.db.engine import connect, driver_url
from bot.adapters.db.evidence import EvidenceTable
from bot.adapters.presence import present
from bot.adapters.replicas import Watch
from bot.adapters.runner import DbosRunner, Work
from bot.domain.refusal import Refused
from bot.ports import World
from bot.services import decisions
from tests.fakes_bot import bot

PEOPLE = 15
"""Who click at the same moment in one replica: the connections that its pool has for them."""
PATIENCE = 0.5


def click(world: World, number: int, turn: int) -> str:
    """What the person is told. Every fifth denies."""
    user = "UALICE" if turn % 2 else "UBOB"
    while True:
        try:
            if turn % 5 == 0:
                return decisions.deny(world, number, user, "no").state.value
            return decisions.approve(world, number, user).state.value
        except Refused:
            return "refused"
        except SQLAlchemyError:
            time.sleep(PATIENCE)


def main(url: str, folder: str, name: str, clicks: str) -> None:
    logging.disable(logging.CRITICAL)
    log, writing = Path(folder) / f"log-{name}", threading.Lock()

    def say(*words: object) -> None:
        with writing, log.open("a") as file:
            file.write(" ".join(map(str, words)) + "\n")

    def begin(number: int) -> int:
        say("begin", number)
        return 1

    def perform(number: int, index: int) -> bool:
        say("perform", number, index)
        return True

    presence, engine = present(url), connect(url)
    runner = DbosRunner(driver_url(url), presence.id)
    changes = ChangesTable(engine, runner.enqueue_apply)
    world = replace(bot().world, changes=changes, evidence=EvidenceTable(engine))
    presence.hold()
    runner.start(
        Work(
            begin=begin,
            perform=perform,
            settle=lambda number: say("settle", number),
            give_up=lambda number, error: say("give-up", number, error),
            give_up_digest=lambda *_: None,
            digest=lambda *_: None,
        )
    )

    def owners() -> frozenset[str]:
        runner.take_up()
        return runner.owners()

    watch = Watch(presence, owners, runner.take_over)
    turns = [(change.number, turn) for change in changes.open() for turn in range(int(clicks))]
    say("up")
    _wait_for(Path(folder) / "go", watch)
    with ThreadPoolExecutor(PEOPLE) as people:
        told = list(people.map(lambda turn: click(world, *turn), turns))
    (Path(folder) / f"told-{name}").write_text(json.dumps(list(zip(turns, told, strict=True))))
    say("clicked")
    _wait_for(Path(folder) / "over", watch)
    runner.stop()
    presence.release()
    engine.dispose()


def _wait_for(sign: Path, watch: Watch) -> None:
    while not sign.exists():
        watch.look()
        time.sleep(0.2)


if __name__ == "__main__":
    main(*sys.argv[1:])
