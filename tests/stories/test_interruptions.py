"""The world changes, time passes, two people click at once, the process is killed: one outcome, and it is told."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.playground.slack import Message
from tests.stories.stage import CHANNEL, Stage

PAYMENTS, LEDGER, API, WEBSITE = "111122223333", "567890123456", "901234567890", "890123456789"


def test_a_change_that_nobody_decides_expires_and_a_late_click_is_told(empty_stage: Stage) -> None:
    stage = empty_stage
    with stage.bot(TRAILWARDEN_APPROVAL_TTL="2s"):
        card = stage.proposal(lambda: stage.types(stage.alice, "fix dev-tools"))
        stage.becomes(card, "EXPIRED")
        stage.bob.clicks(card, "approve")
        assert "/trail-audit fix 210987654321" in stage.told(stage.bob, "was already expired")
    assert stage.writes("210987654321") == []


def test_a_world_that_changed_after_the_card_supersedes_the_change(empty_stage: Stage) -> None:
    stage = empty_stage
    with stage.bot():
        card = stage.proposal(lambda: stage.types(stage.alice, "fix prod-payments"))
        behind = stage.aws.client(PAYMENTS, "cloudtrail")
        behind.stop_logging(Name="payments-trail")
        stage.bob.clicks(card, "approve")
        stage.becomes(card, "SUPERSEDED")
        stage.until(lambda: "proposes what is needed now" in stage.now(card).all_text() or None)
        assert stage.writes(PAYMENTS) == []
        successor = stage.slack.messages(CHANNEL)[-1]
        assert "cloudtrail:StartLogging" in successor.all_text()
        stage.bob.clicks(successor, "approve")
        stage.becomes(successor, "VERIFIED")
    assert stage.writes(PAYMENTS) == ["UpdateTrail", "StartLogging"]


def test_two_clicks_at_once_are_one_approval(empty_stage: Stage) -> None:
    stage = empty_stage
    with stage.bot():
        card = stage.proposal(lambda: stage.types(stage.alice, "fix dev-api"))
        with ThreadPoolExecutor(4) as people:
            list(people.map(lambda who: who.clicks(card, "approve"), [stage.bob, stage.carol, stage.bob, stage.carol]))
        verified = stage.becomes(card, "VERIFIED")
    assert verified.all_text().count("Approved by") == 1
    assert stage.writes(API) == ["PutEventSelectors"]
    late = [t for who in (stage.bob, stage.carol) for t in (m.all_text() for m in who.ephemerals(CHANNEL))]
    assert sum("was already approved" in t for t in late) == 3


def test_a_lost_answer_leads_to_a_read_and_not_to_a_second_write(empty_stage: Stage) -> None:
    stage = empty_stage
    stage.aws.lose_answer(LEDGER, "cloudtrail:StartLogging")
    with stage.bot():
        card = stage.proposal(lambda: stage.types(stage.alice, "fix prod-ledger"))
        stage.bob.clicks(card, "approve")
        stage.becomes(card, "VERIFIED")
    assert [c.operation for c in stage.aws.calls() if c.operation == "StartLogging" and c.account_id == LEDGER] == [
        "StartLogging"
    ]


def test_a_step_that_aws_refuses_stops_the_plan_and_says_what_is_done(empty_stage: Stage) -> None:
    stage = empty_stage
    stage.aws.deny("654321098765", "cloudtrail:UpdateTrail")
    with stage.bot():
        card = stage.proposal(lambda: stage.types(stage.alice, "fix 654321098765"))
        stage.bob.clicks(card, "approve")
        failed = stage.becomes(card, "FAILED")
    assert "The change role lacks a permission" in failed.all_text()


@pytest.mark.parametrize("operation", ["s3:CreateBucket", "cloudtrail:CreateTrail", "cloudtrail:StartLogging"])
def test_a_killed_process_goes_on_after_its_restart_and_doubles_nothing(empty_stage: Stage, operation: str) -> None:
    stage = empty_stage
    name = f"killed-in-{operation.partition(':')[2].lower()}"
    stage.aws.delay(WEBSITE, operation, seconds=1.5)
    bot = stage.started()
    card = _created(stage, name)
    stage.bob.clicks(card, "approve")
    stage.until(lambda: _in_flight(stage, operation))
    bot.kill()
    bot.join()
    stage.until(lambda: None if stage.slack.connected() else True)
    with stage.bot():
        stage.becomes(card, "VERIFIED")
    made = [t for t in stage.aws.trails(WEBSITE) if t["Name"] == name]
    assert len(made) == 1
    creations = [c for c in stage.effective(WEBSITE) if c.operation == "CreateTrail" and c.parameters["Name"] == name]
    assert len(creations) == 1


def _created(stage: Stage, name: str) -> Message:
    return stage.created(stage.alice, WEBSITE, {"name": name, "bucket": f"{name}-logs"})


def _in_flight(stage: Stage, operation: str) -> bool | None:
    service, _, name = operation.partition(":")
    calls = (c for c in stage.aws.calls() if (c.service, c.operation, c.account_id) == (service, name, WEBSITE))
    return any(c.role == "TrailwardenChange" and c.status == 0 for c in calls) or None
