"""The commands of the full plan: what the AWS CLI takes, what the request says, and safe in a shell."""

import json
import shlex
from dataclasses import replace
from typing import Any

import botocore.session
import pytest
from botocore import xform_name
from botocore.model import OperationModel
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.commands import KEY_MADE_BEFORE, aws_command
from bot.domain.requests import Request, request
from bot.domain.steps import CreateLogGroup, CreateTrail, DeleteTrail, PutBucketPolicy, Step
from tests.adapters.test_requests import ALL_STEPS
from tests.builders import ACCOUNT, trail_arn

LOADER = botocore.session.Session()
each = pytest.mark.parametrize("step", ALL_STEPS, ids=lambda s: f"{s.kind} {s.call}")
POLICY = PutBucketPolicy("b", "us-east-1", "", "", ())


def model(step: Step) -> OperationModel:
    wanted = request(step, ACCOUNT)
    return LOADER.get_service_model(wanted.service).operation_model(wanted.operation)


def options(command: str) -> dict[str, str | bool]:
    """What the CLI's parser would make of the words behind the operation: a flag is a boolean."""
    found: dict[str, str | bool] = {}
    words = shlex.split(command)[3:]
    while words:
        name, equals, value = words.pop(0).removeprefix("--").partition("=")
        if not equals and words and not words[0].startswith("-"):
            value = words.pop(0)
        elif not equals:
            found[name.removeprefix("no-")] = not name.startswith("no-")
            continue
        found[name] = value
    return found


def as_sent(wanted: Request) -> dict[str, Any]:
    """The request's parameters by the names of the CLI."""
    key = {"TargetKeyId": KEY_MADE_BEFORE} if wanted.key else {}
    return {xform_name(name, "-"): value for name, value in {**wanted.parameters, **key}.items()}


@each
def test_a_command_names_the_service_and_operation_as_the_cli_does(step: Step) -> None:
    program, service, operation = shlex.split(aws_command(step, ACCOUNT))[:3]
    assert program == "aws"
    assert service == {"s3": "s3api"}.get(request(step, ACCOUNT).service, request(step, ACCOUNT).service)
    assert operation == xform_name(model(step).name, "-")


@each
def test_its_options_are_parameters_of_the_operation(step: Step) -> None:
    shape = model(step).input_shape
    assert shape
    assert options(aws_command(step, ACCOUNT)).keys() - {"region"} <= {xform_name(name, "-") for name in shape.members}


@each
def test_its_values_are_what_the_request_sends_and_its_region_the_steps(step: Step) -> None:
    given_options = options(aws_command(step, ACCOUNT))
    assert given_options.pop("region") == step.region
    sent = as_sent(request(step, ACCOUNT))
    assert given_options.keys() == sent.keys()
    for name, value in sent.items():
        said = given_options[name]
        assert (json.loads(said) if isinstance(value, dict | list) and isinstance(said, str) else said) == value


HOSTILE = ["a'; rm -rf ~; '", "$(id)", "a b", "x\ny", "-x", "--no-verify", "`id`", "ä|&<>", "", "\\'"]


@pytest.mark.parametrize("name", HOSTILE, ids=repr)
def test_a_hostile_name_stays_one_value(name: str) -> None:
    step = CreateTrail(trail_arn(), "a", "us-east-1", "b", log_group="g", topic=name or "x")
    assert options(aws_command(step, ACCOUNT))["sns-topic-name"] == (name or "x")


@given(st.text())
def test_any_name_comes_back_as_it_was(name: str) -> None:
    for step in (CreateLogGroup(name, "us-east-1"), DeleteTrail(name, "a", "us-east-1")):
        words = shlex.split(aws_command(step, ACCOUNT))
        assert words[5:] in ([words[5], name], [f"{words[5].partition('=')[0]}={name}"])


@given(st.dictionaries(st.text(), st.text()))
def test_a_policy_is_the_same_json_and_ends_no_block_of_code(policy: dict[str, str]) -> None:
    command = aws_command(replace(POLICY, after=json.dumps(policy, ensure_ascii=False)), ACCOUNT)
    assert json.loads(str(options(command)["policy"])) == policy
    assert "`" not in command
