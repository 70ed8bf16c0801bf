"""What may be asked for: an account, perhaps a control, a day within a year, and a reason; else an example of it."""

import re
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.acceptance import LONGEST_REASON, Wanted, agreed
from bot.domain.refusal import Refused
from tests.builders import ACCOUNT, acceptance

TODAY = date(2026, 11, 23)
WHY = "the account is closed by then"


def wanted(until: str = "2027-01-31", reason: str = WHY, named: tuple[str, ...] = (ACCOUNT,)) -> Wanted:
    return Wanted(named, until, reason)


def test_a_day_and_a_reason_are_agreed() -> None:
    assert agreed(wanted(), TODAY) == (date(2027, 1, 31), WHY)


@pytest.mark.parametrize(
    ("until", "today"),
    [
        ("2026-11-23", TODAY),
        ("2027-11-23", TODAY),
        ("2029-02-28", date(2028, 2, 29)),
        ("2028-02-29", date(2028, 2, 28)),
    ],
    ids=["today", "in a year", "a year after the 29th of February", "the 29th of February"],
)
def test_a_day_within_a_year_will_do(until: str, today: date) -> None:
    assert str(agreed(wanted(until), today)[0]) == until


BAD = {
    "no account": (wanted(named=()), "Name one account"),
    "three names": (wanted(named=(ACCOUNT, "log-delivery", "prod")), "Name one account"),
    "no end": (wanted(""), "Say until when: an exception has an end."),
    "for ever": (wanted("forever"), "forever is no date"),
    "a date the other way round": (wanted("31.01.2027"), "31.01.2027 is no date"),
    "a week": (wanted("2027-W04-7"), "2027-W04-7 is no date"),
    "without dashes": (wanted("20270131"), "20270131 is no date"),
    "digits of another script": (wanted("٢٠٢٧-01-31"), "is no date"),
    "more than a date": (wanted("2027-01-31 or later"), "2027-01-31 or later is no date"),
    "a day that there is not": (wanted("2027-02-30"), "There is no day 2027-02-30."),
    "no leap year": (wanted("2027-02-29"), "There is no day 2027-02-29."),
    "the year nought": (wanted("0000-01-01"), "There is no day 0000-01-01."),
    "yesterday": (wanted("2026-11-22"), "2026-11-22 is over."),
    "a day more than a year": (wanted("2027-11-24"), "more than a year away; 2027-11-23 is the last day"),
    "the last day of all": (wanted("9999-12-31"), "more than a year away"),
    "no reason": (wanted(reason=""), "Say why, after the word because"),
    "one letter": (wanted(reason="x"), "Say why in a few words"),
    "two letters": (wanted(reason="ok"), "Say why in a few words"),
    "marks alone": (wanted(reason="..........."), "Say why in a few words"),
    "a novel": (wanted(reason="x" * (LONGEST_REASON + 1)), "Say why in at most 500 characters."),
}


@pytest.mark.parametrize(("asked", "problem"), BAD.values(), ids=BAD)
def test_what_is_wrong_is_said_with_an_example_that_would_do(asked: Wanted, problem: str) -> None:
    with pytest.raises(Refused) as refusal:
        agreed(asked, TODAY)
    said = str(refusal.value)
    assert problem in said
    assert_example_will_do(said)


def assert_example_will_do(said: str) -> None:
    (words,) = re.findall(r"`/trail-audit accept ([^`]*)`", said)
    before, until, reason = re.split(" until | because ", words)
    assert agreed(Wanted(tuple(before.split()), until, reason), TODAY) == (date(2027, 2, 21), WHY)


def test_the_example_has_the_names_that_were_typed_unless_they_are_none() -> None:
    for named, shown in (
        ((ACCOUNT, "LOG-delivery"), f"accept {ACCOUNT} log-delivery until"),
        (("`*<!here>",), f"accept {ACCOUNT} until"),
    ):
        with pytest.raises(Refused, match=re.escape(shown)):
            agreed(wanted("", named=named), TODAY)


@given(st.text(), st.text(), st.lists(st.text(max_size=80), max_size=4))
def test_whatever_is_typed_is_agreed_or_refused(until: str, reason: str, named: list[str]) -> None:
    try:
        day, _ = agreed(Wanted(tuple(named), until, reason), TODAY)
    except Refused:
        return
    assert TODAY <= day <= date(2027, 11, 23)


def test_an_exception_ends_with_its_last_day_in_utc() -> None:
    assert acceptance().ends_at == datetime(2027, 2, 1, tzinfo=UTC)
