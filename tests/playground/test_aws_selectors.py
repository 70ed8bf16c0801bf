"""PutEventSelectors and GetEventSelectors, as strict as AWS's."""

from typing import Any

import pytest

from bot.playground.aws import RunningAws
from tests.playground.aws_steps import arn_of, make_trail, new_account, refused


@pytest.fixture(scope="module")
def cloudtrail(aws: RunningAws) -> Any:
    """Of an account with the trail "main"."""
    account = new_account()
    make_trail(aws, account, IsMultiRegionTrail=True)
    return aws.client(account, "cloudtrail")


def advanced(*fields: dict[str, Any], category: str = "Management") -> dict[str, Any]:
    return {"FieldSelectors": [{"Field": "eventCategory", "Equals": [category]}, *fields]}


S3_OBJECTS = {"Field": "resources.type", "Equals": ["AWS::S3::Object"]}
BUCKET = {"Type": "AWS::S3::Object", "Values": ["arn:aws:s3:::lake/"]}


def test_a_new_trail_records_all_management_events(aws: RunningAws) -> None:
    account = new_account()
    arn = make_trail(aws, account)
    cloudtrail = aws.client(account, "cloudtrail")
    answer = cloudtrail.get_event_selectors(TrailName=arn)
    assert answer["TrailARN"] == arn
    assert answer["EventSelectors"] == [
        {
            "ReadWriteType": "All",
            "IncludeManagementEvents": True,
            "DataResources": [],
            "ExcludeManagementEventSources": [],
        }
    ]
    assert "AdvancedEventSelectors" not in answer
    assert cloudtrail.get_trail(Name=arn)["Trail"]["HasCustomEventSelectors"] is False


def test_basic_and_advanced_replace_each_other(cloudtrail: Any) -> None:
    put = cloudtrail.put_event_selectors(TrailName="main", AdvancedEventSelectors=[advanced()])
    read = cloudtrail.get_event_selectors(TrailName="main")
    assert put["AdvancedEventSelectors"] == read["AdvancedEventSelectors"] == [advanced()]
    assert "EventSelectors" not in read
    cloudtrail.put_event_selectors(TrailName="main", EventSelectors=[{"ReadWriteType": "WriteOnly"}])
    read = cloudtrail.get_event_selectors(TrailName="main")
    assert [s["ReadWriteType"] for s in read["EventSelectors"]] == ["WriteOnly"]
    assert read["EventSelectors"][0]["IncludeManagementEvents"] is True
    assert "AdvancedEventSelectors" not in read
    assert cloudtrail.describe_trails()["trailList"][0]["HasCustomEventSelectors"] is True


@pytest.mark.parametrize(
    "selectors",
    [
        [{"ReadWriteType": "All"}] * 6,
        [{"ExcludeManagementEventSources": ["s3.amazonaws.com"]}],
        [{"IncludeManagementEvents": False, "ExcludeManagementEventSources": ["kms.amazonaws.com"]}],
        [{"DataResources": [{"Type": "AWS::SNS::Topic", "Values": ["arn:aws:sns:::x"]}]}],
        [{"DataResources": [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3:::*"]}]}],
        [{"DataResources": [{"Type": "AWS::S3::Object", "Values": ["arn:aws:lambda"]}]}],
        [{"DataResources": [{**BUCKET, "Values": BUCKET["Values"] * 251}]}],
    ],
)
def test_a_wrong_basic_selector_is_refused(cloudtrail: Any, selectors: list[dict[str, Any]]) -> None:
    before = cloudtrail.get_event_selectors(TrailName="main").get("EventSelectors")
    with refused("InvalidEventSelectorsException"):
        cloudtrail.put_event_selectors(TrailName="main", EventSelectors=selectors)
    assert cloudtrail.get_event_selectors(TrailName="main").get("EventSelectors") == before


@pytest.mark.parametrize(
    "selectors",
    [
        [{"FieldSelectors": [{"Field": "readOnly", "Equals": ["true"]}]}],
        [{"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management", "Data"]}]}],
        [{"FieldSelectors": [{"Field": "eventCategory", "NotEquals": ["Data"]}]}],
        [advanced(category="Everything")],
        [advanced({"Field": "colour", "Equals": ["red"]})],
        [advanced({"Field": "resources.type", "Equals": ["AWS::S3::Object"]})],
        [advanced({"Field": "readOnly", "Equals": ["maybe"]})],
        [advanced({"Field": "readOnly", "NotEquals": ["true"]})],
        [advanced({"Field": "readOnly"})],
        [advanced({"Field": "eventSource", "Equals": ["kms.amazonaws.com"]})],
        [advanced({"Field": "eventSource", "NotEquals": ["s3.amazonaws.com"]})],
        [advanced(category="Data")],
        [advanced(S3_OBJECTS, S3_OBJECTS, category="Data")],
        [advanced(category="NetworkActivity")],
        [advanced(S3_OBJECTS, {"Field": "eventName", "Equals": ["GetObject"] * 500}, category="Data")],
    ],
)
def test_a_wrong_advanced_selector_is_refused(cloudtrail: Any, selectors: list[dict[str, Any]]) -> None:
    with refused("InvalidEventSelectorsException"):
        cloudtrail.put_event_selectors(TrailName="main", AdvancedEventSelectors=selectors)


@pytest.mark.parametrize(
    "selectors",
    [
        {"EventSelectors": [{"ReadWriteType": "All", "DataResources": [BUCKET]}] * 5},
        {"EventSelectors": [{"ExcludeManagementEventSources": ["kms.amazonaws.com", "rdsdata.amazonaws.com"]}]},
        {"EventSelectors": [{"IncludeManagementEvents": False, "DataResources": [BUCKET]}]},
        {"AdvancedEventSelectors": [advanced({"Field": "readOnly", "Equals": ["false"]})]},
        {"AdvancedEventSelectors": [advanced({"Field": "eventSource", "NotEquals": ["kms.amazonaws.com"]})]},
        {
            "AdvancedEventSelectors": [
                advanced(),
                advanced(S3_OBJECTS, {"Field": "resources.ARN", "StartsWith": ["arn:aws:s3:::lake/"]}, category="Data"),
            ]
        },
    ],
)
def test_right_selectors_come_back_as_they_were_put(cloudtrail: Any, selectors: dict[str, Any]) -> None:
    put = cloudtrail.put_event_selectors(TrailName="main", **selectors)
    read = cloudtrail.get_event_selectors(TrailName="main")
    ((family, wanted),) = selectors.items()
    assert put[family] == read[family]
    for given, stored in zip(wanted, read[family], strict=True):
        assert given.items() <= stored.items()


def test_both_families_at_once_and_neither_are_refused(cloudtrail: Any) -> None:
    both = {"EventSelectors": [{"ReadWriteType": "All"}], "AdvancedEventSelectors": [advanced()]}
    for selectors in (both, {}, {"EventSelectors": []}):
        with refused("InvalidEventSelectorsException"):
            cloudtrail.put_event_selectors(TrailName="main", **selectors)


def test_selectors_are_put_and_read_in_the_home_region(aws: RunningAws) -> None:
    account = new_account()
    arn = make_trail(aws, account, IsMultiRegionTrail=True)
    elsewhere = aws.client(account, "cloudtrail", "eu-west-1")
    for name in (arn, "main"):
        with refused("InvalidHomeRegionException"):
            elsewhere.put_event_selectors(TrailName=name, EventSelectors=[{"ReadWriteType": "All"}])
        with refused("TrailNotFoundException"):
            elsewhere.get_event_selectors(TrailName=name)
    with refused("TrailNotFoundException"):
        elsewhere.put_event_selectors(TrailName=arn_of(account, "other"), EventSelectors=[{}])
