"""A resource's policy: merged into what is there; nothing is replaced or widened."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.policy import Home, Merged, Statement, grants, same
from bot.domain.policy import merged as merge
from bot.domain.refusal import Refused
from bot.domain.statements import BUCKET_LIMIT, Writer, bucket_statements
from bot.domain.trail import Account
from tests.builders import account, trail_arn

HERE = Home("bucket logs", BUCKET_LIMIT)


def trail_statements(
    of: Account, arn: str, bucket: str, prefix: str, new_bucket: bool, organization: str = ""
) -> list[Statement]:
    return list(bucket_statements(Writer(of, arn, organization), bucket, prefix, new_bucket))


def merged(policy: str, wanted: list[Statement]) -> Merged:
    return merge(policy, wanted, HERE)


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


def test_a_grant_on_every_accounts_folder_covers_the_accounts_own() -> None:
    """As AWS words it for a bucket that many accounts share; a prefix with brackets in it is no pattern."""
    wanted = trail_statements(account(), trail_arn(), "logs", "[a]", False)
    shared = [{**s, "Resource": s["Resource"].replace("AWSLogs/111122223333/*", "AWSLogs/*")} for s in wanted]  # type: ignore[attr-defined]  # a text
    assert merged(policy(*shared), wanted).added == ()
    assert merged(policy(*wanted), wanted).added == ()
    elsewhere = [{**s, "Resource": s["Resource"].replace("[a]", "a")} for s in shared]
    assert len(merged(policy(*elsewhere), wanted).added) == 1


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
    assert added[2] == "deny everybody s3:* on it over plain HTTP"


def test_an_organization_trail_may_write_for_every_member() -> None:
    found = trail_statements(account(), trail_arn(), "logs", "x", False, organization="o-1")
    assert [s["Resource"] for s in found if s["Action"] == "s3:PutObject"] == [
        "arn:aws:s3:::logs/x/AWSLogs/111122223333/*",
        "arn:aws:s3:::logs/x/AWSLogs/o-1/*",
    ]


CHECK = WANTED[0]
BROADER: list[tuple[str, Statement, bool]] = [
    ("the same", CHECK, True),
    ("without a condition", {k: v for k, v in CHECK.items() if k != "Condition"}, True),
    ("several actions", {**CHECK, "Action": ["s3:ListBucket", "s3:GetBucketAcl"]}, True),
    ("every resource", {**CHECK, "Resource": "*"}, True),
    ("a pattern of resources", {**CHECK, "Resource": ["arn:aws:s3:::x", "arn:aws:s3:::lo*"]}, True),
    ("a pattern of others", {**CHECK, "Resource": "arn:aws:s3:::logs/*"}, False),
    ("a pattern for one character", {**CHECK, "Resource": "arn:aws:s3:::log?"}, False),
    ("several trails", {**CHECK, "Condition": {"StringEquals": {"aws:SourceArn": ["other", trail_arn()]}}}, True),
    ("another trail", {**CHECK, "Condition": {"StringEquals": {"aws:SourceArn": "other"}}}, False),
    ("one more condition", {**CHECK, "Condition": {**CHECK["Condition"], "Bool": {"a": "b"}}}, False),  # type: ignore[dict-item]  # a condition
    ("another principal", {**CHECK, "Principal": {"AWS": "111122223333"}}, False),
    ("another action", {**CHECK, "Action": "s3:PutBucketAcl"}, False),
    ("all but", {**CHECK, "NotAction": "s3:GetBucketAcl"}, False),
    ("a deny", {**CHECK, "Effect": "Deny"}, False),
]


@pytest.mark.parametrize(("there", "enough"), [b[1:] for b in BROADER], ids=[b[0] for b in BROADER])
def test_a_statement_that_says_at_least_as_much_is_enough(there: Statement, enough: bool) -> None:
    assert grants(there, CHECK) is enough
    assert (len(merged(policy(there), [CHECK]).added) == 0) is enough


@pytest.mark.parametrize(
    "text", ["{", "[]", "null", '{"Version": "2012-10-17"}', '{"Statement": "x"}', '{"Statement": [1]}']
)
def test_a_policy_that_is_not_understood_is_left_alone(text: str) -> None:
    with pytest.raises(Refused, match="The policy of bucket logs is not understood, so it is left alone"):
        merged(text, WANTED)


def test_a_policy_that_would_grow_beyond_s3s_limit_is_refused_with_both_numbers() -> None:
    full = policy(
        {"Sid": "x" * (BUCKET_LIMIT - 200), "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "x"}
    )
    with pytest.raises(Refused, match=r"would have 2[\d,]+ bytes .* allows 20,480"):
        merged(full, WANTED)


SAMES: list[tuple[str, str, str, bool]] = [
    ("two texts", '{"a": [1, 2]}', '{ "a":[2,1] }', True),
    ("a list of one", '{"a": ["x"]}', '{"a": "x"}', True),
    ("another value", '{"a": "x"}', '{"a": "y"}', False),
    ("none and none", "", "", True),
    ("none and one", "", "{}", False),
    ("no JSON", "x", "x", True),
    ("other no JSON", "x", "y", False),
]


@pytest.mark.parametrize(("one", "other", "equal"), [s[1:] for s in SAMES], ids=[s[0] for s in SAMES])
def test_aws_may_lay_out_a_policy_as_it_likes(one: str, other: str, equal: bool) -> None:
    assert same(one, other) is equal


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
