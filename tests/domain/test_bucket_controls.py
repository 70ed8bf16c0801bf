"""`bucket-not-public` and `bucket-access-logging`: the bucket of every multi-region trail."""

from itertools import product
from typing import Any

import pytest

from bot.domain.bucket_controls import judge_buckets
from bot.domain.control import Control, Profile
from bot.domain.controls import bucket_access_logging, bucket_not_public
from bot.domain.finding import Finding, Verdict
from bot.domain.steps import predict
from bot.domain.trail import FOREIGN_BUCKET, NOT_ASKED, Bucket, Snapshot, Unreadable
from tests.builders import REGION, denied, exemplary_world, organization_trail, safe_bucket, snapshot, trail, trail_arn

PASS, FAIL, UNKNOWN = Verdict.PASS, Verdict.FAIL, Verdict.UNKNOWN
PUBLIC, LOGGING = bucket_not_public.CONTROL, bucket_access_logging.CONTROL
DENIED = denied("s3:GetBucketAcl", "AccessDenied")
FOREIGN = Unreadable("s3:GetBucketAcl", FOREIGN_BUCKET, "logs-of-ours is no bucket of 111122223333")


def with_bucket(**different: Any) -> Snapshot:
    return snapshot(trail(), buckets=(safe_bucket(**different),))


def judged(world: Snapshot, control: Control = PUBLIC) -> Finding:
    return control.judge(world, Profile.CIS)


EXPOSED = [
    ("nothing is public", {}, PASS, ()),
    ("the policy", {"policy_public": True}, FAIL, ("public-policy",)),
    ("the ACL", {"acl_public": True}, FAIL, ("public-acl",)),
    ("both", {"policy_public": True, "acl_public": True}, FAIL, ("public-policy", "public-acl")),
    ("the policy, restricted", {"policy_public": True, "restricts_policy": True}, PASS, ()),
    ("the policy, while the ACL is ignored", {"policy_public": True, "ignores_acl": True}, FAIL, ("public-policy",)),
    ("the ACL, ignored", {"acl_public": True, "ignores_acl": True}, PASS, ()),
    ("the ACL, while policies are restricted", {"acl_public": True, "restricts_policy": True}, FAIL, ("public-acl",)),
    ("the policy is unread", {"policy_public": DENIED}, UNKNOWN, ("access-denied",)),
    ("the policy is unread, but restricted", {"policy_public": DENIED, "restricts_policy": True}, PASS, ()),
    ("the policy, its block unread", {"policy_public": True, "restricts_policy": DENIED}, UNKNOWN, ("access-denied",)),
    ("a block unread that nothing depends on", {"restricts_policy": DENIED, "ignores_acl": DENIED}, PASS, ()),
    ("the policy, the ACL unread", {"policy_public": True, "acl_public": DENIED}, FAIL, ("public-policy",)),
    ("somebody else's", dict.fromkeys(("policy_public", "acl_public"), FOREIGN), UNKNOWN, ("foreign-bucket",)),
    ("nobody asked", dict.fromkeys(("policy_public", "acl_public"), NOT_ASKED), UNKNOWN, ("not-asked",)),
    ("the name is free", {"exists": False}, FAIL, ("no-such-bucket",)),
]


@pytest.mark.parametrize(("facts", "verdict", "reasons"), [e[1:] for e in EXPOSED], ids=[e[0] for e in EXPOSED])
def test_an_exposure_has_its_verdict(facts: dict[str, object], verdict: Verdict, reasons: tuple[str, ...]) -> None:
    found = judged(with_bucket(**facts))
    assert (found.verdict, found.reasons) == (verdict, reasons)


THREE = (True, False, DENIED)


@pytest.mark.parametrize("facts", list(product(THREE, THREE, THREE, THREE)))
def test_unknown_is_said_exactly_where_what_is_missing_could_decide(facts: tuple[bool | Unreadable, ...]) -> None:
    """Every way to fill in what could not be read: do all of them give one verdict?"""
    filled = product(*((f,) if isinstance(f, bool) else (True, False) for f in facts))
    possible = {judged(exposed(*f)).verdict for f in filled}
    found = judged(exposed(*facts)).verdict
    assert found is (possible.pop() if len(possible) == 1 else UNKNOWN)


def exposed(*facts: bool | Unreadable) -> Snapshot:
    names = ("policy_public", "acl_public", "restricts_policy", "ignores_acl")
    return with_bucket(**dict(zip(names, facts, strict=True)))


def test_what_is_public_in_vain_is_a_warning() -> None:
    found = judged(with_bucket(policy_public=True, restricts_policy=True))
    assert found.warnings == ("public-but-blocked",)
    assert "only because a public access block overrules" in found.why


LOGS = [
    ("to another bucket", "access-logs", PASS, (), ()),
    ("into itself", "logs-of-ours", PASS, (), ("logs-into-itself",)),
    ("off", "", FAIL, ("access-logging-off",), ()),
    ("could not be read", DENIED, UNKNOWN, ("access-denied",), ()),
    ("somebody else's bucket", FOREIGN, UNKNOWN, ("foreign-bucket",), ()),
]


@pytest.mark.parametrize(("to", "verdict", "reasons", "warnings"), [r[1:] for r in LOGS], ids=[r[0] for r in LOGS])
def test_an_access_log_has_its_verdict(
    to: str | Unreadable, verdict: Verdict, reasons: tuple[str, ...], warnings: tuple[str, ...]
) -> None:
    found = judged(with_bucket(logs_to=to), LOGGING)
    assert (found.verdict, found.reasons, found.warnings) == (verdict, reasons, warnings)


BAD = safe_bucket("bad", policy_public=True, logs_to="")
WORLDS = [
    ("no trail", snapshot(), FAIL, "no-multi-region-trail"),
    ("single-region only", snapshot(trail(multi_region=False)), FAIL, "no-multi-region-trail"),
    ("could not look", snapshot(unreadable=denied()), UNKNOWN, "access-denied"),
    ("nobody looked at the bucket", snapshot(trail()), UNKNOWN, "not-asked"),
    ("a bucket that does not exist", with_bucket(exists=False), FAIL, "no-such-bucket"),
    (
        "one of two buckets is bad",
        snapshot(trail("a"), trail("b", bucket="bad"), buckets=(safe_bucket(), BAD)),
        FAIL,
        "",
    ),
    (
        "one is bad, one unknown",
        snapshot(trail("a"), trail("b", bucket="bad"), buckets=(BAD,)),
        FAIL,
        "",
    ),
    (
        "one is good, one unknown",
        snapshot(trail("a"), trail("b", bucket="other"), buckets=(safe_bucket(),)),
        UNKNOWN,
        "not-asked",
    ),
    (
        "a single-region trail's bucket is bad",
        snapshot(trail(), trail("b", multi_region=False, bucket="bad"), buckets=(safe_bucket(), BAD)),
        PASS,
        "",
    ),
    ("an organization's trail into our bucket", snapshot(organization_trail(), buckets=(safe_bucket(),)), PASS, ""),
]


@pytest.mark.parametrize("control", [PUBLIC, LOGGING], ids=lambda c: c.id)
@pytest.mark.parametrize(("world", "verdict", "reason"), [w[1:] for w in WORLDS], ids=[w[0] for w in WORLDS])
def test_both_have_the_same_scope(control: Control, world: Snapshot, verdict: Verdict, reason: str) -> None:
    found = judged(world, control)
    assert found.verdict is verdict
    assert not reason or found.reasons == (reason,)


def test_a_foreign_bucket_is_said_to_be_one_and_no_permission_is_asked_for() -> None:
    why = judged(with_bucket(logs_to=FOREIGN), LOGGING).why
    assert "s3:GetBucketAcl was denied, because logs-of-ours is no bucket of 111122223333" in why
    assert "it needs" not in why


def test_a_denial_names_the_call_and_the_permission() -> None:
    why = judged(with_bucket(acl_public=DENIED)).why
    assert "s3:GetBucketAcl answered AccessDenied; it needs s3:GetBucketAcl (not authorized)" in why


def test_the_trail_of_the_bad_bucket_is_named() -> None:
    found = judged(snapshot(trail("a"), trail("b", bucket="bad"), buckets=(safe_bucket(), BAD)))
    assert found.resource == trail_arn("b")
    assert found.why == "Trail b (us-east-1) delivers to bucket bad, which is public by its policy."


def test_a_bucket_that_does_not_exist_is_not_judged_by_its_facts() -> None:
    world = snapshot(trail(), buckets=(Bucket("logs-of-ours", exists=False),))
    found = judge_buckets("x", world, "", lambda _trail, _bucket: pytest.fail("it was judged"))
    assert found.reasons == ("no-such-bucket",)


OPENED = safe_bucket(region=REGION, policy_public=True)


def closing(world: Snapshot) -> list[str]:
    return [s.kind for steps in bucket_not_public.fix(world, Profile.CIS) for s in steps]


CLOSINGS = [
    ("public by its policy", exemplary_world(buckets=(OPENED,)), ["protect-bucket"]),
    ("two trails, one bucket", exemplary_world(trail("a"), trail("b"), buckets=(OPENED,)), ["protect-bucket"]),
    ("not public", exemplary_world(), []),
    ("unread", exemplary_world(buckets=(safe_bucket(policy_public=denied()),)), []),
    ("nobody looked", exemplary_world(buckets=()), []),
    (
        "another account's trail",
        exemplary_world(organization_trail(), buckets=(OPENED,)),
        [],
    ),
    (
        "the name is free",
        exemplary_world(trail(), buckets=(Bucket("logs-of-ours", exists=False),)),
        ["create-bucket", *["protect-bucket"] * 4, "put-bucket-policy"],
    ),
]


@pytest.mark.parametrize(("world", "kinds"), [c[1:] for c in CLOSINGS], ids=[c[0] for c in CLOSINGS])
def test_a_public_bucket_is_closed_by_a_block_and_a_missing_one_made(world: Snapshot, kinds: list[str]) -> None:
    assert closing(world) == kinds


def test_after_the_block_it_passes_and_warns_that_the_block_alone_does_it() -> None:
    world = exemplary_world(buckets=(OPENED,))
    (steps,) = bucket_not_public.fix(world, Profile.CIS)
    found = bucket_not_public.judge(predict(world, steps), Profile.CIS)
    assert (found.verdict, found.warnings) == (Verdict.PASS, ("public-but-blocked",))


def test_the_buckets_of_all_trails_of_the_account_are_looked_at() -> None:
    world = snapshot(trail("a"), trail("b", multi_region=False, bucket="other"), organization_trail(bucket="theirs"))
    assert bucket_not_public.CONTROL.looks(world).buckets == ("logs-of-ours", "other")
    assert bucket_access_logging.CONTROL.looks(world).buckets == ("logs-of-ours", "other")
