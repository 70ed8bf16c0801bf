"""The score week by week: the last of each local ISO week, twelve weeks back."""

from datetime import UTC, date, datetime, timedelta

import pytest

from bot.domain.trend import WEEKS, Week, weekly, words

MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)
WEEK = timedelta(weeks=1)


def test_of_each_week_the_last_score_counts() -> None:
    scores = [(MONDAY - WEEK, 50), (MONDAY - timedelta(hours=10), 60), (MONDAY, 70), (MONDAY + timedelta(days=1), 80)]
    assert weekly(scores, "UTC") == (Week(date(2026, 11, 16), 60), Week(date(2026, 11, 23), 80))


@pytest.mark.parametrize(
    ("zone", "weeks"),
    [("UTC", ["2026-W47", "2026-W48"]), ("America/New_York", []), ("Pacific/Kiritimati", [])],
)
def test_a_week_begins_at_midnight_where_the_digest_is_read(zone: str, weeks: list[str]) -> None:
    midnight = datetime(2026, 11, 23, tzinfo=UTC)
    scores = [(midnight - timedelta(hours=2), 50), (midnight + timedelta(hours=2), 60)]
    assert [w.name for w in weekly(scores, zone)] == weeks


def test_it_goes_twelve_weeks_back_and_a_week_without_a_digest_is_left_out() -> None:
    scores = [(MONDAY - n * WEEK, n) for n in (14, 12, 11, 3, 0)]
    assert [w.score for w in weekly(scores, "UTC")] == [11, 3, 0]
    assert len(weekly([(MONDAY - n * WEEK, n) for n in range(20, -1, -1)], "UTC")) == WEEKS


@pytest.mark.parametrize("scores", [[], [(MONDAY, 5)], [(MONDAY, 5), (MONDAY + timedelta(days=2), 9)]])
def test_one_week_is_no_way(scores: list[tuple[datetime, int]]) -> None:
    assert weekly(scores, "UTC") == ()


def test_a_week_is_named_by_its_iso_year() -> None:
    assert Week(date(2026, 12, 28), 0).name == "2026-W53"
    assert Week(date(2024, 12, 30), 0).name == "2025-W01"


def test_the_words_say_where_it_began_and_where_it_is() -> None:
    weeks = (Week(date(2026, 9, 7), 60), Week(date(2026, 10, 5), 40), Week(date(2026, 11, 23), 80))
    assert words(weeks) == (
        "Score over the last 12 weeks: from 60 % in the week of 7 September 2026 to 80 % now, the lowest 40 %."
    )
