"""`trailwarden evidence` and `trailwarden verify`: what happened, and that nobody altered the record of it."""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from bot.adapters.db import engine as database
from bot.adapters.db.evidence import EvidenceTable
from bot.domain.evidence import Entry, broken, place_of
from bot.ports import CannotRunError
from bot.printing import printed
from config.settings import load


def export(change: str) -> int:
    """JSON lines on stdout, oldest first. A change of which there is none is no empty answer."""
    return printed("The evidence", lambda: _exported(change.upper()))


def _exported(change: str) -> int:
    found = False
    for entry in _from_database(change):
        found = True
        print(json.dumps({**vars(entry), "at": entry.at.isoformat()}, sort_keys=True))
    if change and not found:
        raise CannotRunError(f"There is no evidence of {change}. Changes are called C-1, C-2, and so on.")
    return 0


def verify(file: str | None, head: str = "") -> int:
    """0 where the chain holds and has that head in it, 1 where not."""
    return printed("The result", lambda: _verified(tuple(_from_file(file) if file else _from_database()), file, head))


def _verified(entries: tuple[Entry, ...], file: str | None, head: str) -> int:
    problem = broken(entries) or _cut_off(entries, head)
    print(f"BROKEN: {problem}.{PARTIAL if file else ''}" if problem else _holds(entries, head))
    return 1 if problem else 0


PARTIAL = " An export of one change cannot be verified alone: export everything."
NOT_KNOWN = (
    " Whether newer entries were cut off is not in the chain: compare with a head that a digest printed, by --head."
)


def _cut_off(entries: tuple[Entry, ...], head: str) -> str:
    if not head or place_of(head, entries):
        return ""
    return (
        f"no entry has the hash {head}: either entries after the {len(entries)} that are here were cut off, or it is "
        "mistyped or another database's. Compare it with the digest that printed it"
    )


def _holds(entries: tuple[Entry, ...], head: str) -> str:
    newest = entries[-1].hash[:12] if entries else "none"
    seen = f" The head {head} is that of entry {place_of(head, entries)}." if head else NOT_KNOWN
    return f"The chain holds: {len(entries)} entries, head {newest}.{seen}"


def _from_database(change: str = "") -> Iterator[Entry]:
    """Raises SettingsError, CannotRunError."""
    engine = database.connect(database.existing(load().database_url))
    try:
        yield from EvidenceTable(engine).entries(change)
    except ValueError as wrong:
        raise CannotRunError(f"The evidence in the database cannot be read: {wrong}.") from wrong
    finally:
        engine.dispose()


def _from_file(file: str) -> Iterator[Entry]:
    """Raises CannotRunError."""
    try:
        for line in Path(file).read_text().splitlines():
            values = json.loads(line)
            yield Entry(**{**values, "at": datetime.fromisoformat(values["at"])})
    except (OSError, ValueError, KeyError, TypeError) as wrong:
        raise CannotRunError(f"{file} is no export of `trailwarden evidence`: {wrong}.") from wrong
