"""CloudTrail's rules for trails: names, limits, home regions, status."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from bot.playground.aws import RunningAws
from tests.playground.aws_steps import (
    arn_of,
    bucket_of,
    delivering_at_once,
    described,
    make_bucket,
    make_trail,
    new_account,
    refused,
)

MULTI = {"IsMultiRegionTrail": True}


@pytest.mark.parametrize(
    "name", ["ab", "a" * 129, "-abc", "abc_", "a b c", "a..b", "a_-b", "a._b", "192.168.5.4", "naïve", "a/b/c"]
)
def test_a_bad_name_is_refused(aws: RunningAws, account: str, name: str) -> None:
    bucket = make_bucket(aws, account)
    with refused("InvalidTrailNameException"):
        aws.client(account, "cloudtrail").create_trail(Name=name, S3BucketName=bucket)
    assert described(aws, account) == []


@pytest.mark.parametrize("name", ["abc", "a" * 128, "a.b_c-d", "1.2.3.4.5", "R.and_D-lab.trail_1"])
def test_a_good_name_is_taken(aws: RunningAws, account: str, name: str) -> None:
    bucket = make_bucket(aws, account)
    aws.client(account, "cloudtrail").create_trail(Name=name, S3BucketName=bucket)
    assert described(aws, account) == [arn_of(account, name)]


def test_a_name_cannot_be_taken_twice(aws: RunningAws, account: str) -> None:
    make_trail(aws, account)
    with refused("TrailAlreadyExistsException", "Trail main already exists for customer"):
        aws.client(account, "cloudtrail").create_trail(Name="main", S3BucketName=bucket_of(account))
    make_trail(aws, account, region="eu-west-1")
    assert described(aws, account) == [arn_of(account, "main")]


@pytest.mark.parametrize(("first", "second"), [({}, MULTI), (MULTI, {}), (MULTI, MULTI)])
def test_a_multi_region_trail_takes_its_name_everywhere(
    aws: RunningAws, account: str, first: dict[str, bool], second: dict[str, bool]
) -> None:
    make_trail(aws, account, **first)
    with refused("TrailAlreadyExistsException"):
        make_trail(aws, account, region="eu-west-1", **second)


def test_five_trails_fit_in_a_region(aws: RunningAws, account: str) -> None:
    for number in range(5):
        make_trail(aws, account, f"trail-{number}")
    with refused("MaximumNumberOfTrailsExceededException", f"User: {account} already has 5 trails in us-east-1."):
        make_trail(aws, account, "trail-5")
    make_trail(aws, account, "elsewhere", region="eu-west-1")


def test_a_multi_region_trail_counts_in_every_region(aws: RunningAws, account: str) -> None:
    for number in range(4):
        make_trail(aws, account, f"trail-{number}")
    make_trail(aws, account, "everywhere", region="eu-west-1", **MULTI)
    with refused("MaximumNumberOfTrailsExceededException"):
        make_trail(aws, account, "one-more")


def test_a_multi_region_trail_needs_room_in_every_region(aws: RunningAws, account: str) -> None:
    for number in range(5):
        make_trail(aws, account, f"trail-{number}")
    with refused("MaximumNumberOfTrailsExceededException"):
        make_trail(aws, account, "everywhere", region="eu-west-1", **MULTI)
    make_trail(aws, account, "just-here", region="eu-west-1")
    with refused("MaximumNumberOfTrailsExceededException"):
        aws.client(account, "cloudtrail", "eu-west-1").update_trail(Name="just-here", **MULTI)


def test_one_of_five_can_become_multi_region(aws: RunningAws, account: str) -> None:
    for number in range(5):
        make_trail(aws, account, f"trail-{number}")
    aws.client(account, "cloudtrail").update_trail(Name="trail-3", **MULTI)
    assert described(aws, account, "eu-west-1") == [arn_of(account, "trail-3")]


@pytest.mark.parametrize("operation", ["update_trail", "delete_trail", "start_logging", "stop_logging"])
def test_a_change_outside_the_home_region_is_refused(aws: RunningAws, account: str, operation: str) -> None:
    arn = make_trail(aws, account, **MULTI)
    elsewhere = aws.client(account, "cloudtrail", "eu-west-1")
    for name in (arn, "main"):
        with refused("InvalidHomeRegionException"):
            getattr(elsewhere, operation)(Name=name)
    assert described(aws, account) == [arn]


def test_a_single_region_trail_is_unknown_by_name_elsewhere(aws: RunningAws, account: str) -> None:
    arn = make_trail(aws, account)
    elsewhere = aws.client(account, "cloudtrail", "eu-west-1")
    with refused("TrailNotFoundException", arn_of(account, "main", "eu-west-1")):
        elsewhere.delete_trail(Name="main")
    with refused("InvalidHomeRegionException"):
        elsewhere.delete_trail(Name=arn)


@pytest.mark.parametrize("by_arn", [True, False])
def test_a_deleted_trail_is_gone(aws: RunningAws, account: str, by_arn: bool) -> None:
    arn = make_trail(aws, account, **MULTI)
    cloudtrail = aws.client(account, "cloudtrail")
    cloudtrail.delete_trail(Name=arn if by_arn else "main")
    assert described(aws, account) == described(aws, account, "eu-west-1") == []
    with refused("TrailNotFoundException", f"Unknown trail: {arn} for the user: {account}"):
        cloudtrail.delete_trail(Name=arn)


@pytest.mark.parametrize(
    "operation", ["update_trail", "delete_trail", "start_logging", "get_trail", "get_trail_status"]
)
def test_an_unknown_trail_is_not_found(aws: RunningAws, account: str, operation: str) -> None:
    call = getattr(aws.client(account, "cloudtrail"), operation)
    for name in ("no-such-trail", arn_of(account, "no-such-trail")):
        with refused("TrailNotFoundException", "Unknown trail: arn:aws:cloudtrail:us-east-1:"):
            call(Name=name)
    for arn in ("arn:aws:cloudtrail:us-east-1:trail/x", f"arn:aws:s3:us-east-1:{account}:trail/main"):
        with refused("CloudTrailARNInvalidException"):
            call(Name=arn)


def test_a_trail_of_another_account_is_none_of_ours(aws: RunningAws, account: str) -> None:
    arn = make_trail(aws, new_account())
    with refused("CloudTrailARNInvalidException", f"you can only access resources with AccountID {account}"):
        aws.client(account, "cloudtrail").get_trail_status(Name=arn)


def test_an_update_by_arn_converts(aws: RunningAws, account: str) -> None:
    arn = make_trail(aws, account, IncludeGlobalServiceEvents=False)
    cloudtrail = aws.client(account, "cloudtrail")
    with refused("InvalidParameterCombinationException", "Multi-Region trail must include global service events."):
        cloudtrail.update_trail(Name=arn, **MULTI)
    cloudtrail.update_trail(Name=arn, IncludeGlobalServiceEvents=True, **MULTI)
    trail = cloudtrail.get_trail(Name="main")["Trail"]
    assert (trail["IsMultiRegionTrail"], trail["HomeRegion"]) == (True, "us-east-1")


def test_a_multi_region_trail_is_made_with_global_events(aws: RunningAws, account: str) -> None:
    with refused("InvalidParameterCombinationException", "Multi-Region trail must include global service events."):
        make_trail(aws, account, IncludeGlobalServiceEvents=False, **MULTI)


def test_a_conversion_needs_its_name_free_everywhere(aws: RunningAws, account: str) -> None:
    make_trail(aws, account)
    make_trail(aws, account, region="eu-west-1")
    with refused("TrailAlreadyExistsException"):
        aws.client(account, "cloudtrail").update_trail(Name="main", **MULTI)


def test_describe_shows_shadows_and_names_resolve_here(aws: RunningAws, account: str) -> None:
    everywhere = make_trail(aws, account, "everywhere", **MULTI)
    here = make_trail(aws, account, "here", region="eu-west-1")
    assert described(aws, account, "eu-west-1") == [here, everywhere]
    assert described(aws, account, "eu-west-1", includeShadowTrails=False) == [here]
    assert described(aws, account, "eu-west-1", trailNameList=["everywhere", "here"]) == [here]
    assert described(aws, account, "eu-west-1", trailNameList=[everywhere]) == [everywhere]


def test_a_shadow_needs_its_arn(aws: RunningAws, account: str) -> None:
    arn = make_trail(aws, account, **MULTI)
    elsewhere = aws.client(account, "cloudtrail", "eu-west-1")
    assert elsewhere.get_trail_status(Name=arn)["IsLogging"] is False
    with refused("TrailNotFoundException"):
        elsewhere.get_trail_status(Name="main")


def test_a_new_trail_does_not_log_and_a_started_one_has_no_delivery_yet(aws: RunningAws, account: str) -> None:
    arn = make_trail(aws, account)
    cloudtrail = aws.client(account, "cloudtrail")
    new = cloudtrail.get_trail_status(Name=arn)
    assert (new["IsLogging"], new.get("StartLoggingTime"), new.get("LatestDeliveryTime")) == (False, None, None)
    cloudtrail.start_logging(Name=arn)
    started = cloudtrail.get_trail_status(Name=arn)
    assert started["IsLogging"]
    assert datetime.now(UTC) - started["StartLoggingTime"] < timedelta(minutes=1)
    assert "LatestDeliveryTime" not in started
    assert "LatestDeliveryError" not in started


def test_deliveries_go_on_while_a_trail_logs(aws: RunningAws, account: str) -> None:
    arn = make_trail(aws, account)
    cloudtrail = aws.client(account, "cloudtrail")
    cloudtrail.start_logging(Name=arn)
    with delivering_at_once(aws):
        last = cloudtrail.get_trail_status(Name=arn)["LatestDeliveryTime"]
        assert datetime.now(UTC) - last < timedelta(minutes=1)
        cloudtrail.stop_logging(Name=arn)
        stopped = cloudtrail.get_trail_status(Name=arn)
    assert stopped["IsLogging"] is False
    assert last <= stopped["LatestDeliveryTime"] <= stopped["StopLoggingTime"]


def test_accounts_are_apart(aws: RunningAws, account: str) -> None:
    other = new_account()
    make_trail(aws, account, **MULTI)
    assert described(aws, other) == []
    make_trail(aws, other, **MULTI)
    assert described(aws, other) == [arn_of(other, "main")]


def test_the_panel_shows_each_trail_once(aws: RunningAws, account: str) -> None:
    arn = make_trail(aws, account, **MULTI)
    (trail,) = aws.trails(account)
    assert trail["TrailARN"] == arn
    assert trail["Status"] == {"IsLogging": False}
    assert trail["EventSelectors"][0]["ReadWriteType"] == "All"


def test_of_ten_at_once_five_are_made(aws: RunningAws, account: str) -> None:
    bucket = make_bucket(aws, account)
    cloudtrail = aws.client(account, "cloudtrail")

    def create(number: int) -> bool:
        try:
            cloudtrail.create_trail(Name=f"trail-{number}", S3BucketName=bucket)
        except cloudtrail.exceptions.MaximumNumberOfTrailsExceededException:
            return False
        return True

    with ThreadPoolExecutor(10) as threads:
        made = list(threads.map(create, range(10)))
    assert sum(made) == len(described(aws, account)) == 5


def test_a_region_that_is_switched_off_knows_nobody(aws: RunningAws, account: str) -> None:
    with refused("UnrecognizedClientException"):
        described(aws, account, "me-south-1")
