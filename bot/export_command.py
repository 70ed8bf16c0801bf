"""`trailwarden export`: what the digests found, run by run from the database to stdout, the oldest first.

Of several workspaces one after the other, by their teams' ids.
"""

import csv
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import Engine

from bot.adapters.db import engine as database
from bot.adapters.db.history import HistoryTable
from bot.adapters.db.teams import Teams
from bot.domain.digest import Kept
from bot.formats import as_cells, as_json, harmless
from bot.ports import CannotRunError
from bot.printing import printed
from config.settings import load

Write = Callable[[Kept], None]
EVER = datetime.min.replace(tzinfo=UTC)


def export(since: date | None, form: str) -> int:
    """0 also where there is nothing, which is said on stderr; 3 where it could not be read or written."""
    return printed("The export", lambda: _exported(since, form))


def _exported(since: date | None, form: str) -> int:
    start = datetime.combine(since, time(), UTC) if since else EVER
    with _database() as engine:
        runs = (run for team in Teams(engine).with_digests() for run in HistoryTable(engine, team).each(start))
        found, unread = _written(runs, FORMATS[form]())
    if unread:
        raise CannotRunError(
            f"{unread} of {found + unread} digests are left out: this release cannot read them. Export them with the "
            "release that wrote them."
        )
    if not found:
        print(f"There is no digest{f' since {since}' if since else ' yet'}, so there is nothing here.", file=sys.stderr)
    return 0


@contextmanager
def _database() -> Iterator[Engine]:
    """Raises SettingsError, CannotRunError."""
    engine = database.connect(database.existing(load().database_url))
    try:
        yield engine
    finally:
        engine.dispose()


def _written(runs: Iterator[tuple[str, Kept | None]], write: Write) -> tuple[int, int]:
    """How many, and how many could not be read. Of one that is not complete it is said: all passing is no PASS then."""
    found = unread = 0
    for _, kept in runs:
        if kept is None:
            unread += 1
            continue
        write(kept)
        found += 1
        if not kept.report.complete:
            print(f"{kept.report.run}: {' '.join(kept.report.left_out)}", file=sys.stderr)
    return found, unread


COLUMNS = (
    *("run", "time", "account_id", "account_name", "control", "verdict", "resource", "reasons", "warnings"),
    *("accepted_until", "accepted_owner", "since", "why"),
)


def _csv() -> Write:
    rows = csv.writer(sys.stdout)
    rows.writerow(COLUMNS)

    def write(kept: Kept) -> None:
        of_run = {"run": kept.report.run, "time": kept.report.started.isoformat()}
        for found in as_cells(kept.report):
            cells = {**of_run, **found, "since": _since(kept, found["account_id"], found["control"]) or ""}
            rows.writerow(harmless(cells[column] for column in COLUMNS))

    return write


def _json() -> Write:
    return lambda kept: print(json.dumps(_line(kept)))


def _line(kept: Kept) -> dict[str, Any]:
    """The audit's JSON, with when it was, whether accounts are missing, and since when each failure is known."""
    said = as_json(kept.report)
    for account in said["accounts"]:
        for finding in account["findings"]:
            finding["since"] = _since(kept, account["account_id"], finding["control"])
    report = kept.report
    return {**said, "started": report.started.isoformat(), "complete": report.complete, "left_out": report.left_out}


def _since(kept: Kept, account: str, control: str) -> str | None:
    at = kept.since.get((account, control))
    return at.isoformat() if at else None


def _ocsf() -> Write:
    try:
        from bot.ocsf import compliance_finding
    except ModuleNotFoundError as missing:
        raise CannotRunError(
            "The format ocsf needs the package py-ocsf-models: pip install 'trailwarden[ocsf]'."
        ) from missing

    def write(kept: Kept) -> None:
        for account in kept.report.accounts:
            for finding in account.findings:
                print(json.dumps(compliance_finding(kept, account.account, finding)))

    return write


FORMATS: dict[str, Callable[[], Write]] = {"csv": _csv, "json": _json, "ocsf": _ocsf}
