"""AWS's end of the wire: botocore's `before-send` answers, fails, or finds that something should not have been sent.

The real client runs up to the moment of sending: signing, retries and typed errors are botocore's own.
"""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

import boto3
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.loaders import create_loader

from bot.adapters.aws.session import Roles, Session
from tests.fakes import FakeTraces

OWN = "999900001111"
MODELS = create_loader(str(Path(boto3.__file__).parent / "data"))
"""AWS's models, parsed once for all tests."""


def trying(times: int) -> Config:
    return Config(retries={"mode": "standard", "total_max_attempts": times}, connect_timeout=1, read_timeout=1)


IMPATIENT = trying(times=1)

Answer = AWSResponse | Exception
Answering = Callable[["Sent"], Answer] | Answer


class Sent:
    """One request as it would have left."""

    def __init__(self, service: str, operation: str, request: Any) -> None:
        self.service = service
        self.operation = operation
        self.url = str(request.url)
        self.headers = {k: v.decode() if isinstance(v, bytes) else str(v) for k, v in request.headers.items()}
        body = request.body or b""
        self.body = body.decode() if isinstance(body, bytes) else str(body)

    @property
    def json(self) -> dict[str, Any]:
        return json.loads(self.body)  # type: ignore[no-any-return]  # parsed JSON

    @property
    def form(self) -> dict[str, str]:
        return {k: v[0] for k, v in parse_qs(self.body).items()}

    @property
    def region(self) -> str:
        """From the signature's scope: Credential=KEY/day/REGION/service/aws4_request."""
        return self.headers["Authorization"].split("Credential=")[1].split("/")[2]

    @property
    def key(self) -> str:
        return self.headers["Authorization"].split("Credential=")[1].split("/")[0]


class _Raw:
    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self, **_: object) -> Iterator[bytes]:
        yield self._body

    def read(self, *_: object) -> bytes:
        return self._body


class Wire:
    """Answers by "service:Operation" (a list gives one each time, the last for ever), and remembers what was sent."""

    def __init__(self, reading: Config = IMPATIENT, **roles: str) -> None:
        self.answers: dict[str, Answering | list[Answering]] = {"sts:GetCallerIdentity": xml(caller_identity())}
        self.sent: list[Sent] = []
        chosen = Roles("TrailwardenAudit", "TrailwardenChange", roles.get("external_id", ""))
        self.outcomes: list[tuple[str, str, str]] = []
        self.traces = FakeTraces()
        self.session = Session(chosen, reading, lambda *seen: self.outcomes.append(seen), self.traces.call)
        self.session._boto._session.register_component("data_loader", MODELS)
        self.session._boto.events.register_first("before-send", self._answer)

    def calls(self, operation: str) -> list[Sent]:
        return [s for s in self.sent if s.operation == operation]

    def _answer(self, request: Any, event_name: str, **_: object) -> AWSResponse:
        _, service, operation = event_name.split(".")
        sent = Sent(service, operation, request)
        self.sent.append(sent)
        found = self.answers.get(f"{service}:{operation}")
        if found is None:
            raise AssertionError(f"{service}:{operation} was sent, and the test has no answer to it")
        if isinstance(found, list):
            found = found.pop(0) if len(found) > 1 else found[0]
        answer = found(sent) if callable(found) and not isinstance(found, AWSResponse) else found
        if isinstance(answer, Exception):
            raise answer
        return answer


def reply(body: bytes, status: int = 200, headers: dict[str, str] | None = None) -> AWSResponse:
    return AWSResponse("https://aws.test/", status, {"x-amzn-RequestId": "req-1", **(headers or {})}, _Raw(body))


def ok(**answer: object) -> AWSResponse:
    return reply(json.dumps(answer, default=_epoch).encode())


def _epoch(value: object) -> float:
    assert isinstance(value, datetime)
    return value.timestamp()


def error(code: str, message: str = "no", status: int = 400) -> AWSResponse:
    """Of the JSON services."""
    return reply(json.dumps({"__type": code, "message": message}).encode(), status)


def xml(text: str, status: int = 200, headers: dict[str, str] | None = None) -> AWSResponse:
    return reply(text.encode(), status, headers)


def xml_error(code: str, message: str = "no", status: int = 403) -> AWSResponse:
    """Of STS and EC2."""
    return xml(f"<ErrorResponse><Error><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>", status)


def s3_error(code: str, status: int) -> AWSResponse:
    return xml(f"<Error><Code>{code}</Code><Message>no</Message></Error>", status)


def caller_identity(account: str = OWN, partition: str = "aws") -> str:
    return (
        "<GetCallerIdentityResponse><GetCallerIdentityResult>"
        f"<Arn>arn:{partition}:iam::{account}:user/bot</Arn><UserId>x</UserId><Account>{account}</Account>"
        "</GetCallerIdentityResult></GetCallerIdentityResponse>"
    )


def assumed(account: str = "", lasts: timedelta = timedelta(hours=1), key: str = "") -> Callable[[Sent], AWSResponse]:
    """AssumeRole's answer: credentials for the account of the role that was asked for, or for another one."""

    def answer(sent: Sent) -> AWSResponse:
        asked = sent.form["RoleArn"].split(":")[4]
        expires = (datetime.now(UTC) + lasts).strftime("%Y-%m-%dT%H:%M:%SZ")
        role = escape(f"arn:aws:sts::{account or asked}:assumed-role/TrailwardenAudit/trailwarden-audit")
        return xml(
            "<AssumeRoleResponse><AssumeRoleResult>"
            f"<AssumedRoleUser><Arn>{role}</Arn><AssumedRoleId>x:y</AssumedRoleId></AssumedRoleUser>"
            f"<Credentials><AccessKeyId>{key or 'ASIA' + asked}</AccessKeyId><SecretAccessKey>s</SecretAccessKey>"
            f"<SessionToken>t</SessionToken><Expiration>{expires}</Expiration></Credentials>"
            "</AssumeRoleResult></AssumeRoleResponse>"
        )

    return answer
