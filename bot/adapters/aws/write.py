"""One step, exactly one AWS call, and only while its approved change is being applied."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError
from botocore.parsers import ResponseParserError

from bot.adapters.aws import guard, shapes
from bot.adapters.aws.session import Session
from bot.domain import steps
from bot.domain.change import Change, State
from bot.domain.steps import Step
from bot.domain.trail import Unreadable
from bot.ports import AnswerLostError, AwsRefusedError


@dataclass(frozen=True)
class Request:
    """One AWS call: service and operation as botocore names them, and its parameters."""

    service: str
    operation: str
    method: str
    parameters: dict[str, Any]


def request(step: Step) -> Request:
    """The call that carries the step out."""
    return REQUESTS[type(step)](step)


def _start_logging(step: steps.StartLogging) -> Request:
    return Request("cloudtrail", "StartLogging", "start_logging", {"Name": step.arn})


def _update_trail(step: steps.UpdateTrail) -> Request:
    """AWS refuses a multi-region trail without global service events."""
    parameters: dict[str, Any] = {"Name": step.arn}
    if step.multi_region:
        parameters |= {"IsMultiRegionTrail": True, "IncludeGlobalServiceEvents": True}
    if step.validation:
        parameters["EnableLogFileValidation"] = True
    return Request("cloudtrail", "UpdateTrail", "update_trail", parameters)


def _put_event_selectors(step: steps.PutEventSelectors) -> Request:
    parameters = {"TrailName": step.arn, **shapes.as_selectors(step.after)}
    return Request("cloudtrail", "PutEventSelectors", "put_event_selectors", parameters)


def _create_trail(step: steps.CreateTrail) -> Request:
    parameters: dict[str, Any] = {
        "Name": step.name,
        "S3BucketName": step.bucket,
        "IsMultiRegionTrail": True,
        "IncludeGlobalServiceEvents": True,
        "EnableLogFileValidation": step.validation,
    }
    if step.prefix:
        parameters["S3KeyPrefix"] = step.prefix
    return Request("cloudtrail", "CreateTrail", "create_trail", parameters)


def _delete_trail(step: steps.DeleteTrail) -> Request:
    return Request("cloudtrail", "DeleteTrail", "delete_trail", {"Name": step.arn})


def _create_bucket(step: steps.CreateBucket) -> Request:
    """us-east-1 must not be named as a location; every other region must."""
    place = {} if step.region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": step.region}}
    return Request("s3", "CreateBucket", "create_bucket", {"Bucket": step.name, **place})


def _protect_bucket(step: steps.ProtectBucket) -> Request:
    if step.setting == "versioning":
        parameters = {"Bucket": step.name, "VersioningConfiguration": {"Status": "Enabled"}}
        return Request("s3", "PutBucketVersioning", "put_bucket_versioning", parameters)
    names = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
    parameters = {"Bucket": step.name, "PublicAccessBlockConfiguration": dict.fromkeys(names, True)}
    return Request("s3", "PutPublicAccessBlock", "put_public_access_block", parameters)


def _put_bucket_policy(step: steps.PutBucketPolicy) -> Request:
    return Request("s3", "PutBucketPolicy", "put_bucket_policy", {"Bucket": step.name, "Policy": step.after})


REQUESTS: dict[type[Step], Callable[[Any], Request]] = {
    steps.StartLogging: _start_logging,
    steps.UpdateTrail: _update_trail,
    steps.PutEventSelectors: _put_event_selectors,
    steps.CreateTrail: _create_trail,
    steps.DeleteTrail: _delete_trail,
    steps.CreateBucket: _create_bucket,
    steps.ProtectBucket: _protect_bucket,
    steps.PutBucketPolicy: _put_bucket_policy,
}


class BotoWriter:
    """The port Writer."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def perform(self, change: Change, step: Step) -> str:
        if change.state is not State.APPLYING or step not in change.plan.steps or not change.approvers:
            raise PermissionError(f"{change.id} is {change.state}, which does not allow {step.call}")
        wanted = request(step)
        client = self._session.writer(
            change.plan.account, wanted.service, step.region, f"{change.id}-{change.approvers[-1]}"
        )
        if isinstance(client, Unreadable):
            raise AwsRefusedError(client.error, client.sentence)
        with guard.allowing(wanted.service, wanted.operation):
            return _send(client, wanted)


SLOW_DOWN = frozenset({"SlowDown", "Throttling", "ThrottlingException", "RequestLimitExceeded"})
"""Refusals that AWS sends with status 503: nothing has happened."""


def _send(client: Any, wanted: Request) -> str:
    """AWS's request id. An error that AWS itself made (5xx) leaves open what happened, like no answer at all."""
    try:
        answer = getattr(client, wanted.method)(**wanted.parameters)
    except ClientError as refused:
        status = refused.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        error = refused.response.get("Error", {})
        if status >= 500 and error.get("Code") not in SLOW_DOWN:
            raise AnswerLostError(f"{wanted.operation} answered {status}") from refused
        raise AwsRefusedError(error.get("Code", "Error"), error.get("Message", "")) from refused
    except ParamValidationError as never_sent:
        raise AwsRefusedError("ParamValidation", str(never_sent)) from never_sent
    except (BotoCoreError, ResponseParserError) as failed:
        raise AnswerLostError(f"{wanted.operation}: {failed}") from failed
    request_id = answer.get("ResponseMetadata", {}).get("RequestId")
    if not request_id:
        raise AnswerLostError(f"{wanted.operation} was answered without a request id, so perhaps not by AWS")
    return str(request_id)
