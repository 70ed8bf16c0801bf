"""Answers that do not come from moto, in the protocol of the call."""

import json
import re
from uuid import uuid4
from xml.sax.saxutils import escape

from moto.core.serialize import get_serializer_class
from werkzeug.wrappers import Response

from bot.playground.aws.denials import Refusal
from bot.playground.aws.requests import Asked

_ERROR = "<Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>"
_XML = {
    "query": f"<ErrorResponse>{_ERROR}<RequestId>playground</RequestId></ErrorResponse>",
    "ec2": f"<Response><Errors>{_ERROR}</Errors><RequestID>playground</RequestID></Response>",
    "rest-xml": "<Error><Code>{code}</Code><Message>{message}</Message></Error>",
}
"""Source: botocore/parsers.py, the error shapes that each parser's docstring shows."""


def result(asked: Asked, members: object) -> Response:
    """`members`: those of the operation's output."""
    serializer = get_serializer_class(asked.call.service, asked.protocol)(operation_model=asked.model)
    serialized = serializer.serialize(members)
    return Response(serialized["body"], 200, dict(serialized["headers"]))


def denied(asked: Asked, refusal: Refusal) -> Response:
    """AccessDeniedException where the protocol is JSON (HTTP 400; 403 for rest-json), AccessDenied elsewhere (403).

    SNS says AuthorizationError (SNS API reference, each operation's Errors).
    """
    usual = "AccessDeniedException" if "json" in asked.protocol else "AccessDenied"
    usual = "AuthorizationError" if asked.call.service == "sns" else usual
    status = refusal.status or (400 if asked.protocol == "json" else 403)
    return error(asked, refusal.code or usual, refusal.message, status)


_THROTTLED = {
    "s3": ("SlowDown", "Please reduce your request rate.", 503),
    "account": ("TooManyRequestsException", "Too Many Requests", 429),
    "organizations": ("TooManyRequestsException", "You have sent too many requests. Try again later.", 400),
}


def throttled(asked: Asked) -> Response:
    """Sources: "Common errors" of each service; S3 error responses; the models of account and organizations."""
    code = "ThrottlingException" if "json" in asked.protocol else "Throttling"
    return error(asked, *_THROTTLED.get(asked.call.service, (code, "Rate exceeded", 400)))


_CODE = re.compile(r'"__type": ?"(?:[^"]*#)?([^"#]+)"|<Code>([^<]+)</Code>')


def code_of(response: Response) -> str:
    """The error's code, "" for none; of an answer without a body, as to a HEAD, its status."""
    if response.status_code < 400:
        return ""
    found = _CODE.search(response.get_data(as_text=True))
    return (found[1] or found[2]) if found else str(response.status_code)


def error(asked: Asked, code: str, message: str, status: int) -> Response:
    """A HEAD has no body: AWS then tells the status alone."""
    if asked.model.http.get("method") == "HEAD":
        return Response(b"", status)
    headers = {"x-amzn-RequestId": str(uuid4())}
    if "json" in asked.protocol:
        body = json.dumps({"__type": code, "message": message})
        return Response(body, status, {**headers, "Content-Type": "application/json", "x-amzn-ErrorType": code})
    body = _XML[asked.protocol].format(code=code, message=escape(message))
    return Response(body, status, {**headers, "Content-Type": "text/xml"})
