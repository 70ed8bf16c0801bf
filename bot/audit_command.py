"""`trailwarden audit`: results on stdout, progress and words on stderr."""

import csv
import json
import sys
from collections.abc import Sequence
from uuid import uuid4

from bot.adapters.aws.cloud import BotoCloud
from bot.adapters.aws.session import Roles, Session
from bot.adapters.clock import SystemClock
from bot.domain.control import Profile
from bot.domain.controls import DEFAULT_CONTROLS
from bot.domain.finding import AccountReport, Report, Verdict
from bot.domain.printable import printable
from bot.formats import as_cells, as_json, harmless
from bot.printing import printed
from bot.progress import progress
from bot.services.audit import Order, audit, known_controls
from config.settings import load

EXIT = {Verdict.PASS: 0, Verdict.FAIL: 1, Verdict.UNKNOWN: 2}


def run(scope: Sequence[str], form: str, profile: str | None, controls: Sequence[str] | None) -> int:
    """The exit code: 0 all pass, 1 something fails, 2 nothing fails but something is unknown, 3 it could not run."""
    return printed("The report", lambda: _said(_report(scope, profile, controls), form))


def _said(report: Report, form: str) -> int:
    FORMATS[form](report)
    if not report.complete:
        print(" ".join(report.left_out), file=sys.stderr)
    return EXIT[report.verdict]


def _report(scope: Sequence[str], profile: str | None, controls: Sequence[str] | None) -> Report:
    settings = load()
    wanted = known_controls(tuple(controls or settings.controls or DEFAULT_CONTROLS))
    order = Order(uuid4().hex[:12], tuple(scope), wanted, Profile(profile or settings.profile))
    session = Session(Roles(settings.audit_role, settings.change_role, settings.external_id))
    clock = SystemClock()
    with progress("Auditing") as seen:
        return audit(BotoCloud(session, clock, settings.accounts), clock, order, seen)


def _print_json(report: Report) -> None:
    """Piece by piece: the text of ten thousand accounts in one string would be most of the memory."""
    json.dump(as_json(report), sys.stdout, indent=2)
    print()


COLUMNS = ("account_id", "account_name", "control", "verdict", "resource", "reasons", "warnings", "why")


def _print_csv(report: Report) -> None:
    rows = csv.writer(sys.stdout)
    rows.writerow(COLUMNS)
    for cells in as_cells(report):
        rows.writerow(harmless(cells[column] for column in COLUMNS))


COLOURS = {Verdict.PASS: "green", Verdict.FAIL: "red", Verdict.UNKNOWN: "yellow"}


def _print_text(report: Report) -> None:
    from rich.console import Console
    from rich.table import Column, Table
    from rich.text import Text

    columns = (Column(name, overflow="fold") for name in ("Account", "Verdict", "Why"))
    table = Table(*columns, box=None, pad_edge=False)
    for a in report.worst_first():
        verdict = Text(a.verdict, style=COLOURS[a.verdict])
        table.add_row(Text(printable(a.account.label)), verdict, Text(printable(_why(a))))
    console = Console()
    console.print(table)
    counts = ", ".join(f"{report.count(v)} {v}" for v in (Verdict.FAIL, Verdict.UNKNOWN, Verdict.PASS))
    left_out = "".join(f"; {note}" for note in report.left_out)
    number = len(report.accounts)
    console.print(Text(f"\n{number} account{'s' * (number != 1)}: {counts}{printable(left_out)}"))


def _why(account: AccountReport) -> str:
    """All that is not PASS, or what makes it PASS, warnings included; what is so for several controls is said once."""
    telling = [f for f in account.findings if f.verdict is not Verdict.PASS] or list(account.findings[:1])
    return " ".join(dict.fromkeys(f.told for f in telling))


FORMATS = {"json": _print_json, "csv": _print_csv, "text": _print_text}
