"""A digest now, on time through APScheduler, and after a restart."""

from datetime import UTC, datetime, timedelta

from bot.adapters.db.engine import connect
from bot.adapters.db.history import HistoryTable
from bot.adapters.db.subscriptions import SubscriptionsTable
from bot.domain.digest import kept
from bot.playground.command import environment
from bot.playground.slack import DEFAULT_SETUP, Message
from tests.builders import account_report, report
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
    soon = datetime.now(UTC) + timedelta(hours=9)
    with stage.bot():
        stage.types(stage.alice, f"digest {soon:%H:%M} UTC")
        assert f"{soon:%H:%M} UTC" in stage.told(stage.alice, "This channel gets a digest")
    known = len(digests(stage))
    with stage.bot():
        stage.types(stage.carol, "digest")
        assert f"{soon:%H:%M} UTC" in stage.told(stage.carol, "This channel gets 1 digest")
        stage.clock.move_to(soon)
        stage.until(lambda: len(digests(stage)) > known or None)
        stage.types(stage.alice, "digest off")
        stage.told(stage.alice, "no more digests")
    assert len(digests(stage)) == known + 1


def test_a_channel_has_two_digests_that_are_listed_changed_and_ended(stage: Stage) -> None:
    stage.types(stage.alice, "digest 09:00 Europe/Paris weekdays")
    stage.told(stage.alice, "This channel gets a digest at 09:00 Europe/Paris on weekdays")
    stage.types(stage.bob, "digest mondays 08:30 UTC ou:Prod only changes")
    stage.told(stage.bob, "08:30 UTC on Mondays, of ou:Prod, only changes")
    stage.types(stage.carol, "digest")
    told = lambda: (m for m in stage.carol.ephemerals(CHANNEL) if "This channel gets 2 digests." in m.text)  # noqa: E731 - read anew
    listed = stage.until(lambda: next(told(), None))

    first = next(value for id, value, _ in listed.buttons() if id == "digest_change")
    stage.carol.clicks(listed, "digest_change", first)
    form = stage.modal(stage.carol, "digest_form")
    assert "Europe/Paris" in form.all_text()
    assert not stage.carol.submits({"time": "10:15", "rhythm": "hourly"}).errors
    stage.told(stage.carol, "Changed: this channel gets a digest every hour at :15")
    stage.types(stage.alice, "digest off all")
    stage.told(stage.alice, "this channel gets no more digests")
    ended = stage.until(lambda: next(iter(in_the_channel(stage, "(every hour at :15), D-")), None))
    assert ended.text.startswith(f"<@{stage.alice.person.id}> ended D-")
    (changed,) = in_the_channel(stage, "gets a digest every hour at :15, instead of 09:00 Europe/Paris on weekdays.")
    assert changed.text.startswith(f"<@{stage.carol.person.id}> changed D-")


def in_the_channel(stage: Stage, words: str) -> list[Message]:
    return [m for m in stage.slack.messages(CHANNEL) if words in m.text]


def test_a_digest_of_accounts_that_nobody_knows_is_not_taken(stage: Stage) -> None:
    stage.types(stage.alice, "digest 09:00 UTC prod-paymets")
    assert "Did you mean prod-payments?" in stage.told(stage.alice, "No account in scope is called prod-paymets")


def test_a_digest_has_the_way_of_its_score_as_a_picture_in_its_thread_once_a_week(stage: Stage) -> None:
    stage.types(stage.alice, "digest 09:00 UTC")
    stage.told(stage.alice, "This channel gets a digest at 09:00 UTC every day")
    _remember_a_digest_of(stage, datetime.now(UTC) - timedelta(weeks=8))
    known = {m.ts for m in stage.slack.messages(CHANNEL)}
    stage.types(stage.alice, "digest now")
    pictures = lambda: [m for m in stage.slack.messages(CHANNEL) if m.ts not in known and "over the last 12" in m.text]  # noqa: E731 - read anew
    picture = stage.until(lambda: next(iter(pictures()), None))
    assert stage.slack.message(CHANNEL, str(picture.thread_ts)) in digests(stage)
    assert [block["type"] for block in picture.blocks] == ["image"], "and not its words alone"
    assert "from 0 % in the week of" in picture.blocks[0]["alt_text"]
    assert stage.slack.files(CHANNEL)[-1].is_image
    before = len(digests(stage))
    stage.types(stage.alice, "digest now")
    stage.until(lambda: len(digests(stage)) > before or None)
    stage.types(stage.alice, "digest off all")
    stage.told(stage.alice, "this channel gets no more digests")
    assert len(pictures()) == 1


def _remember_a_digest_of(stage: Stage, at: datetime) -> None:
    engine = connect(environment(stage.slack, stage.aws.environment(), stage.folder)["DATABASE_URL"])
    (subscription,) = SubscriptionsTable(engine, DEFAULT_SETUP.team_id).of(CHANNEL)
    HistoryTable(engine, DEFAULT_SETUP.team_id).add(
        CHANNEL, subscription.id, "long ago", kept(None, report(account_report())), at
    )
    engine.dispose()
