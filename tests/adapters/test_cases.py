"""Every row of the design's table of cases, from AWS's answers on the wire to the verdict."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse

from bot.domain.control import Profile
from bot.domain.controls import CONTROLS, named
from bot.domain.finding import Finding, Verdict
from bot.domain.trail import Account
from bot.ports import Wish
from bot.services.audit import needed
from tests.adapters.test_buckets import DENIED, listing, safe
from tests.adapters.test_read import US, described, read, regions
from tests.adapters.wire import OWN, Answering, Sent, Wire, error, ok
from tests.builders import NOW, account, trail_arn

PASS, FAIL, UNKNOWN = Verdict.PASS, Verdict.FAIL, Verdict.UNKNOWN
HOUR, MONTH = timedelta(hours=1), timedelta(days=30)
KMS, RDS_DATA = "kms.amazonaws.com", "rdsdata.amazonaws.com"
MAIN, SPARE, LOCAL = (trail_arn(name, owner=OWN) for name in ("main", "spare", "local"))
REGIONS = ("us-east-1", "eu-west-1", "ap-south-1")


def status(**different: object) -> AWSResponse:
    """Logging for a month, delivered to the bucket an hour ago."""
    return ok(**{"IsLogging": True, "LatestDeliveryTime": NOW - HOUR, "StartLoggingTime": NOW - MONTH, **different})


def basic(**different: object) -> AWSResponse:
    return ok(TrailARN=MAIN, EventSelectors=[{"ReadWriteType": "All", "IncludeManagementEvents": True, **different}])


def advanced(**fields: dict[str, list[str]]) -> AWSResponse:
    selector = {"Name": "any", "FieldSelectors": [{"Field": name, **operators} for name, operators in fields.items()]}
    return ok(TrailARN=MAIN, AdvancedEventSelectors=[selector])


def of_each(**answers: AWSResponse) -> Answering:
    """By the trail's name, to GetTrailStatus and GetEventSelectors alike."""
    return lambda sent: answers[(sent.json.get("Name") or sent.json["TrailName"]).split("/")[-1]]


MANAGEMENT, DATA = {"Equals": ["Management"]}, {"Equals": ["Data"]}
OBJECTS = {"resources.type": {"Equals": ["AWS::S3::Object"]}}
S3_EVERYWHERE = [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3"]}]
READS, WRITES = basic(ReadWriteType="ReadOnly"), basic(ReadWriteType="WriteOnly")
STOPPED = status(IsLogging=False)
NOT_ALLOWED = error("AccessDeniedException", "not authorized")


@dataclass(frozen=True)
class Case:
    """What differs from one healthy trail, and the verdicts and reason codes that it must get, by control."""

    name: str
    expected: dict[str, tuple[Verdict, tuple[str, ...]]]
    trails: tuple[dict[str, object], ...] = (described(),)
    status: Answering = field(default_factory=status)
    selectors: Answering = field(default_factory=basic)
    more: dict[str, Any] = field(default_factory=dict)
    account: Account = US
    profile: Profile = Profile.CIS
    says: str = ""


def multi_region(verdict: Verdict, *reasons: str) -> dict[str, tuple[Verdict, tuple[str, ...]]]:
    return {"multi-region-trail": (verdict, reasons)}


def delivery(verdict: Verdict, *reasons: str) -> dict[str, tuple[Verdict, tuple[str, ...]]]:
    """The trail itself is as it should be."""
    return {"multi-region-trail": (PASS, ()), "log-delivery": (verdict, reasons)}


def single(region: str = "us-east-1") -> dict[str, object]:
    return described(trail_arn("local", region, OWN), IsMultiRegionTrail=False)


def partition(name: str, region: str) -> dict[str, Any]:
    """A trail of the other partition, and the account there, whose role is assumed."""
    arn = trail_arn("main", region, account().id, name)
    return {"trails": (described(arn),), "account": account(partition=name)}


def member(**different: object) -> dict[str, Any]:
    arn = trail_arn("org", owner=OWN)
    return {"trails": (described(arn, IsOrganizationTrail=True, **different),), "account": account()}


CASES = [
    Case("a healthy trail", {**delivery(PASS), "log-file-validation": (PASS, ())}),
    Case("no trail", multi_region(FAIL, "no-multi-region-trail"), trails=()),
    Case("a single-region trail only", multi_region(FAIL, "single-region-only"), trails=(single(),)),
    Case(
        "a single-region trail in every region",
        multi_region(FAIL, "single-region-only"),
        trails=tuple(single(r) for r in REGIONS),
    ),
    Case("not logging", multi_region(FAIL, "not-logging"), status=STOPPED),
    Case("write only", multi_region(FAIL, "no-read-events"), selectors=WRITES),
    Case(
        "IncludeManagementEvents false",
        multi_region(FAIL, "no-management-events"),
        selectors=basic(IncludeManagementEvents=False),
    ),
    Case(
        "advanced with a readOnly filter",
        multi_region(FAIL, "no-read-events"),
        selectors=advanced(eventCategory=MANAGEMENT, readOnly={"Equals": ["false"]}),
    ),
    Case(
        "data events only, basic",
        multi_region(FAIL, "no-management-events"),
        selectors=basic(IncludeManagementEvents=False, DataResources=S3_EVERYWHERE),
    ),
    Case(
        "data events only, advanced",
        multi_region(FAIL, "no-management-events"),
        selectors=advanced(eventCategory=DATA, **OBJECTS),
    ),
    Case(
        "one trail reads, the other writes",
        multi_region(FAIL, "no-write-events"),
        trails=(described(MAIN), described(SPARE)),
        selectors=of_each(main=READS, spare=WRITES),
        says="Together its trails record everything",
    ),
    *(
        case
        for source in (KMS, RDS_DATA)
        for case in (
            Case(
                f"{source} excluded, CIS",
                multi_region(PASS),
                selectors=basic(ExcludeManagementEventSources=[source]),
                says=f"but leaves out {source}",
            ),
            Case(
                f"{source} excluded, Security Hub",
                multi_region(FAIL, "sources-excluded"),
                selectors=basic(ExcludeManagementEventSources=[source]),
                profile=Profile.SECURITY_HUB,
            ),
        )
    ),
    Case("advanced, Management only", multi_region(PASS), selectors=advanced(eventCategory=MANAGEMENT)),
    Case(
        "LatestDeliveryError set while logging",
        delivery(FAIL, "delivery-error"),
        status=status(LatestDeliveryError="AccessDenied"),
    ),
    Case(
        "the last delivery is over 24 hours ago",
        delivery(FAIL, "delivery-stale"),
        status=status(LatestDeliveryTime=NOW - 25 * HOUR),
    ),
    Case(
        "no delivery yet, started less than an hour ago",
        delivery(UNKNOWN, "delivery-pending"),
        status=ok(IsLogging=True, StartLoggingTime=NOW - HOUR / 2),
    ),
    Case(
        "DescribeTrails denied",
        dict.fromkeys([c.id for c in CONTROLS], (UNKNOWN, ("access-denied",))),
        more={"cloudtrail:DescribeTrails": NOT_ALLOWED},
        says="it needs cloudtrail:DescribeTrails",
    ),
    Case(
        "GetTrailStatus denied",
        multi_region(UNKNOWN, "access-denied"),
        status=NOT_ALLOWED,
        says="it needs cloudtrail:GetTrailStatus",
    ),
    Case(
        "GetEventSelectors denied",
        multi_region(UNKNOWN, "access-denied"),
        selectors=NOT_ALLOWED,
        says="it needs cloudtrail:GetEventSelectors",
    ),
    Case(
        "GetTrailStatus denied, but the selectors are short",
        multi_region(FAIL, "no-read-events"),
        status=NOT_ALLOWED,
        selectors=WRITES,
    ),
    Case(
        "GetEventSelectors denied, but it is not logging",
        multi_region(FAIL, "not-logging"),
        status=STOPPED,
        selectors=NOT_ALLOWED,
    ),
    Case(
        "GetEventSelectors denied for one trail, another passes",
        multi_region(PASS),
        trails=(described(MAIN), described(SPARE)),
        selectors=of_each(main=NOT_ALLOWED, spare=basic()),
    ),
    Case(
        "GetTrailStatus denied for one trail, another fails",
        multi_region(UNKNOWN, "access-denied"),
        trails=(described(MAIN), described(SPARE)),
        status=of_each(main=NOT_ALLOWED, spare=STOPPED),
    ),
    Case(
        "an event data store of CloudTrail Lake, but no trail",
        multi_region(FAIL, "no-multi-region-trail"),
        trails=(),
        says="no multi-region trail",
    ),
    Case("GovCloud", delivery(PASS), **partition("aws-us-gov", "us-gov-west-1")),
    Case(
        "GovCloud, not logging",
        multi_region(FAIL, "not-logging"),
        status=STOPPED,
        **partition("aws-us-gov", "us-gov-east-1"),
    ),
    Case("China", delivery(PASS), **partition("aws-cn", "cn-north-1")),
    Case(
        "China, write only",
        multi_region(FAIL, "no-read-events"),
        selectors=WRITES,
        **partition("aws-cn", "cn-northwest-1"),
    ),
    Case(
        "the bucket is in another account",
        {
            "multi-region-trail": (PASS, ()),
            "bucket-not-public": (UNKNOWN, ("foreign-bucket",)),
            "bucket-access-logging": (UNKNOWN, ("foreign-bucket",)),
        },
        more={
            "s3:GetBucketPolicyStatus": DENIED,
            "s3:GetBucketLogging": DENIED,
            "s3:ListBuckets": listing("not-that-one"),
        },
    ),
    Case(
        "a member of an organization, whose trail has selectors of its own",
        {
            "multi-region-trail": (UNKNOWN, ("verify-in-management-account",)),
            "log-delivery": (UNKNOWN, ("verify-in-management-account",)),
            "log-file-validation": (PASS, ()),
            "s3-object-write-events": (UNKNOWN, ("verify-in-management-account",)),
        },
        **member(HasCustomEventSelectors=True),
    ),
    Case(
        "a member of an organization, whose trail has the default selectors",
        {"multi-region-trail": (PASS, ()), "s3-object-write-events": (FAIL, ("no-object-write-events",))},
        **member(HasCustomEventSelectors=False),
    ),
    Case(
        "a member of an organization, whose trail is stopped",
        multi_region(FAIL, "not-logging"),
        status=STOPPED,
        **member(),
    ),
    Case(
        "all that CIS asks for",
        {c.id: (PASS, ()) for c in CONTROLS},
        trails=(
            described(
                KmsKeyId=f"arn:aws:kms:us-east-1:{OWN}:key/1",
                CloudWatchLogsLogGroupArn=f"arn:aws:logs:us-east-1:{OWN}:log-group:trails:*",
                CloudWatchLogsRoleArn=f"arn:aws:iam::{OWN}:role/logs",
            ),
        ),
        status=status(LatestCloudWatchLogsDeliveryTime=NOW - HOUR),
        selectors=basic(DataResources=S3_EVERYWHERE),
    ),
]


def audited(wire: Wire, case: Case) -> dict[str, Finding]:
    """The account as the audit reads and judges it, with every control asked for."""
    shown: dict[str, Any] = {
        "cloudtrail:DescribeTrails": ok(trailList=list(case.trails)),
        "cloudtrail:GetTrailStatus": case.status,
        "cloudtrail:GetEventSelectors": case.selectors,
    }
    safe(wire).answers |= shown | case.more
    world = read(wire, case.account, Wish(needs=needed(CONTROLS)))
    return {c.id: c.judge(world, case.profile) for c in CONTROLS}


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_a_case_of_the_design_has_its_verdict(wire: Wire, case: Case) -> None:
    found = audited(wire, case)
    assert {id: (found[id].verdict, found[id].reasons) for id in case.expected} == case.expected
    assert case.says in found["multi-region-trail"].told


@pytest.mark.parametrize("case", [c for c in CASES if c.account.partition != "aws"], ids=lambda c: c.name)
def test_another_partition_is_asked_in_its_own_regions_alone(wire: Wire, case: Case) -> None:
    audited(wire, case)
    asked = {s.region for s in wire.sent if s.operation != "GetCallerIdentity"}
    assert {region.split("-")[0] for region in asked} == {"cn" if case.account.partition == "aws-cn" else "us"}
    assert all("gov" in region for region in asked) == (case.account.partition == "aws-us-gov")
    (trail,) = case.trails
    assert wire.calls("GetTrailStatus")[0].region == trail["HomeRegion"]


def test_a_region_that_the_account_has_not_enabled_is_never_asked(wire: Wire) -> None:
    """DescribeRegions names the enabled ones only, and only those are searched."""

    def describe(sent: Sent) -> AWSResponse:
        return ok(trailList=[] if sent.json["includeShadowTrails"] else [single(sent.region)])

    safe(wire).answers |= {
        "ec2:DescribeRegions": regions("us-east-1", "eu-west-1"),
        "cloudtrail:DescribeTrails": describe,
        "cloudtrail:ListEventDataStores": ok(EventDataStores=[]),
    }
    world = read(wire, wish=Wish(survey=True))
    assert {s.region for s in wire.sent} == {"us-east-1", "eu-west-1"}
    (control,) = named(("multi-region-trail",))
    assert control.judge(world, Profile.CIS).reasons == ("single-region-only",)
