"""One account's snapshot: the right calls, in the right region, and one failing call loses one fact only."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError

from bot.adapters.aws.cloud import BotoCloud
from bot.adapters.aws.read import AccountReader
from bot.domain.resources import Key
from bot.domain.selectors import BasicSelector, Selectors
from bot.domain.trail import NOT_ASKED, Account, Bucket, Delivery, Snapshot, Status, Unreadable
from bot.ports import CannotRunError, Wish
from tests.adapters.wire import OWN, Sent, Wire, assumed, error, ok, reply, s3_error, trying, xml, xml_error
from tests.builders import NOW, REGION, account, trail_arn
from tests.fakes import FakeClock

US = account(OWN)
MAIN = trail_arn("main", owner=OWN)
STARTED = datetime(2026, 11, 1, tzinfo=UTC)
ALL_EVENTS = {
    "ReadWriteType": "All",
    "IncludeManagementEvents": True,
    "DataResources": [],
    "ExcludeManagementEventSources": [],
}


def described(arn: str = MAIN, **different: object) -> dict[str, object]:
    """One trail of DescribeTrails."""
    return {
        "TrailARN": arn,
        "Name": arn.split("/")[-1],
        "HomeRegion": arn.split(":")[3],
        "IsMultiRegionTrail": True,
        "IsOrganizationTrail": False,
        "S3BucketName": "logs",
        "LogFileValidationEnabled": True,
        "HasCustomEventSelectors": False,
        **different,
    }


def healthy(wire: Wire, *trails: dict[str, object]) -> Wire:
    wire.answers |= {
        "sts:AssumeRole": assumed(),
        "cloudtrail:DescribeTrails": ok(trailList=list(trails) or [described()]),
        "cloudtrail:GetTrailStatus": ok(IsLogging=True, LatestDeliveryTime=NOW, StartLoggingTime=STARTED),
        "cloudtrail:GetEventSelectors": ok(TrailARN=MAIN, EventSelectors=[ALL_EVENTS]),
    }
    return wire


def read(wire: Wire, of: Account = US, wish: Wish = Wish()) -> Snapshot:  # noqa: B008 - frozen
    return AccountReader(wire.session, FakeClock(), of, wish).snapshot()


def test_a_trail_is_read_with_three_calls(wire: Wire) -> None:
    world = read(healthy(wire))
    (found,) = world.known_trails
    assert (found.arn, found.name, found.home_region, found.bucket) == (MAIN, "main", "us-east-1", "logs")
    assert (found.multi_region, found.validation, found.organization) == (True, True, False)
    assert found.status == Status(True, Delivery("", NOW, STARTED))
    assert found.selectors == Selectors(basic=(BasicSelector(),))
    assert world.taken_at == NOW
    operations = [s.operation for s in wire.sent if s.service == "cloudtrail"]
    assert operations == ["DescribeTrails", "GetTrailStatus", "GetEventSelectors"]


def test_details_are_asked_in_the_home_region_by_arn(wire: Wire) -> None:
    arn = trail_arn("main", "eu-west-3", OWN)
    read(healthy(wire, described(arn)))
    assert wire.calls("DescribeTrails")[0].region == "us-east-1"
    for operation, parameter in (("GetTrailStatus", "Name"), ("GetEventSelectors", "TrailName")):
        (call,) = wire.calls(operation)
        assert (call.region, call.json[parameter]) == ("eu-west-3", arn)


@pytest.mark.parametrize(("partition", "region"), [("aws-us-gov", "us-gov-west-1"), ("aws-cn", "cn-north-1")])
def test_another_partition_is_read_where_it_is(wire: Wire, partition: str, region: str) -> None:
    healthy(wire).answers["cloudtrail:DescribeTrails"] = ok(trailList=[])
    read(wire, account(partition=partition))
    assert wire.calls("DescribeTrails")[0].region == region


def test_a_single_region_trails_details_are_not_asked_for(wire: Wire) -> None:
    (found,) = read(healthy(wire, described(IsMultiRegionTrail=False))).known_trails
    assert isinstance(found.status, Unreadable)
    assert wire.calls("GetTrailStatus") == []


def test_an_account_without_trails_has_none(wire: Wire) -> None:
    healthy(wire).answers["cloudtrail:DescribeTrails"] = ok(trailList=[])
    assert read(wire).trails == ()


def test_a_home_region_that_is_none_loses_the_details_only(wire: Wire) -> None:
    (found,) = read(healthy(wire, described(HomeRegion="no region"))).known_trails
    assert isinstance(found.status, Unreadable)
    assert found.status.error == "InvalidRegionError"
    assert found.validation


# One failing call loses one fact only.

SCP_DENIAL = error("AccessDeniedException", "with an explicit deny in a service control policy")
FAULTS: list[tuple[str, Any, str, str]] = [
    ("denied", error("AccessDeniedException", "not authorized"), "AccessDeniedException", "{call}"),
    ("throttled", error("ThrottlingException", "Rate exceeded"), "ThrottlingException", ""),
    ("no answer in time", ReadTimeoutError(endpoint_url="https://aws.test"), "Timeout", ""),
    ("no connection in time", ConnectTimeoutError(endpoint_url="https://aws.test"), "Timeout", ""),
    ("no connection", EndpointConnectionError(endpoint_url="https://aws.test"), "EndpointConnectionError", ""),
    ("AWS is broken", error("InternalFailure", status=500), "InternalFailure", ""),
    ("an explicit deny of the organization", SCP_DENIAL, "AccessDeniedException", "{call}"),
]
faults = pytest.mark.parametrize(("fault", "code", "permission"), [f[1:] for f in FAULTS], ids=[f[0] for f in FAULTS])


@faults
@pytest.mark.parametrize("operation", ["GetTrailStatus", "GetEventSelectors"])
def test_a_failing_call_loses_its_own_fact_only(
    wire: Wire, operation: str, fault: Any, code: str, permission: str
) -> None:
    call = f"cloudtrail:{operation}"
    healthy(wire).answers[call] = fault
    (found,) = read(wire).known_trails
    lost, kept = (found.status, found.selectors) if operation == "GetTrailStatus" else (found.selectors, found.status)
    assert isinstance(lost, Unreadable)
    assert (lost.call, lost.error, lost.permission) == (call, code, permission.format(call=call))
    assert not isinstance(kept, Unreadable)
    assert found.validation


@faults
def test_a_failing_describe_is_unreadable_and_not_an_empty_account(
    wire: Wire, fault: Any, code: str, permission: str
) -> None:
    healthy(wire).answers["cloudtrail:DescribeTrails"] = fault
    trails = read(wire).trails
    assert isinstance(trails, Unreadable)
    assert (trails.error, trails.permission) == (code, permission.format(call="cloudtrail:DescribeTrails"))


def test_one_trails_failing_call_leaves_the_other_trail_alone(wire: Wire) -> None:
    other = trail_arn("other", owner=OWN)

    def selectors(sent: Sent) -> AWSResponse:
        return error("AccessDeniedException") if sent.json["TrailName"] == MAIN else ok(EventSelectors=[ALL_EVENTS])

    healthy(wire, described(), described(other)).answers["cloudtrail:GetEventSelectors"] = selectors
    first, second = read(wire).known_trails
    assert isinstance(first.selectors, Unreadable)
    assert second.selectors == Selectors(basic=(BasicSelector(),))


def test_a_throttled_call_is_tried_again_by_botocore(new_wire: Callable[..., Wire]) -> None:
    wire = new_wire(reading=trying(times=2))
    healthy(wire).answers["cloudtrail:GetTrailStatus"] = [error("ThrottlingException"), ok(IsLogging=False)]
    (found,) = read(wire).known_trails
    assert found.status == Status(False)


SHAPES: list[tuple[str, str, AWSResponse]] = [
    ("a kind that nobody knows", "GetEventSelectors", ok(EventSelectors=[{"ReadWriteType": "Sometimes"}])),
    (
        "an operator that botocore does not know",
        "GetEventSelectors",
        ok(AdvancedEventSelectors=[{"FieldSelectors": [{"Field": "userIdentity.arn", "Contains": ["x"]}]}]),
    ),
    (
        "a field without conditions",
        "GetEventSelectors",
        ok(AdvancedEventSelectors=[{"FieldSelectors": [{"Field": "readOnly", "Equals": []}]}]),
    ),
    ("selectors without fields", "GetEventSelectors", ok(AdvancedEventSelectors=[{"Name": "x"}])),
    ("a status without IsLogging", "GetTrailStatus", ok(LatestDeliveryTime=NOW)),
    ("a page of a proxy", "GetTrailStatus", reply(b"<html>Sign in</html>")),
    ("a time that is none", "GetTrailStatus", reply(b'{"IsLogging": true, "LatestDeliveryTime": "soon"}')),
]


@pytest.mark.parametrize(("operation", "answer"), [s[1:] for s in SHAPES], ids=[s[0] for s in SHAPES])
def test_a_shape_that_nobody_has_seen_is_unreadable(wire: Wire, operation: str, answer: AWSResponse) -> None:
    healthy(wire).answers[f"cloudtrail:{operation}"] = answer
    (found,) = read(wire).known_trails
    lost = found.status if operation == "GetTrailStatus" else found.selectors
    assert isinstance(lost, Unreadable)
    assert lost.error == "UnknownShape"


@pytest.mark.parametrize(
    "answer",
    [ok(), reply(b"<html>Sign in</html>"), ok(trailList=[{"Name": "odd"}]), ok(trailList=[described("arn:a:b:c")])],
    ids=["nothing", "a page of a proxy", "a trail without an ARN", "a trail with half an ARN"],
)
def test_a_list_of_trails_that_nobody_understands_is_not_an_empty_account(wire: Wire, answer: AWSResponse) -> None:
    healthy(wire).answers["cloudtrail:DescribeTrails"] = answer
    trails = read(wire).trails
    assert isinstance(trails, Unreadable)
    assert trails.error == "UnknownShape"


def test_an_answer_to_selectors_with_neither_list_is_not_taken_for_the_default(wire: Wire) -> None:
    """A real trail always answers one of the two; a proxy's page answers neither."""
    healthy(wire).answers["cloudtrail:GetEventSelectors"] = reply(b"<html>Sign in</html>")
    (found,) = read(wire).known_trails
    assert isinstance(found.selectors, Unreadable)


@pytest.mark.parametrize("which", ["EventSelectors", "AdvancedEventSelectors"])
def test_an_empty_list_of_selectors_is_the_default(wire: Wire, which: str) -> None:
    healthy(wire).answers["cloudtrail:GetEventSelectors"] = ok(TrailARN=MAIN, **{which: []})
    (found,) = read(wire).known_trails
    assert found.selectors == Selectors()


@pytest.mark.parametrize("code", ["UnrecognizedClientException", "OptInRequired"])
def test_a_home_region_that_is_not_enabled_is_told_from_wrong_credentials(wire: Wire, code: str) -> None:
    hidden = described(trail_arn("hidden", "ap-east-1", OWN))
    healthy(wire, hidden).answers["cloudtrail:GetTrailStatus"] = error(code, "The security token is invalid")
    (found,) = read(wire).known_trails
    assert isinstance(found.status, Unreadable)
    assert found.status.error == "RegionDisabled"
    assert "ap-east-1 does not know the account" in found.status.message


def test_credentials_that_aws_does_not_accept_at_home_are_no_disabled_region(wire: Wire) -> None:
    healthy(wire).answers["cloudtrail:GetTrailStatus"] = error("UnrecognizedClientException")
    (found,) = read(wire).known_trails
    assert isinstance(found.status, Unreadable)
    assert found.status.error == "UnrecognizedClientException"


def test_five_thousand_trails_of_nonsense_are_unreadable_and_short(wire: Wire) -> None:
    nonsense = [{"Name": f"<!channel> {'x' * 500} {n}", "TrailARN": None} for n in range(5_000)]
    healthy(wire).answers["cloudtrail:DescribeTrails"] = ok(trailList=nonsense)
    trails = read(wire).trails
    assert isinstance(trails, Unreadable)
    assert trails.error == "UnknownShape"
    assert len(trails.sentence) < 400


def test_an_account_that_is_closed_in_mid_audit_loses_what_was_not_read_yet(wire: Wire) -> None:
    closed = error("UnrecognizedClientException", "The security token included in the request is invalid")
    healthy(wire).answers["cloudtrail:GetEventSelectors"] = closed
    (found,) = read(wire).known_trails
    assert found.status == Status(True, Delivery(last=NOW, started=STARTED))
    assert isinstance(found.selectors, Unreadable)


# Organization trails as a member sees them.

MEMBER = account()
ORG = trail_arn("org", owner=OWN)


def test_a_member_sees_that_its_organizations_trail_logs_but_not_its_selectors(wire: Wire) -> None:
    healthy(wire, described(ORG, IsOrganizationTrail=True, HasCustomEventSelectors=True))
    (found,) = read(wire, MEMBER).known_trails
    assert isinstance(found.status, Status)
    assert found.status.logging
    assert isinstance(found.status.delivery, Unreadable)
    assert isinstance(found.selectors, Unreadable)
    assert found.selectors.error == found.status.delivery.error == "OwnerNotRead"
    assert wire.calls("GetEventSelectors") == []


def test_a_member_knows_the_default_selectors(wire: Wire) -> None:
    healthy(wire, described(ORG, IsOrganizationTrail=True, HasCustomEventSelectors=False))
    (found,) = read(wire, MEMBER).known_trails
    assert found.selectors == Selectors()


def test_a_member_that_is_not_told_whether_they_are_custom_does_not_know(wire: Wire) -> None:
    unsaid = {k: v for k, v in described(ORG, IsOrganizationTrail=True).items() if k != "HasCustomEventSelectors"}
    (found,) = read(healthy(wire, unsaid), MEMBER).known_trails
    assert isinstance(found.selectors, Unreadable)


@pytest.mark.parametrize("code", ["AccessDeniedException", "TrailNotFoundException"])
def test_a_member_whose_status_call_fails_does_not_know_whether_it_logs(wire: Wire, code: str) -> None:
    healthy(wire, described(ORG, IsOrganizationTrail=True)).answers["cloudtrail:GetTrailStatus"] = error(code)
    (found,) = read(wire, MEMBER).known_trails
    assert isinstance(found.status, Unreadable)


def test_an_account_whose_role_cannot_be_assumed_is_unreadable_whole(wire: Wire) -> None:
    healthy(wire).answers["sts:AssumeRole"] = xml_error("AccessDenied")
    trails = read(wire, MEMBER).trails
    assert isinstance(trails, Unreadable)
    assert trails.call == "sts:AssumeRole"


# Looking into every region.


def regions(*names: str) -> AWSResponse:
    items = "".join(f"<item><regionName>{n}</regionName></item>" for n in names)
    return xml(f"<DescribeRegionsResponse><regionInfo>{items}</regionInfo></DescribeRegionsResponse>")


def surveying(wire: Wire, failing: str = "") -> Wire:
    """A single-region trail in each of the regions; one of them answers with an error."""

    def describe(sent: Sent) -> AWSResponse:
        if sent.json["includeShadowTrails"]:
            return ok(trailList=[described()])
        if sent.region == failing:
            return error("AccessDeniedException")
        local = trail_arn("local", sent.region, OWN)
        return ok(trailList=[described(local, IsMultiRegionTrail=False)])

    healthy(wire).answers |= {
        "ec2:DescribeRegions": regions("us-east-1", "eu-west-1", "ap-south-1"),
        "cloudtrail:DescribeTrails": describe,
        "cloudtrail:ListEventDataStores": ok(EventDataStores=[{"Name": "audit-lake"}]),
    }
    return wire


def test_a_survey_finds_the_single_region_trails_with_their_details(wire: Wire) -> None:
    world = read(surveying(wire), wish=Wish(survey=True))
    assert world.survey is not None
    assert world.survey.regions == ("ap-south-1", "eu-west-1", "us-east-1")
    assert {t.home_region for t in world.known_trails if not t.multi_region} == set(world.survey.regions)
    assert not any(isinstance(t.status, Unreadable) for t in world.known_trails)


def test_each_call_of_a_survey_belongs_to_who_asked_and_names_the_account(wire: Wire) -> None:
    cloud = BotoCloud(surveying(wire).session, FakeClock(), ())
    with wire.traces.span("request"):
        list(cloud.snapshots([US], Wish(survey=True)))
    assert [name for name, _ in wire.traces.ended].count("request > CloudTrail/DescribeTrails") == 4
    assert {(name.split(" > ")[0], told.get("account")) for name, told in wire.traces.ended} == {
        ("request", OWN),
        ("request", None),
    }


def test_a_survey_names_the_lakes_and_one_that_cannot_see_them_says_nothing(wire: Wire) -> None:
    seen = read(surveying(wire), wish=Wish(survey=True)).survey
    wire.answers["cloudtrail:ListEventDataStores"] = error("AccessDeniedException")
    unseen = read(wire, wish=Wish(survey=True)).survey
    assert seen is not None
    assert unseen is not None
    assert (seen.lakes, unseen.lakes, unseen.notes) == (("audit-lake",), (), ())


def test_a_survey_with_one_failing_region_is_a_note(wire: Wire) -> None:
    world = read(surveying(wire, failing="eu-west-1"), wish=Wish(survey=True))
    assert world.survey is not None
    (note,) = world.survey.notes
    assert note.startswith("eu-west-1: cloudtrail:DescribeTrails answered AccessDeniedException")
    assert {t.home_region for t in world.known_trails if not t.multi_region} == {"ap-south-1", "us-east-1"}
    assert world.trail(MAIN) is not None


def test_regions_that_could_not_be_listed_are_a_note_too(wire: Wire) -> None:
    surveying(wire).answers["ec2:DescribeRegions"] = xml_error("UnauthorizedOperation")
    world = read(wire, wish=Wish(survey=True))
    assert world.survey is not None
    assert world.survey.regions == ()
    assert "Other regions were not searched" in world.survey.notes[0]
    assert world.trail(MAIN) is not None


def test_shadows_of_one_trail_are_one_trail(wire: Wire) -> None:
    surveying(wire).answers["cloudtrail:DescribeTrails"] = ok(trailList=[described()])
    assert len(read(wire, wish=Wish(survey=True)).known_trails) == 1


# Buckets.

POLICY = '{"Version": "2012-10-17", "Statement": []}'
PLACE = xml("<LocationConstraint>eu-west-1</LocationConstraint>")


def payment(payer: str) -> AWSResponse:
    return xml(f"<RequestPaymentConfiguration><Payer>{payer}</Payer></RequestPaymentConfiguration>")


OWNER_PAYS = {"s3:GetBucketRequestPayment": payment("BucketOwner")}
ONE_BUCKET = {"s3:GetBucketPolicy": reply(POLICY.encode()), "s3:GetBucketLocation": PLACE, **OWNER_PAYS}


@pytest.mark.parametrize(
    ("policy", "place", "bucket"),
    [
        (reply(POLICY.encode()), PLACE, Bucket("logs", True, "eu-west-1", POLICY, requester_pays=False)),
        (
            reply(POLICY.encode()),
            xml("<LocationConstraint/>"),
            Bucket("logs", True, "us-east-1", POLICY, requester_pays=False),
        ),
        (
            reply(POLICY.encode()),
            xml("<LocationConstraint>EU</LocationConstraint>"),
            Bucket("logs", True, "eu-west-1", POLICY, requester_pays=False),
        ),
        (s3_error("NoSuchBucketPolicy", 404), PLACE, Bucket("logs", True, "eu-west-1", "", requester_pays=False)),
        (s3_error("NoSuchBucket", 404), PLACE, Bucket("logs", False)),
    ],
    ids=["with a policy", "in the first region", "in the old name of a region", "without a policy", "missing"],
)
def test_a_bucket_is_read(wire: Wire, policy: AWSResponse, place: AWSResponse, bucket: Bucket) -> None:
    healthy(wire).answers |= {"s3:GetBucketPolicy": policy, "s3:GetBucketLocation": place, **OWNER_PAYS}
    assert read(wire, wish=Wish(buckets=("logs",))).buckets == (bucket,)


def test_an_empty_policy_is_not_taken_for_none(wire: Wire) -> None:
    """For none, AWS answers an error; what is merged into nothing would replace everything."""
    healthy(wire).answers |= {**ONE_BUCKET, "s3:GetBucketPolicy": reply(b"")}
    (found,) = read(wire, wish=Wish(buckets=("logs",))).buckets
    assert isinstance(found, Unreadable)
    assert found.error == "UnknownShape"


@pytest.mark.parametrize("failing", ["GetBucketPolicy", "GetBucketLocation"])
def test_a_foreign_bucket_is_unreadable_and_neither_missing_nor_ours(wire: Wire, failing: str) -> None:
    healthy(wire).answers |= ONE_BUCKET
    wire.answers[f"s3:{failing}"] = s3_error("AccessDenied", 403)
    (found,) = read(wire, wish=Wish(buckets=("logs",))).buckets
    assert isinstance(found, Unreadable)
    assert (found.error, found.permission) == ("AccessDenied", f"s3:{failing}")


def test_a_bucket_is_asked_for_only_as_our_own(wire: Wire) -> None:
    healthy(wire).answers |= ONE_BUCKET
    read(wire, wish=Wish(buckets=("logs",)))
    assert [call.operation for call in wire.sent[-3:]] == [call.split(":")[1] for call in ONE_BUCKET]
    for call in wire.sent[-3:]:
        assert call.headers["x-amz-expected-bucket-owner"] == OWN


def test_a_bucket_elsewhere_that_s3_points_to_is_followed_or_unreadable_but_never_a_crash(wire: Wire) -> None:
    """S3 answers 301 from the wrong region; without a hint botocore would ask HeadBucket, which must not be refused."""
    moved = xml("<Error><Code>PermanentRedirect</Code><Message>no</Message></Error>", 301)
    healthy(wire).answers |= {
        "s3:GetBucketPolicy": [moved, reply(POLICY.encode())],
        "s3:HeadBucket": xml("", 200, {"x-amz-bucket-region": "eu-west-1"}),
        "s3:GetBucketLocation": PLACE,
        **OWNER_PAYS,
    }
    (found,) = read(wire, wish=Wish(buckets=("logs",))).buckets
    assert found == Bucket("logs", True, "eu-west-1", POLICY, requester_pays=False)


@pytest.mark.parametrize(
    ("answer", "pays"),
    [
        (payment("Requester"), True),
        (payment("BucketOwner"), False),
        (
            s3_error("AccessDenied", 403),
            Unreadable("s3:GetBucketRequestPayment", "AccessDenied", "no", "s3:GetBucketRequestPayment"),
        ),
        (xml("<ListBucketResult/>"), Unreadable("s3:GetBucketRequestPayment", "UnknownShape", "KeyError: 'Payer'")),
    ],
    ids=["the requester", "the owner", "nobody may look", "an answer of somebody else"],
)
def test_who_pays_for_a_buckets_requests_is_read_and_never_guessed(
    wire: Wire, answer: AWSResponse, pays: bool | Unreadable
) -> None:
    healthy(wire).answers |= {**ONE_BUCKET, "s3:GetBucketRequestPayment": answer}
    (found,) = read(wire, wish=Wish(buckets=("logs",))).buckets
    assert found == Bucket("logs", True, "eu-west-1", POLICY, requester_pays=pays)


# Many accounts.


def cloud(wire: Wire, *wanted: str) -> BotoCloud:
    return BotoCloud(wire.session, FakeClock(), wanted)


def test_many_accounts_are_read_and_one_that_fails_does_not_stop_the_others(wire: Wire) -> None:
    def assume(sent: Sent) -> AWSResponse:
        return xml_error("AccessDenied") if "444455556666" in sent.form["RoleArn"] else assumed()(sent)

    healthy(wire).answers["sts:AssumeRole"] = assume
    accounts = [account("111122223333"), account("444455556666"), account("777788889999")]
    found = {s.account.id: s for s in cloud(wire).snapshots(accounts)}
    assert isinstance(found["444455556666"].trails, Unreadable)
    assert {len(found[i].known_trails) for i in ("111122223333", "777788889999")} == {1}


def test_self_is_the_account_of_the_credentials(wire: Wire) -> None:
    assert cloud(wire, "self").accounts().accounts == (Account(OWN),)


def test_a_list_is_those_accounts_each_once(wire: Wire) -> None:
    found = cloud(wire, "111122223333", "444455556666", "111122223333").accounts()
    assert [a.id for a in found.accounts] == ["111122223333", "444455556666"]


def listed(*accounts: tuple[str, str, str]) -> AWSResponse:
    return ok(Accounts=[{"Id": i, "Name": n, "Status": s} for i, n, s in accounts])


def test_the_organization_has_names_and_leaves_out_who_is_suspended(wire: Wire) -> None:
    wire.answers["organizations:ListAccounts"] = listed(
        (OWN, "management", "ACTIVE"), ("111122223333", "web", "ACTIVE"), ("444455556666", "old", "SUSPENDED")
    )
    found = cloud(wire, "organization").accounts()
    assert [(a.id, a.name) for a in found.accounts] == [(OWN, "management"), ("111122223333", "web")]
    assert found.left_out == ("1 suspended or closing account left out",)


@pytest.mark.parametrize(
    "answer",
    [error("AccessDeniedException"), error("AWSOrganizationsNotInUseException"), listed()],
    ids=["denied", "no organization", "an empty list, which is a denial"],
)
def test_an_organization_that_cannot_be_listed_stops_the_run_with_a_way_out(wire: Wire, answer: AWSResponse) -> None:
    wire.answers["organizations:ListAccounts"] = answer
    with pytest.raises(CannotRunError, match="or name the accounts in TRAILWARDEN_ACCOUNTS"):
        cloud(wire, "organization").accounts()


@pytest.mark.parametrize(
    ("told", "active"),
    [
        ({"State": "ACTIVE"}, True),
        ({"Status": "ACTIVE"}, True),
        ({"State": "CLOSED", "Status": "ACTIVE"}, False),
        ({"State": "PENDING_ACTIVATION"}, False),
        ({}, True),
    ],
    ids=["state", "status", "both", "not yet active", "neither"],
)
def test_an_account_is_active_by_its_state_and_by_the_older_status(
    wire: Wire, told: dict[str, str], active: bool
) -> None:
    wire.answers["organizations:ListAccounts"] = ok(
        Accounts=[{"Id": OWN, "State": "ACTIVE"}, {"Id": "111122223333", **told}]
    )
    assert (len(cloud(wire, "organization").accounts().accounts) == 2) is active


def test_an_account_without_an_id_is_a_list_that_nobody_understands(wire: Wire) -> None:
    wire.answers["organizations:ListAccounts"] = ok(Accounts=[{"Name": "odd"}])
    with pytest.raises(CannotRunError, match="UnknownShape"):
        cloud(wire, "organization").accounts()


def test_a_page_that_fails_half_way_leaves_the_list_incomplete_and_says_so(wire: Wire) -> None:
    first = ok(Accounts=[{"Id": OWN, "Name": "a", "Status": "ACTIVE"}], NextToken="more")
    wire.answers["organizations:ListAccounts"] = [first, error("TooManyRequestsException", "Rate exceeded")]
    found = cloud(wire, "organization").accounts()
    assert ([a.id for a in found.accounts], found.complete) == ([OWN], False)
    assert "organizations:ListAccounts answered TooManyRequestsException" in found.left_out[0]


def test_the_second_page_is_read_too(wire: Wire) -> None:
    first = ok(Accounts=[{"Id": OWN, "Name": "a", "Status": "ACTIVE"}], NextToken="more")
    wire.answers["organizations:ListAccounts"] = [first, listed(("111122223333", "b", "ACTIVE"))]
    assert len(cloud(wire, "organization").accounts().accounts) == 2


TREE = {"r": [("ou-prod", "Prod"), ("ou-dev", "Dev")], "ou-prod": [("ou-web", "Web")], "ou-dev": [("ou-web2", "Web")]}


def organization(wire: Wire) -> Wire:
    """Root(Prod(Web), Dev(Web)), one account in each, named like its unit."""
    wire.answers |= {
        "organizations:ListRoots": ok(Roots=[{"Id": "r", "Name": "Root"}]),
        "organizations:ListOrganizationalUnitsForParent": lambda sent: ok(
            OrganizationalUnits=[{"Id": i, "Name": n} for i, n in TREE.get(sent.json["ParentId"], [])]
        ),
        "organizations:ListAccountsForParent": lambda sent: ok(Accounts=[{"Id": sent.json["ParentId"]}]),
    }
    return wire


@pytest.mark.parametrize(
    ("unit", "ids"),
    [
        ("Prod", {"ou-prod", "ou-web"}),
        ("Web", {"ou-web", "ou-web2"}),
        ("Prod/Web", {"ou-web"}),
        ("Root/Dev", {"ou-dev", "ou-web2"}),
        ("/Prod/", {"ou-prod", "ou-web"}),
        ("Root", {"r", "ou-prod", "ou-web", "ou-dev", "ou-web2"}),
        ("Nope", set()),
        ("", set()),
    ],
)
def test_a_unit_is_found_by_name_or_path_with_those_below_it(wire: Wire, unit: str, ids: set[str]) -> None:
    assert cloud(organization(wire), "organization").under(unit) == ids


def test_the_path_of_each_account_is_read_from_the_whole_tree(wire: Wire) -> None:
    assert cloud(organization(wire), "organization").paths() == {
        "r": "Root",
        "ou-prod": "Root/Prod",
        "ou-web": "Root/Prod/Web",
        "ou-dev": "Root/Dev",
        "ou-web2": "Root/Dev/Web",
    }
    assert cloud(wire, "self").paths() == {}


@pytest.mark.parametrize("call", ["ListRoots", "ListOrganizationalUnitsForParent", "ListAccountsForParent"])
def test_units_that_cannot_be_listed_are_unreadable_and_not_empty(wire: Wire, call: str) -> None:
    organization(wire).answers[f"organizations:{call}"] = error("AccessDeniedException")
    assert isinstance(cloud(wire, "organization").under("Prod"), Unreadable)
    assert isinstance(cloud(wire, "organization").paths(), Unreadable)


# The organization


def managed_by(manager: str) -> AWSResponse:
    return ok(Organization={"Id": "o-1", "MasterAccountId": manager})


TRUST = "organizations:ListAWSServiceAccessForOrganization"


def trusting(*services: str) -> AWSResponse:
    return ok(EnabledServicePrincipals=[{"ServicePrincipal": s} for s in services])


@pytest.mark.parametrize(("manager", "mine"), [(OWN, "o-1"), ("222222222222", "")], ids=["managed", "member"])
def test_who_manages_the_organization_is_asked_only_on_demand(wire: Wire, manager: str, mine: str) -> None:
    healthy(wire).answers |= {"organizations:DescribeOrganization": managed_by(manager), TRUST: trusting()}
    assert (read(wire).organization, read(wire).manager) == ("", "")
    assert wire.calls("DescribeOrganization") == []
    world = read(wire, wish=Wish(organization=True))
    assert (world.organization, world.manager) == (mine, manager)


def test_no_organization_is_an_answer_and_a_denial_is_none(wire: Wire) -> None:
    healthy(wire).answers["organizations:DescribeOrganization"] = error("AWSOrganizationsNotInUseException")
    assert read(wire, wish=Wish(organization=True)).manager == ""
    wire.answers["organizations:DescribeOrganization"] = error("AccessDeniedException")
    unseen = read(wire, wish=Wish(organization=True))
    assert unseen.organization == ""
    assert isinstance(unseen.manager, Unreadable)
    assert unseen.manager.permission == "organizations:DescribeOrganization"


def test_whether_the_organization_trusts_cloudtrail_is_asked_of_its_manager(wire: Wire) -> None:
    healthy(wire).answers["organizations:DescribeOrganization"] = managed_by(OWN)
    more = ok(EnabledServicePrincipals=[{"ServicePrincipal": "sso.amazonaws.com"}], NextToken="2")
    wire.answers[TRUST] = [more, trusting("cloudtrail.amazonaws.com"), trusting("sso.amazonaws.com")]
    assert read(wire, wish=Wish(organization=True)).trusts_cloudtrail is True
    assert read(wire, wish=Wish(organization=True)).trusts_cloudtrail is False
    wire.answers[TRUST] = error("AccessDeniedException")
    unseen = read(wire, wish=Wish(organization=True)).trusts_cloudtrail
    assert isinstance(unseen, Unreadable)
    assert unseen.permission == TRUST


def test_a_member_is_not_asked_whom_its_organization_trusts(wire: Wire) -> None:
    healthy(wire).answers["organizations:DescribeOrganization"] = managed_by("222222222222")
    assert read(wire, wish=Wish(organization=True)).trusts_cloudtrail == NOT_ASKED
    assert wire.calls("ListAWSServiceAccessForOrganization") == []


# Keys.


@pytest.mark.parametrize(
    ("answer", "exists"),
    [
        (error("AccessDeniedException"), False),
        (error("ThrottlingException"), Unreadable("kms:DescribeKey", "ThrottlingException", "no")),
    ],
    ids=["one that is not ours to look at", "one that could not be looked at now"],
)
def test_a_key_that_we_have_made_is_looked_for_and_never_taken_for_missing(
    wire: Wire, answer: AWSResponse, exists: bool | Unreadable
) -> None:
    healthy(wire).answers |= {
        "kms:DescribeKey": [error("NotFoundException"), answer],
        "kms:ListKeys": ok(Keys=[{"KeyId": "1111"}], Truncated=False),
    }
    (found,) = read(wire, wish=Wish(resources=(Key("alias/trails", exists=False, region=REGION),))).resources
    assert found.exists == exists
