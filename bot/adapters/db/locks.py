"""PostgreSQL's advisory locks: names that one session holds at a time. They need no privilege on any table."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, text
from sqlalchemy.engine import Connection


def key(name: str) -> int:
    """The name as PostgreSQL's 64 bits, signed; our own prefix keeps it apart from other users of the database."""
    return int.from_bytes(hashlib.sha256(f"trailwarden:{name}".encode()).digest()[:8], "big", signed=True)


def until_commit(connection: Connection, name: str) -> None:
    """Wait for the lock, and hold it to the end of the transaction. SQLite's writers wait for each other anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key(name)})


@contextmanager
def alone(engine: Engine, name: str) -> Iterator[bool]:
    """Whether nobody else is within the same name: what should be done by one process at a time, and by any.

    No transaction is left open meanwhile, since what is done inside may wait for Slack.
    """
    if engine.dialect.name != "postgresql":
        yield True
        return
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        ours = bool(connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": key(name)}).scalar())
        try:
            yield ours
        finally:
            if ours:
                connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": key(name)})
