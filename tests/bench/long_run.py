"""Does the bot leak? `python -m tests.bench.long_run [MINUTES [sqlite|postgresql]]`, an hour on SQLite by default.

The real bot in its own process under a mixed load with faults, the local Slack workspace and the pretend AWS in this
one, looked at and scraped after each deed. Prints the most that was held in each twelfth of the time, and ends with 1
where anything is more in the last quarter than in the first. A burst's
threads and connections are all there after about four minutes.
"""

import json
import os
import re
import signal
import socket
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass, field, fields
from itertools import cycle
from pathlib import Path
from subprocess import Popen
from urllib.request import urlopen

from bot.playground.aws import start_aws
from bot.playground.command import environment
from bot.playground.process import serve
from bot.playground.slack import DEFAULT_SETUP, start_workspace
from tests.bench.gauges import Connections, Held, held, memory_of, most, on_postgresql, on_sqlite
from tests.bench.load import ROUND, Deed, tidy
from tests.postgres import Postgres
from tests.stories.stage import UNHURRIED, Stage

HERE = "127.0.0.1"
ROWS = 12
QUARTER = ROWS // 4
PAUSE = 1.0
"""Seconds between two deeds: a busy day, not a benchmark of speed."""
ROOM, ROOM_FOR_MEMORY = 1.1, 1.05
"""What is held in the last quarter may be so much of what was held in the first, and one thing (or MB) more."""
IMAGE = Path(__file__).parents[2] / "Dockerfile"
ALLOCATOR = dict(re.findall(r"\b(MALLOC_\w+)=(\w+)", IMAGE.read_text()))
"""glibc's settings, as the image has them."""
HEAD = """| minutes | memory MB | file handles | threads | connections | unsent | deeds | missed | playground MB |
|---:|---:|---:|---:|---:|---:|---:|---:|---:|"""


@dataclass
class Done:
    """What was done, and which deeds were not answered in time."""

    deeds: int
    missed: Counter[str]


@dataclass(frozen=True)
class Place:
    """The bot's database, and where it is watched."""

    url: str
    connections: Connections
    port: int = field(default_factory=lambda: _free_port())

    @property
    def settings(self) -> dict[str, str]:
        """A few people do what many would: nobody is told to wait."""
        here = {"DATABASE_URL": self.url, "PORT": str(self.port), "TRAILWARDEN_HOST": HERE}
        return {**here, **ALLOCATOR, "TRAILWARDEN_COMMAND_RATE": "0"}

    def scrape(self) -> None:
        """As Prometheus and an orchestrator do; what they are answered is of no interest here."""
        for path in ("/metrics", "/healthz"):
            with urlopen(f"http://{HERE}:{self.port}{path}") as answer:
                answer.read()


def _free_port() -> int:
    with socket.create_server((HERE, 0)) as found:
        return int(found.getsockname()[1])


def run(stage: Stage, pid: int, place: Place, seconds: float) -> tuple[list[Held], Done]:
    """The most of each row, printed as it comes."""
    done, rows, deeds = Done(0, Counter()), list[Held](), cycle(ROUND)
    begun = time.monotonic()
    for row in range(1, ROWS + 1):
        seen: list[Held] = []
        while not seen or time.monotonic() < begun + seconds * row / ROWS:
            _do(stage, next(deeds), done)
            place.scrape()
            seen.append(held(pid, place.url, place.connections))
        rows.append(most(seen))
        print(_line((time.monotonic() - begun) / 60, rows[-1], done), flush=True)
    return rows, done


def _do(stage: Stage, deed: Deed, done: Done) -> None:
    """What AWS and Slack were asked is of no interest here, and would grow."""
    done.deeds += 1
    try:
        deed(stage)
    except (TimeoutError, AssertionError, LookupError) as failed:
        done.missed[deed.__name__] += 1
        print(f"{deed.__name__}: {str(failed).splitlines()[:1]}", file=sys.stderr, flush=True)
        tidy(stage)
    stage.aws.gate.log.clear()
    stage.slack.forget_calls()
    time.sleep(PAUSE)


def grown(rows: list[Held]) -> list[str]:
    """What is more in the last quarter than in the first."""
    pairs = zip(fields(Held), astuple(most(rows[:QUARTER])), astuple(most(rows[-QUARTER:])), strict=True)
    return [f"{f.name}: {first:g}, then {last:g}" for f, first, last in pairs if last > _room(f.name, first)]


def _room(figure: str, first: float) -> float:
    return first * (ROOM_FOR_MEMORY if figure == "memory" else ROOM) + 1


def _line(minutes: float, most_held: Held, done: Done) -> str:
    counted = f"{most_held.files} | {most_held.threads} | {most_held.connections} | {most_held.unsent}"
    deeds = f"{done.deeds:,} | {done.missed.total()} | {memory_of(os.getpid()):.0f}"
    return f"| {minutes:.0f} | {most_held.memory:.0f} | {counted} | {deeds} |"


def _errors(log: str) -> Counter[str]:
    """The last line of each traceback. One of slack_sdk's own is expected: it cannot say that a socket broke before it
    could acknowledge what came over it (slack_sdk 3.47, `SocketModeClient` has no `session_id`)."""
    lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    return Counter(line["traceback"].splitlines()[-1] for line in lines if "traceback" in line)


@contextmanager
def _place(kind: str, folder: Path) -> Iterator[Place]:
    if kind == "sqlite":
        file = folder / "trailwarden.sqlite"
        yield Place(f"sqlite:///{file}", on_sqlite(file))
        return
    server = Postgres()
    try:
        url = server.url(server.new_database())
        yield Place(url, on_postgresql(url))
    finally:
        server.remove()


@contextmanager
def _stage(folder: Path) -> Iterator[Stage]:
    aws, slack = start_aws(), start_workspace(DEFAULT_SETUP, **UNHURRIED)
    aws.deliver_every(1)
    try:
        yield Stage(aws, slack, folder)
    finally:
        slack.stop()
        aws.stop()


@contextmanager
def _bot(stage: Stage, place: Place) -> Iterator[Popen[bytes]]:
    """Not forked as the stories' is: glibc reads its settings where a program begins."""
    told = {**environment(stage.slack, stage.aws.environment(), stage.folder), **place.settings}
    with serve(told, stage.folder, stage.clock.file) as process:
        try:
            stage.until(stage.slack.connected)
            yield process
        finally:
            process.terminate()


def main() -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # it tidies up
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else 60.0
    kind = sys.argv[2] if len(sys.argv) > 2 else "sqlite"
    with tempfile.TemporaryDirectory() as name, _place(kind, Path(name)) as place, _stage(Path(name)) as stage:
        with _bot(stage, place) as bot:
            print(f"On {kind}, the most in each {minutes / ROWS:g} minutes.\n\n{HEAD}", flush=True)
            rows, done = run(stage, bot.pid, place, minutes * 60)
        errors = _errors(stage.log())
    print("\nMissed:", dict(done.missed) or "nothing")
    print("Errors in the bot's log:", dict(errors) or "none")
    print("Grown:", "; ".join(grown(rows)) or "nothing")
    return 1 if grown(rows) else 0


if __name__ == "__main__":
    sys.exit(main())
