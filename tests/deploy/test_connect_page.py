"""What docs/connect-aws.md tells people to paste."""

import json
import re

import botocore.session
import pytest
from botocore import xform_name

from tests.deploy.files import ROOT, policy

PAGE = (ROOT / "docs" / "connect-aws.md").read_text()
COMMANDS = re.findall(r"aws ([a-z]+) ([a-z-]+)((?:[^\n]|(?<=\\)\n)*)", PAGE)
CLIENT_SIDE = {"deploy"}
"""Commands of the CLI that are no single call."""
OF_EVERY_COMMAND = {"region", "query", "output"}


def test_the_delegation_policy_is_what_the_bot_lists() -> None:
    (found,) = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    (statement,) = json.loads(found)["Statement"]
    (listing,) = [s for s in policy("bot")["Statement"] if s["Sid"] == "ListTheOrganization"]
    assert statement["Action"] == listing["Action"]


@pytest.mark.parametrize(("service", "command", "rest"), [c for c in COMMANDS if c[1] not in CLIENT_SIDE])
def test_a_command_is_a_call_of_aws_with_parameters_that_it_has(service: str, command: str, rest: str) -> None:
    model = botocore.session.Session().get_service_model(service)
    (call,) = (name for name in model.operation_names if name.lower() == command.replace("-", ""))
    shape = model.operation_model(call).input_shape
    known = {xform_name(member, "-") for member in (shape.members if shape else ())}
    said = set(re.findall(r"--([a-z-]+)", re.sub(r"\$\([^)]*\)", "", rest)))
    assert said - OF_EVERY_COMMAND <= known


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\((?!http)([^)#]+)\)", PAGE))))
def test_a_link_leads_somewhere(link: str) -> None:
    assert (ROOT / "docs" / link).exists()
