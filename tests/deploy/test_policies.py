"""What a linter says of the policies of config/iam, and why each thing that it dislikes is meant."""

import json
import warnings

import pytest

from tests.deploy.files import policy

with warnings.catch_warnings():  # of its own code, about its data files and escapes
    warnings.simplefilter("ignore")
    import parliament

MEANT = {
    "audit": {"RESOURCE_STAR"},  # an audit has to see what nobody has told it of
    "bot": set[str](),
    "change": {
        "RESOURCE_STAR",  # the form takes a bucket, key, topic, log group or existing role of any name
        "RESOURCE_EFFECTIVELY_STAR",  # any trail
        "RESOURCE_POLICY_PRIVILEGE_ESCALATION",  # it puts buckets' policies, each only as somebody approved it
    },
}


def complaints(document: object) -> set[str]:
    return {str(finding.issue) for finding in parliament.analyze_policy_string(json.dumps(document)).findings}


@pytest.mark.parametrize("name", sorted(MEANT))
def test_a_policy_has_no_action_resource_or_condition_that_aws_does_not_know(name: str) -> None:
    assert complaints(policy(name)) == MEANT[name]


def test_the_linter_would_see_a_condition_that_the_call_does_not_know() -> None:
    wrong = {"Effect": "Allow", "Action": "iam:PassRole", "Resource": "arn:*:iam::*:role/a"}
    wrong["Condition"] = {"StringEquals": {"iam:PassedToServices": "cloudtrail.amazonaws.com"}}  # type: ignore[assignment]  # a document
    assert "UNKNOWN_CONDITION_FOR_ACTION" in complaints({"Version": "2012-10-17", "Statement": [wrong]})
