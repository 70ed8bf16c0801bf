"""In which organizational unit each account of a report is; for showing, and never a part of a verdict."""

from collections.abc import Mapping
from dataclasses import replace

from bot.domain.finding import Report
from bot.domain.trail import Unreadable
from bot.ports import Cloud


def placed(cloud: Cloud, report: Report) -> Report:
    """Asked of AWS, some calls for each unit; where nobody could look, a note says so."""
    found = cloud.paths()
    if isinstance(found, Unreadable):
        return replace(
            report, left_out=(*report.left_out, f"The organizational units were not read: {found.sentence}.")
        )
    return with_paths(report, found)


def with_paths(report: Report, paths: Mapping[str, str]) -> Report:
    """An account of which no path is known keeps its own."""
    accounts = (
        replace(a, account=replace(a.account, path=paths.get(a.account.id, a.account.path))) for a in report.accounts
    )
    return replace(report, accounts=tuple(accounts)) if paths else report


def paths_of(report: Report) -> dict[str, str]:
    return {a.account.id: a.account.path for a in report.accounts if a.account.path}
