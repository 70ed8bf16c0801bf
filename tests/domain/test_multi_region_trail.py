"""`multi-region-trail`: the cases of the control, as tables."""

import pytest

from bot.domain.control import Profile
from bot.domain.controls.multi_region_trail import CONTROL, judge
from bot.domain.finding import Finding, Verdict
from bot.domain.selectors import BasicSelector, Selectors, coverage
from bot.domain.steps import PutEventSelectors
from bot.domain.trail import Snapshot, Unreadable
from tests.builders import (
    NO_MANAGEMENT,
    OWNER,
    READ_ONLY,
    WRITE_ONLY,
    account,
    advanced,
    basic,
    data_events,
    data_resource,
    delivery,
    denied,
    fields,
    management,
    organization_trail,
    owner_only,
    snapshot,
    surveyed,
    trail,
    trail_arn,
)

KMS, RDS_DATA = "kms.amazonaws.com", "rdsdata.amazonaws.com"
PASS, FAIL, UNKNOWN = Verdict.PASS, Verdict.FAIL, Verdict.UNKNOWN
WITHOUT_KMS = basic(BasicSelector(excluded_sources=(KMS,)))


def single(region: str = "us-east-1") -> Snapshot:
    return trail(f"only-{region}", region=region, multi_region=False)


def cis(world: Snapshot) -> Finding:
    return judge(world, Profile.CIS)


CASES = [
    ("no trail", snapshot(), FAIL, ("no-multi-region-trail",)),
    ("a single-region trail only", snapshot(single()), FAIL, ("single-region-only",)),
    (
        "a single-region trail in every region",
        snapshot(*[single(r) for r in ("us-east-1", "eu-west-1", "ap-south-1")]),
        FAIL,
        ("single-region-only",),
    ),
    ("multi-region, logging, the default selectors", snapshot(trail()), PASS, ()),
    ("not logging", snapshot(trail(logging=False)), FAIL, ("not-logging",)),
    ("write only", snapshot(trail(selectors=WRITE_ONLY)), FAIL, ("no-read-events",)),
    ("read only", snapshot(trail(selectors=READ_ONLY)), FAIL, ("no-write-events",)),
    ("no management events", snapshot(trail(selectors=NO_MANAGEMENT)), FAIL, ("no-management-events",)),
    (
        "not logging and write only",
        snapshot(trail(logging=False, selectors=WRITE_ONLY)),
        FAIL,
        ("not-logging", "no-read-events"),
    ),
    (
        "advanced with a readOnly filter",
        snapshot(trail(selectors=advanced(management(readOnly={"Equals": ["false"]})))),
        FAIL,
        ("no-read-events",),
    ),
    ("data events only", snapshot(trail(selectors=advanced(data_events()))), FAIL, ("no-management-events",)),
    (
        "data events only, basic",
        snapshot(trail(selectors=basic(BasicSelector(management=False, data_resources=(data_resource(),))))),
        FAIL,
        ("no-management-events",),
    ),
    (
        "data events under the console's name for management events",
        snapshot(trail(selectors=advanced(fields("Management events selector", eventCategory={"Equals": ["Data"]})))),
        FAIL,
        ("no-management-events",),
    ),
    (
        "some sources only",
        snapshot(trail(selectors=advanced(management(eventSource={"Equals": [KMS]})))),
        FAIL,
        ("partial-read-events", "partial-write-events"),
    ),
    (
        "a read-only and a write-only selector in one trail",
        snapshot(trail(selectors=basic(BasicSelector("ReadOnly"), BasicSelector("WriteOnly")))),
        PASS,
        (),
    ),
    ("advanced, all management events", snapshot(trail(selectors=advanced(management()))), PASS, ()),
    (
        "LatestDeliveryError while logging leaves this control as it stands",
        snapshot(trail(delivery=delivery(error="AccessDenied"))),
        PASS,
        (),
    ),
    ("DescribeTrails denied", snapshot(unreadable=denied("cloudtrail:DescribeTrails")), UNKNOWN, ("access-denied",)),
    ("GetTrailStatus denied", snapshot(trail(status=denied())), UNKNOWN, ("access-denied",)),
    (
        "GetEventSelectors denied",
        snapshot(trail(selectors=denied("cloudtrail:GetEventSelectors"))),
        UNKNOWN,
        ("access-denied",),
    ),
    (
        "GetTrailStatus denied, but the selectors are known to be short",
        snapshot(trail(status=denied(), selectors=WRITE_ONLY)),
        FAIL,
        ("no-read-events",),
    ),
    (
        "GetEventSelectors denied, but known to be stopped",
        snapshot(trail(logging=False, selectors=denied())),
        FAIL,
        ("not-logging",),
    ),
    (
        "one trail unknown, another passes",
        snapshot(trail("a", status=denied()), trail("b")),
        PASS,
        (),
    ),
    (
        "one trail unknown, another fails",
        snapshot(trail("a", logging=False), trail("b", status=denied())),
        UNKNOWN,
        ("access-denied",),
    ),
    (
        "selectors of a shape that nobody has seen",
        snapshot(trail(selectors=Unreadable("cloudtrail:GetEventSelectors", "UnknownShape"))),
        UNKNOWN,
        ("unknown-shape",),
    ),
    ("throttled", snapshot(trail(status=Unreadable("c", "ThrottlingException"))), UNKNOWN, ("throttled",)),
    ("timed out", snapshot(trail(status=Unreadable("c", "Timeout"))), UNKNOWN, ("timeout",)),
    (
        "the bucket is in another account",
        snapshot(trail(bucket="somebody-elses")),
        PASS,
        (),
    ),
    (
        "an organization's trail whose selectors nobody has read",
        snapshot(organization_trail()),
        UNKNOWN,
        ("verify-in-management-account",),
    ),
    (
        "an organization's trail with the default selectors",
        snapshot(organization_trail(selectors=Selectors(), custom_selectors=False)),
        PASS,
        (),
    ),
    (
        "an organization's trail that is stopped",
        snapshot(organization_trail(logging=False)),
        FAIL,
        ("not-logging",),
    ),
    (
        "GovCloud",
        snapshot(trail(partition="aws-us-gov", region="us-gov-west-1"), account=account(partition="aws-us-gov")),
        PASS,
        (),
    ),
    ("China", snapshot(trail(partition="aws-cn", region="cn-north-1"), account=account(partition="aws-cn")), PASS, ()),
]


@pytest.mark.parametrize(("world", "verdict", "reasons"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_a_situation_has_its_verdict(world: Snapshot, verdict: Verdict, reasons: tuple[str, ...]) -> None:
    found = cis(world)
    assert (found.verdict, found.reasons) == (verdict, reasons)


@pytest.mark.parametrize("source", [KMS, RDS_DATA])
@pytest.mark.parametrize("family", ["basic", "advanced"])
def test_an_excluded_source_is_a_warning_for_cis_and_a_failure_for_security_hub(source: str, family: str) -> None:
    one_of = {
        "basic": basic(BasicSelector(excluded_sources=(source,))),
        "advanced": advanced(management(eventSource={"NotEquals": [source]})),
    }
    world = snapshot(trail(selectors=one_of[family]))
    assert (cis(world).verdict, cis(world).warnings) == (PASS, ("sources-excluded",))
    strict = judge(world, Profile.SECURITY_HUB)
    assert (strict.verdict, strict.reasons) == (FAIL, ("sources-excluded",))
    assert source in cis(world).why
    assert source in strict.why


@pytest.mark.parametrize("others", [(), (KMS,)], ids=["alone", "beside one that may"])
def test_what_aws_lets_nobody_leave_out_is_no_full_record(others: tuple[str, ...]) -> None:
    """A trail without IAM's events records no take-over. AWS allows it for KMS and the RDS Data API alone, so far."""
    world = snapshot(trail(selectors=advanced(management(eventSource={"NotEquals": ["iam.amazonaws.com", *others]}))))
    found = cis(world)
    assert (found.verdict, found.reasons) == (FAIL, ("sources-excluded",))
    assert "leaves out iam.amazonaws.com" in found.why


def test_a_source_that_a_second_selector_brings_back_is_not_excluded() -> None:
    selectors = advanced(management(eventSource={"NotEquals": [KMS]}), management(eventSource={"Equals": [KMS]}))
    assert judge(snapshot(trail(selectors=selectors)), Profile.SECURITY_HUB).verdict is PASS


def test_two_halves_fail_and_are_said_to_cover_everything_together() -> None:
    found = cis(snapshot(trail("reads", selectors=READ_ONLY), trail("writes", selectors=WRITE_ONLY)))
    assert found.verdict is FAIL
    assert "covered-only-together" in found.warnings
    assert "Together its trails record everything" in found.told


@pytest.mark.parametrize(
    ("selectors", "logging"),
    [(WRITE_ONLY, True), (READ_ONLY, False)],
    ids=["both halves are the same", "the other half is stopped"],
)
def test_trails_that_do_not_cover_everything_together_are_not_said_to(selectors: Selectors, logging: bool) -> None:
    found = cis(snapshot(trail("a", selectors=WRITE_ONLY), trail("b", selectors=selectors, logging=logging)))
    assert found.verdict is FAIL
    assert "covered-only-together" not in found.warnings


def test_trails_that_all_leave_out_kms_are_not_said_to_record_everything_together() -> None:
    both = snapshot(trail("a", selectors=WITHOUT_KMS), trail("b", selectors=WITHOUT_KMS))
    found = judge(both, Profile.SECURITY_HUB)
    assert found.verdict is FAIL
    assert "covered-only-together" not in found.warnings


def test_of_failing_trails_the_one_that_lacks_least_decides() -> None:
    found = cis(snapshot(trail("a", logging=False, selectors=WRITE_ONLY), trail("b", logging=False)))
    assert (found.resource, found.reasons) == (trail_arn("b"), ("not-logging",))


def test_a_passing_trail_beside_single_region_ones_decides() -> None:
    found = cis(snapshot(single(), trail("main")))
    assert (found.verdict, found.resource) == (PASS, trail_arn("main"))


def test_an_advanced_selector_that_narrows_in_an_unknown_way_is_not_said_to_record_nothing() -> None:
    """It records something; how much cannot be told, so it is partial and fails."""
    found = cis(snapshot(trail(selectors=advanced(management(userIdentity={"Equals": ["x"]})))))
    assert (found.verdict, found.reasons) == (FAIL, ("partial-management-events",))


def test_unknown_names_the_call_the_error_and_the_permission() -> None:
    found = cis(snapshot(trail(selectors=denied("cloudtrail:GetEventSelectors"))))
    assert "cloudtrail:GetEventSelectors answered AccessDeniedException" in found.why
    assert "it needs cloudtrail:GetEventSelectors" in found.why


def test_all_that_could_not_be_read_is_named_not_only_the_first() -> None:
    world = snapshot(trail(status=Unreadable("cloudtrail:GetTrailStatus", "Timeout"), selectors=owner_only()))
    found = cis(world)
    assert found.reasons == ("timeout", "verify-in-management-account")
    assert "GetTrailStatus" in found.why
    assert "GetEventSelectors" in found.why


def test_a_member_is_told_to_verify_in_the_management_account() -> None:
    assert f"verify in the management account {OWNER}" in cis(snapshot(organization_trail())).why


@pytest.mark.parametrize(("version", "number"), [("1.4", "3.1"), ("5.0", "3.1"), ("6.0", "4.1"), ("7.0", "4.1")])
def test_the_number_in_each_benchmark_is_data(version: str, number: str) -> None:
    from bot.domain.controls.multi_region_trail import CONTROL

    assert CONTROL.cis[version] == number
    assert CONTROL.security_hub == "CloudTrail.1"


def test_a_source_left_out_on_purpose_stays_left_out_beside_a_condition_that_we_cannot_judge() -> None:
    odd = management(eventSource={"NotEquals": ["kms.amazonaws.com"]}, eventName={"NotEquals": ["Decrypt"]})
    ((step,),) = CONTROL.fix(surveyed(trail(selectors=advanced(odd))), Profile.CIS)
    assert isinstance(step, PutEventSelectors)
    assert coverage(step.after).nowhere_recorded == ("kms.amazonaws.com",)
