"""Days, nights and clock changes pass over two replicas: each digest comes once, and nothing is silent."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.playground.aws import RunningAws
from bot.playground.slack import Message
from tests.stories.conftest import set_up
from tests.stories.stage import CHANNEL, Stage

PARIS = ZoneInfo("Europe/Paris")
API = "901234567890"


@pytest.fixture
def stage(aws: RunningAws, tmp_path: Path) -> Iterator[Stage]:
    """A workspace and a clock for each story: time does not go back."""
    with set_up(aws, tmp_path) as made:
        yield made


@pytest.fixture
def both(stage: Stage, postgres_url: str) -> Iterator[Stage]:
    """Two replicas on one database."""
    with ExitStack() as running:
        for _ in range(2):
            running.enter_context(stage.bot(DATABASE_URL=postgres_url))
        stage.until(lambda: stage.log().count("is connected to Slack") == 2)
        yield stage


def digests(stage: Stage) -> list[Message]:
    return [m for m in stage.slack.messages(CHANNEL) if "digest:" in m.text]


def nth_digest(stage: Stage, count: int) -> Message:
    """The newest one, once there are so many. That there are no more is for the next of them to show."""
    stage.until(lambda: len(digests(stage)) >= count or None)
    assert len(digests(stage)) == count
    return digests(stage)[-1]


def paris(day: str, time: str) -> datetime:
    return datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=PARIS)


def subscribe(stage: Stage, words: str) -> None:
    stage.types(stage.alice, f"digest {words}")
    stage.told(stage.alice, "This channel gets a digest")


def test_each_morning_has_one_digest_and_what_is_open_grows_older(both: Stage) -> None:
    stage = both
    stage.clock.move_to(paris("2027-01-11", "08:00:00"))
    subscribe(stage, "09:00 Europe/Paris")
    stage.clock.move_to(paris("2027-01-11", "09:00:00"))
    assert "since the last digest" not in nth_digest(stage, 1).all_text()
    stage.clock.move_to(paris("2027-01-12", "09:00:00"))
    assert "Nothing changed since the last digest" in nth_digest(stage, 2).all_text()

    stage.aws.client(API, "cloudtrail").stop_logging(Name="api-trail")
    stage.clock.move_to(paris("2027-01-13", "09:00:00"))
    third = nth_digest(stage, 3).all_text()
    assert "1 new, 0 fixed" in third
    assert "Trail api-trail was stopped by arn:aws:iam::901234567890:user/administrator" in third
    assert "prod-ledger (567890123456): Trail ledger-trail (eu-central-1) is not logging. · _2 days_" in third
    assert not re.search("late|missed", third)


def test_an_hour_that_the_clocks_skip_or_show_twice_has_one_digest(both: Stage) -> None:
    stage = both
    stage.clock.move_to(paris("2027-03-27", "12:00:00"))
    subscribe(stage, "02:30 Europe/Paris")
    stage.clock.move_to(paris("2027-03-28", "03:30:00"))  # 02:30 is not there on this day
    nth_digest(stage, 1)
    stage.clock.move_to(paris("2027-03-29", "02:30:00"))
    assert "missed" not in nth_digest(stage, 2).all_text()

    stage.clock.move_to(datetime(2027, 10, 31, 0, 30, tzinfo=UTC))  # 02:30, for the first time
    assert "31 digests were missed" in nth_digest(stage, 3).all_text()  # nobody asks further back
    stage.clock.move_to(datetime(2027, 10, 31, 1, 30, tzinfo=UTC))  # and again
    stage.clock.move_to(paris("2027-11-01", "02:30:00"))
    assert "missed" not in nth_digest(stage, 4).all_text()


def test_a_bot_that_was_away_is_late_or_tells_what_was_missed(stage: Stage) -> None:
    stage.clock.move_to(paris("2028-02-27", "08:00:00"))
    with stage.bot():
        subscribe(stage, "09:00 Europe/Paris")
        stage.clock.move_to(paris("2028-02-27", "09:00:00"))
        nth_digest(stage, 1)
    stage.clock.move_to(paris("2028-02-28", "10:30:00"))
    with stage.bot():
        assert "This digest is late" in nth_digest(stage, 2).all_text()
    stage.clock.move_to(paris("2028-03-02", "20:00:00"))
    with stage.bot():
        stage.clock.move_to(paris("2028-03-03", "09:00:00"))
        assert "3 digests were missed" in nth_digest(stage, 3).all_text()  # the leap day's is one of them
