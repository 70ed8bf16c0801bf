"""Can a trail deliver, by the facts of its bucket and its key? And what it takes where not, or who has to act."""

import json
from dataclasses import replace

import pytest

from bot.domain.delivery import can_deliver, wanting
from bot.domain.denials import denial
from bot.domain.form import default_form
from bot.domain.joined import joined
from bot.domain.refusal import Refused
from bot.domain.resources import Key
from bot.domain.statements import Writer, bucket_statements, new_key_policy
from bot.domain.steps import CreateBucket, PutBucketPolicy, PutKeyPolicy, predict
from bot.domain.trail import FOREIGN_BUCKET, Bucket, Snapshot, Unreadable
from tests.builders import ACCOUNT, KMS_KEY, REGION, account, denied, snapshot, trail, trail_arn

NAME = "logs-of-ours"
WRITER = Writer(account(), trail_arn())
GRANTED = json.dumps({"Version": "2012-10-17", "Statement": [*bucket_statements(WRITER, NAME, "", new_bucket=False)]})
THEIRS = (
    '{"Version": "2012-10-17", "Statement": [{"Sid": "Theirs", "Effect": "Allow", "Principal": "*", "Action": "x:y"}]}'
)
GOOD = Bucket(NAME, exists=True, region=REGION, policy=GRANTED)
GOOD_KEY = Key(KMS_KEY, True, REGION, KMS_KEY, "Enabled", new_key_policy(WRITER))
PLAIN, ENCRYPTED = trail(), trail(kms_key=KMS_KEY)


def deny(**rest: object) -> str:
    statement = {"Sid": "Guard", "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*", **rest}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def world(bucket: Bucket | Unreadable | None = GOOD, key: Key | None = None, encrypted: bool = False) -> Snapshot:
    return snapshot(
        ENCRYPTED if encrypted or key else PLAIN,
        buckets=(bucket,) if bucket else (),
        resources=(key,) if key else (),
    )


EVERY_FOLDER = GRANTED.replace(f"AWSLogs/{ACCOUNT}/*", "AWSLogs/*")
WITHOUT_KEY = {"Condition": {"StringNotEquals": {"s3:x-amz-server-side-encryption": "aws:kms"}}}
KMS_ONLY = json.dumps({"Statement": [*json.loads(GRANTED)["Statement"], *json.loads(deny(**WITHOUT_KEY))["Statement"]]})
BLOCKED = {"policy_public": True, "restricts_policy": True}
NEW = ["create-bucket", *["protect-bucket"] * 4, "put-bucket-policy"]
MENDED = [
    ("all is well", world(), []),
    ("all is well with a key", world(key=GOOD_KEY), []),
    ("the bucket is gone", world(Bucket(NAME, exists=False)), NEW),
    ("the bucket is gone, the key is there", world(Bucket(NAME, exists=False), GOOD_KEY), NEW),
    ("no policy", world(replace(GOOD, policy="")), ["put-bucket-policy"]),
    ("a grant on every account's folder", world(replace(GOOD, policy=EVERY_FOLDER)), []),
    ("a Deny of what is not encrypted with a key", world(replace(GOOD, policy=KMS_ONLY), GOOD_KEY), []),
    ("a public policy behind a block, which grants it all", world(replace(GOOD, **BLOCKED)), []),
    ("others' statements only", world(replace(GOOD, policy=THEIRS)), ["put-bucket-policy"]),
    ("the key lets nobody in", world(key=replace(GOOD_KEY, policy=THEIRS)), ["put-key-policy"]),
    (
        "neither lets CloudTrail in",
        world(replace(GOOD, policy=""), replace(GOOD_KEY, policy=THEIRS)),
        ["put-bucket-policy", "put-key-policy"],
    ),
]


@pytest.mark.parametrize(("seen", "kinds"), [m[1:] for m in MENDED], ids=[m[0] for m in MENDED])
def test_what_is_missing_is_added_and_then_it_can_deliver(seen: Snapshot, kinds: list[str]) -> None:
    (ours,) = seen.known_trails
    steps = wanting(seen, ours)
    assert [s.kind for s in steps] == kinds
    assert can_deliver(seen, ours) is (kinds == [])
    assert can_deliver(predict(seen, steps), ours)


ELSEWHERE = "arn:aws:kms:eu-west-1:444455556666:key/1"
SOMEBODY_ELSES = [
    ("nobody looked at the bucket", world(None), "was not looked at"),
    ("another account's bucket", world(denied("s3:GetBucketPolicy", "AccessDenied")), "its owner has to see"),
    (
        "another account's bucket, as the needs show it",
        world(Bucket(NAME, True, policy_public=Unreadable("s3:GetBucketAcl", FOREIGN_BUCKET))),
        "its owner has to see",
    ),
    ("a policy that nobody understands", world(replace(GOOD, policy="{")), "is not understood"),
    ("a Deny of everything", world(replace(GOOD, policy=deny())), "has a Deny (Guard)"),
    ("a Deny of what is not encrypted with a key", world(replace(GOOD, policy=KMS_ONLY)), "has a Deny (Guard)"),
    ("a requester-pays bucket", world(replace(GOOD, requester_pays=True)), "Let the bucket's owner pay, then ask"),
    (
        "a public policy behind a block of public ones",
        world(replace(GOOD, policy=THEIRS, **BLOCKED)),
        "Take the public statement out first, then ask again",
    ),
    ("nobody looked at the key", world(encrypted=True), "was not looked at"),
    ("a key that was denied", world(key=replace(GOOD_KEY, exists=denied("kms:DescribeKey"))), "Whoever administers it"),
    ("a key that is gone", world(key=replace(GOOD_KEY, exists=False)), "does not exist any more"),
    ("a disabled key", world(key=replace(GOOD_KEY, state="Disabled")), "is Disabled"),
    (
        "a key that will be deleted",
        world(key=replace(GOOD_KEY, state="PendingDeletion")),
        f"in account {ACCOUNT} has to",
    ),
    ("a key of another region", world(key=replace(GOOD_KEY, region="eu-west-1")), "both must be in one"),
    (
        "a key whose policy is unseen",
        world(key=replace(GOOD_KEY, policy=denied("kms:GetKeyPolicy"))),
        "may encrypt with",
    ),
    ("a key with a Deny", world(key=replace(GOOD_KEY, policy=deny(Action="kms:*"))), "has a Deny"),
]


@pytest.mark.parametrize(("seen", "words"), [s[1:] for s in SOMEBODY_ELSES], ids=[s[0] for s in SOMEBODY_ELSES])
def test_what_is_not_ours_to_mend_is_refused_with_who_has_to_act(seen: Snapshot, words: str) -> None:
    (ours,) = seen.known_trails
    with pytest.raises(Refused) as refusal:
        wanting(seen, ours)
    assert words in str(refusal.value)
    assert not can_deliver(seen, ours)


def test_a_bucket_that_is_gone_is_made_where_its_key_is() -> None:
    far = replace(GOOD_KEY, name=ELSEWHERE, arn=ELSEWHERE, region="eu-west-1")
    ours = trail(kms_key=ELSEWHERE)
    seen = snapshot(ours, buckets=(Bucket(NAME, exists=False),), resources=(far,))
    made = wanting(seen, ours)[0]
    assert isinstance(made, CreateBucket)
    assert made.region == "eu-west-1"


def test_a_bucket_of_ours_that_was_left_half_made_gets_all_its_protection_and_its_policy_last() -> None:
    left = Bucket(default_form(account()).bucket, exists=True, region=REGION)
    ours = trail(bucket=left.name)
    steps = wanting(snapshot(ours, buckets=(left,)), ours)
    assert [s.kind for s in steps] == [*["protect-bucket"] * 4, "put-bucket-policy"]
    assert isinstance(steps[-1], PutBucketPolicy)
    assert "TrailwardenHttpsOnly" in steps[-1].after
    assert joined((), steps) == steps


def test_statements_of_others_stay_and_the_prefix_counts() -> None:
    ours = trail(prefix="audit")
    (put,) = wanting(snapshot(ours, buckets=(replace(GOOD, policy=THEIRS),)), ours)
    assert isinstance(put, PutBucketPolicy)
    assert '"Theirs"' in put.after
    assert f"{NAME}/audit/AWSLogs/{ACCOUNT}/*" in put.after


def test_a_key_is_named_by_its_arn_for_kms_takes_no_alias_there() -> None:
    by_alias = replace(GOOD_KEY, name="alias/logs", policy=THEIRS)
    seen = snapshot(trail(kms_key=KMS_KEY), buckets=(GOOD,), resources=(by_alias,))
    (put,) = wanting(seen, seen.known_trails[0])
    assert isinstance(put, PutKeyPolicy)
    assert put.key == KMS_KEY
    assert put.already(put.apply(seen))


def test_an_organizations_trail_needs_the_organizations_folder_too() -> None:
    ours = trail(organization=True)
    seen = snapshot(ours, buckets=(GOOD,))
    with pytest.raises(Refused, match="organization's id is not known"):
        wanting(seen, ours)
    (put,) = wanting(replace(seen, organization="o-1"), ours)
    assert isinstance(put, PutBucketPolicy)
    assert f"{NAME}/AWSLogs/o-1/*" in put.after


DENIALS = [
    ("everything", {}, True),
    ("only writing", {"Action": ["s3:PutObject", "s3:PutObjectAcl"]}, True),
    ("a pattern", {"Action": "s3:Put*"}, True),
    ("something else", {"Action": ["s3:DeleteObject", "s3:GetObject"]}, False),
    ("to CloudTrail by name", {"Principal": {"Service": "cloudtrail.amazonaws.com"}}, True),
    ("to every account", {"Principal": {"AWS": "*"}}, True),
    ("to one account", {"Principal": {"AWS": "arn:aws:iam::1:root"}}, False),
    ("over plain HTTP", {"Condition": {"Bool": {"aws:SecureTransport": "false"}}}, False),
    ("to people", {"Condition": {"BoolIfExists": {"aws:PrincipalIsAWSService": ["false"]}}}, False),
    ("to strangers to the organization", {"Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}}}, True),
    ("another ACL", {"Condition": {"StringNotEquals": {"s3:x-amz-acl": "bucket-owner-full-control"}}}, False),
    ("plain HTTP or not", {"Condition": {"Bool": {"aws:SecureTransport": ["false", "true"]}}}, True),
]


@pytest.mark.parametrize(("rest", "counts"), [d[1:] for d in DENIALS], ids=[d[0] for d in DENIALS])
def test_a_deny_counts_unless_it_is_plainly_not_for_cloudtrail(rest: dict[str, object], counts: bool) -> None:
    statements = json.loads(deny(**rest))["Statement"]
    assert denial(statements, ("s3:GetBucketAcl", "s3:PutObject")) == ("Guard" if counts else "")
