"""How the trails' buckets are exposed and logged: S3's answers on the wire, and what they cost."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ReadTimeoutError

from bot.domain.control import Need
from bot.domain.controls import CONTROLS, named
from bot.domain.trail import Account, Bucket, Unreadable
from bot.ports import Wish
from bot.services.audit import needed
from tests.adapters.test_read import MAIN, US, described, healthy, read
from tests.adapters.wire import OWN, Sent, Wire, error, ok, reply, s3_error, xml
from tests.builders import account, trail_arn

ACCESS = Wish(needs=frozenset({Need.BUCKET_ACCESS}))
LOGGING = Wish(needs=frozenset({Need.BUCKET_LOGGING}))
BOTH = Wish(needs=frozenset(Need))
XSI = "xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'"
GROUPS = "http://acs.amazonaws.com/groups/global"
ACCESS_CALLS = {"GetBucketPolicyStatus": 1, "GetBucketAcl": 1, "GetPublicAccessBlock": 2}


def status(public: bool) -> AWSResponse:
    return xml(f"<PolicyStatus><IsPublic>{str(public).lower()}</IsPublic></PolicyStatus>")


def acl(*groups: str) -> AWSResponse:
    """The owner's own grant, and one for each group."""
    own = f"<Grantee {XSI} xsi:type='CanonicalUser'><ID>me</ID></Grantee>"
    grantees = (own, *(f"<Grantee {XSI} xsi:type='Group'><URI>{GROUPS}/{g}</URI></Grantee>" for g in groups))
    grants = "".join(f"<Grant>{g}<Permission>READ</Permission></Grant>" for g in grantees)
    owner = "<Owner><ID>me</ID></Owner>"
    return xml(f"<AccessControlPolicy>{owner}<AccessControlList>{grants}</AccessControlList></AccessControlPolicy>")


def block(restricts: bool, ignores: bool) -> AWSResponse:
    return xml(
        "<PublicAccessBlockConfiguration>"
        f"<IgnorePublicAcls>{str(ignores).lower()}</IgnorePublicAcls>"
        f"<RestrictPublicBuckets>{str(restricts).lower()}</RestrictPublicBuckets>"
        "</PublicAccessBlockConfiguration>"
    )


def logging(to: str = "access-logs") -> AWSResponse:
    target = f"<LoggingEnabled><TargetBucket>{to}</TargetBucket><TargetPrefix/></LoggingEnabled>" if to else ""
    return xml(f"<BucketLoggingStatus>{target}</BucketLoggingStatus>")


def listing(*names: str) -> AWSResponse:
    buckets = "".join(f"<Bucket><Name>{n}</Name></Bucket>" for n in names)
    return xml(f"<ListAllMyBucketsResult><Buckets>{buckets}</Buckets></ListAllMyBucketsResult>")


NO_BLOCK = s3_error("NoSuchPublicAccessBlockConfiguration", 404)
DENIED = s3_error("AccessDenied", 403)


def safe(wire: Wire) -> Wire:
    """The healthy account; its bucket "logs" is private, without a block of any kind, and logs who reads it."""
    healthy(wire).answers |= {
        "s3:GetBucketPolicyStatus": status(public=False),
        "s3:GetBucketAcl": acl(),
        "s3:GetPublicAccessBlock": NO_BLOCK,
        "s3-control:GetPublicAccessBlock": NO_BLOCK,
        "s3:GetBucketLogging": logging(),
        "s3:ListBuckets": listing("logs", "logs-too"),
    }
    return wire


def bucket(wire: Wire, wish: Wish = BOTH, of: Account = US) -> Bucket:
    (found,) = read(wire, of, wish).buckets
    assert isinstance(found, Bucket)
    return found


def test_a_bucket_is_read_with_five_calls(wire: Wire) -> None:
    found = bucket(safe(wire))
    assert found == Bucket("logs", True, "", "", False, False, False, False, "access-logs")
    assert Counter(s.operation for s in wire.sent if s.service.startswith("s3")) == {
        **ACCESS_CALLS,
        "GetBucketLogging": 1,
    }


ACCOUNT = "s3-control:GetPublicAccessBlock"
ANSWERS: list[tuple[str, dict[str, Any], dict[str, object]]] = [
    ("a public policy", {"s3:GetBucketPolicyStatus": status(public=True)}, {"policy_public": True}),
    ("no policy", {"s3:GetBucketPolicyStatus": s3_error("NoSuchBucketPolicy", 404)}, {"policy_public": False}),
    ("a grant for everybody", {"s3:GetBucketAcl": acl("AllUsers")}, {"acl_public": True}),
    ("a grant for every AWS account", {"s3:GetBucketAcl": acl("AuthenticatedUsers")}, {"acl_public": True}),
    ("a grant for S3's log delivery", {"s3:GetBucketAcl": acl("../s3/LogDelivery")}, {"acl_public": False}),
    ("the bucket blocks policies", {"s3:GetPublicAccessBlock": block(True, False)}, {"restricts_policy": True}),
    ("the bucket blocks ACLs", {"s3:GetPublicAccessBlock": block(False, True)}, {"ignores_acl": True}),
    ("the account blocks policies", {ACCOUNT: block(True, False)}, {"restricts_policy": True}),
    ("the account blocks ACLs", {ACCOUNT: block(False, True)}, {"ignores_acl": True}),
    (
        "each blocks one",
        {"s3:GetPublicAccessBlock": block(True, False), "s3-control:GetPublicAccessBlock": block(False, True)},
        {"restricts_policy": True, "ignores_acl": True},
    ),
    ("an access log", {"s3:GetBucketLogging": logging("there")}, {"logs_to": "there"}),
    ("no access log", {"s3:GetBucketLogging": logging("")}, {"logs_to": ""}),
]


@pytest.mark.parametrize(("answers", "facts"), [a[1:] for a in ANSWERS], ids=[a[0] for a in ANSWERS])
def test_an_answer_becomes_a_fact(wire: Wire, answers: dict[str, Any], facts: dict[str, object]) -> None:
    safe(wire).answers |= answers
    found = bucket(wire)
    assert {name: getattr(found, name) for name in facts} == facts


# A control that was not asked for costs no call.

COSTS: list[tuple[str, Wish, dict[str, int]]] = [
    ("nothing", Wish(), {}),
    ("who may read", ACCESS, ACCESS_CALLS),
    ("who did read", LOGGING, {"GetBucketLogging": 1}),
    ("both", BOTH, {**ACCESS_CALLS, "GetBucketLogging": 1}),
]


@pytest.mark.parametrize(("wish", "calls"), [c[1:] for c in COSTS], ids=[c[0] for c in COSTS])
def test_what_nobody_asked_for_costs_no_call(wire: Wire, wish: Wish, calls: dict[str, int]) -> None:
    read(safe(wire), wish=wish)
    assert Counter(s.operation for s in wire.sent if s.service.startswith("s3")) == calls


@pytest.mark.parametrize("control", [c.id for c in CONTROLS])
def test_a_control_costs_bucket_calls_only_if_it_is_about_the_bucket(wire: Wire, control: str) -> None:
    read(safe(wire), wish=Wish(needs=needed(named((control,)))))
    costs = {s.operation for s in wire.sent if s.service.startswith("s3")}
    by_control = {"bucket-not-public": set(ACCESS_CALLS), "bucket-access-logging": {"GetBucketLogging"}}
    assert costs == by_control.get(control, set())
    assert [s.operation for s in wire.sent if s.service == "cloudtrail"] == [
        "DescribeTrails",
        "GetTrailStatus",
        "GetEventSelectors",
    ]


def test_an_account_without_a_multi_region_trail_costs_no_bucket_call(wire: Wire) -> None:
    safe(wire).answers["cloudtrail:DescribeTrails"] = ok(trailList=[described(IsMultiRegionTrail=False)])
    assert read(wire, wish=BOTH).buckets == ()


def test_two_trails_with_one_bucket_cost_one_look_and_the_accounts_block_is_asked_once(wire: Wire) -> None:
    trails = [described(), described(trail_arn("b", owner=OWN)), described(trail_arn("c", owner=OWN), S3BucketName="x")]
    safe(wire).answers["cloudtrail:DescribeTrails"] = ok(trailList=trails)
    found = read(wire, wish=BOTH).buckets
    assert [b.name for b in found if isinstance(b, Bucket)] == ["logs", "x"]
    assert len(wire.calls("GetBucketAcl")) == 2
    assert len([s for s in wire.sent if s.service == "s3-control"]) == 1


def test_a_bucket_that_blocks_everything_itself_leaves_the_account_unasked(wire: Wire) -> None:
    safe(wire).answers["s3:GetPublicAccessBlock"] = block(True, True)
    found = bucket(wire)
    assert (found.restricts_policy, found.ignores_acl) == (True, True)
    assert [s for s in wire.sent if s.service == "s3-control"] == []


def test_the_accounts_block_is_asked_by_its_id(wire: Wire) -> None:
    bucket(safe(wire))
    (call,) = [s for s in wire.sent if s.service == "s3-control"]
    assert call.headers["x-amz-account-id"] == OWN


def test_a_bucket_is_asked_for_only_as_our_own(wire: Wire) -> None:
    bucket(safe(wire))
    asked = [s for s in wire.sent if s.service == "s3"]
    assert {s.headers["x-amz-expected-bucket-owner"] for s in asked} == {OWN}


def test_a_wished_bucket_that_is_a_trails_too_is_there_once_with_all_its_facts(wire: Wire) -> None:
    safe(wire).answers |= {
        "s3:GetBucketPolicy": reply(b"{}"),
        "s3:GetBucketLocation": xml("<LocationConstraint>eu-west-1</LocationConstraint>"),
        "s3:GetBucketRequestPayment": xml("<X><Payer>Requester</Payer></X>"),
    }
    found = bucket(wire, Wish(buckets=("logs",), needs=frozenset(Need)))
    assert (found.region, found.policy, found.requester_pays, found.logs_to) == ("eu-west-1", "{}", True, "access-logs")


def test_a_wished_bucket_has_the_needs_facts_though_no_multi_region_trail_has_it(wire: Wire) -> None:
    """It may be the bucket of a trail that a plan makes; its verdict is predicted by these facts."""
    safe(wire).answers |= {
        "cloudtrail:DescribeTrails": ok(trailList=[]),
        "s3:GetBucketRequestPayment": xml(
            "<RequestPaymentConfiguration><Payer>BucketOwner</Payer></RequestPaymentConfiguration>"
        ),
        "s3:GetBucketPolicy": reply(b"{}"),
        "s3:GetBucketLocation": xml("<LocationConstraint>eu-west-1</LocationConstraint>"),
    }
    found = bucket(wire, Wish(buckets=("logs",), needs=frozenset(Need)))
    assert (found.region, found.policy_public, found.logs_to) == ("eu-west-1", False, "access-logs")


# One failing call loses one fact only.

LOSSES: list[tuple[str, set[str], str]] = [
    ("s3:GetBucketPolicyStatus", {"policy_public"}, "s3:GetBucketPolicyStatus"),
    ("s3:GetBucketAcl", {"acl_public"}, "s3:GetBucketAcl"),
    ("s3:GetPublicAccessBlock", {"restricts_policy", "ignores_acl"}, "s3:GetBucketPublicAccessBlock"),
    ("s3-control:GetPublicAccessBlock", {"restricts_policy", "ignores_acl"}, "s3:GetAccountPublicAccessBlock"),
    ("s3:GetBucketLogging", {"logs_to"}, "s3:GetBucketLogging"),
]
FACTS = ("policy_public", "acl_public", "restricts_policy", "ignores_acl", "logs_to")
TIMEOUT = ReadTimeoutError(endpoint_url="https://aws.test")


@pytest.mark.parametrize(("call", "lost", "permission"), LOSSES, ids=[row[0] for row in LOSSES])
@pytest.mark.parametrize(("fault", "code"), [(DENIED, "AccessDenied"), (TIMEOUT, "Timeout")], ids=["denied", "timeout"])
def test_a_failing_call_loses_its_own_fact_only(
    wire: Wire, call: str, lost: set[str], permission: str, fault: Any, code: str
) -> None:
    safe(wire).answers[call] = fault
    found = bucket(wire)
    unseen = {name: getattr(found, name) for name in FACTS if isinstance(getattr(found, name), Unreadable)}
    assert unseen.keys() == lost
    for evidence in unseen.values():
        assert (evidence.call, evidence.error) == (call.replace("s3-control", "s3control"), code)
        assert evidence.permission == (permission if code == "AccessDenied" else "")


def test_an_accounts_block_that_is_known_makes_up_for_the_buckets_that_is_not(wire: Wire) -> None:
    safe(wire).answers |= {"s3:GetPublicAccessBlock": DENIED, "s3-control:GetPublicAccessBlock": block(True, False)}
    found = bucket(wire)
    assert found.restricts_policy is True
    assert isinstance(found.ignores_acl, Unreadable)


PAGE = reply(b"<html>Sign in</html>", headers={"x-amzn-RequestId": ""})


@pytest.mark.parametrize(("call", "lost"), [row[:2] for row in LOSSES], ids=[row[0] for row in LOSSES])
def test_a_page_of_a_proxy_is_no_fact(wire: Wire, call: str, lost: set[str]) -> None:
    """Above all not "access logging is off", which is an empty answer."""
    safe(wire).answers[call] = PAGE
    found = bucket(wire)
    assert {getattr(found, name).error for name in lost} == {"UnknownShape"}


# Whose bucket it is.


def test_a_bucket_that_does_not_exist_is_known_not_to(wire: Wire) -> None:
    safe(wire).answers["s3:GetBucketPolicyStatus"] = s3_error("NoSuchBucket", 404)
    assert bucket(wire) == Bucket("logs", exists=False)
    assert len([s for s in wire.sent if s.service == "s3"]) == 1


@pytest.mark.parametrize("fault", [DENIED, s3_error("MethodNotAllowed", 405)], ids=["403", "405"])
def test_a_denied_bucket_that_is_not_in_our_list_is_foreign(wire: Wire, fault: AWSResponse) -> None:
    safe(wire).answers |= {"s3:GetBucketPolicyStatus": fault, "s3:ListBuckets": listing("logs-too")}
    found = bucket(wire)
    assert {getattr(found, name).error for name in FACTS} == {"ForeignBucket"}
    assert [s.operation for s in wire.sent if s.service == "s3"] == ["GetBucketPolicyStatus", "ListBuckets"]


def test_a_denied_bucket_that_is_in_our_list_is_a_matter_of_permissions(wire: Wire) -> None:
    safe(wire).answers |= {"s3:GetBucketPolicyStatus": DENIED, "s3:GetBucketAcl": DENIED}
    found = bucket(wire)
    assert isinstance(found.policy_public, Unreadable)
    assert (found.policy_public.error, found.policy_public.permission) == ("AccessDenied", "s3:GetBucketPolicyStatus")
    assert len(wire.calls("ListBuckets")) == 1


@pytest.mark.parametrize("fault", [DENIED, PAGE], ids=["denied", "a page of a proxy"])
def test_whose_it_is_stays_open_where_the_list_cannot_be_read(wire: Wire, fault: AWSResponse) -> None:
    safe(wire).answers |= {"s3:GetBucketPolicyStatus": DENIED, "s3:ListBuckets": fault}
    found = bucket(wire)
    assert isinstance(found.policy_public, Unreadable)
    assert found.policy_public.error == "AccessDenied"


def test_the_list_is_asked_for_that_name_alone(wire: Wire) -> None:
    safe(wire).answers["s3:GetBucketPolicyStatus"] = DENIED
    bucket(wire)
    (call,) = wire.calls("ListBuckets")
    assert "prefix=logs" in call.url
    assert "max-buckets=1000" in call.url


def owners_only(answer: AWSResponse, owner: str) -> Callable[[Sent], AWSResponse]:
    return lambda sent: answer if sent.headers["x-amz-expected-bucket-owner"] == owner else DENIED


@pytest.mark.parametrize(
    ("holder", "foreign"), [(OWN, True), (account().id, False)], ids=["the owner's", "the member's own"]
)
def test_an_organization_trails_bucket_is_judged_by_the_member_that_holds_it(
    wire: Wire, holder: str, foreign: bool
) -> None:
    """A log archive is a member too, and the only account that can look."""
    safe(wire).answers |= {
        "cloudtrail:DescribeTrails": ok(trailList=[described(trail_arn("org", owner=OWN), IsOrganizationTrail=True)]),
        "s3:ListBuckets": listing(*(() if foreign else ("logs",))),
        "s3:GetBucketLogging": owners_only(logging(), holder),
    }
    found = bucket(wire, LOGGING, account())
    assert isinstance(found.logs_to, Unreadable) == foreign


def test_without_trails_that_could_be_read_no_bucket_is_asked_for(wire: Wire) -> None:
    safe(wire).answers["cloudtrail:DescribeTrails"] = error("AccessDeniedException")
    assert read(wire, wish=BOTH).buckets == ()
    assert MAIN not in {s.url for s in wire.sent}
    assert [s for s in wire.sent if s.service.startswith("s3")] == []
