"""When a digest is due, also on the two days when the clocks change."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.subscription import RHYTHMS, Rhythm, Subscription

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def at(clock: str, zone: str = "Europe/Paris", rhythm: Rhythm = "daily", since: datetime = LONG_AGO) -> Subscription:
    return Subscription("C1", time.fromisoformat(clock), zone, "U1", since, rhythm)


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
    ("Friday evening to Monday", at("09:00", rhythm="weekdays"), "2026-11-20T12:00", "2026-11-23T08:00"),
    ("Saturday to Monday", at("09:00", rhythm="weekdays"), "2026-11-21T00:00", "2026-11-23T08:00"),
    (
        "the weekday is the zone's",
        at("08:00", "Pacific/Auckland", "weekdays"),
        "2026-11-22T00:00",
        "2026-11-22T19:00",
    ),
    ("midnight", at("00:00"), "2026-11-22T22:59", "2026-11-22T23:00"),
    ("Mondays, on a Monday evening", at("08:30", rhythm="mondays"), "2026-11-23T12:00", "2026-11-30T07:30"),
    ("Sundays", at("08:30", rhythm="sundays"), "2026-11-23T12:00", "2026-11-29T07:30"),
    ("a leap day", at("09:00", "UTC", "tuesdays"), "2028-02-28T12:00", "2028-02-29T09:00"),
    ("a zone that gave up a day", at("09:00", "Pacific/Apia"), "2011-12-29T19:00", "2011-12-30T19:00"),
    ("the next hour", at("00:15", "UTC", "hourly"), "2026-11-23T07:15", "2026-11-23T08:15"),
    ("an hour that comes twice is two hours", at("00:00", "UTC", "hourly"), "2026-10-25T00:30", "2026-10-25T01:00"),
    ("far west", at("23:30", "America/Los_Angeles"), "2026-11-23T07:29", "2026-11-23T07:30"),
]


@pytest.mark.parametrize(("when", "now", "due"), [n[1:] for n in NEXT], ids=[n[0] for n in NEXT])
def test_the_next_digest_is_due(when: Subscription, now: str, due: str) -> None:
    assert when.next_after(utc(now)).astimezone(UTC) == utc(due)


LAST = [
    ("this morning", at("09:00"), "2026-11-23T12:00", "2026-11-23T08:00"),
    ("exactly now", at("09:00"), "2026-11-23T08:00", "2026-11-23T08:00"),
    ("not yet today", at("09:00"), "2026-11-23T07:59", "2026-11-22T08:00"),
    ("on Sunday it was Friday's", at("09:00", rhythm="weekdays"), "2026-11-22T12:00", "2026-11-20T08:00"),
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
    st.sampled_from([r for r in RHYTHMS if r != "hourly"]),
)
hourly = st.builds(at, st.times().map(lambda t: t.strftime("%H:%M")), st.just("UTC"), st.just("hourly"))


@given(subscriptions | hourly, moments)
def test_between_last_and_next_lies_now_and_no_other_digest(when: Subscription, now: datetime) -> None:
    last, following = when.last_before(now), when.next_after(now)
    assert last is not None
    assert last <= now < following
    assert when.next_after(last.astimezone(UTC)) == following
    assert following - last <= timedelta(days=7, hours=1)


@given(subscriptions, moments)
def test_each_day_has_at_most_one_digest(when: Subscription, now: datetime) -> None:
    first = when.next_after(now)
    second = when.next_after(first.astimezone(UTC))
    assert first.date() < second.date()


@given(subscriptions | hourly, moments)
def test_a_fire_and_its_slot_are_one(when: Subscription, now: datetime) -> None:
    fire = when.next_after(now)
    assert when.due(when.slot(fire)).astimezone(UTC) == fire.astimezone(UTC)
    assert when.slot(fire) != when.slot(when.next_after(fire.astimezone(UTC)))


@given(subscriptions | hourly, moments)
def test_the_next_three_follow_each_other(when: Subscription, now: datetime) -> None:
    runs = when.next_three(now)
    assert len(runs) == 3
    assert list(runs) == [when.next_after(m.astimezone(UTC)) for m in (now, runs[0], runs[1])]


def test_what_was_due_before_is_told_back_to_its_beginning_and_a_month_at_most() -> None:
    fires = at("09:00", since=utc("2026-11-20T12:00")).fires_before(utc("2026-11-23T12:00"))
    days = ["2026-11-23T08:00", "2026-11-22T08:00", "2026-11-21T08:00"]
    assert [f.astimezone(UTC) for f in fires] == [utc(day) for day in days]
    assert len(list(at("09:00").fires_before(utc("2026-11-23T12:00")))) == 31


WORDS = [
    (at("09:00", rhythm="weekdays"), "09:00 Europe/Paris on weekdays"),
    (at("07:05", "UTC"), "07:05 UTC every day"),
    (at("08:30", "UTC", "mondays"), "08:30 UTC on Mondays"),
    (at("00:05", "UTC", "hourly"), "every hour at :05"),
    (
        replace(at("07:05", "UTC"), scope=("ou:Prod", "web"), controls=("log-delivery",), only_changes=True),
        "07:05 UTC every day, of ou:Prod web, by log-delivery, only changes",
    ),
]


@pytest.mark.parametrize(("when", "words"), WORDS)
def test_a_subscription_can_be_said(when: Subscription, words: str) -> None:
    assert when.words == words


def test_two_of_the_same_accounts_and_controls_are_of_the_same_whatever_their_order() -> None:
    assert replace(at("09:00"), scope=("a", "b")).is_of == replace(at("10:00"), scope=("b", "a")).is_of
    assert at("09:00").is_of != replace(at("09:00"), controls=("log-delivery",)).is_of


def test_a_slot_keeps_its_time_when_the_digest_gets_another_one() -> None:
    nine = at("09:00")
    slot = nine.slot(utc("2026-11-23T08:00"))
    assert slot == "2026-11-23T0900"
    assert replace(nine, at=time(10)).due(slot).astimezone(UTC) == utc("2026-11-23T08:00")
    assert nine.due("2026-11-23").astimezone(UTC) == utc("2026-11-23T08:00"), "as an earlier release named it"
