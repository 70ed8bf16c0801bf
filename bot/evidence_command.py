"""`trailwarden evidence` and `trailwarden verify`: what happened, and that nobody altered the record of it."""

import json
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from bot.adapters.db import engine as database
from bot.adapters.db.evidence import EvidenceTable
from bot.cli import EXIT_CANNOT_RUN
from bot.domain.evidence import Entry, broken
from bot.ports import CannotRunError
from config.settings import SettingsError, load


def export(change: str) -> int:
    """JSON lines on stdout, oldest first."""
    try:
        for entry in _table().entries(change.upper()):
            print(json.dumps({**vars(entry), "at": entry.at.isoformat()}, sort_keys=True))
    except (SettingsError, CannotRunError) as why:
        print(why, file=sys.stderr)
        return EXIT_CANNOT_RUN
    return 0


def verify(file: str | None) -> int:
    """0 where the chain holds, 1 where it does not."""
    try:
        entries = tuple(_from_file(Path(file)) if file else _table().entries())
    except (SettingsError, CannotRunError) as why:
        print(why, file=sys.stderr)
        return EXIT_CANNOT_RUN
    except (OSError, ValueError, KeyError, TypeError) as wrong:
        print(f"{file} is no export of `trailwarden evidence`: {wrong}.", file=sys.stderr)
        return EXIT_CANNOT_RUN
    problem = broken(entries)
    head = entries[-1].hash[:12] if entries else "none"
    partial = " An export of one change cannot be verified alone: export everything." if file else ""
    print(f"BROKEN: {problem}.{partial}" if problem else f"The chain holds: {len(entries)} entries, head {head}.")
    return 1 if problem else 0


def _table() -> EvidenceTable:
    return EvidenceTable(database.connect(load().database_url))


def _from_file(file: Path) -> Iterator[Entry]:
    for line in file.read_text().splitlines():
        values = json.loads(line)
        yield Entry(**{**values, "at": datetime.fromisoformat(values["at"])})
