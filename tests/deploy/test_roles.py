"""The templates make the roles that the bot assumes: what they may do, whom they trust, under which session names."""

from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import Any

import pytest

from bot.adapters.aws.guard import PERMISSIONS, READS
from bot.adapters.aws.write import BotoWriter
from bot.domain.change import State, Vote
from bot.domain.steps import StartLogging
from config.settings import Settings, load
from tests.adapters.wire import OWN, Wire, assumed, ok
from tests.builders import NOW, account, change, trail_arn
from tests.deploy.files import DEPLOY, ROOT, encoded, module, policy, template

BOT = f"arn:aws:iam::{OWN}:role/Trailwarden"
GIVEN = {"BotArn": BOT, "ExternalId": "6f1a"}
ROLES = template(DEPLOY / "aws" / "roles.yaml", **GIVEN)
TERRAFORM = module("roles")
VARIABLES = {"var.bot_arn": BOT, "var.external_id": "6f1a", "local.bot_account": OWN}

Trust = dict[str, Any]


def properties(resource: str) -> dict[str, Any]:
    return ROLES["Resources"][resource]["Properties"]  # type: ignore[no-any-return]  # parsed


def trust(role: str) -> Trust:
    return properties(role)["AssumeRolePolicyDocument"]  # type: ignore[no-any-return]  # parsed


# What they may do.


def test_the_audit_role_has_the_policy_of_config() -> None:
    assert [p["PolicyDocument"] for p in properties("Audit")["Policies"]] == [policy("audit")]


def test_the_change_role_has_the_policy_of_config_which_is_its_boundary_too() -> None:
    assert properties("ChangePolicy")["PolicyDocument"] == policy("change")
    assert properties("Change")["ManagedPolicyArns"] == ["ChangePolicy"]
    assert properties("Change")["PermissionsBoundary"] == "ChangePolicy"
    assert "Policies" not in properties("Change")


def test_terraform_reads_the_policies_of_config() -> None:
    of = TERRAFORM["resource"]
    folder = TERRAFORM["locals"]["policies"].removeprefix("${path.module}/")
    assert (DEPLOY / "aws" / "terraform" / "roles" / folder).resolve() == ROOT / "config" / "iam"
    assert of["aws_iam_role_policy.audit"]["policy"] == '${file("${local.policies}/audit.json")}'
    assert of["aws_iam_policy.change"]["policy"] == '${file("${local.policies}/change.json")}'
    assert of["aws_iam_role.change"]["permissions_boundary"] == "${aws_iam_policy.change[0].arn}"
    assert of["aws_iam_role_policy_attachment.change"]["policy_arn"] == "${aws_iam_policy.change[0].arn}"


def test_the_bots_own_policy_is_what_it_calls_with_its_own_credentials() -> None:
    own = {f"{service}:{name}" for service, name in READS if service in ("sts", "organizations")}
    becoming, listing = policy("bot")["Statement"]
    assert {*becoming["Action"], *listing["Action"]} == own - {"sts:GetCallerIdentity"}  # which needs no permission
    assert not own & PERMISSIONS.keys()
    assert becoming["Resource"] == [
        f"arn:*:iam::*:role/{role}" for role in (Settings().audit_role, Settings().change_role)
    ]


# Whom they trust.


def met(statement: Trust, principal: str, request: dict[str, str]) -> bool:
    """As IAM would say of AssumeRole by a principal of the trusted account."""
    context = {
        "aws:PrincipalArn": principal,
        "sts:ExternalId": request.get("ExternalId", ""),
        "sts:RoleSessionName": request["RoleSessionName"],
    }
    patterns = {"StringEquals": str.__eq__, "ArnEquals": fnmatchcase, "StringLike": fnmatchcase}
    return all(
        any(patterns[operator](context[key], value) for value in ([values] if isinstance(values, str) else values))
        for operator, keys in statement["Condition"].items()
        for key, values in keys.items()
    )


@pytest.fixture
def asking(new_wire: Callable[..., Wire]) -> Callable[[str, str], dict[str, str]]:
    """What the bot asks STS for: by the role, and by the user who approved."""

    def asked(role: str, approver: str = "U0BOB", external_id: str = "6f1a") -> dict[str, str]:
        wire = new_wire(external_id=external_id)
        wire.answers |= {"sts:AssumeRole": assumed(), "cloudtrail:StartLogging": ok()}
        wire.answers["cloudtrail:DescribeTrails"] = ok(trailList=[])
        if role == "Audit":
            wire.session.read(account(), "cloudtrail", "us-east-1", "DescribeTrails")
        else:
            applying = change(state=State.APPLYING, votes=(Vote(approver, True, NOW),))
            BotoWriter(wire.session).perform(applying, StartLogging(trail_arn(), "us-east-1"))
        return wire.calls("AssumeRole")[0].form

    return asked


Asking = Callable[..., dict[str, str]]


@pytest.mark.parametrize("role", ["Audit", "Change"])
def test_a_role_trusts_the_bots_account_with_one_action(role: str) -> None:
    (statement,) = trust(role)["Statement"]
    assert statement["Principal"] == {"AWS": OWN}
    assert (statement["Effect"], statement["Action"]) == ("Allow", "sts:AssumeRole")


@pytest.mark.parametrize(("role", "approver"), [("Audit", ""), ("Change", "U0BOB"), ("Change", "W012A3CDE")])
def test_a_role_lets_the_bot_in_as_it_asks(asking: Asking, role: str, approver: str) -> None:
    (statement,) = trust(role)["Statement"]
    assert met(statement, BOT, asking(role, approver))


@pytest.mark.parametrize("role", ["Audit", "Change"])
def test_a_role_lets_nobody_else_in_and_nobody_without_the_external_id(asking: Asking, role: str) -> None:
    (statement,) = trust(role)["Statement"]
    assert not met(statement, f"arn:aws:iam::{OWN}:role/Admin", asking(role))
    assert not met(statement, BOT, asking(role, external_id=""))
    assert not met(statement, BOT, asking(role, external_id="another"))


@pytest.mark.parametrize("name", ["trailwarden-audit", "botocore-session-1700000000", "C-42", "C-42-admin"])
def test_the_change_role_takes_no_session_that_names_no_approver(asking: Asking, name: str) -> None:
    (statement,) = trust("Change")["Statement"]
    assert not met(statement, BOT, {**asking("Change"), "RoleSessionName": name})


@pytest.mark.parametrize(("role", "resource"), [("Audit", "aws_iam_role.audit"), ("Change", "aws_iam_role.change")])
def test_terraform_trusts_the_same(role: str, resource: str) -> None:
    assert encoded(TERRAFORM["resource"][resource]["assume_role_policy"], VARIABLES) == trust(role)


# What to type, and what comes out.


def test_the_roles_have_the_names_of_the_settings() -> None:
    settings = Settings()
    assert [properties(r)["RoleName"] for r in ("Audit", "Change")] == [settings.audit_role, settings.change_role]
    for variables in (TERRAFORM["variable"], module("organization")["variable"]):
        assert variables["audit_role"]["default"] == settings.audit_role
        assert variables["change_role"]["default"] == settings.change_role


def test_a_template_asks_only_for_the_bot_and_the_external_id() -> None:
    assert [n for n, p in ROLES["Parameters"].items() if "Default" not in p] == ["BotArn", "ExternalId"]
    for name in ("roles", "organization"):
        needed = [n for n, v in module(name)["variable"].items() if "default" not in v]
        assert needed == ["bot_arn", "external_id"]


def test_the_output_is_settings_that_the_bot_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = ROLES["Outputs"]["Settings"]["Value"].splitlines()
    for name, value in (line.split("=") for line in lines):
        monkeypatch.setenv(name, value)
    said, default = load(), Settings.model_fields
    assert said.external_id == "6f1a"
    assert (said.audit_role, said.change_role) == (default["audit_role"].default, default["change_role"].default)


def test_terraform_says_the_same_lines() -> None:
    heredoc = TERRAFORM["output"]["settings"]["value"]
    names = [line.split("=")[0].strip() for line in heredoc.splitlines()[1:-1]]
    assert names == [line.split("=")[0] for line in ROLES["Outputs"]["Settings"]["Value"].splitlines()]


def test_the_stack_set_gives_every_parameter_of_the_template() -> None:
    stack_set = module("organization")["resource"]["aws_cloudformation_stack_set.members"]
    assert stack_set["parameters"].keys() == ROLES["Parameters"].keys()
    assert stack_set["template_body"] == '${file("${path.module}/../../roles.yaml")}'
    assert stack_set["capabilities"] == ["CAPABILITY_NAMED_IAM"]
