"""The writes that concern the bucket that a trail delivers to."""

from dataclasses import dataclass, replace
from typing import ClassVar, Literal

from bot.domain.policy import same
from bot.domain.trail import Bucket, Snapshot, Unreadable


@dataclass(frozen=True)
class CreateBucket:
    name: str
    region: str
    kind: Literal["create-bucket"] = "create-bucket"
    call: ClassVar[str] = "s3:CreateBucket"
    undo: ClassVar[str] = "none: a bucket with log files in it is never deleted"

    @property
    def diff(self) -> tuple[str, ...]:
        return (f"+ bucket {self.name} in {self.region}",)

    def already(self, world: Snapshot) -> bool:
        bucket = world.bucket(self.name)
        return bucket is not None and bucket.exists

    def apply(self, world: Snapshot) -> Snapshot:
        """S3 makes a bucket without policy, grants or access log; its public access block is a step of its own."""
        made = Bucket(self.name, True, self.region, "", False, False, False, False, "")
        return _with_bucket(world, made)


Setting = Literal["public-access-block", "versioning", "encryption", "lifecycle"]
BLOCK: Setting = "public-access-block"
SETTINGS: dict[Setting, tuple[str, str]] = {
    BLOCK: ("s3:PutPublicAccessBlock", "no public access"),
    "versioning": ("s3:PutBucketVersioning", "versioning on"),
    "encryption": ("s3:PutBucketEncryption", "encrypted by default (SSE-S3)"),
    "lifecycle": (
        "s3:PutBucketLifecycleConfiguration",
        "to Glacier Instant Retrieval after 90 days, nothing is deleted",
    ),
}
"""How a new bucket is set up: the call, and words for it."""


@dataclass(frozen=True)
class ProtectBucket:
    """One setting of a bucket. Setting it again does no harm, so it is always set.

    The public access block is for a bucket in use too: CloudTrail and the account itself keep their access, since
    RestrictPublicBuckets spares AWS services and the owner (S3 user guide, "Blocking public access").
    """

    name: str
    region: str
    setting: Setting
    kind: Literal["protect-bucket"] = "protect-bucket"
    undo: ClassVar[str] = "none: a log bucket stays protected"

    @property
    def call(self) -> str:
        return SETTINGS[self.setting][0]

    @property
    def diff(self) -> tuple[str, ...]:
        return (f"+ bucket {self.name}: {SETTINGS[self.setting][1]}",)

    def already(self, world: Snapshot) -> bool:  # noqa: ARG002 - not read: set again
        return False

    def apply(self, world: Snapshot) -> Snapshot:
        bucket = world.bucket(self.name)
        if bucket is None or self.setting != BLOCK:
            return world
        return _with_bucket(world, replace(bucket, restricts_policy=True, ignores_acl=True))


@dataclass(frozen=True)
class PutBucketPolicy:
    """Writes the whole text `after`, which is `before` with our statements merged in; "" is no policy."""

    name: str
    region: str
    before: str
    after: str
    added: tuple[str, ...]
    kind: Literal["put-bucket-policy"] = "put-bucket-policy"
    call: ClassVar[str] = "s3:PutBucketPolicy"
    undo: ClassVar[str] = "s3:PutBucketPolicy"

    @property
    def diff(self) -> tuple[str, ...]:
        kept = ["  (the statements that are there stay as they are)"] if self.before else []
        return (f"  bucket {self.name}, policy", *kept, *(f"+ {line}" for line in self.added))

    def already(self, world: Snapshot) -> bool:
        bucket = world.bucket(self.name)
        return bucket is not None and same(bucket.policy, self.after)

    def apply(self, world: Snapshot) -> Snapshot:
        """Whether it is public stays as it was: what we add is for CloudTrail, and for one trail of it."""
        bucket = world.bucket(self.name) or Bucket(self.name, exists=True)
        return _with_bucket(world, replace(bucket, exists=True, region=self.region, policy=self.after))


def _with_bucket(world: Snapshot, bucket: Bucket) -> Snapshot:
    others = (b for b in world.buckets if isinstance(b, Unreadable) or b.name != bucket.name)
    return replace(world, buckets=(*others, bucket))
