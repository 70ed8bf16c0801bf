"""That this process is alive: it holds a lock that ends with it, whatever it dies of, and others see that it is gone.

A process is known by an id of its own life: host, process number and chance. After a restart it is another one, and
finds what its former life left as it finds what a dead neighbour left: owned by somebody who holds no lock.
"""

import fcntl
import os
import socket
import uuid
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import IO, Protocol

from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

from bot.adapters.db import locks
from bot.adapters.db.engine import driver_url, sqlite_file
from bot.ports import CannotRunError

LOOKS = 3
"""A lock must be missing so often in a row: after a restart of the database each process needs a moment to take it."""
GONE_AFTER = {"tcp_keepalives_idle": 5, "tcp_keepalives_interval": 2, "tcp_keepalives_count": 3}
"""Seconds, seconds, tries: a host that lost its power says no goodbye, and the kernel's own patience is two hours."""
CONNECT_SECONDS = 3


class Presence(Protocol):
    """This process among those that share the database. `looks`: how often somebody must be missing to be dead."""

    id: str
    looks: int

    def hold(self) -> None:
        """Be seen to be alive, from now on; again where the connection broke. May raise SQLAlchemyError."""

    def missing(self, ids: frozenset[str]) -> frozenset[str]:
        """Those of them that hold no lock at this moment."""

    def claim(self, id: str) -> AbstractContextManager[bool]:
        """Whether it is dead and ours to bury: of several that ask, one at a time."""

    def release(self) -> None: ...


def new_id() -> str:
    return f"{socket.gethostname()[:40]}-{os.getpid()}-{uuid.uuid4().hex[:8]}"


def present(url: str) -> Presence:
    """On PostgreSQL any number of processes, on a SQLite file one. Raises CannotRunError where that one is there."""
    if driver_url(url).startswith("postgresql"):
        return OneOfMany(url)
    return TheOnly(url)


class TheOnly:
    """The one process on a SQLite file: a lock of the operating system on a file beside it, gone with the process."""

    looks = 1

    def __init__(self, url: str) -> None:
        self.id = new_id()
        self._file = _locked(path) if (path := sqlite_file(url)) else None

    def hold(self) -> None:
        """It is held from the beginning: a second process must not even bring the tables up to date."""

    def missing(self, ids: frozenset[str]) -> frozenset[str]:
        return ids - {self.id}

    @contextmanager
    def claim(self, id: str) -> Iterator[bool]:
        yield id != self.id

    def release(self) -> None:
        if self._file:
            self._file.close()


def _locked(database: Path) -> IO[str] | None:
    """The lock file, open. Raises CannotRunError. A folder that cannot be written is the database's to complain of."""
    try:
        file = database.with_name(f"{database.name}-lock").open("a+")
    except OSError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as taken:
        with file:
            file.seek(0)
            process = file.read().strip() or "unknown"
        raise CannotRunError(
            f"Another `trailwarden serve` (process {process}) runs on {database}, and SQLite is for one: stop it, or "
            "set DATABASE_URL to a PostgreSQL database, on which any number may run."
        ) from taken
    with suppress(OSError):  # on a full disk the lock holds all the same; only its holder's number is not told
        file.truncate(0)
        os.write(file.fileno(), f"{os.getpid()}\n".encode())
    return file


class OneOfMany:
    """One of the processes on a PostgreSQL database: a session of its own holds an advisory lock named by the id."""

    looks = LOOKS

    def __init__(self, url: str) -> None:
        self.id = new_id()
        connecting = {"connect_timeout": CONNECT_SECONDS, "application_name": f"trailwarden {self.id}"}
        self._engine = create_engine(
            driver_url(url), poolclass=NullPool, isolation_level="AUTOCOMMIT", connect_args=connecting
        )
        self._session: Connection | None = None

    def hold(self) -> None:
        if self._session is None:
            self._session = self._engine.connect()
            for name, value in GONE_AFTER.items():
                self._session.execute(text(f"SET {name} = {value}"))
        try:
            self._lock(self._session)
        except SQLAlchemyError:
            self.release()
            raise

    def _lock(self, session: Connection) -> None:
        """Taken once a session; where a neighbour has just claimed it, at the next look."""
        if self.id in self.missing(frozenset({self.id})):
            session.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": _key(self.id)})

    def missing(self, ids: frozenset[str]) -> frozenset[str]:
        held = set(self._own().execute(HELD).scalars())
        return frozenset(id for id in ids if _key(id) not in held)

    @contextmanager
    def claim(self, id: str) -> Iterator[bool]:
        asked = {"key": _key(id)}
        ours = bool(self._own().execute(text("SELECT pg_try_advisory_lock(:key)"), asked).scalar())
        try:
            yield ours
        finally:
            if ours:
                self._own().execute(text("SELECT pg_advisory_unlock(:key)"), asked)

    def _own(self) -> Connection:
        if self._session is None:
            raise RuntimeError("the lock is not held")
        return self._session

    def release(self) -> None:
        if self._session:
            self._session.invalidate()
            self._session.close()
            self._session = None


HELD = text(
    "SELECT (classid::bigint << 32) | objid::bigint FROM pg_locks "
    "WHERE locktype = 'advisory' AND objsubid = 1 AND granted "
    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)
"""The 64-bit advisory locks that anybody holds in this database. Source: PostgreSQL's manual, "pg_locks"."""


def _key(id: str) -> int:
    return locks.key(f"replica:{id}")
