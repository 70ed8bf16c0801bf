"""A trail that exists is changed by the form: each setting from the first step to VERIFIED, and taken back again."""

from collections.abc import Callable
from typing import Any

import pytest

from bot.playground.aws import RunningAws
from tests.stories.stage import Answers, Stage
from tests.stories.test_create_options import a_group_and_a_role, a_key, a_topic, nothing

Trail = dict[str, Any]
Before = Callable[[RunningAws, str], dict[str, str]]

UPDATES: dict[str, tuple[str, str, Before, Answers, Answers, list[str], Trail]] = {
    "every region, from a home far away": (
        "654321098765",
        "R.and_D-lab.trail_1",
        nothing,
        {"all_regions": ["on"]},
        {},
        ["UpdateTrail"],
        {"IsMultiRegionTrail": True, "HomeRegion": "ap-southeast-2"},
    ),
    "logging": ("567890123456", "ledger-trail", nothing, {"logging": ["on"]}, {}, ["StartLogging"], {}),
    "a new topic": (
        "210987654321",
        "tools-trail",
        nothing,
        {"topic_kind": "new", "topic": "made"},
        {},
        ["CreateTopic", "UpdateTrail"],
        {"SnsTopicARN": "arn:aws:sns:us-east-1:210987654321:made"},
    ),
    "an existing topic": (
        "321098765432",
        "keys-trail",
        a_topic,
        {"topic_kind": "existing"},
        {},
        ["SetTopicAttributes", "UpdateTrail"],
        {"SnsTopicARN": "arn:aws:sns:us-east-1:321098765432:ours"},
    ),
    "an existing group and role": (
        "901234567890",
        "api-trail",
        a_group_and_a_role,
        {"logs_kind": "existing", "role_kind": "existing"},
        {},
        ["UpdateTrail"],
        {"CloudWatchLogsRoleArn": "arn:aws:iam::901234567890:role/ours"},
    ),
    "an existing key": (
        "111122223333",
        "payments-trail",
        a_key,
        {"key_kind": "existing"},
        {},
        ["PutKeyPolicy", "UpdateTrail"],
        {},
    ),
    "all events and insights": (
        "678901234567",
        "data-trail",
        nothing,
        {},
        {"management": "All", "data_events": "All", "insights": ["on"]},
        ["PutEventSelectors", "PutInsightSelectors"],
        {"HasInsightSelectors": True},
    ),
}


@pytest.mark.parametrize("case", UPDATES.values(), ids=UPDATES)
def test_an_update_is_reviewed_approved_carried_out_and_verified(stage: Stage, case: Any) -> None:
    account, name, before, trail, events, writes, fields = case
    there = before(stage.aws, account)
    stage.update_form(stage.alice, name, account)
    review = stage.review(stage.alice, {**trail, **there}, events)
    assert name in review.all_text()
    card = stage.proposal(lambda: stage.alice.submits({}))
    assert "Update a trail" in card.all_text()
    assert stage.writes(account) == []

    stage.bob.clicks(card, "approve")
    card = stage.ended(card)
    assert "VERIFIED:" in card.text, card.all_text()
    assert stage.writes(account) == writes
    (now,) = (t for t in stage.aws.trails(account) if t["Name"] == name)
    assert {key: now[key] for key in fields} == fields


def test_a_topic_that_was_set_is_taken_away_again_by_its_undo(stage: Stage) -> None:
    stage.update_form(stage.alice, "reads", "sandbox-split")
    stage.review(stage.alice, {"topic_kind": "new", "topic": "made"})
    card = stage.proposal(lambda: stage.alice.submits({}))
    stage.bob.clicks(card, "approve")
    verified = stage.becomes(card, "VERIFIED")

    undo = stage.proposal(lambda: stage.alice.clicks(verified, "propose_undo"))
    stage.carol.clicks(undo, "approve")
    stage.becomes(undo, "VERIFIED")
    (trail,) = (t for t in stage.aws.trails("543210987654") if t["Name"] == "reads")
    assert not trail.get("SnsTopicARN")


def test_a_trail_that_nobody_has_is_told_in_the_modal(stage: Stage) -> None:
    stage.types(stage.alice, "update nosuch dev-tools")
    said = stage.until(lambda: v.all_text() if (v := stage.alice.modal()) and "It has" in v.all_text() else None)
    assert "It has: tools-trail" in said
