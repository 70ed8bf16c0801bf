"""What is new in a digest, finding by finding, and how long the rest has been open."""

from dataclasses import replace
from datetime import date

import pytest

from bot.domain.control import Profile
from bot.domain.digest import Kept, compare, kept, score
from bot.domain.finding import Accepted, AccountReport, Report, Verdict
from bot.domain.refusal import Person
from tests.builders import ACCOUNT, HOUR, NOW, account_report, finding, report

PASS, FAIL, UNKNOWN = Verdict.PASS, Verdict.FAIL, Verdict.UNKNOWN


COMPARISONS = [
    ("failing, no earlier report", None, FAIL, "new"),
    ("failing, passed before", PASS, FAIL, "new"),
    ("failing, unknown before", UNKNOWN, FAIL, "new"),
    ("failing still", FAIL, FAIL, "still"),
    ("fixed", FAIL, PASS, "fixed"),
    ("passes still", PASS, PASS, ""),
    ("unknown before, passes now", UNKNOWN, PASS, ""),
    ("failed, now unreadable: not fixed", FAIL, UNKNOWN, "unreadable"),
    ("passed, now unreadable", PASS, UNKNOWN, "unreadable"),
]


@pytest.mark.parametrize(("was", "is_now", "where"), [c[1:] for c in COMPARISONS], ids=[c[0] for c in COMPARISONS])
def test_an_account_stands_in_its_place(was: Verdict | None, is_now: Verdict, where: str) -> None:
    before = None if was is None else kept(None, report(account_report(verdict=was)))
    found = compare(before, report(account_report(verdict=is_now)))
    places = {name: len(getattr(found, name)) for name in ("new", "fixed", "still", "unreadable")}
    assert places == {name: int(name == where) for name in places}
    assert found.changed is (where in ("new", "fixed"))


def test_an_account_that_left_the_scope_is_not_called_fixed() -> None:
    found = compare(kept(None, report(account_report("222233334444"))), report())
    assert (found.fixed, found.changed) == ((), False)


@pytest.mark.parametrize(
    ("verdicts", "percent"),
    [((PASS, PASS), 100), ((PASS, FAIL, PASS), 66), ((UNKNOWN,), 0), ((), 0), ((PASS,) * 199 + (FAIL,), 99)],
    ids=["all", "two of three", "unknown is not passed", "nothing", "all but one is not all"],
)
def test_the_score_is_rounded_down(verdicts: tuple[Verdict, ...], percent: int) -> None:
    made: Report = report(*[account_report(f"{n:012}", v) for n, v in enumerate(verdicts)])
    assert score(made) == percent


# Finding by finding, and how old


def two(one: Verdict, other: Verdict, **different: object) -> Report:
    """One account with two controls."""
    made = account_report()
    found = (finding("multi-region-trail", one), finding("log-delivery", other))
    return report(replace(made, findings=found), **different)


def test_a_further_failure_of_an_account_that_fails_is_new_and_the_old_one_is_not() -> None:
    found = compare(kept(None, two(FAIL, PASS)), two(FAIL, FAIL))
    assert [[f.control for f in a.findings] for a in found.new] == [["log-delivery"]]
    assert [[f.control for f in a.findings] for a in found.still] == [["multi-region-trail"]]


def test_a_failure_is_as_old_as_its_first_report_also_when_nobody_could_look_meanwhile() -> None:
    first = kept(None, two(FAIL, PASS))
    blind = kept(first, two(UNKNOWN, UNKNOWN, started=NOW + HOUR))
    again = kept(blind, two(FAIL, FAIL, started=NOW + 2 * HOUR))
    assert again.since == {(ACCOUNT, "multi-region-trail"): NOW, (ACCOUNT, "log-delivery"): NOW + 2 * HOUR}
    assert [[f.control for f in a.findings] for a in compare(blind, again.report).still] == [["multi-region-trail"]]


def test_a_failure_that_comes_back_is_new() -> None:
    fixed = kept(kept(None, two(FAIL, PASS)), two(PASS, PASS))
    assert fixed == Kept(two(PASS, PASS), {})
    assert len(compare(fixed, two(FAIL, PASS)).new) == 1


# Failures that are accepted


def accepted(id: str = "1") -> AccountReport:
    owner = Accepted(date(2027, 1, 31), Person("UALICE"), "C-7")
    made = account_report(id)
    return replace(made, findings=tuple(replace(f, accepted=owner) for f in made.findings))


def test_what_fails_as_accepted_is_neither_new_nor_still_failing_nor_a_pass() -> None:
    for before in (None, kept(None, report(account_report("1"))), kept(None, report(accepted()))):
        found = compare(before, report(accepted()))
        assert [a.account.id for a in found.accepted] == ["1"]
        assert (found.new, found.still, found.fixed, found.unreadable) == ((), (), (), ())
    assert score(report(accepted())) == 0


def test_an_exception_that_is_over_makes_its_failure_new_and_a_repair_makes_it_fixed() -> None:
    before = kept(None, report(accepted()))
    assert [a.account.id for a in compare(before, report(account_report("1"))).new] == ["1"]
    assert [a.account.id for a in compare(before, report(account_report("1", Verdict.PASS))).fixed] == ["1"]


# What can no longer be seen


@pytest.mark.parametrize(("was", "lost"), [(PASS, 1), (FAIL, 1), (UNKNOWN, 0)])
def test_what_can_no_longer_be_judged_is_told_from_what_never_could(was: Verdict, lost: int) -> None:
    found = compare(kept(None, report(account_report(verdict=was))), report(account_report(verdict=UNKNOWN)))
    assert len(found.lost) == lost
    assert not found.changed


def test_in_a_first_digest_nothing_is_lost() -> None:
    assert compare(None, report(account_report(verdict=UNKNOWN))).lost == ()


def test_a_failure_of_an_account_that_could_not_be_listed_keeps_its_age() -> None:
    first = kept(None, report(account_report("1"), account_report("2")))
    broken_off = kept(first, report(account_report("1"), complete=False, started=NOW + HOUR))
    assert broken_off.since == first.since
    again = report(account_report("1"), account_report("2"), started=NOW + 2 * HOUR)
    assert compare(broken_off, again).new == ()
    assert kept(first, report(account_report("1"))).since == {("1", "multi-region-trail"): NOW}


def test_another_profile_fixes_nothing() -> None:
    before = kept(None, report(account_report(), profile=Profile.SECURITY_HUB))
    assert compare(before, report(account_report(verdict=PASS))).fixed == ()
