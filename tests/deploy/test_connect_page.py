"""What docs/connect-aws.md tells people to paste; its commands are held by tests/test_aws_commands.py."""

import json
import re

from cfnlint.decode import cfn_yaml

from tests.deploy.files import DEPLOY, ROOT, policy

PAGE = (ROOT / "docs" / "connect-aws.md").read_text()


def test_the_delegation_policy_is_what_the_bot_lists() -> None:
    (found,) = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    (statement,) = json.loads(found)["Statement"]
    (listing,) = [s for s in policy("bot")["Statement"] if s["Sid"] == "ListTheOrganization"]
    assert statement["Action"] == listing["Action"]


def test_an_update_of_the_stack_set_keeps_every_parameter() -> None:
    """One that is not named gets its default again, and so an installation for audits alone a role that changes."""
    (update,) = re.findall(r"aws cloudformation update-stack-set (?:.*\\\n)*.*", PAGE)
    kept = re.findall(r"ParameterKey=(\w+),UsePreviousValue=true", update)
    assert set(kept) == set(cfn_yaml.load(str(DEPLOY / "aws" / "roles.yaml"))["Parameters"])
