"""What the documents and the policy files say is what the code does."""

import json
import re
from pathlib import Path

import pytest

from bot.adapters.aws.guard import PERMISSIONS, READS
from bot.domain.controls import CONTROLS
from bot.domain.steps import permission
from config.settings import Settings
from handlers.parse import VERBS
from tests.domain.test_steps import EVERY_STEP

ROOT = Path(__file__).parent.parent


def actions(file: str) -> list[str]:
    policy = json.loads((ROOT / "config" / "iam" / file).read_text())
    return [action for statement in policy["Statement"] for action in statement["Action"]]


def test_the_change_role_may_do_what_the_steps_do_and_nothing_more() -> None:
    assert actions("change.json") == sorted({permission(step) for step in EVERY_STEP})


def test_the_audit_role_may_read_what_the_reader_reads_and_nothing_more() -> None:
    """Roles are assumed, and organizations listed, with the bot's own credentials."""
    own = {"sts", "organizations"}
    calls = {f"{service}:{name}" for service, name in READS if service not in own}
    assert actions("audit.json") == sorted(PERMISSIONS.get(call, call) for call in calls)


def test_a_permission_of_another_name_belongs_to_a_read() -> None:
    assert PERMISSIONS.keys() <= {f"{service}:{name}" for service, name in READS}


@pytest.mark.parametrize("control", [c.id for c in CONTROLS])
def test_every_control_is_in_the_readme(control: str) -> None:
    assert f"| `{control}` |" in (ROOT / "README.md").read_text()


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_every_setting_is_in_the_readme(name: str) -> None:
    plain = name in ("port", "database_url") or name.startswith("slack_")
    setting = name.upper() if plain else f"TRAILWARDEN_{name.upper()}"
    ours = (ROOT / "README.md").read_text()
    assert f"`{setting}`" in ours or setting == "SLACK_SIGNING_SECRET"


@pytest.mark.parametrize("verb", sorted(set(VERBS) - {"all", "accept", "exceptions"}))
def test_every_command_is_in_the_readme(verb: str) -> None:
    assert f"/trail-audit {verb}" in (ROOT / "README.md").read_text()


def test_the_locks_name_no_address() -> None:
    for lock in ("requirements.lock", "requirements-dev.lock"):
        assert not re.search(r"https?://|--index-url|--find-links", (ROOT / lock).read_text())
