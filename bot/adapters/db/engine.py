"""Opening the database, and bringing it up to date."""

import sqlite3
import time
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from bot.adapters.db import locks
from bot.ports import CannotRunError

BUSY_MILLISECONDS = 30_000
SQLITE_BYTES = 8_000_000
"""For all connections of the process, DBOS's too: what SQLite holds before it gives up pages that it has read."""


def connect(url: str) -> Engine:
    """The engine, with the schema brought up to date. Raises CannotRunError."""
    try:
        engine = opened(url)
        migrate(engine)
    except TROUBLE as failed:
        raise cannot_be_used(url, failed) from failed
    return engine


def cannot_be_used(url: str, failed: Exception) -> CannotRunError:
    return CannotRunError(
        f"The database cannot be opened: {reason(failed)}. DATABASE_URL is {shown(url)}; see that it is right, that "
        "the folder exists, that it may be written, and that its disk has room."
    )


TROUBLE = (SQLAlchemyError, CommandError, ModuleNotFoundError, ValueError)
"""All that opening a database may raise."""


def reason(failed: Exception) -> str:
    """The driver's own words, without a full stop."""
    return str(getattr(failed, "orig", None) or failed).splitlines()[0].rstrip(".")


def existing(url: str) -> str:
    """The URL, unless it names a SQLite file that is not there: who only reads makes none. Raises CannotRunError."""
    file = sqlite_file(url)
    if file and not file.exists():
        raise CannotRunError(f"There is no database at {file}. Set DATABASE_URL to the one that the bot uses.")
    return url


def sqlite_file(url: str) -> Path | None:
    """None where there is no file; what is wrong with the address is said when it is opened."""
    try:
        address = make_url(url)
    except (ArgumentError, ValueError):
        return None
    name = address.database if address.get_backend_name() == "sqlite" else None
    return Path(name).resolve() if name and name != ":memory:" and not name.startswith("file:") else None


def driver_url(url: str) -> str:
    """The URL with the driver that we ship: psycopg 3 for PostgreSQL."""
    for scheme in ("postgres://", "postgresql://"):
        if url.startswith(scheme):
            return f"postgresql+psycopg://{url.removeprefix(scheme)}"
    return url


def shown(url: str) -> str:
    """Without its password."""
    try:
        return make_url(url).render_as_string(hide_password=True)
    except (ArgumentError, ValueError):
        return "not a URL"


def opened(url: str) -> Engine:
    """The engine, with the schema as it is. Raises one of TROUBLE, as its first connection may."""
    engine = create_engine(driver_url(url), pool_pre_ping=True)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_immediate)
    return engine


def _set_up_sqlite(connection: Any, _record: object) -> None:
    """Write-ahead log, patience with other writers, bounded memory, and no hidden transactions of the driver's own."""
    connection.isolation_level = None
    connection.execute(f"PRAGMA soft_heap_limit = {SQLITE_BYTES}")
    connection.execute(f"PRAGMA busy_timeout = {BUSY_MILLISECONDS}")
    _switch_to_write_ahead_log(connection)


def _switch_to_write_ahead_log(connection: Any) -> None:
    """The switch needs the file for itself, and SQLite's own patience does not cover it: another may be opening it."""
    deadline = time.monotonic() + BUSY_MILLISECONDS / 1_000
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as busy:
            if "locked" not in str(busy) or time.monotonic() > deadline:
                raise
        time.sleep(0.02)


def _begin_immediate(connection: Connection) -> None:
    """A transaction takes the write lock at once, so that what it reads is still true when it writes."""
    reading = connection.get_execution_options().get("reading")
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def for_reading(engine: Engine) -> Engine:
    """The same engine, for transactions that write nothing and so need not wait for those that do."""
    return engine.execution_options(reading=True)


def migrate(engine: Engine, to: str = "head") -> None:
    """Run Alembic to the revision, in one transaction; of several processes that start at once, one after the other."""
    config = _config()
    with engine.begin() as connection:
        locks.until_commit(connection, "migrations")
        _refuse_newer(revision(connection))
        config.attributes["connection"] = connection
        command.upgrade(config, to)


def _refuse_newer(found: str) -> None:
    if found and found not in revisions():
        raise CannotRunError(
            f"The database is a newer release's (its tables are of revision {found}, and this release knows them up to "
            f"{revisions()[-1]}). Nothing was changed: install that release again, or go back to a copy of the "
            "database from before."
        )


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    return config


def revisions() -> tuple[str, ...]:
    """Those of the tables that this release knows, the oldest first."""
    known = ScriptDirectory.from_config(_config()).walk_revisions()
    return tuple(script.revision for script in known)[::-1]


def revision(connection: Connection) -> str:
    """That of the tables as they are, "" where there are none."""
    return MigrationContext.configure(connection).get_current_revision() or ""
