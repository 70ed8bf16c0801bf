"""What a process holds, looked at from outside (Linux's proc(5)), and what its database holds for it."""

from collections.abc import Callable
from dataclasses import astuple, dataclass
from pathlib import Path

import psycopg
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url

from bot.adapters.db.engine import driver_url
from bot.adapters.db.outbox import OutboxTable

Connections = Callable[[int], int]
"""The open connections to its database, by process id."""


@dataclass(frozen=True)
class Held:
    """At one moment. `memory` is the resident set in MB, `unsent` the messages that wait for Slack."""

    memory: float
    files: int
    threads: int
    connections: int
    unsent: int


def held(pid: int, url: str, connections: Connections) -> Held:
    """Counted before we open a connection of our own."""
    open_now = connections(pid)
    return Held(memory_of(pid), len(_files(pid)), _status(pid, "Threads"), open_now, _unsent(url))


def most(seen: list[Held]) -> Held:
    """Of each figure."""
    return Held(*map(max, zip(*map(astuple, seen), strict=True)))


def memory_of(pid: int) -> float:
    """MB."""
    return _status(pid, "VmRSS") / 1024


def on_sqlite(file: Path) -> Connections:
    """Each connection has the file open once."""
    return lambda pid: sum(path == file for path in _files(pid))


def on_postgresql(url: str) -> Connections:
    """Asked from another database, so that we are not among them."""
    asked = make_url(url)
    elsewhere = asked.set(database="postgres").render_as_string(hide_password=False)

    def connections(_pid: int) -> int:
        with psycopg.connect(elsewhere) as connection:
            query = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s"
            row = connection.execute(query, (asked.database,)).fetchone()
        assert row
        return int(row[0])

    return connections


def _status(pid: int, name: str) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith(f"{name}:")))


def _files(pid: int) -> list[Path]:
    """What each handle leads to, files and sockets alike; one that is closed while we look is none."""
    found = []
    for handle in Path(f"/proc/{pid}/fd").iterdir():
        try:
            found.append(handle.readlink())
        except FileNotFoundError:
            continue
    return found


def _unsent(url: str) -> int:
    engine = create_engine(driver_url(url))
    try:
        return OutboxTable(engine).depth()
    finally:
        engine.dispose()
