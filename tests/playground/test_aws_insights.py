"""PutInsightSelectors and GetInsightSelectors, as strict as AWS's."""

from typing import Any

import pytest

from bot.playground.aws import RunningAws
from tests.playground.aws_steps import bucket_of, make_trail, refused

RATE, ERRORS = {"InsightType": "ApiCallRateInsight"}, {"InsightType": "ApiErrorRateInsight"}
READS = [{"ReadWriteType": "ReadOnly", "IncludeManagementEvents": True}]
WRITES = [{"ReadWriteType": "WriteOnly", "IncludeManagementEvents": True}]
BUCKET = {"Type": "AWS::S3::Object", "Values": ["arn:aws:s3:::lake/"]}
DATA_ONLY = [{"IncludeManagementEvents": False, "DataResources": [BUCKET]}]


@pytest.fixture
def cloudtrail(aws: RunningAws, account: str) -> Any:
    make_trail(aws, account, IsMultiRegionTrail=True)
    return aws.client(account, "cloudtrail")


def test_insights_are_off_at_first(cloudtrail: Any) -> None:
    with refused("InsightNotEnabledException", status=400):
        cloudtrail.get_insight_selectors(TrailName="main")
    assert cloudtrail.get_trail(Name="main")["Trail"]["HasInsightSelectors"] is False


def test_insight_selectors_replace_each_other_and_an_empty_list_ends_them(cloudtrail: Any) -> None:
    cloudtrail.put_insight_selectors(TrailName="main", InsightSelectors=[RATE])
    cloudtrail.put_insight_selectors(TrailName="main", InsightSelectors=[ERRORS])
    assert cloudtrail.get_insight_selectors(TrailName="main")["InsightSelectors"] == [ERRORS]
    assert cloudtrail.describe_trails()["trailList"][0]["HasInsightSelectors"] is True
    cloudtrail.put_insight_selectors(TrailName="main", InsightSelectors=[])
    with refused("InsightNotEnabledException"):
        cloudtrail.get_insight_selectors(TrailName="main")


def test_an_unknown_insight_is_refused(cloudtrail: Any) -> None:
    with refused("InvalidInsightSelectorsException", status=400):
        cloudtrail.put_insight_selectors(TrailName="main", InsightSelectors=[{"InsightType": "Everything"}])


@pytest.mark.parametrize(
    ("selectors", "insight", "fed"),
    [
        (READS, RATE, False),
        (READS, ERRORS, True),
        (WRITES, RATE, True),
        (WRITES, ERRORS, True),
        (DATA_ONLY, RATE, False),
        (DATA_ONLY, ERRORS, False),
    ],
)
def test_insights_need_management_events(
    cloudtrail: Any, selectors: list[dict[str, Any]], insight: dict[str, Any], fed: bool
) -> None:
    cloudtrail.put_event_selectors(TrailName="main", EventSelectors=selectors)
    if fed:
        cloudtrail.put_insight_selectors(TrailName="main", InsightSelectors=[insight])
        return
    with refused("InvalidInsightSelectorsException", status=400):
        cloudtrail.put_insight_selectors(TrailName="main", InsightSelectors=[insight])


def test_advanced_selectors_feed_insights_too(cloudtrail: Any) -> None:
    management = {"Field": "eventCategory", "Equals": ["Management"]}
    reads = {"Field": "readOnly", "Equals": ["true"]}
    cloudtrail.put_event_selectors(TrailName="main", AdvancedEventSelectors=[{"FieldSelectors": [management, reads]}])
    with refused("InvalidInsightSelectorsException"):
        cloudtrail.put_insight_selectors(TrailName="main", InsightSelectors=[RATE])
    cloudtrail.put_event_selectors(TrailName="main", AdvancedEventSelectors=[{"FieldSelectors": [management]}])
    cloudtrail.put_insight_selectors(TrailName="main", InsightSelectors=[RATE])


def test_selectors_may_not_starve_insights(cloudtrail: Any) -> None:
    cloudtrail.put_insight_selectors(TrailName="main", InsightSelectors=[RATE])
    with refused("InvalidEventSelectorsException", "Insights", status=400):
        cloudtrail.put_event_selectors(TrailName="main", EventSelectors=READS)
    assert cloudtrail.get_event_selectors(TrailName="main")["EventSelectors"][0]["ReadWriteType"] == "All"


def test_insights_are_put_in_the_home_region(aws: RunningAws, account: str, cloudtrail: Any) -> None:
    arn = cloudtrail.get_trail(Name="main")["Trail"]["TrailARN"]
    elsewhere = aws.client(account, "cloudtrail", "eu-west-1")
    with refused("InvalidHomeRegionException", status=400):
        elsewhere.put_insight_selectors(TrailName=arn, InsightSelectors=[RATE])
    with refused("TrailNotFoundException", status=400):
        elsewhere.get_insight_selectors(TrailName=arn)


def test_insights_need_a_bucket_that_lets_cloudtrail_in(aws: RunningAws, account: str, cloudtrail: Any) -> None:
    aws.client(account, "s3").delete_bucket_policy(Bucket=bucket_of(account))
    with refused("InsufficientS3BucketPolicyException", status=400):
        cloudtrail.put_insight_selectors(TrailName="main", InsightSelectors=[RATE])
