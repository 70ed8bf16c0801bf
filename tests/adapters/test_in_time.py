"""Who asks a database that is away waits a moment, whatever the database does."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy.exc import OperationalError

from bot.adapters.in_time import InTime
from tests.waiting import until

PATIENCE = 20


def test_an_answer_is_given_anew_each_time() -> None:
    answers = iter(range(3))
    ask = InTime(lambda: next(answers))
    assert [ask(), ask(), ask()] == [0, 1, 2]


def test_no_answer_of_the_database_is_none() -> None:
    def away() -> int:
        raise OperationalError("SELECT 1", {}, Exception("connection refused"))

    assert InTime(away)() is None


def test_one_that_takes_too_long_is_none_and_nobody_asks_a_second_time_meanwhile() -> None:
    held, asked = threading.Event(), []

    def slow() -> str:
        asked.append(1)
        held.wait(PATIENCE)
        return "late"

    ask = InTime(slow, seconds=0.05)
    begun = time.monotonic()
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(lambda _: ask(), range(8))) == {None}
    assert time.monotonic() - begun < PATIENCE / 2
    assert len(asked) == 1
    held.set()
    until(lambda: ask() == "late")


def test_a_defect_is_none_and_does_not_stay() -> None:
    tries = iter([ZeroDivisionError("ours"), None])

    def broken_once() -> str:
        if error := next(tries):
            raise error
        return "well"

    ask = InTime(broken_once)
    said, threading.excepthook = threading.excepthook, lambda _: None
    try:
        assert ask() is None
    finally:
        threading.excepthook = said
    assert ask() == "well"
