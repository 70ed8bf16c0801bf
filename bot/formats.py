"""How a report is written for machines: the same for `trailwarden audit` and `trailwarden export`."""

from collections.abc import Iterable, Iterator
from typing import Any

from bot.domain.finding import Finding, Report


def as_json(report: Report) -> dict[str, Any]:
    """The report as product.md has it: exactly one finding per account and control.

    Without a database nothing is known to be accepted.
    """
    accounts = [
        {
            "account_id": a.account.id,
            "account_name": a.account.name,
            "verdict": a.verdict,
            "findings": [_finding(f) for f in a.findings],
        }
        for a in report.accounts
    ]
    return {"run": report.run, "profile": report.profile, "accounts": accounts}


def _finding(f: Finding) -> dict[str, Any]:
    return {
        "control": f.control,
        "verdict": f.verdict,
        "resource": f.resource,
        "reasons": f.reasons,
        "warnings": f.warnings,
        "why": f.told,
        "accepted": f.accepted and {"until": str(f.accepted.until), "owner": f.accepted.owner.id},
    }


def as_cells(report: Report) -> Iterator[dict[str, str]]:
    """One row a finding, by the columns' names; codes are joined by blanks."""
    for a in report.accounts:
        for f in a.findings:
            yield {
                "account_id": a.account.id,
                "account_name": a.account.name,
                "control": f.control,
                "verdict": f.verdict.value,
                "resource": f.resource or "",
                "reasons": " ".join(f.reasons),
                "warnings": " ".join(f.warnings),
                "accepted_until": str(f.accepted.until) if f.accepted else "",
                "accepted_owner": f.accepted.owner.id if f.accepted else "",
                "why": f.told,
            }


RUN = tuple("=+-@\t\r\n＝＋－＠")
"""How a cell begins that a spreadsheet may run, in some languages also wide. Source: OWASP, "CSV Injection"."""


def harmless(cells: Iterable[str]) -> list[str]:
    """A cell that a spreadsheet would run gets a quote before it."""
    return [f"'{cell}" if cell.startswith(RUN) else cell for cell in cells]
