"""The bucket policy: merged into what is there; nothing is replaced or widened."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.bucket_policy import Statement, merged, trail_statements
from tests.builders import account, trail_arn

WANTED = trail_statements(account(), trail_arn(), "logs", "", new_bucket=False)
THEIRS: Statement = {"Sid": "Theirs", "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "x"}


def policy(*statements: Statement) -> str:
    return json.dumps({"Version": "2012-10-17", "Id": "kept", "Statement": list(statements)})


def statements(text: str) -> list[Statement]:
    return json.loads(text)["Statement"]  # type: ignore[no-any-return]  # parsed JSON


def test_an_empty_bucket_gets_awss_two_statements() -> None:
    found = statements(merged("", WANTED).text)
    assert [s["Sid"] for s in found] == ["AWSCloudTrailAclCheck20150319", "AWSCloudTrailWrite20150319"]


def test_both_are_bound_to_the_one_trail() -> None:
    for statement in WANTED:
        assert statement["Condition"]["StringEquals"]["aws:SourceArn"] == trail_arn()  # type: ignore[index]  # a condition
        assert statement["Principal"] == {"Service": "cloudtrail.amazonaws.com"}


def test_writing_asks_for_full_control_of_the_buckets_owner() -> None:
    assert WANTED[1]["Condition"]["StringEquals"]["s3:x-amz-acl"] == "bucket-owner-full-control"  # type: ignore[index]  # a condition


@pytest.mark.parametrize(("prefix", "path"), [("", "AWSLogs/111122223333/*"), ("a/b", "a/b/AWSLogs/111122223333/*")])
def test_the_path_is_the_accounts_own(prefix: str, path: str) -> None:
    assert trail_statements(account(), trail_arn(), "logs", prefix, False)[1]["Resource"] == f"arn:aws:s3:::logs/{path}"


@pytest.mark.parametrize("partition", ["aws-us-gov", "aws-cn"])
def test_another_partition_has_its_own_arns(partition: str) -> None:
    for statement in trail_statements(account(partition=partition), trail_arn(), "logs", "", True):
        assert f"arn:{partition}:s3:::logs" in json.dumps(statement["Resource"])


def test_a_new_bucket_refuses_plain_http() -> None:
    (deny,) = (s for s in trail_statements(account(), trail_arn(), "logs", "", True) if s["Effect"] == "Deny")
    assert deny["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_what_is_there_stays_in_its_place_and_as_it_is() -> None:
    result = json.loads(merged(policy(THEIRS), WANTED).text)
    assert result["Statement"][0] == THEIRS
    assert result["Id"] == "kept"
    assert len(result["Statement"]) == 3


def test_what_is_there_already_is_not_added_again() -> None:
    once = merged(policy(THEIRS), WANTED).text
    again = merged(once, WANTED)
    assert (again.text, again.added) == (once, ())


def test_a_policy_that_suffices_keeps_its_very_text() -> None:
    spaced = json.dumps(json.loads(merged("", WANTED).text), indent=4)
    assert merged(spaced, WANTED).text == spaced


def test_a_statement_of_the_same_meaning_under_another_sid_suffices() -> None:
    renamed = [{**s, "Sid": f"Mine{n}"} for n, s in enumerate(WANTED)]
    assert merged(policy(*renamed), WANTED).added == ()


def test_a_sid_that_is_taken_by_another_meaning_gets_a_number() -> None:
    """Two trails share a bucket: the first one's statement stays."""
    other = trail_statements(account(), trail_arn("other"), "logs", "", False)
    found = statements(merged(policy(*other), WANTED).text)
    assert found[:2] == other
    assert [s["Sid"] for s in found[2:]] == ["AWSCloudTrailAclCheck201503192", "AWSCloudTrailWrite201503192"]


def test_a_single_statement_that_is_no_list_is_understood() -> None:
    lone = json.dumps({"Version": "2012-10-17", "Statement": THEIRS})
    assert statements(merged(lone, WANTED).text)[0] == THEIRS


def test_every_new_statement_has_a_line_for_a_person() -> None:
    added = merged("", trail_statements(account(), trail_arn(), "logs", "", True)).added
    assert added[0] == "allow CloudTrail s3:GetBucketAcl on arn:aws:s3:::logs, for this trail only"
    assert added[2] == "deny everybody s3:* on this bucket over plain HTTP"


some_statements = st.lists(
    st.fixed_dictionaries(
        {"Effect": st.sampled_from(["Allow", "Deny"])},
        optional={
            "Sid": st.sampled_from(["AWSCloudTrailAclCheck20150319", "AWSCloudTrailWrite20150319", "X"]),
            "Action": st.text(max_size=4),
        },
    ),
    max_size=5,
)


@given(some_statements)
def test_merging_into_any_policy_keeps_it_adds_all_and_repeats_no_new_sid(found: list[Statement]) -> None:
    result = statements(merged(policy(*found), WANTED).text)
    assert result[: len(found)] == found
    added = result[len(found) :]
    assert [{**s, "Sid": ""} for s in added] == [{**s, "Sid": ""} for s in WANTED]
    assert {s["Sid"] for s in added}.isdisjoint({s.get("Sid") for s in found})
