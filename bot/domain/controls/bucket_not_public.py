"""CIS "Ensure the S3 bucket used to store CloudTrail logs is not publicly accessible".

The bucket of every multi-region trail, because each holds the account's log. CIS reads the policy for the principal
`*`; S3's own judgement (GetBucketPolicyStatus) knows conditions as well, and is taken instead: a policy that lets
everybody in from one `aws:SourceArn` is not public. What a public access block overrules is not public either: S3
ignores the ACL (IgnorePublicAcls), or lets nobody but the owner's account and AWS services use the policy
(RestrictPublicBuckets), whichever of bucket and account says so.
"""

from bot.domain.bucket_controls import judge_buckets, unknown
from bot.domain.control import Assessment, Control, Need, Profile
from bot.domain.finding import Finding, Verdict
from bot.domain.steps import Step
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


def fix(_world: Snapshot, _profile: Profile) -> tuple[tuple[Step, ...], ...]:
    """None yet: a block on a bucket that is in use may cut off readers, so its owner must see what it would cut."""
    return ()


CONTROL = Control(
    ID,
    "The bucket of the CloudTrail logs is not public",
    "high",
    judge,
    fix,
    cis={"1.4": "3.3", "1.5": "3.3", "2.0": "3.3"},
    security_hub="CloudTrail.6",
    needs=frozenset({Need.BUCKET_ACCESS}),
    repairable=False,
)
