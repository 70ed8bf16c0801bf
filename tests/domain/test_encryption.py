"""A key for a trail without one: another trail's, or a new one; always one that lets CloudTrail in."""

import json
from dataclasses import replace

import pytest

from bot.domain.control import Look, Profile
from bot.domain.controls import kms_encryption
from bot.domain.encryption import own_alias
from bot.domain.joined import joined
from bot.domain.refusal import Refused
from bot.domain.resources import Key, Resource
from bot.domain.statements import Writer, new_key_policy
from bot.domain.steps import CreateKey, Step, UpdateTrail, predict
from bot.domain.trail import Bucket, Snapshot, Trail
from tests.builders import ACCOUNT, KMS_KEY, REGION, account, denied, snapshot, trail, trail_arn

HERE = Bucket("logs-of-ours", exists=True, region=REGION)
NO_KEY = Key(own_alias(REGION), exists=False, region=REGION)
OURS = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/own"
MADE = Key(own_alias(REGION), True, REGION, OURS, "Enabled", new_key_policy(Writer(account(), trail_arn())))
USED = Key(KMS_KEY, True, REGION, KMS_KEY, "Enabled", new_key_policy(Writer(account(), trail_arn("keyed"))))
KEYED = trail("keyed", kms_key=KMS_KEY)


def world(*trails: Trail, resources: tuple[Resource, ...] = (NO_KEY,), bucket: Bucket = HERE) -> Snapshot:
    return snapshot(*(trails or (trail(),)), buckets=(bucket,), resources=resources)


def fix(seen: Snapshot) -> tuple[Step, ...]:
    (steps,) = kms_encryption.fix(seen, Profile.CIS)
    return joined((), steps)


NEW = ["create-key", "create-alias", "update-trail"]
OPTIONS = [
    ("no key anywhere", world(), NEW, own_alias(REGION)),
    ("our key from an earlier time", world(resources=(MADE,)), ["update-trail"], own_alias(REGION)),
    (
        "our key, for another trail until now",
        world(trail("other"), resources=(MADE,)),
        ["put-key-policy", "update-trail"],
        own_alias(REGION),
    ),
    (
        "a key that was made and not named yet",
        world(resources=(replace(MADE, named=False),)),
        ["create-alias", "update-trail"],
        own_alias(REGION),
    ),
    (
        "another trail's key",
        world(trail(), KEYED, resources=(USED, NO_KEY)),
        ["put-key-policy", "update-trail"],
        KMS_KEY,
    ),
    (
        "another trail's key is disabled",
        world(trail(), KEYED, resources=(replace(USED, state="Disabled"), NO_KEY)),
        NEW,
        own_alias(REGION),
    ),
    (
        "another trail's key is not of the bucket's region",
        world(trail(), KEYED, resources=(replace(USED, region="eu-west-1"), NO_KEY)),
        NEW,
        own_alias(REGION),
    ),
]


@pytest.mark.parametrize(("seen", "kinds", "name"), [o[1:] for o in OPTIONS], ids=[o[0] for o in OPTIONS])
def test_the_key_that_is_there_is_taken_before_a_new_one(seen: Snapshot, kinds: list[str], name: str) -> None:
    steps = fix(seen)
    assert [s.kind for s in steps] == kinds
    assert isinstance(steps[-1], UpdateTrail)
    assert steps[-1].to.kms_key == name
    assert kms_encryption.judge(predict(seen, steps), Profile.CIS).verdict == "PASS"


def test_two_trails_share_one_new_key_that_lets_both_in() -> None:
    steps = fix(world(trail("a"), trail("b")))
    assert [s.kind for s in steps] == [*NEW, "update-trail"]
    assert isinstance(steps[0], CreateKey)
    assert trail_arn("a") in steps[0].policy
    assert trail_arn("b") in steps[0].policy


def test_a_key_of_another_region_than_the_trails_home_is_named_whole() -> None:
    far = replace(NO_KEY, name=own_alias("eu-west-1"), region="eu-west-1")
    seen = world(resources=(far,), bucket=replace(HERE, region="eu-west-1"))
    update = fix(seen)[-1]
    assert isinstance(update, UpdateTrail)
    assert update.to.kms_key == f"arn:aws:kms:eu-west-1:{ACCOUNT}:alias/trailwarden-cloudtrail-eu-west-1"
    assert update.already(predict(seen, fix(seen)))


def only(encryption: str) -> str:
    condition = {"StringNotEquals": {"s3:x-amz-server-side-encryption": encryption}}
    statement = {"Sid": "AES", "Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Condition": condition}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


AES_ONLY, KMS_ONLY = only("AES256"), only("aws:kms")


def test_a_bucket_that_takes_encrypted_objects_only_is_no_hindrance() -> None:
    assert [s.kind for s in fix(world(bucket=replace(HERE, policy=KMS_ONLY)))] == NEW


REFUSALS = [
    ("nobody looked at the key", world(resources=()), "was not looked at"),
    (
        "the key was denied",
        world(resources=(replace(NO_KEY, exists=denied("kms:DescribeKey")),)),
        "could not be looked",
    ),
    ("the bucket takes other objects only", world(bucket=replace(HERE, policy=AES_ONLY)), r"has a Deny \(AES\)"),
    ("our key will be deleted", world(resources=(replace(MADE, state="PendingDeletion"),)), "is PendingDeletion"),
    ("nobody looked at the bucket", snapshot(trail(), resources=(NO_KEY,)), "was not looked at"),
]


@pytest.mark.parametrize(("seen", "words"), [r[1:] for r in REFUSALS], ids=[r[0] for r in REFUSALS])
def test_what_was_not_seen_is_never_taken_for_absent(seen: Snapshot, words: str) -> None:
    with pytest.raises(Refused, match=words):
        fix(seen)


def test_the_bucket_is_looked_at_first_and_then_the_key_of_its_region() -> None:
    assert kms_encryption.looks(snapshot(trail())) == Look(("logs-of-ours",))
    assert kms_encryption.looks(world(resources=())) == Look(("logs-of-ours",), (NO_KEY,))
    assert kms_encryption.looks(snapshot(KEYED)) == Look()
