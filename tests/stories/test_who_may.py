"""Rules, departed approvers, reminders and notices over the real websocket, with the scopes of the manifest alone."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import yaml

from bot.playground.aws import RunningAws
from bot.playground.slack import DEFAULT_SETUP
from tests.stories.conftest import set_up
from tests.stories.stage import CHANNEL, Stage, change_id

MANIFEST = Path(__file__).parents[2] / "config" / "slack_manifest.yml"
PAYMENTS = "111122223333"
RULES = """
[[rules]]
accounts = ["prod-pay*"]
approvers = ["U0CAROL", "U0ALICE"]
ping = ["U0CAROL"]

[[rules]]
ou = "Dev"
approvers = ["U0DAVE"]
requesters = ["U0BOB"]
"""


@pytest.fixture(scope="module")
def alone(aws: RunningAws, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A stage whose Slack gives what the manifest asks for and no more."""
    scopes = frozenset(yaml.safe_load(MANIFEST.read_text())["oauth_config"]["scopes"]["bot"])
    folder: Path = tmp_path_factory.mktemp("who")
    (folder / "rules.toml").write_text(RULES)
    with set_up(aws, folder, replace(DEFAULT_SETUP, scopes=scopes)) as made:
        yield made


def rules(stage: Stage) -> str:
    return str(stage.folder / "rules.toml")


def notices(stage: Stage, id: str) -> list[str]:
    """What Alice was told in private of a change."""
    return [m.text for m in stage.alice.dms() if m.text.startswith(f"{id},")]


def test_a_rule_says_who_and_the_requester_hears_how_it_ended(alone: Stage) -> None:
    with alone.bot(TRAILWARDEN_CONFIG=rules(alone)):
        card = alone.proposal(lambda: alone.types(alone.alice, "fix prod-payments"))
        assert "Carol Adeyemi, but not the requester" in card.all_text()
        assert "Alice Moreau" not in card.all_text()
        assert "For <@U0CAROL>." in card.all_text()
        assert "<@U0BOB>" not in card.all_text()

        alone.bob.clicks(card, "approve")
        assert "Ask <@U0CAROL>." in alone.told(alone.bob, "You are not an approver")
        alone.carol.clicks(card, "approve")
        alone.becomes(card, "VERIFIED")
        alone.until(lambda: notices(alone, change_id(card)) or None)
        [told] = notices(alone, change_id(card))
        assert "was approved by <@U0CAROL>, and is VERIFIED." in told
        assert alone.bob.dms() == []

        alone.types(alone.alice, "fix dev-tools")
        assert "Ask <@U0BOB>." in alone.told(alone.alice, "You may not ask for changes in dev-tools")


def test_a_deactivated_approver_decides_nothing_and_breaks_nothing(alone: Stage) -> None:
    with alone.bot(TRAILWARDEN_CONFIG=rules(alone)):
        card = alone.proposal(lambda: alone.types(alone.alice, "fix prod-ledger"))
        alone.slack.deactivate("bob")
        alone.bob.clicks(card, "approve")
        assert "so you cannot approve" in alone.told(alone.bob, "Your account is deactivated")

        alone.slack.set_fault("users.info", "fatal_error")
        alone.carol.clicks(card, "approve")
        assert "so nobody can decide now" in alone.told(alone.carol, "could not be read")

        alone.carol.clicks(card, "deny")
        alone.until(alone.carol.modal)
        alone.carol.submits({"reason": "after the freeze"})
        alone.becomes(card, "DENIED")
        told = alone.until(lambda: notices(alone, change_id(card)) or None)
        assert "was DENIED by <@U0CAROL>. Why: after the freeze" in told[0]


def test_a_change_is_remembered_half_way_once_even_over_a_restart(alone: Stage) -> None:
    settings = {"TRAILWARDEN_CONFIG": rules(alone), "TRAILWARDEN_PING": "U0CAROL"}
    with alone.bot(**settings):
        card = alone.proposal(lambda: alone.types(alone.alice, "fix sandbox-split"))
        replies = lambda: [m for m in alone.slack.messages(CHANNEL) if m.thread_ts == card.ts]  # noqa: E731 - read anew
        alone.clock.move(timedelta(hours=2))
        [reminder] = alone.until(lambda: replies() or None)
        assert reminder.text.startswith(f"<@U0CAROL>: {change_id(card)}, Fix CloudTrail in sandbox-split")
    with alone.bot(**settings):
        alone.clock.move(timedelta(hours=2))
        alone.becomes(card, "EXPIRED")
        told = alone.until(lambda: notices(alone, change_id(card)) or None)
        assert "has EXPIRED" in told[0]
        assert len(replies()) == len(told) == 1
