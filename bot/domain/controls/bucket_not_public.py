"""CIS "Ensure the S3 bucket used to store CloudTrail logs is not publicly accessible".

The bucket of every multi-region trail, because each holds the account's log. CIS reads the policy for the principal
`*`; S3's own judgement (GetBucketPolicyStatus) knows conditions as well, and is taken instead: a policy that lets
everybody in from one `aws:SourceArn` is not public. What a public access block overrules is not public either: S3
ignores the ACL (IgnorePublicAcls), or lets nobody but the owner's account and AWS services use the policy
(RestrictPublicBuckets), whichever of bucket and account says so.
"""

from bot.domain.bucket_controls import judge_buckets, looks_at_buckets, unknown
from bot.domain.control import Assessment, Control, Need, Profile
from bot.domain.delivery import owned_bucket, wanting
from bot.domain.finding import Finding, Verdict
from bot.domain.steps import ProtectBucket, Step
from bot.domain.steps.bucket import BLOCK
from bot.domain.trail import Bucket, Snapshot, Trail, Unreadable

ID = "bucket-not-public"
Known = bool | Unreadable


def judge(world: Snapshot, _profile: Profile) -> Finding:
    return judge_buckets(ID, world, "whose bucket could be looked at", _assess)


def _assess(trail: Trail, bucket: Bucket) -> Assessment:
    ways = {
        ("public-policy", "by its policy"): (bucket.policy_public, bucket.restricts_policy),
        ("public-acl", "by its access control list"): (bucket.acl_public, bucket.ignores_acl),
    }
    opened = [words for words, (public, blocked) in ways.items() if public is True and blocked is False]
    if opened:
        because = f"delivers to bucket {bucket.name}, which is public {' and '.join(how for _, how in opened)}"
        return Assessment(trail, Verdict.FAIL, tuple(code for code, _ in opened), because=because)
    unseen = tuple(e for public, blocked in ways.values() for e in _unseen(public, blocked))
    if unseen:
        return unknown(trail, unseen)
    blocked_only = any(public is True for public, _ in ways.values())
    return Assessment(
        trail,
        Verdict.PASS,
        warnings=("public-but-blocked",) if blocked_only else (),
        because=f"delivers to bucket {bucket.name}, which is not public"
        + (", but only because a public access block overrules what it allows" if blocked_only else ""),
    )


def _unseen(public: Known, blocked: Known) -> tuple[Unreadable, ...]:
    """What is missing to tell. One of the two is enough where it says no: not public, or public in vain."""
    if public is False or blocked is True:
        return ()
    return tuple(e for e in (public, blocked) if isinstance(e, Unreadable))


def fix(world: Snapshot, _profile: Profile) -> tuple[tuple[Step, ...], ...]:
    """A public access block on each bucket that is public, and a bucket anew under the name that is free.

    The block is safe for the log: CloudTrail and the account itself keep their access. It cuts off everybody else whom
    a public policy lets in, also those that it names; the card says so.
    """
    buckets = {t.bucket: t for t in world.multi_region if world.is_ours(t)}
    return (tuple(step for t in buckets.values() for step in _closing(world, t)),)


def _closing(world: Snapshot, trail: Trail) -> tuple[Step, ...]:
    bucket = world.bucket(trail.bucket)
    if bucket is None or (bucket.exists and _assess(trail, bucket).verdict is not Verdict.FAIL):
        return ()
    if not bucket.exists:
        return wanting(world, trail)
    owned = owned_bucket(world, trail)
    return (ProtectBucket(owned.name, owned.region, BLOCK),)


CONTROL = Control(
    ID,
    "The bucket of the CloudTrail logs is not public",
    judge,
    fix,
    cis={"1.4": "3.3", "1.5": "3.3", "2.0": "3.3"},
    security_hub="CloudTrail.6",
    needs=frozenset({Need.BUCKET_ACCESS}),
    looks=looks_at_buckets,
)
