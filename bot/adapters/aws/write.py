"""One step, exactly one AWS call, and only while its approved change is being applied."""

from dataclasses import replace
from typing import Any

from botocore import xform_name
from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError
from botocore.parsers import ResponseParserError

from bot.adapters.aws import guard
from bot.adapters.aws.read_resources import key_with
from bot.adapters.aws.session import Session
from bot.domain.change import Change, State
from bot.domain.requests import Request, request
from bot.domain.steps import Step
from bot.domain.trail import Unreadable
from bot.ports import AnswerLostError, AwsRefusedError
from bot.ports.context import working_on


class BotoWriter:
    """The port Writer."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def perform(self, change: Change, step: Step) -> str:
        if change.state is not State.APPLYING or step not in change.plan.steps or not change.approvers:
            raise PermissionError(f"{change.id} is {change.state}, which does not allow {step.call}")
        with working_on(account=change.plan.account.id):
            return self._performed(change, step)

    def _performed(self, change: Change, step: Step) -> str:
        wanted = self._with_key(change, step, request(step, change.plan.account.id))
        client = self._session.writer(
            change.plan.account, wanted.service, step.region, f"{change.id}-{change.approvers[-1]}"
        )
        if isinstance(client, Unreadable):
            raise AwsRefusedError(client.error, client.sentence)
        with guard.allowing(wanted.service, wanted.operation):
            return _send(client, wanted)

    def _with_key(self, change: Change, step: Step, wanted: Request) -> Request:
        """An alias is given to the key that an earlier step made; its id is read, for nobody knew it beforehand."""
        if not wanted.key:
            return wanted
        found = key_with(self._session, change.plan.account, step.region, wanted.key)
        if isinstance(found, Unreadable):
            raise AwsRefusedError(found.error, found.sentence)
        return replace(wanted, parameters={**wanted.parameters, "TargetKeyId": found})


SLOW_DOWN = frozenset({"SlowDown", "Throttling", "ThrottlingException", "RequestLimitExceeded"})
"""Refusals that AWS sends with status 503: nothing has happened."""


def _send(client: Any, wanted: Request) -> str:
    """AWS's request id. An error that AWS itself made (5xx) leaves open what happened, like no answer at all."""
    try:
        answer = getattr(client, xform_name(wanted.operation))(**wanted.parameters)
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
