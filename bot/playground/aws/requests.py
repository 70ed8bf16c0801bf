"""From an HTTP request to the call it makes, by moto's own routers and parsers, which follow botocore's models."""

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import UnknownServiceError
from moto.core.model import OperationModel, ServiceModel
from moto.core.parse import PROTOCOL_PARSERS, RequestParserError
from moto.core.request import Request, determine_request_protocol
from moto.core.routing import get_service_router
from moto.core.utils import get_service_model
from werkzeug.exceptions import HTTPException

from bot.playground.aws.callers import Caller, caller_of
from bot.playground.aws.calls import Call

Environ = dict[str, Any]
"""A WSGI environment."""

S3_CONTROL = "/v20180820/"
"""Its requests are signed as S3's, and go to the account's own host where the endpoint is AWS's."""

_CREDENTIAL = re.compile(r"Credential=([^/]+)/\d{8}/([^/]+)/([^/]+)/aws4_request")


@dataclass(frozen=True)
class Asked:
    """A call, who makes it, and what its answer needs: the operation's model and the protocol."""

    call: Call
    caller: Caller
    model: OperationModel
    protocol: str


def read_request(environ: Environ) -> Asked | None:
    """None for what is not a signed call of a known operation: that goes to moto as it is.

    The body is read and put back.
    """
    scope = _CREDENTIAL.search(environ.get("HTTP_AUTHORIZATION", ""))
    if scope is None:
        return None
    access_key, region, signed_for = scope.groups()
    request = _copied(environ)
    service = "s3control" if signed_for == "s3" and request.path.startswith(S3_CONTROL) else signed_for
    try:
        model: ServiceModel = get_service_model(service)
        operation, uri_parameters = get_service_router(service).match(request)
    except (UnknownServiceError, HTTPException, NotImplementedError):
        return None
    caller = caller_of(access_key)
    protocol = determine_request_protocol(model, request.content_type)
    call = Call(
        account_id=caller.account_id,
        region=region,
        service=service,
        operation=str(operation.name),
        access_key=access_key,
        session=caller.session,
        role=caller.role,
        arn=caller.arn,
        parameters=_parameters(request, operation, protocol, uri_parameters),
    )
    return Asked(call, caller, operation, protocol)


def _copied(environ: Environ) -> Request:
    """The request over a copy of its body, so that moto can still read it."""
    body = _body(environ)
    environ["wsgi.input"] = io.BytesIO(body)
    return Request({**environ, "wsgi.input": io.BytesIO(body)})


def _body(environ: Environ) -> bytes:
    """Of the stated length, or up to the end where the server says that the stream has one (chunked)."""
    length = environ.get("CONTENT_LENGTH")
    if length:
        return bytes(environ["wsgi.input"].read(int(length)))
    return bytes(environ["wsgi.input"].read()) if environ.get("wsgi.input_terminated") else b""


def _parameters(
    request: Request, operation: OperationModel, protocol: str, uri_parameters: dict[str, Any]
) -> Mapping[str, Any]:
    parser = PROTOCOL_PARSERS[protocol](operation)
    try:
        parsed: Mapping[str, Any] = parser.parse(
            {
                "method": request.method,
                "values": request.values,
                "headers": request.headers,
                "body": request.get_data(),
                "url_path": request.path,
                "url_params": uri_parameters,
            }
        )
    except (RequestParserError, ValueError):
        return {}
    return parsed
