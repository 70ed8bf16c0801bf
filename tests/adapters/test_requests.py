"""One step, exactly one AWS call, and only while its approved change is being applied."""

from dataclasses import replace

import botocore.session
import pytest
from botocore.exceptions import ConnectionClosedError, ReadTimeoutError
from botocore.validate import ParamValidator

from bot.adapters.aws import shapes
from bot.adapters.aws.write import BotoWriter
from bot.domain.change import Change, State, Vote
from bot.domain.requests import REQUESTS, as_selectors, request
from bot.domain.selectors import BasicSelector, Selectors
from bot.domain.steps import (
    STEPS,
    CreateBucket,
    CreateTrail,
    PutEventSelectors,
    StartLogging,
    Step,
    permission,
)
from bot.ports import AnswerLostError, AwsRefusedError
from tests.adapters.wire import Wire, assumed, error, ok, reply, xml_error
from tests.builders import (
    ACCOUNT,
    NOW,
    advanced,
    basic,
    change,
    data_events,
    data_resource,
    management,
    trail_arn,
    update,
)
from tests.domain.test_steps import EVERY_STEP

LOADER = botocore.session.Session()
MORE_STEPS: tuple[Step, ...] = (
    PutEventSelectors(
        trail_arn(),
        "us-east-1",
        Selectors(),
        basic(BasicSelector("WriteOnly", False, ("kms.amazonaws.com",), (data_resource(),))),
    ),
    PutEventSelectors(trail_arn(), "us-east-1", Selectors(), advanced(management("name"), data_events())),
    CreateBucket("logs", "eu-west-1"),
)
ALL_STEPS = (*EVERY_STEP, *MORE_STEPS)
each = pytest.mark.parametrize("step", ALL_STEPS, ids=lambda s: f"{s.kind} {s.call}")


def test_every_kind_of_step_has_its_request() -> None:
    assert set(REQUESTS) == set(STEPS)


@each
def test_a_request_is_valid_by_botocores_model(step: Step) -> None:
    wanted = request(step, ACCOUNT)
    model = LOADER.get_service_model(wanted.service).operation_model(wanted.operation)
    found = {"TargetKeyId": "1234"} if wanted.key else {}
    report = ParamValidator().validate({**wanted.parameters, **found}, model.input_shape)
    assert report.generate_report() == ""


@each
def test_a_request_is_the_call_that_the_step_names(step: Step) -> None:
    wanted = request(step, ACCOUNT)
    assert f"{wanted.service}:{wanted.operation}" == step.call


@each
def test_a_permission_is_the_calls_or_awss_own_name_for_it(step: Step) -> None:
    """Of three calls S3 calls the permission otherwise (service authorization reference)."""
    known = {
        "s3:PutPublicAccessBlock": "s3:PutBucketPublicAccessBlock",
        "s3:PutBucketEncryption": "s3:PutEncryptionConfiguration",
        "s3:PutBucketLifecycleConfiguration": "s3:PutLifecycleConfiguration",
    }
    assert permission(step) == known.get(step.call, step.call)


CHANGING = [s for s in ALL_STEPS if s.call.startswith("cloudtrail:") and not isinstance(s, CreateTrail)]


@pytest.mark.parametrize("step", CHANGING, ids=lambda s: f"{s.kind} {s.call}")
def test_what_changes_a_trail_names_it_by_its_arn(step: Step) -> None:
    parameters = request(step, ACCOUNT).parameters
    assert getattr(step, "arn", "") in (parameters.get("Name"), parameters.get("TrailName"))


def test_a_multi_region_trail_records_global_events_too() -> None:
    for step in (
        CreateTrail(trail_arn(), "main", "us-east-1", "logs"),
        update(multi_region=True),
    ):
        parameters = request(step, ACCOUNT).parameters
        assert (parameters["IsMultiRegionTrail"], parameters["IncludeGlobalServiceEvents"]) == (True, True)


def test_an_update_sends_only_what_it_turns_on() -> None:
    assert request(update(validation=True), ACCOUNT).parameters == {
        "Name": trail_arn(),
        "EnableLogFileValidation": True,
    }


@pytest.mark.parametrize(
    ("region", "place"),
    [("us-east-1", None), ("eu-west-1", {"LocationConstraint": "eu-west-1"})],
)
def test_a_bucket_names_every_region_but_the_first(region: str, place: object) -> None:
    assert request(CreateBucket("logs", region), ACCOUNT).parameters.get("CreateBucketConfiguration") == place


@pytest.mark.parametrize(
    "selectors",
    [
        basic(BasicSelector("WriteOnly", False, ("kms.amazonaws.com",), (data_resource("a", "b"),)), BasicSelector()),
        advanced(management("x", readOnly={"Equals": ["true"]}), data_events()),
        advanced(management(eventSource={"StartsWith": ["c"], "NotEquals": ["a", "b"]})),
    ],
)
def test_selectors_come_back_as_they_were_sent(selectors: Selectors) -> None:
    assert shapes.selectors(as_selectors(selectors)) == selectors


# The writer.

STEP = StartLogging(trail_arn(), "us-east-1")
APPLYING = change(state=State.APPLYING, votes=(Vote("UALICE", True, NOW),))


def ready(wire: Wire) -> BotoWriter:
    wire.answers["sts:AssumeRole"] = assumed()
    wire.answers["cloudtrail:StartLogging"] = ok()
    return BotoWriter(wire.session)


def test_a_step_is_one_call_and_gives_awss_request_id(wire: Wire) -> None:
    assert ready(wire).perform(APPLYING, STEP) == "req-1"
    (call,) = wire.calls("StartLogging")
    assert call.json == {"Name": trail_arn()}
    assert call.key == "ASIA111122223333"


def test_the_change_role_is_assumed_under_the_changes_and_the_approvers_name(wire: Wire) -> None:
    ready(wire).perform(APPLYING, STEP)
    (assume,) = wire.calls("AssumeRole")
    assert assume.form["RoleArn"] == "arn:aws:iam::111122223333:role/TrailwardenChange"
    assert assume.form["RoleSessionName"] == "C-42-UALICE"


ON_A_BUCKET = [s for s in ALL_STEPS if s.call.startswith("s3:")]


@pytest.mark.parametrize("step", ON_A_BUCKET, ids=lambda s: f"{s.kind} {s.call}")
def test_a_bucket_is_written_to_only_as_one_of_the_account(wire: Wire, step: Step) -> None:
    """It may have been deleted since the last look, and its name taken by a stranger who lets everybody write to it."""
    writer = ready(wire)
    wire.answers[step.call] = reply(b"", headers={"x-amz-request-id": "req-1"})
    writer.perform(replace(APPLYING, plan=replace(APPLYING.plan, steps=(step,))), step)
    (call,) = wire.calls(step.call.partition(":")[2])
    expected = None if isinstance(step, CreateBucket) else "111122223333"
    assert call.headers.get("x-amz-expected-bucket-owner") == expected


FORBIDDEN = [
    ("not applying yet", replace(APPLYING, state=State.APPROVED), STEP),
    ("only proposed", replace(APPLYING, state=State.PROPOSED), STEP),
    ("denied", replace(APPLYING, state=State.DENIED), STEP),
    ("its outcome unknown", replace(APPLYING, state=State.UNKNOWN), STEP),
    ("verified already", replace(APPLYING, state=State.VERIFIED), STEP),
    ("nobody approved", replace(APPLYING, votes=()), STEP),
    ("only a deny", replace(APPLYING, votes=(Vote("UALICE", False, NOW),)), STEP),
    ("a step of another plan", APPLYING, StartLogging(trail_arn("other"), "us-east-1")),
    ("the same step elsewhere", APPLYING, StartLogging(trail_arn(), "eu-west-1")),
]


@pytest.mark.parametrize(("which", "step"), [f[1:] for f in FORBIDDEN], ids=[f[0] for f in FORBIDDEN])
def test_what_the_change_does_not_allow_is_not_sent(wire: Wire, which: Change, step: Step) -> None:
    with pytest.raises(PermissionError):
        ready(wire).perform(which, step)
    assert wire.sent == []


def test_an_error_of_aws_is_told_with_its_code_and_text(wire: Wire) -> None:
    writer = ready(wire)
    wire.answers["cloudtrail:StartLogging"] = error("TrailNotFoundException", "Unknown trail")
    with pytest.raises(AwsRefusedError) as refusal:
        writer.perform(APPLYING, STEP)
    assert (refusal.value.code, refusal.value.message) == ("TrailNotFoundException", "Unknown trail")


LOST = [
    ("it timed out", ReadTimeoutError(endpoint_url="https://aws.test")),
    ("the connection broke", ConnectionClosedError(endpoint_url="https://aws.test")),
    ("AWS itself failed", error("InternalFailure", status=500)),
    ("a gateway failed", error("ServiceUnavailable", status=503)),
    ("a proxy answered in its own words", reply(b"<html>", headers={"x-amzn-RequestId": ""})),
]


@pytest.mark.parametrize("answer", [row[1] for row in LOST], ids=[row[0] for row in LOST])
def test_an_answer_that_never_came_is_lost_and_the_write_is_not_sent_again(wire: Wire, answer: Exception) -> None:
    writer = ready(wire)
    wire.answers["cloudtrail:StartLogging"] = answer
    with pytest.raises(AnswerLostError):
        writer.perform(APPLYING, STEP)
    assert len(wire.calls("StartLogging")) == 1


def test_a_throttled_write_is_not_sent_again_by_itself(wire: Wire) -> None:
    writer = ready(wire)
    wire.answers["cloudtrail:StartLogging"] = error("ThrottlingException", "Rate exceeded")
    with pytest.raises(AwsRefusedError):
        writer.perform(APPLYING, STEP)
    assert len(wire.calls("StartLogging")) == 1


def test_a_change_role_that_cannot_be_assumed_is_a_refusal(wire: Wire) -> None:
    writer = ready(wire)
    wire.answers["sts:AssumeRole"] = xml_error("AccessDenied", "not authorized")
    with pytest.raises(AwsRefusedError, match="sts:AssumeRole on arn:aws:iam::111122223333:role/TrailwardenChange"):
        writer.perform(APPLYING, STEP)
    assert wire.calls("StartLogging") == []


def test_a_change_role_of_another_account_is_not_used(wire: Wire) -> None:
    writer = ready(wire)
    wire.answers["sts:AssumeRole"] = assumed("444455556666")
    with pytest.raises(AwsRefusedError, match="got into 444455556666"):
        writer.perform(APPLYING, STEP)
    assert wire.calls("StartLogging") == []


def test_a_request_that_botocore_itself_refuses_was_never_sent_and_is_not_lost(wire: Wire) -> None:
    wrong = CreateTrail(trail_arn("x"), "x", "us-east-1", bucket=None)  # type: ignore[arg-type]  # on purpose
    applying = replace(APPLYING, plan=replace(APPLYING.plan, steps=(wrong,)))
    with pytest.raises(AwsRefusedError):
        ready(wire).perform(applying, wrong)


@pytest.mark.parametrize("code", ["SlowDown", "ThrottlingException"])
def test_to_slow_down_is_a_refusal_even_with_status_503(wire: Wire, code: str) -> None:
    writer = ready(wire)
    wire.answers["cloudtrail:StartLogging"] = error(code, status=503)
    with pytest.raises(AwsRefusedError, match=code):
        writer.perform(APPLYING, STEP)
