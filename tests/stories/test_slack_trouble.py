"""Slack answers slowly, wrongly or not at all, and the process dies in the middle: each message is there once."""

import pytest

from bot.playground.slack import Message
from bot.playground.slack.web_api import Call
from tests.stories.stage import CHANNEL, Stage, change_id

POST, UPDATE = "chat.postMessage", "chat.update"


def cards(stage: Stage, card: Message) -> list[Message]:
    """Every message about this card's change."""
    return [m for m in stage.slack.messages(CHANNEL) if m.text.startswith(f"{change_id(card)} ")]


def searches(stage: Stage) -> list[Call]:
    return [c for c in stage.slack.calls if c.method == "conversations.history"]


@pytest.mark.parametrize(("account", "fault"), [("prod-payments", "http_500"), ("prod-ledger", "no_answer")])
def test_a_card_whose_answer_was_lost_is_not_posted_again(empty_stage: Stage, account: str, fault: str) -> None:
    stage = empty_stage
    with stage.bot():
        stage.slack.set_fault(POST, fault, carried_out=True)
        card = stage.proposal(lambda: stage.types(stage.alice, f"fix {account}"))
        stage.bob.clicks(card, "approve")
        stage.becomes(card, "VERIFIED")
    assert searches(stage)
    assert len(cards(stage, card)) == 1


def test_a_card_that_slack_was_slow_to_accept_is_known_after_a_kill(empty_stage: Stage) -> None:
    stage = empty_stage
    before = len(searches(stage))
    stage.slack.slow_down(POST, seconds=10)
    bot = stage.started()
    card = stage.proposal(lambda: stage.types(stage.alice, "fix dev-tools"))
    bot.kill()
    bot.join()
    stage.until(lambda: None if stage.slack.connected() else True)
    with stage.bot():
        stage.bob.clicks(card, "approve")
        stage.becomes(card, "VERIFIED")
    assert len(searches(stage)) > before
    assert len(cards(stage, card)) == 1


def test_a_card_that_missed_its_repaint_is_painted_at_the_next_start(empty_stage: Stage) -> None:
    stage = empty_stage
    bot = stage.started()
    card = stage.proposal(lambda: stage.types(stage.alice, "fix 654321098765"))
    stage.slack.set_fault(UPDATE, "http_500", times=1_000)
    stage.bob.clicks(card, "approve")
    stage.until(lambda: stage.writes("654321098765") or None)
    bot.kill()
    bot.join()
    stage.until(lambda: None if stage.slack.connected() else True)
    assert "APPROVAL NEEDED" in stage.now(card).text
    stage.slack.clear_faults()
    with stage.bot():
        stage.becomes(card, "VERIFIED")


def test_a_channel_that_is_too_loud_loses_nothing(empty_stage: Stage) -> None:
    stage = empty_stage
    known = len(stage.slack.messages(CHANNEL))
    with stage.bot():
        stage.slack.set_fault(POST, "ratelimited", retry_after=2)
        for _ in range(8):
            stage.types(stage.alice, "111122223333")
        reports = lambda: [m for m in stage.slack.messages(CHANNEL)[known:] if " Run " in m.text]  # noqa: E731 - anew
        stage.until(lambda: len(reports()) == 8 or None)
    refused = [c for c in stage.slack.calls if c.method == POST and c.response.get("error") == "ratelimited"]
    assert refused
    assert len(stage.slack.messages(CHANNEL)) == known + 8
