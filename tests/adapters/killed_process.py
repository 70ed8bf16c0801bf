"""A bot that is killed at every step boundary and inside every step, each time once, until all is done.

Arguments: database, folder. Each life is a process of its own, forked from this one, which has imported everything and
opened nothing: a life takes a third of a second instead of three. It kills itself, by SIGKILL, at the first place
where no life before it has died. AWS is a fake that outlives it in a file; database, runner and evidence are real.
"""

import os
import pickle
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

from bot.adapters.db.changes import ChangesTable
from bot.adapters.db.engine import connect, driver_url
from bot.adapters.db.evidence import EvidenceTable
from bot.adapters.presence import present
from bot.adapters.replicas import Watch
from bot.adapters.runner import DbosRunner, Work
from bot.domain.change import OPEN, Change
from bot.domain.form import TrailForm
from bot.domain.steps import Step
from bot.ports import World
from bot.services import applying, decisions, forms, proposals, settling
from tests.adapters.bot_process import POLL_SECONDS
from tests.builders import ACCOUNT, NOW, WRITE_ONLY, account, surveyed, trail
from tests.fakes import FakeClock
from tests.fakes_bot import LiveAws, bot

CREATES, FIXES = "222222222222", "333333333333"
FORM = TrailForm("made", "made-logs", new_bucket=True)
LOOK_EVERY = 0.05

R = TypeVar("R")


class Places:
    """Where a life has died. Named by change and by moment; a file, so that the next life knows.

    Nobody dies while somebody else holds `alive`.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / "died-at"
        self.alive = threading.RLock()

    def pass_by(self, place: str) -> None:
        with self.alive:
            died_at = self._file.read_text().split() if self._file.exists() else []
            if place in died_at:
                return
            with self._file.open("a") as file:
                file.write(f"{place}\n")
            os.kill(os.getpid(), signal.SIGKILL)

    def around(self, name: str, function: Callable[[], R]) -> R:
        self.pass_by(f"{name}:before")
        result = function()
        self.pass_by(f"{name}:after")
        return result


class LastingAws(LiveAws):
    """Saved after each write, before the answer is given: what was sent, this life or an earlier one died of."""

    places: Places
    file: Path

    def perform(self, change: Change, step: Step) -> str:
        place = f"{change.id}:{step.kind}:{change.plan.steps.index(step)}"
        self.places.pass_by(f"{place}:sending")
        with self.places.alive:
            answer = super().perform(change, step)
            self.save()
            self.places.pass_by(f"{place}:sent")
        return answer

    def save(self) -> None:
        written = self.file.with_suffix(".new")
        written.write_bytes(pickle.dumps((self._history, self._protected, self.calls, self.effects)))
        written.rename(self.file)

    def load(self) -> None:
        if self.file.exists():
            self._history, self._protected, self.calls, self.effects = pickle.loads(self.file.read_bytes())  # noqa: S301 - our own file


def aws(folder: Path, clock: FakeClock) -> LastingAws:
    """Three accounts: one with a trail too many, one without any, one whose trail needs two steps."""
    wanting = trail("main", owner=FIXES, logging=False, selectors=WRITE_ONLY)
    made = LastingAws(
        clock,
        surveyed(trail("main"), trail("spare")),
        surveyed(account=account(CREATES)),
        surveyed(wanting, account=account(FIXES)),
    )
    made.file, made.places = folder / "aws", Places(folder)
    made.load()
    return made


def ask(world: World) -> None:
    """A create, an update and a delete, with the approvals that each needs."""
    asker = proposals.Asker("UREQUESTER", "C1")
    forms.propose_form(world, asker, CREATES, FORM)
    proposals.propose_fix(world, asker, FIXES)
    proposals.propose_delete(world, asker, ACCOUNT, "spare")
    for number, user in ((1, "UALICE"), (2, "UALICE"), (3, "UALICE"), (3, "UBOB")):
        decisions.approve(world, number, user, "spare")


def work(world: World, places: Places) -> Work:
    return Work(
        begin=lambda n: places.around(f"C-{n}:begin", lambda: applying.begin(world, n)),
        perform=lambda n, i: places.around(f"C-{n}:perform:{i}", lambda: applying.perform(world, n, i)),
        settle=lambda n: places.around(f"C-{n}:settle", lambda: settling.settle(world, n)),
        give_up=lambda n, error: settling.give_up(world, n, error),
        give_up_digest=lambda *_: None,
        digest=lambda *_: None,
    )


def live(url: str, folder: Path, life: int) -> None:
    """One life: to the end of all work, or to its own."""
    clock = FakeClock(NOW + timedelta(seconds=life))
    presence, engine = present(url), connect(url)
    runner = DbosRunner(driver_url(url), presence.id, POLL_SECONDS)
    made, cloud = bot(), aws(folder, clock)
    changes = ChangesTable(engine, runner.enqueue_apply)
    world = replace(made.world, cloud=cloud, writer=cloud, clock=clock, changes=changes, evidence=EvidenceTable(engine))
    presence.hold()
    runner.start(work(world, cloud.places))
    if changes.get(1) is None:
        ask(world)
    watch = Watch(presence, runner.owners, runner.take_over)
    while any(c.state in OPEN for c in changes.open()):
        watch.look()
        time.sleep(LOOK_EVERY)
    runner.stop()
    presence.release()


def main(url: str, folder: str) -> int:
    """0 once a life ended in peace; the number of lives goes to stdout."""
    life = 0
    while True:
        life += 1
        child = os.fork()
        if child == 0:
            live(url, Path(folder), life)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status):
            print(life)
            return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
