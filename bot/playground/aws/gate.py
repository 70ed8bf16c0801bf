"""The WSGI application in front of moto: every request passes here first.

It writes down the call, refuses what AWS would refuse, does what a fault asks, and hands the rest to moto, whose
CloudTrail is the strict one.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from threading import Event
from typing import Any

from flask import Flask
from moto.core.utils import convert_to_flask_response
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.test import run_wsgi_app
from werkzeug.wrappers import Response

from bot.playground.aws import answers, permissions
from bot.playground.aws.calls import Call, CallLog
from bot.playground.aws.events import lookup_events
from bot.playground.aws.faults import Faults
from bot.playground.aws.regions import describe_regions, list_regions
from bot.playground.aws.requests import Asked, Environ, read_request
from bot.playground.aws.responses import StrictCloudTrailResponse
from bot.playground.aws.simulation import simulate_principal_policy

StartResponse = Callable[..., Any]

_NO_PAGES = Response("This is for AWS clients, not for web pages.\n", 403)
"""A browser says where its page comes from, an AWS client never does; moto would let every page in."""


def moto_application() -> DomainDispatcherApplication:
    """moto's server application with the strict CloudTrail in the place of moto's."""
    return DomainDispatcherApplication(_service_application)


def _service_application(service: Any) -> Flask:
    application = create_backend_app(service)
    if service == "cloudtrail":
        strict = convert_to_flask_response(StrictCloudTrailResponse.dispatch)
        application.view_functions = dict.fromkeys(application.view_functions, strict)
    return application


@dataclass
class Gate:
    """`seeded`: only the accounts, keys and roles of the seeded organization exist."""

    log: CallLog = field(default_factory=CallLog)
    faults: Faults = field(default_factory=Faults)
    seeded: bool = False
    closing: Event = field(default_factory=Event)
    moto: DomainDispatcherApplication = field(default_factory=moto_application)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if "HTTP_ORIGIN" in environ:
            return _NO_PAGES(environ, start_response)
        asked = read_request(environ)
        if asked is None:
            answered: Iterable[bytes] = self.moto(environ, start_response)
            return answered
        answered_with = self.log.add(asked.call)
        response = self._refused(asked) or self._carried_out(asked, environ)
        if self.faults.take("lose", asked.call):
            raise ConnectionAbortedError("the answer is lost, as a fault asked")
        answered_with(response.status_code)
        return response(environ, start_response)

    def _refused(self, asked: Asked) -> Response | None:
        denial = self.faults.denial(asked.call, permissions.action_of(asked.call))
        if denial:
            return answers.denied(asked, permissions.denied(asked.call, asked.caller, denial.because))
        if self.faults.take("throttle", asked.call):
            return answers.throttled(asked)
        fault = self.faults.take("refuse", asked.call)
        if fault:
            return answers.error(asked, fault.code, fault.message, 400)
        refusal = permissions.refusal(asked.call, asked.caller, self.seeded)
        return answers.denied(asked, refusal) if refusal else None

    def _carried_out(self, asked: Asked, environ: Environ) -> Response:
        delay = self.faults.take("delay", asked.call)
        if delay:
            self.closing.wait(delay.seconds)
        members = self._own_answer(asked.call)
        return _from_moto(self.moto, asked, environ) if members is None else answers.result(asked, members)

    def _own_answer(self, call: Call) -> dict[str, Any] | None:
        """For the few operations that are answered here; None for those that moto answers."""
        match call.name:
            case "account:ListRegions":
                return list_regions(call)
            case "ec2:DescribeRegions":
                return describe_regions(call)
            case "s3:GetBucketRequestPayment":
                return {"Payer": "BucketOwner"}
            case "cloudtrail:LookupEvents":
                return lookup_events(call, self.log.all())
            case "iam:SimulatePrincipalPolicy":
                return simulate_principal_policy(
                    call, lambda simulated: self.faults.denial(simulated, simulated.name) is not None
                )
            case _:
                return None


def _from_moto(moto: DomainDispatcherApplication, asked: Asked, environ: Environ) -> Response:
    try:
        body, status, headers = run_wsgi_app(moto, environ, buffered=True)
    except NotImplementedError:
        message = f"The playground does not know {asked.call.name}."
        return answers.error(asked, "UnknownOperationException", message, 400)
    return Response(b"".join(body), status, headers)
