"""When a digest is due, also on the two days when the clocks change, and what is new in it."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.digest import Subscription, compare, score
from bot.domain.finding import Accepted, AccountReport, Report, Verdict
from bot.domain.refusal import Person
from tests.builders import account_report, report

PASS, FAIL, UNKNOWN = Verdict.PASS, Verdict.FAIL, Verdict.UNKNOWN
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def at(clock: str, zone: str = "Europe/Paris", weekdays: bool = False, since: datetime = LONG_AGO) -> Subscription:
    return Subscription("C1", time.fromisoformat(clock), zone, weekdays, "U1", since)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


NEXT = [
    ("later today", at("09:00"), "2026-11-23T07:59", "2026-11-23T08:00"),
    ("exactly now is not next", at("09:00"), "2026-11-23T08:00", "2026-11-24T08:00"),
    ("in summer an hour earlier", at("09:00"), "2026-07-01T06:59", "2026-07-01T07:00"),
    ("the night the clocks go forward", at("09:00"), "2026-03-28T10:00", "2026-03-29T07:00"),
    ("the night they go back", at("09:00"), "2026-10-24T10:00", "2026-10-25T08:00"),
    ("02:30 that does not exist is 03:30", at("02:30"), "2026-03-29T00:00", "2026-03-29T01:30"),
    ("the day after it exists again", at("02:30"), "2026-03-29T01:30", "2026-03-30T00:30"),
    ("02:30 that comes twice is the first", at("02:30"), "2026-10-25T00:00", "2026-10-25T00:30"),
    ("and not the second too", at("02:30"), "2026-10-25T00:30", "2026-10-26T01:30"),
    ("Friday evening to Monday", at("09:00", weekdays=True), "2026-11-20T12:00", "2026-11-23T08:00"),
    ("Saturday to Monday", at("09:00", weekdays=True), "2026-11-21T00:00", "2026-11-23T08:00"),
    (
        "the weekday is the zone's",
        at("08:00", "Pacific/Auckland", weekdays=True),
        "2026-11-22T00:00",
        "2026-11-22T19:00",
    ),
    ("midnight", at("00:00"), "2026-11-22T22:59", "2026-11-22T23:00"),
    ("far west", at("23:30", "America/Los_Angeles"), "2026-11-23T07:29", "2026-11-23T07:30"),
]


@pytest.mark.parametrize(("when", "now", "due"), [n[1:] for n in NEXT], ids=[n[0] for n in NEXT])
def test_the_next_digest_is_due(when: Subscription, now: str, due: str) -> None:
    assert when.next_after(utc(now)).astimezone(UTC) == utc(due)


LAST = [
    ("this morning", at("09:00"), "2026-11-23T12:00", "2026-11-23T08:00"),
    ("exactly now", at("09:00"), "2026-11-23T08:00", "2026-11-23T08:00"),
    ("not yet today", at("09:00"), "2026-11-23T07:59", "2026-11-22T08:00"),
    ("on Sunday it was Friday's", at("09:00", weekdays=True), "2026-11-22T12:00", "2026-11-20T08:00"),
    ("02:30 that did not exist", at("02:30"), "2026-03-29T05:00", "2026-03-29T01:30"),
    ("02:30 that came twice", at("02:30"), "2026-10-25T05:00", "2026-10-25T00:30"),
    ("between the two of them", at("02:30"), "2026-10-25T01:00", "2026-10-25T00:30"),
]


@pytest.mark.parametrize(("when", "now", "due"), [row[1:] for row in LAST], ids=[row[0] for row in LAST])
def test_the_last_digest_was_due(when: Subscription, now: str, due: str) -> None:
    found = when.last_before(utc(now))
    assert found is not None
    assert found.astimezone(UTC) == utc(due)


def test_a_digest_before_the_subscription_was_made_is_not_missed() -> None:
    made_at_noon = at("09:00", since=utc("2026-11-23T12:00"))
    assert made_at_noon.last_before(utc("2026-11-23T23:00")) is None
    assert made_at_noon.last_before(utc("2026-11-24T09:00")) == utc("2026-11-24T08:00")


moments = st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))
subscriptions = st.builds(
    at,
    st.times().map(lambda t: t.strftime("%H:%M")),
    st.sampled_from(["Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC"]),
    st.booleans(),
)


@given(subscriptions, moments)
def test_between_last_and_next_lies_now_and_no_other_digest(when: Subscription, now: datetime) -> None:
    last, following = when.last_before(now), when.next_after(now)
    assert last is not None
    assert last <= now < following
    assert when.next_after(last.astimezone(UTC)) == following
    assert following - last <= timedelta(days=3, hours=1)


@given(subscriptions, moments)
def test_each_day_has_at_most_one_digest(when: Subscription, now: datetime) -> None:
    first = when.next_after(now)
    second = when.next_after(first.astimezone(UTC))
    assert first.date() < second.date()


@pytest.mark.parametrize(
    ("when", "words"),
    [(at("09:00", weekdays=True), "09:00 Europe/Paris on weekdays"), (at("07:05", "UTC"), "07:05 UTC, every day")],
)
def test_a_subscription_can_be_said(when: Subscription, words: str) -> None:
    assert when.words == words


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
    before = None if was is None else report(account_report(verdict=was))
    found = compare(before, report(account_report(verdict=is_now)))
    places = {name: len(getattr(found, name)) for name in ("new", "fixed", "still", "unreadable")}
    assert places == {name: int(name == where) for name in places}
    assert found.changed is (where in ("new", "fixed"))


def test_an_account_that_left_the_scope_is_not_called_fixed() -> None:
    found = compare(report(account_report("222233334444")), report())
    assert (found.fixed, found.changed) == ((), False)


@pytest.mark.parametrize(
    ("verdicts", "percent"),
    [((PASS, PASS), 100), ((PASS, FAIL, PASS), 66), ((UNKNOWN,), 0), ((), 0), ((PASS,) * 199 + (FAIL,), 99)],
    ids=["all", "two of three", "unknown is not passed", "nothing", "all but one is not all"],
)
def test_the_score_is_rounded_down(verdicts: tuple[Verdict, ...], percent: int) -> None:
    made: Report = report(*[account_report(f"{n:012}", v) for n, v in enumerate(verdicts)])
    assert score(made) == percent


# Failures that are accepted


def accepted(id: str = "1") -> AccountReport:
    owner = Accepted(date(2027, 1, 31), Person("UALICE"), "C-7")
    made = account_report(id)
    return replace(made, findings=tuple(replace(f, accepted=owner) for f in made.findings))


def test_what_fails_as_accepted_is_neither_new_nor_still_failing_nor_a_pass() -> None:
    for before in (None, report(account_report("1")), report(accepted())):
        found = compare(before, report(accepted()))
        assert [a.account.id for a in found.accepted] == ["1"]
        assert (found.new, found.still, found.fixed, found.unreadable) == ((), (), (), ())
    assert score(report(accepted())) == 0


def test_an_exception_that_is_over_makes_its_failure_new_and_a_repair_makes_it_fixed() -> None:
    before = report(accepted())
    assert [a.account.id for a in compare(before, report(account_report("1"))).new] == ["1"]
    assert [a.account.id for a in compare(before, report(account_report("1", Verdict.PASS))).fixed] == ["1"]
