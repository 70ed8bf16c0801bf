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

from bot.playground.aws import answers, buckets, denials, events, own_answers, permissions
from bot.playground.aws.calls import Call, CallLog
from bot.playground.aws.cloudtrail import deliver_to
from bot.playground.aws.faults import Faults
from bot.playground.aws.requests import Asked, Environ, read_request
from bot.playground.aws.responses import StrictCloudTrailResponse
from bot.playground.exchanges import Began, Journal

LONGEST_BODY = 20_000
"""Bytes of an answer that the journal keeps."""
LISTS_OBJECTS = ("s3:ListObjects", "s3:ListObjectsV2", "s3:ListObjectVersions")

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
    journal: Journal = field(default_factory=Journal)
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
        began, answered_with = Began(), self.log.add(asked.call)
        response = self._refused(asked) or self._carried_out(asked, environ)
        error = answers.code_of(response)
        if self.faults.take("lose", asked.call):
            answered_with(0, error)
            self._write_down(began, asked.call, response, "the answer was lost")
            raise ConnectionAbortedError("the answer is lost, as a fault asked")
        answered_with(response.status_code, error)
        self._write_down(began, asked.call, response, f"{response.status_code} {error}".strip())
        return response(environ, start_response)

    def _write_down(self, began: Began, call: Call, response: Response, outcome: str) -> None:
        about = f"{call.target_account} {call.role or call.arn.rpartition('/')[2]} {call.region}"
        body = response.get_data()[:LONGEST_BODY].decode("utf-8", "replace")
        self.journal.add(began, "aws", call.name, about, call.parameters, body, outcome)

    def _refused(self, asked: Asked) -> Response | None:
        denial = self.faults.denial(asked.call, denials.action_of(asked.call))
        if denial:
            return answers.denied(asked, denials.denied(asked.call, asked.caller, denial.because))
        if self.faults.take("throttle", asked.call) or events.too_fast(asked.call, self.log):
            return answers.throttled(asked)
        fault = self.faults.take("refuse", asked.call)
        if fault:
            return answers.error(asked, fault.code, fault.message, fault.status)
        refusal = permissions.refusal(asked.call, asked.caller, self.seeded)
        return answers.denied(asked, refusal) if refusal else None

    def _carried_out(self, asked: Asked, environ: Environ) -> Response:
        self.faults.tell_of(asked.call)
        delay = self.faults.take("delay", asked.call)
        if delay:
            self.closing.wait(delay.seconds)
        members = own_answers.own_answer(asked.call, self.log, self.faults)
        return self._from_moto(asked, environ) if members is None else answers.result(asked, members)

    def _from_moto(self, asked: Asked, environ: Environ) -> Response:
        if asked.call.name in LISTS_OBJECTS:
            deliver_to(str(asked.call.parameters["Bucket"]))
        new = buckets.makes_a_bucket(asked.call)
        response = _answer_of_moto(self.moto, asked, environ)
        if new and response.status_code == 200:
            buckets.protect_as_new(asked.call)
        return response


def _answer_of_moto(moto: DomainDispatcherApplication, asked: Asked, environ: Environ) -> Response:
    try:
        body, status, headers = run_wsgi_app(moto, environ, buffered=True)
    except NotImplementedError:
        message = f"The playground does not know {asked.call.name}."
        return answers.error(asked, "UnknownOperationException", message, 400)
    return Response(b"".join(body), status, headers)
