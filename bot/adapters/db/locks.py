"""PostgreSQL's advisory locks: names that one transaction holds at a time. They need no privilege on any table."""

import hashlib

from sqlalchemy import text
from sqlalchemy.engine import Connection


def key(name: str) -> int:
    """The name as PostgreSQL's 64 bits, signed; our own prefix keeps it apart from other users of the database."""
    return int.from_bytes(hashlib.sha256(f"trailwarden:{name}".encode()).digest()[:8], "big", signed=True)


def until_commit(connection: Connection, name: str) -> None:
    """Wait for the lock, and hold it to the end of the transaction. SQLite's writers wait for each other anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key(name)})
