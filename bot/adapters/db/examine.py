"""Looking at the database for `trailwarden doctor`: it is left as it was, and a SQLite file is not made."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Engine, inspect, select, text
from sqlalchemy.engine import Connection

from bot.adapters.clock import SystemClock
from bot.adapters.db import engine as database
from bot.adapters.db.evidence import as_entry
from bot.adapters.db.installations import InstallationsTable
from bot.adapters.db.subscriptions import SubscriptionsTable
from bot.adapters.db.tables import evidence, installations, metadata
from bot.adapters.db.teams import Teams
from bot.adapters.seal import Seal
from bot.domain.doctor.database import DatabaseFacts
from bot.domain.evidence import broken_after
from bot.domain.subscription import Subscription
from bot.domain.trail import Unreadable
from bot.ports import Installation, Locked

TAIL = 200
"""So many entries at the end of the evidence are looked at; `trailwarden verify` looks at all."""
APPENDED = ("SELECT", "INSERT")
KEPT = (*APPENDED, "UPDATE", "DELETE")


def examined(url: str) -> tuple[DatabaseFacts, tuple[Subscription, ...]]:
    """What there is, and the digests in it. Raises nothing of its own."""
    file = database.sqlite_file(url)
    if file and not file.exists():
        return _to_be_made(url, file), ()
    try:
        engine = database.opened(url)
        try:
            return _looked_at(url, engine, file)
        finally:
            engine.dispose()
    except database.TROUBLE as failed:
        return DatabaseFacts(database.shown(url), trouble=database.reason(failed)), ()


def installed(
    url: str, keys: tuple[str, ...], allowed: frozenset[str]
) -> tuple[Installation | Locked, ...] | Unreadable:
    """Where the app is installed. Of a database that is not there, or without these tables, nowhere yet."""
    file = database.sqlite_file(url)
    if file and not file.exists():
        return ()
    try:
        engine = database.opened(url)
        try:
            there = inspect(engine).has_table(installations.name)
            return InstallationsTable(engine, Seal(keys), SystemClock(), allowed).all() if there else ()
        finally:
            engine.dispose()
    except database.TROUBLE as failed:
        return Unreadable("the database", "NotRead", database.reason(failed))


def _to_be_made(url: str, file: Path) -> DatabaseFacts:
    shown = database.shown(url)
    if not file.parent.is_dir():
        return DatabaseFacts(shown, trouble=f"there is no folder {file.parent}")
    return DatabaseFacts(shown, exists=False, unwritable=_closed(file.parent), free=_free(file))


def _closed(folder: Path) -> str:
    """Why no file can be made there, "" where one can: access rights alone say nothing of a read-only disk."""
    try:
        with tempfile.TemporaryFile(dir=folder):
            return ""
    except OSError as failed:
        return f"{folder}: {failed.strerror}"


def _free(file: Path) -> int | None:
    """None of what is no disk, and says that it has no room at all."""
    usage = shutil.disk_usage(file.parent)
    return usage.free if usage.total else None


def _looked_at(url: str, engine: Engine, file: Path | None) -> tuple[DatabaseFacts, tuple[Subscription, ...]]:
    reading = database.for_reading(engine)
    with reading.connect() as connection:
        revision, revisions = database.revision(connection), database.revisions()
        current = revision == revisions[-1]
        tail, looked = _tail(connection) if current else ("", 0)
        lacking = tuple(_lacking(connection)) if connection.dialect.name == "postgresql" else ()
    facts = DatabaseFacts(
        database.shown(url),
        revision=revision,
        revisions=revisions,
        unwritable=_unwritable(engine) or (_closed(file.parent) if file else ""),
        lacking=lacking,
        tail=tail,
        looked=looked,
        free=_free(file) if file else None,
    )
    teams = Teams(engine).with_subscriptions() if current else ()
    return facts, tuple(s for team in teams for s in SubscriptionsTable(engine, team).all())


def _unwritable(engine: Engine) -> str:
    """SQLite is told to write, and then that it was not meant; PostgreSQL is asked."""
    try:
        with engine.connect() as connection:
            if connection.dialect.name == "sqlite":
                connection.exec_driver_sql("CREATE TABLE trailwarden_doctor (n INTEGER)")
            elif connection.execute(text("SELECT current_setting('transaction_read_only')")).scalar() == "on":
                return "the server is read-only, as a standby is"
            connection.rollback()
    except database.TROUBLE as failed:
        return database.reason(failed)
    return ""


def _tail(connection: Connection) -> tuple[str, int]:
    """What is wrong with the newest entries, and how many were read."""
    rows = connection.execute(select(evidence).order_by(evidence.c.seq.desc()).limit(TAIL + 1)).all()
    entries = [as_entry(row) for row in reversed(rows)]
    before = entries.pop(0) if len(entries) > TAIL else None
    return broken_after(before, entries), len(entries)


def _lacking(connection: Connection) -> Iterator[str]:
    """Rights on what is there; what is not there yet has to be made."""
    there = set(inspect(connection).get_table_names())
    for name in metadata.tables:
        wanted = APPENDED if name == evidence.name else KEPT
        yield from (f"{right} on {name}" for right in wanted if name in there and not _may(connection, name, right))
    if not _is_true(connection, "SELECT has_schema_privilege(current_schema(), 'CREATE')") and not there:
        yield "CREATE on the schema"
    schemas = inspect(connection).get_schema_names()
    if "dbos" not in schemas and not _is_true(
        connection, "SELECT has_database_privilege(current_database(), 'CREATE')"
    ):
        yield "CREATE on the database"
    if "dbos" in schemas and not _is_true(connection, "SELECT has_schema_privilege('dbos', 'USAGE')"):
        yield "USAGE on the schema dbos"


def _may(connection: Connection, table: str, right: str) -> bool:
    asked = text("SELECT has_table_privilege(:name, :right)")
    return bool(connection.execute(asked, {"name": table, "right": right}).scalar())


def _is_true(connection: Connection, question: str) -> bool:
    return bool(connection.execute(text(question)).scalar())
