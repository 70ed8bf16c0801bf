"""Racing clicks over two replicas on PostgreSQL: how many changes are decided, applied and told of, and how fast.

`python -m tests.bench.race --changes 1000 --clicks 10` prints one line of figures and ends with 1 where anything is not
exactly once. `--outage 10` takes the database away for ten seconds in the middle.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bot.adapters.db.changes import ChangesTable
from bot.adapters.db.engine import connect
from bot.adapters.db.evidence import EvidenceTable
from bot.domain.change import State
from bot.domain.evidence import Fact, broken
from tests.builders import HOUR, NOW, account, change, plan, snapshot, trail
from tests.postgres import Postgres
from tests.waiting import until

REPLICAS = ("one", "two")
PATIENCE = 300.0
DECISIONS = ("approved", "denied")


@dataclass(frozen=True)
class Outcome:
    """What became of it. `wrong` names whatever did not happen exactly once."""

    changes: int
    clicks: int
    decided: int
    approved: int
    applied: int
    wrong: tuple[str, ...]
    clicking_seconds: float
    all_seconds: float

    def __str__(self) -> str:
        return (
            f"{self.changes} changes, {self.clicks} clicks: {self.decided} decided ({self.approved} approved), "
            f"{self.applied} applied, {len(self.wrong)} wrong; {self.clicking_seconds:.1f} s for the clicks, "
            f"{self.all_seconds:.1f} s until the last was applied"
        )


def race(server: Postgres, url: str, folder: Path, changes: int, clicks: int, outage: float = 0) -> Outcome:
    """Two processes, each with so many clicks on each of so many changes."""
    _propose(url, changes)
    told = [sys.executable, "-m", "tests.bench.clicker", url, str(folder)]
    root = Path(__file__).parents[2]
    replicas = [subprocess.Popen([*told, name, str(clicks)], cwd=root) for name in REPLICAS]
    try:
        _until(lambda: _said(folder)["up"] == 2)
        start = time.monotonic()
        (folder / "go").touch()
        if outage:
            _take_away(server, folder, outage)
        _until(lambda: _said(folder)["clicked"] == 2)
        clicked = time.monotonic()
        approved = sum(answer == "approved" for _, answer in _told(folder))
        _until(lambda: _said(folder)["settle"] >= approved)
        over = time.monotonic()
    finally:
        (folder / "over").touch()
        for replica in replicas:
            replica.wait(timeout=60)
    return _outcome(url, folder, changes, clicked - start, over - start)


def _propose(url: str, changes: int) -> None:
    engine = connect(url)
    table = ChangesTable(engine, lambda *_: None)
    for number in range(changes):
        where = snapshot(trail(logging=False), account=account(f"{number:012}"))
        wanted = change(0, plan=plan(before=where), expires_at=NOW + HOUR)
        table.add(wanted, lambda c: Fact(NOW, c.id, "proposed", c.requester, {}))
    engine.dispose()


def _take_away(server: Postgres, folder: Path, seconds: float) -> None:
    """Once the first of the changes are being applied."""
    _until(lambda: _said(folder)["settle"] > 0)
    server.stop()
    time.sleep(seconds)
    server.start()


def _lines(folder: Path) -> list[str]:
    return [line for name in REPLICAS for line in _read(folder / f"log-{name}").splitlines()]


def _read(file: Path) -> str:
    return file.read_text() if file.exists() else ""


def _said(folder: Path) -> Counter[str]:
    return Counter(line.split()[0] for line in _lines(folder))


def _told(folder: Path) -> list[tuple[int, str]]:
    return [
        (turn[0], answer) for name in REPLICAS for turn, answer in json.loads((folder / f"told-{name}").read_text())
    ]


def _until(true: Callable[[], bool]) -> None:
    until(true, "not all was done in time", PATIENCE)


def _outcome(url: str, folder: Path, changes: int, clicking: float, all_of_it: float) -> Outcome:
    engine = connect(url)
    table = ChangesTable(engine, lambda *_: None)
    ended = [found for number in range(1, changes + 1) if (found := table.get(number))]
    entries = list(EvidenceTable(engine).entries())
    engine.dispose()
    decided = Counter(e.change for e in entries if e.what in DECISIONS)
    settled = Counter(int(line.split()[1]) for line in _lines(folder) if line.startswith("settle"))
    answers = Counter(number for number, answer in _told(folder) if answer in DECISIONS)
    wrong = [broken(entries)] if broken(entries) else []
    for c in ended:
        once = decided[c.id] == 1 and answers[c.number] <= 1 and settled[c.number] == (c.state is State.APPROVED)
        wrong += [] if once else [f"{c.id}: {c.state}, decided {decided[c.id]}, applied {settled[c.number]}"]
    approved = sum(c.state is State.APPROVED for c in ended)
    counted = (sum(decided.values()), approved, sum(settled.values()))
    return Outcome(changes, len(_told(folder)), *counted, tuple(wrong), clicking, all_of_it)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--changes", type=int, default=1_000)
    parser.add_argument("--clicks", type=int, default=10, help="on each change, over both replicas")
    parser.add_argument("--outage", type=float, default=0, help="seconds without a database")
    chosen = parser.parse_args()
    server = Postgres()
    try:
        with tempfile.TemporaryDirectory() as folder:
            url = server.url(server.new_database())
            outcome = race(server, url, Path(folder), chosen.changes, chosen.clicks // len(REPLICAS), chosen.outage)
    finally:
        server.remove()
    print(outcome, *outcome.wrong[:10], sep="\n")
    return 1 if outcome.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
