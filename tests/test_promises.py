"""What the documents and the policy files say is what the code does."""

import json
import re
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

from bot.adapters.aws.guard import PERMISSIONS, READS
from bot.domain.controls import CONTROLS
from bot.domain.grant import Grant, grants
from bot.domain.resources import OUR_ROLES
from bot.domain.steps import CreateRole, PutRolePolicy, Step, permissions
from config.settings import Settings
from handlers.parse import VERBS
from tests.builders import plan, snapshot
from tests.domain.test_steps import EVERY_STEP

ROOT = Path(__file__).parent.parent


def statements(file: str) -> list[dict[str, Any]]:
    policy = json.loads((ROOT / "config" / "iam" / file).read_text())
    return list(policy["Statement"])


def actions(file: str) -> list[str]:
    return [action for statement in statements(file) for action in statement["Action"]]


def test_the_change_role_may_do_what_the_steps_need_and_nothing_more() -> None:
    needed = {needs for step in EVERY_STEP for needs in permissions(step)}
    assert sorted(actions("change.json")) == sorted(needed)


@pytest.mark.parametrize("file", ["audit.json", "change.json"])
def test_a_policy_only_allows_and_has_no_wildcard_in_an_action(file: str) -> None:
    assert {s["Effect"] for s in statements(file)} == {"Allow"}
    assert not any("*" in action for action in actions(file))
    assert len({s["Sid"] for s in statements(file)}) == len(statements(file))


def allowed(grant: Grant) -> bool:
    """As IAM would say of the policy of the change role, with the conditions that the call meets."""
    met = {"iam:PassedToService": "cloudtrail.amazonaws.com", "iam:AWSServiceName": "cloudtrail.amazonaws.com"}
    return any(
        grant.action in s["Action"]
        and fnmatchcase(grant.resource, s["Resource"])
        and all(met[key] == value for key, value in s.get("Condition", {}).get("StringEquals", {}).items())
        for s in statements("change.json")
    )


LOGS = f"{OUR_ROLES}Logs"
ON_OURS = (CreateRole(LOGS, "us-east-1", "{}"), PutRolePolicy(LOGS, "us-east-1", "", "{}"))


@pytest.mark.parametrize(
    "step",
    [*ON_OURS, *(s for s in EVERY_STEP if not isinstance(s, CreateRole | PutRolePolicy))],
    ids=lambda s: f"{s.kind} {s.call}",
)
def test_the_change_roles_policy_allows_each_step_on_what_it_acts_on(step: Step) -> None:
    for grant in grants(plan(step, before=snapshot())):
        assert allowed(grant), grant


@pytest.mark.parametrize("role", ["TrailwardenChange", "TrailwardenAudit", "Admin"])
@pytest.mark.parametrize("action", ["iam:CreateRole", "iam:PutRolePolicy"])
def test_the_change_role_cannot_give_itself_more(action: str, role: str) -> None:
    assert not allowed(Grant(action, f"arn:aws:iam::111122223333:role/{role}", "us-east-1"))


def test_a_role_is_only_ever_given_to_cloudtrail() -> None:
    (passing,) = (s for s in statements("change.json") if "iam:PassRole" in s["Action"])
    assert passing["Condition"] == {"StringEquals": {"iam:PassedToService": "cloudtrail.amazonaws.com"}}


@pytest.mark.parametrize(("section", "file"), [("The audit role", "audit.json"), ("The change role", "change.json")])
def test_the_page_on_permissions_says_why_each_is_needed(section: str, file: str) -> None:
    page = (ROOT / "docs" / "permissions.md").read_text()
    (text,) = re.findall(rf"^## {section}$(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL)
    rows = re.findall(r"^\| `([a-z0-9]+:[A-Za-z]+)` \| (.+) \|$", text, re.MULTILINE)
    assert sorted(name for name, _ in rows) == sorted(actions(file))
    assert all(why.strip() for _, why in rows)


def test_that_page_names_every_part_of_the_change_roles_policy() -> None:
    page = (ROOT / "docs" / "permissions.md").read_text()
    for statement in statements("change.json"):
        assert f"`{statement['Sid']}`" in page


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
    assert f"`{setting}`" in (ROOT / "README.md").read_text()


@pytest.mark.parametrize("verb", sorted(set(VERBS) - {"all"}))
def test_every_command_is_in_the_readme(verb: str) -> None:
    assert f"/trail-audit {verb}" in (ROOT / "README.md").read_text()


LOCKS = sorted(path.name for path in ROOT.glob("requirements*.lock"))


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_address(lock: str) -> None:
    assert not re.search(r"://|--(extra-)?index-url|--find-links|--trusted-host|^-e", (ROOT / lock).read_text(), re.M)


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_pins_every_package_by_version_and_hash(lock: str) -> None:
    lines = re.sub(r"^ *#.*\n", "", (ROOT / lock).read_text(), flags=re.M).replace("\\\n", " ").splitlines()
    unpinned = [
        line for line in lines if not re.fullmatch(r"[\w.-]+==\S+( ; .+?)?( +--hash=sha256:[0-9a-f]{64})+", line)
    ]
    assert lines
    assert unpinned == []


SECURITY = sorted(set(re.findall(r"`(tests/[\w/]+\.py(?:::\w+)?)`", (ROOT / "docs" / "security.md").read_text())))


@pytest.mark.parametrize("cited", SECURITY)
def test_the_threat_model_names_tests_that_are_there(cited: str) -> None:
    file, _, name = cited.partition("::")
    assert f"def {name or 'test_'}" in (ROOT / file).read_text()
