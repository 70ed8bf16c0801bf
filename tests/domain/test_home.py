"""The score by unit, and the accounts that one wants to look at."""

from dataclasses import replace
from datetime import date

from bot.domain.finding import Accepted, AccountReport, Verdict
from bot.domain.home import Unit, accounts_of, units
from bot.domain.refusal import Person
from tests.builders import account, finding, report


def judged(number: int, path: str, verdict: Verdict) -> AccountReport:
    return AccountReport(account(f"{number:012}", f"a{number}", path), (finding(verdict=verdict),))


P, F, U = Verdict.PASS, Verdict.FAIL, Verdict.UNKNOWN
MADE = report(
    judged(1, "Root/Prod", P),
    judged(2, "Root/Prod", F),
    judged(3, "Root/Prod", U),
    judged(4, "Root/Dev", P),
    judged(5, "", F),
    judged(6, "Root/Old", U),
)


def test_units_come_worst_first_and_unknown_is_no_pass() -> None:
    assert units(MADE) == (
        Unit("", failing=1),
        Unit("Root/Old", unknown=1),
        Unit("Root/Prod", passing=1, failing=1, unknown=1),
        Unit("Root/Dev", passing=1),
    )
    assert [u.score for u in units(MADE)] == [0, 0, 33, 100]


def test_what_fails_as_accepted_is_counted_by_itself_and_is_no_pass() -> None:
    mark = Accepted(date(2027, 1, 31), Person("UALICE", "Alice"), "C-7")
    failing = judged(7, "Root/Prod", F)
    holds = replace(failing, findings=tuple(replace(f, accepted=mark) for f in failing.findings))
    (unit,) = units(report(holds))
    assert (unit, unit.score) == (Unit("Root/Prod", accepted=1), 0)


def test_without_accounts_there_are_no_units() -> None:
    assert units(report()) == ()


def test_accounts_are_chosen_by_unit_and_verdict() -> None:
    def ids(path: str | None, verdict: Verdict | None) -> list[int]:
        return [int(a.account.id) for a in accounts_of(MADE, path, verdict)]

    assert ids(None, None) == [2, 5, 3, 6, 1, 4]
    assert ids("Root/Prod", None) == [2, 3, 1]
    assert ids("", None) == [5]
    assert ids(None, U) == [3, 6]
    assert ids("Root/Dev", F) == []
