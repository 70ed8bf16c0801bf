"""Each request that goes to AWS is told once, with what came of it."""

from collections.abc import Callable

import pytest
from botocore.exceptions import EndpointConnectionError

from bot.adapters.aws.watch import outcome
from bot.domain.trail import Unreadable
from tests.adapters.wire import OWN, Answer, Wire, error, ok, s3_error, trying, xml_error
from tests.builders import account

GONE = EndpointConnectionError(endpoint_url="https://aws.test")


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (ok(trailList=[]), "ok"),
        (error("ThrottlingException"), "throttled"),
        (error("AccessDeniedException"), "denied"),
        (error("TrailNotFoundException"), "refused"),
        (error("InternalFailure", status=500), "refused"),
        (GONE, "no_answer"),
    ],
    ids=["an answer", "throttled", "denied", "refused", "broken", "away"],
)
def test_a_call_is_told_with_what_came_of_it(wire: Wire, answer: Answer, told: str) -> None:
    wire.answers["cloudtrail:DescribeTrails"] = answer
    wire.session.read(account(OWN), "cloudtrail", "us-east-1", "DescribeTrails")
    assert wire.outcomes == [("sts", "GetCallerIdentity", "ok"), ("cloudtrail", "DescribeTrails", told)]


def test_each_try_counts(new_wire: Callable[..., Wire]) -> None:
    wire = new_wire(trying(times=3))
    wire.answers["cloudtrail:DescribeTrails"] = [error("ThrottlingException"), GONE, ok(trailList=[])]
    found = wire.session.read(account(OWN), "cloudtrail", "us-east-1", "DescribeTrails")
    assert not isinstance(found, Unreadable)
    assert [told for _, name, told in wire.outcomes if name == "DescribeTrails"] == ["throttled", "no_answer", "ok"]


@pytest.mark.parametrize(
    ("code", "status", "told"),
    [
        ("SlowDown", 503, "throttled"),
        ("TooManyRequestsException", 429, "throttled"),
        ("Whatever", 429, "throttled"),
        ("RequestLimitExceeded", 503, "throttled"),
        ("ExpiredToken", 400, "denied"),
        ("403", 403, "denied"),
        ("NoSuchBucket", 404, "refused"),
        ("", 301, "refused"),
        ("", 200, "ok"),
    ],
)
def test_an_answer_is_told_by_its_code_and_its_status(code: str, status: int, told: str) -> None:
    assert outcome({"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}) == told


def test_xml_answers_are_told_too(wire: Wire) -> None:
    wire.answers["s3:GetBucketAcl"] = s3_error("AccessDenied", 403)
    wire.answers["ec2:DescribeRegions"] = xml_error("RequestLimitExceeded", status=503)
    wire.session.read(account(OWN), "s3", "us-east-1", "GetBucketAcl", Bucket="b")
    wire.session.read(account(OWN), "ec2", "us-east-1", "DescribeRegions")
    assert wire.outcomes[1:] == [("s3", "GetBucketAcl", "denied"), ("ec2", "DescribeRegions", "throttled")]
