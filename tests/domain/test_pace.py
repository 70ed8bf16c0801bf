"""A token bucket: a minute's worth at once, and no more than that a minute for ever."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.pace import Bucket
from tests.builders import NOW

SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("tokens", "seconds", "a_minute", "wait"),
    [
        (1.0, 0, 20, 0),
        (0.0, 0, 20, 3),
        (0.0, 3, 20, 0),
        (0.0, 1, 20, 2),
        (0.5, 0, 60, 0.5),
        (0.0, 0, 1, 60),
        (0.0, -5, 20, 3),
    ],
)
def test_it_says_how_long_to_wait(tokens: float, seconds: float, a_minute: int, wait: float) -> None:
    filled = Bucket(tokens, NOW).filled(NOW + seconds * SECOND, a_minute)
    assert filled.wait(a_minute).total_seconds() == pytest.approx(wait)


def test_it_never_holds_more_than_a_minutes_worth() -> None:
    assert Bucket(3, NOW).filled(NOW + timedelta(days=1), 20).tokens == 20


@given(st.lists(st.integers(0, 30), max_size=100), st.integers(1, 60))
def test_in_no_minute_are_more_taken_than_two_minutes_worth(pauses: list[int], a_minute: int) -> None:
    bucket, now, taken = Bucket(a_minute, NOW), NOW, []
    for pause in pauses:
        now += pause * SECOND
        bucket = bucket.filled(now, a_minute)
        if not bucket.wait(a_minute):
            bucket = bucket.without_one()
            taken.append(now)
    assert all(sum(t - 60 * SECOND < other <= t for other in taken) <= 2 * a_minute for t in taken)
