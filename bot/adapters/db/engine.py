"""Opening the database, and bringing it up to date."""

import sqlite3
import time
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from bot.adapters.db import locks
from bot.ports import CannotRunError

BUSY_MILLISECONDS = 30_000


def connect(url: str) -> Engine:
    """The engine, with the schema brought up to date. Raises CannotRunError."""
    try:
        engine = _engine(url)
        migrate(engine)
    except (SQLAlchemyError, CommandError, ModuleNotFoundError, ValueError) as failed:
        reason = str(getattr(failed, "orig", None) or failed).splitlines()[0].rstrip(".")
        raise CannotRunError(
            f"The database cannot be opened: {reason}. DATABASE_URL is {_shown(url)}; see that it is right, that the "
            "folder exists, and that it may be written."
        ) from failed
    return engine


def existing(url: str) -> str:
    """The URL, unless it names a SQLite file that is not there: who only reads makes none. Raises CannotRunError."""
    file = url.removeprefix("sqlite:///") if url.startswith("sqlite:///") else ""
    if file and not Path(file).exists():
        raise CannotRunError(f"There is no database at {file}. Set DATABASE_URL to the one that the bot uses.")
    return url


def driver_url(url: str) -> str:
    """The URL with the driver that we ship: psycopg 3 for PostgreSQL."""
    for scheme in ("postgres://", "postgresql://"):
        if url.startswith(scheme):
            return f"postgresql+psycopg://{url.removeprefix(scheme)}"
    return url


def _shown(url: str) -> str:
    try:
        return make_url(url).render_as_string(hide_password=True)
    except (ArgumentError, ValueError):
        return "not a URL"


def _engine(url: str) -> Engine:
    engine = create_engine(driver_url(url), pool_pre_ping=True)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_immediate)
    return engine


def _set_up_sqlite(connection: Any, _record: object) -> None:
    """Write-ahead log, patience with other writers, and no hidden transactions of the driver's own."""
    connection.isolation_level = None
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
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    with engine.begin() as connection:
        locks.until_commit(connection, "migrations")
        config.attributes["connection"] = connection
        command.upgrade(config, to)
