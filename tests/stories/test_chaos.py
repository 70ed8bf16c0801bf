"""Each button of Backstage's tab "Chaos", on the real bot: one outcome, and it is told."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import pytest

from bot.playground.backstage.chaos import Chaos
from bot.playground.clock import MovableClock
from bot.playground.command import environment
from bot.playground.process import BotProcess
from bot.playground.slack import Message
from tests.stories.stage import CHANNEL, Stage, change_id

PAYMENTS, LEDGER, API = "111122223333", "567890123456", "901234567890"


class Show(NamedTuple):
    stage: Stage
    chaos: Chaos
    clock: MovableClock


@pytest.fixture(scope="module")
def show(empty_stage: Stage) -> Iterator[Show]:
    """The bot as the playground starts it, and the buttons."""
    stage = empty_stage
    clock = MovableClock(stage.folder / "clock")
    told = environment(stage.slack, stage.aws.environment(), stage.folder)
    bot = BotProcess(told, stage.folder, clock.file)
    stage.until(stage.slack.connected)
    yield Show(stage, Chaos(stage.slack, stage.aws, bot, clock), clock)
    bot.stop()
    clock.stop()


def press(show: Show, deed: str) -> str:
    return show.chaos.deeds[deed]({})


def comes_back(stage: Stage, after: Callable[[], object]) -> None:
    """On a new socket: until the old one is known to be dead, what is sent may be lost, as with Slack."""
    opened = lambda: sum(c.method == "apps.connections.open" for c in stage.slack.calls)  # noqa: E731 - read anew
    before = opened()
    after()
    stage.until(lambda: opened() > before and stage.slack.connected())


def proposed(stage: Stage, account: str) -> Message:
    return stage.proposal(lambda: stage.types(stage.alice, f"fix {account}"))


def test_a_double_click_is_one_approval_and_the_second_click_is_answered(show: Show) -> None:
    card = proposed(show.stage, "dev-api")
    press(show, "double")
    assert show.stage.becomes(card, "VERIFIED").all_text().count("Approved by") == 1
    assert show.stage.writes(API) == ["PutEventSelectors"]
    assert "was already approved" in show.stage.told(show.stage.bob, "already")
    (news,) = [done["since"] for done in show.chaos.shown()["done"]]
    assert f"{change_id(card)} VERIFIED" in news[0]
    assert "Bob Lindqvist was told: C-" in news[1]


def test_of_an_approval_and_a_denial_at_once_one_holds_and_the_other_is_told(show: Show) -> None:
    stage = show.stage
    card = proposed(stage, "dev-tools")
    press(show, "both")
    decided = stage.until(
        lambda: now if any(w in (now := stage.now(card)).text for w in ("VERIFIED:", "DENIED:")) else None
    )
    denied = "DENIED:" in decided.text
    late, word = (stage.bob, "denied") if denied else (stage.carol, "approved")
    stage.told(late, f"{change_id(card)} was already {word}")
    assert bool(stage.writes("210987654321")) is not denied


def test_a_bot_that_is_killed_in_mid_change_goes_on_and_writes_nothing_twice(show: Show) -> None:
    stage = show.stage
    card = proposed(stage, "prod-ledger")
    press(show, "kill")
    assert "killed" in show.chaos.shown()["armed"][0]
    stage.bob.clicks(card, "approve")
    stage.becomes(card, "VERIFIED")
    assert stage.writes(LEDGER) == ["StartLogging"]
    assert show.chaos.shown()["armed"] == []
    assert "killed in mid-change" in show.chaos.shown()["done"][0]["said"]


def test_a_restart_forgets_no_card(show: Show) -> None:
    stage = show.stage
    card = proposed(stage, "654321098765")
    comes_back(stage, lambda: press(show, "restart"))
    stage.bob.clicks(card, "deny")
    stage.modal(stage.bob, "deny_change")
    stage.bob.submits({"reason": "Not now"})
    stage.becomes(card, "DENIED")


def test_a_card_that_slack_refuses_for_a_while_comes_once(show: Show) -> None:
    stage = show.stage
    press(show, "limit")
    assert "5 of chat.postMessage and chat.update" in show.chaos.shown()["armed"][0]
    card = proposed(stage, "prod-payments")
    stage.bob.clicks(card, "approve")
    stage.becomes(card, "VERIFIED")
    assert len([m for m in stage.slack.messages(CHANNEL) if m.text.startswith(f"{change_id(card)} ")]) == 1
    assert show.chaos.shown()["armed"] == []
    limited = [c for c in stage.slack.calls if c.response.get("error") == "ratelimited"]
    assert len(limited) == 5


def test_a_command_that_comes_twice_is_one_report(show: Show) -> None:
    stage = show.stage
    before = len(stage.slack.messages(CHANNEL))
    press(show, "twice")
    stage.audit(stage.alice, "prod-payments")
    assert "next 4" in show.chaos.shown()["armed"][0]
    stage.audit(stage.alice, "dev-api")
    assert [" Run " in m.text for m in stage.slack.messages(CHANNEL)[before:]] == [True, True]


def test_a_bot_whose_websocket_was_dropped_comes_back(show: Show) -> None:
    comes_back(show.stage, lambda: press(show, "drop"))
    assert show.stage.audit(show.stage.alice, "prod-payments")


def test_what_was_armed_can_be_taken_back(show: Show) -> None:
    for deed in ("kill", "limit", "twice"):
        press(show, deed)
    assert len(show.chaos.shown()["armed"]) == 3
    assert "All is well" in press(show, "calm")
    assert show.chaos.shown()["armed"] == []


def test_without_a_card_it_says_how_to_get_one(show: Show) -> None:
    for deed in ("double", "both"):
        with pytest.raises(LookupError, match="As Alice, type"):
            press(show, deed)


def test_tomorrow_at_nine_the_daily_digest_comes_once(show: Show) -> None:
    stage = show.stage
    stage.types(stage.alice, "digest 09:00 UTC")
    stage.told(stage.alice, "This channel gets a digest at 09:00 UTC")
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)
    assert f"{tomorrow:%A}, 09:00 UTC" in press(show, "tomorrow")
    stage.until(lambda: digests(stage) or None)
    stage.audit(stage.alice, "prod-payments")
    assert len(digests(stage)) == 1
    assert datetime.fromtimestamp(float(digests(stage)[0].ts), UTC).date() == tomorrow


def digests(stage: Stage) -> list[Message]:
    return [m for m in stage.slack.messages(CHANNEL) if "digest:" in m.text]
