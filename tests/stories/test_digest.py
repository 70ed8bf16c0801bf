"""A digest now, on time through APScheduler, and after a restart."""

from datetime import UTC, datetime, timedelta

from bot.playground.slack import Message
from tests.stories.stage import CHANNEL, Stage


def digests(stage: Stage) -> list[Message]:
    return [m for m in stage.slack.messages(CHANNEL) if "digest:" in m.text]


def test_a_digest_comes_now_and_says_when_nothing_changed(stage: Stage) -> None:
    stage.types(stage.alice, "digest now")
    first = stage.until(lambda: digests(stage)[0] if digests(stage) else None)
    assert "prod-payments" in first.all_text()
    assert "Could not be judged" in first.all_text()
    stage.types(stage.alice, "digest now")
    second = stage.until(lambda: digests(stage)[1] if len(digests(stage)) > 1 else None)
    assert "Nothing changed since the last digest" in second.all_text()


def test_a_scheduled_digest_survives_a_restart_and_comes_on_time_once(empty_stage: Stage) -> None:
    stage = empty_stage
    soon = datetime.now(UTC) + timedelta(seconds=90)
    with stage.bot():
        stage.types(stage.alice, f"digest {soon:%H:%M} UTC")
        assert f"{soon:%H:%M} UTC" in stage.told(stage.alice, "This channel gets a digest")
    known = len(digests(stage))
    with stage.bot():
        stage.types(stage.carol, "digest")
        assert f"{soon:%H:%M} UTC" in stage.told(stage.carol, "This channel gets a digest")
        stage.slack.wait_for(lambda: len(digests(stage)) > known or None, timeout=120)
        stage.types(stage.alice, "digest off")
        stage.told(stage.alice, "no more digests")
    assert len(digests(stage)) == known + 1
