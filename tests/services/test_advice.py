"""What an AWS error means: every error that a step can be answered with has a sentence that says what to do next."""

import re
from pathlib import Path

import botocore.session
import pytest

from bot.domain.requests import request
from bot.services.advice import DENIALS, DENIED, advice
from bot.services.errors import ADVICE, OTHERWISE
from tests.builders import ACCOUNT
from tests.domain.test_steps import EVERY_STEP

PAGE = (Path(__file__).parent.parent.parent / "docs" / "errors.md").read_text()
LOADER = botocore.session.Session()
OPERATIONS = sorted({(r.service, r.operation) for r in (request(step, ACCOUNT) for step in EVERY_STEP)})
DESIGN = [
    "MaximumNumberOfTrailsExceeded",
    "TrailAlreadyExists",
    "S3BucketDoesNotExist",
    "InsufficientS3BucketPolicy",
    "InvalidS3BucketName",
    "InvalidS3Prefix",
    "InsufficientEncryptionPolicy",
    "KmsKeyNotFound",
    "Kms",
    "InsufficientSnsTopicPolicy",
    "InvalidCloudWatchLogsLogGroupArn",
    "InvalidCloudWatchLogsRoleArn",
    "CloudWatchLogsDeliveryUnavailable",
    "InvalidHomeRegion",
    "TrailNotFound",
    "InvalidEventSelectors",
    "Conflict",
    "Throttling",
    "OperationNotPermitted",
    "UnsupportedOperation",
    "NotOrganizationMasterAccount",
    "CloudTrailAccessNotEnabled",
    "OrganizationsNotInUse",
]
S3 = [
    "AccessDenied",
    "NoSuchBucket",
    "InvalidBucketName",
    "TooManyBuckets",
    "MalformedPolicy",
    "OperationAborted",
    "SlowDown",
]


def errors(service: str, operation: str) -> set[str]:
    """As botocore's model has them: by the code on the wire where that is another one."""
    shapes = LOADER.get_service_model(service).operation_model(operation).error_shapes
    return {s.metadata.get("error", {}).get("code", s.name) for s in shapes}


@pytest.mark.parametrize(("service", "operation"), OPERATIONS, ids=[f"{s} {o}" for s, o in OPERATIONS])
def test_every_error_of_an_operation_has_its_sentence(service: str, operation: str) -> None:
    assert errors(service, operation) <= ADVICE.keys() | DENIED


def test_so_has_every_error_that_models_do_not_name() -> None:
    assert {f"{name}Exception" for name in DESIGN} <= ADVICE.keys()
    assert set(S3) <= ADVICE.keys() | DENIED


@pytest.mark.parametrize("code", sorted(ADVICE))
def test_a_sentence_says_what_it_means_and_what_to_do(code: str) -> None:
    why, todo = ADVICE[code]
    assert re.fullmatch(r"[A-Z].*\.", why)
    assert re.fullmatch(r"[A-Z].*[.…-]", todo)
    assert advice(code, "says AWS.") == f"{code} (says AWS). {why} {todo}"


def test_a_denial_and_another_error_are_not_both() -> None:
    assert not DENIED & ADVICE.keys()


def test_an_error_that_nobody_knows_is_shown_with_awss_words() -> None:
    assert advice("New", "x") == f"New (x). {' '.join(OTHERWISE)}"
    assert advice("New", "") == f"New. {' '.join(OTHERWISE)}"


WHO = "User: arn:aws:sts::111122223333:assumed-role/Change/C-1 is not authorized to perform: x:Y on resource: z"
MESSAGES = [
    (f"{WHO} with an explicit deny in a service control policy", "A service control policy"),
    (f"{WHO} because no service control policy allows the x:Y action", "A service control policy"),
    (f"{WHO} with an explicit deny in a resource control policy", "A resource control policy"),
    (f"{WHO} because no permissions boundary allows the x:Y action", "permissions boundary"),
    (f"{WHO} because no VPC endpoint policy allows the x:Y action", "VPC endpoint"),
    (f"{WHO} with an explicit deny in a resource-based policy", "bucket, key or topic itself denies"),
    (f"{WHO} with an explicit deny in an identity-based policy", "A policy of the change role itself denies"),
    (f"{WHO} because no identity-based policy allows the x:Y action", "The change role lacks a permission"),
    (f"{WHO} because no resource-based policy allows the x:Y action", "The change role lacks a permission"),
    ("Access Denied", "The change role lacks a permission"),
    ("", "The change role lacks a permission"),
    ("sts:AssumeRole answered AccessDenied; it needs sts:AssumeRole on z (no)", "could not be assumed. Make it"),
]


@pytest.mark.parametrize("code", sorted(DENIED))
@pytest.mark.parametrize(("message", "words"), MESSAGES, ids=[m[0][-60:] or "none" for m in MESSAGES])
def test_a_denial_says_whose_policy_it_was_where_aws_says_so(code: str, message: str, words: str) -> None:
    assert words in advice(code, message)


def rows(heading: str) -> list[tuple[str, ...]]:
    (section,) = re.findall(rf"^## {heading}$(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    return [tuple(row.split(" | ")) for row in re.findall(r"^\| (`.+) \|$", section, re.MULTILINE)]


def test_the_page_on_errors_has_every_code_with_the_same_words() -> None:
    assert rows("Codes") == [(f"`{code}`", *words) for code, words in sorted(ADVICE.items())]


def test_the_page_on_errors_tells_denials_apart_as_the_code_does() -> None:
    found = rows("Denials")
    assert [row[1:] for row in found] == [(d.why, d.todo) for d in DENIALS]
    assert all(f"`{d.words}`" == row[0] for d, row in zip(DENIALS[:-1], found, strict=False))
    assert all(f"`{code}`" in PAGE for code in DENIED)
