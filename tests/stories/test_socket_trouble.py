"""The websocket breaks, or brings a payload twice, while people click: one outcome, and a way to it."""

import threading

from tests.stories.stage import CHANNEL, Stage, change_id

PAYMENTS, LEDGER = "111122223333", "567890123456"


def test_a_click_that_is_delivered_twice_is_one_approval(stage: Stage) -> None:
    card = stage.proposal(lambda: stage.types(stage.alice, "fix prod-payments"))
    stage.slack.deliver_twice()
    stage.bob.clicks(card, "approve")
    stage.becomes(card, "VERIFIED")
    assert stage.writes(PAYMENTS) == ["UpdateTrail"]


def test_a_socket_that_breaks_under_a_click_costs_a_second_click_at_most(stage: Stage) -> None:
    card = stage.proposal(lambda: stage.types(stage.alice, "fix prod-ledger"))
    clicking = threading.Thread(target=lambda: stage.bob.clicks(card, "approve"))
    clicking.start()
    stage.slack.drop_sockets()
    clicking.join()
    stage.until(lambda: stage.slack.connected() or None)
    if "APPROVAL NEEDED" in stage.now(card).text:
        stage.bob.clicks(stage.now(card), "approve")
    stage.becomes(card, "VERIFIED")
    assert stage.writes(LEDGER) == ["StartLogging"]
    stage.types(stage.alice, f"change {change_id(card)}")
    assert stage.told(stage.alice, change_id(card)).count("approved") >= 1


def test_a_socket_that_slack_renews_is_replaced(stage: Stage) -> None:
    stage.slack.ask_to_reconnect()
    stage.until(lambda: stage.alice.types(CHANNEL, "/trail-audit changes").acked or None)
    assert stage.alice.types(CHANNEL, "/trail-audit changes").acked
