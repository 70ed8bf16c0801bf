"""Each call to AWS is one span, with its tries and AWS's id of it, and with nothing of what was asked and answered."""

from collections.abc import Callable

import pytest
from botocore.exceptions import EndpointConnectionError

from bot.adapters.aws import guard
from tests.adapters.wire import OWN, Answer, Wire, error, ok, reply, trying
from tests.builders import account

GONE = EndpointConnectionError(endpoint_url="https://aws.test")


def asked(wire: Wire, answer: Answer | list[Answer]) -> dict[str, object]:
    """What is told of one read that is answered like this."""
    wire.answers["cloudtrail:DescribeTrails"] = answer  # type: ignore[assignment]  # a list is one of answers
    with wire.traces.span("request"):
        wire.session.read(account(OWN), "cloudtrail", "us-east-1", "DescribeTrails", trailNameList=["hidden"])
    told = dict(wire.traces.ended)
    return told["request > CloudTrail/DescribeTrails"]


def test_it_is_told_by_the_names_that_aws_has_for_it(wire: Wire) -> None:
    assert asked(wire, reply(b'{"trailList": [{"Name": "hidden"}]}', headers={"x-amzn-RequestId": "req-7"})) == {
        "rpc.system": "aws-api",
        "rpc.service": "CloudTrail",
        "rpc.method": "DescribeTrails",
        "cloud.region": "us-east-1",
        "http.response.status_code": 200,
        "http.request.resend_count": 0,
        "aws.request_id": "req-7",
        "error": "",
    }


def test_one_that_is_refused_has_the_code_and_not_the_words(wire: Wire) -> None:
    told = asked(wire, error("AccessDeniedException", "hidden"))
    assert (told["error"], told["http.response.status_code"]) == ("AccessDeniedException", 400)
    assert "hidden" not in str(told)


def test_one_without_an_answer_has_the_kind_of_error(wire: Wire) -> None:
    assert asked(wire, GONE)["error"] == "EndpointConnectionError"


def test_its_tries_are_one_span(new_wire: Callable[..., Wire]) -> None:
    wire = new_wire(trying(times=3))
    told = asked(wire, [error("ThrottlingException"), error("ThrottlingException"), ok(trailList=[])])
    assert (told["http.request.resend_count"], told["error"]) == (2, "")
    assert [name for name, _ in wire.traces.ended].count("request > CloudTrail/DescribeTrails") == 1


def test_what_the_guard_refuses_is_none(wire: Wire) -> None:
    with pytest.raises(guard.NotApprovedError):
        wire.session.read(account(OWN), "cloudtrail", "us-east-1", "StopLogging", Name="x")
    assert [name for name, _ in wire.traces.ended] == ["STS/GetCallerIdentity"]
