"""Can a trail deliver its log files? By the facts of its bucket and its key; and the steps that it takes where not.

Source: CloudTrail user guide, "Amazon S3 bucket policy for CloudTrail", "Configure AWS KMS key policies for
CloudTrail". A trail that fails to deliver is never replaced by a new one.
"""

from bot.domain.denials import never_met, refuse_denial
from bot.domain.form import default_form
from bot.domain.policy import Home, Merged, merged
from bot.domain.refusal import Refused, not_looked_at
from bot.domain.resources import Key
from bot.domain.statements import BUCKET_LIMIT, KEY_LIMIT, Writer, bucket_statements, key_statements, writer_of
from bot.domain.steps import CreateBucket, ProtectBucket, PutBucketPolicy, PutKeyPolicy, Step
from bot.domain.steps.bucket import SETTINGS
from bot.domain.trail import Account, Bucket, Snapshot, Trail, Unreadable


def can_deliver(world: Snapshot, trail: Trail) -> bool:
    """Nothing that CloudTrail needs is missing, and all of it could be seen."""
    try:
        return wanting(world, trail) == ()
    except Refused:
        return False


def lacks(world: Snapshot, trail: Trail) -> bool:
    """Something that CloudTrail needs is known to be missing, and we could mend it."""
    try:
        return wanting(world, trail) != ()
    except Refused:
        return False


def wanting(world: Snapshot, trail: Trail) -> tuple[Step, ...]:
    """The steps after which it can deliver; none where nothing is missing. Refused: somebody else has to act."""
    trail = world.canonical(trail)
    writer = writer_of(world, trail)
    bucket = owned_bucket(world, trail)
    home = bucket.region or _new_region(trail)
    return (*_bucket_steps(trail, bucket, home, writer), *_key_steps(world, trail, home, writer))


def owned_bucket(world: Snapshot, trail: Trail) -> Bucket:
    """The bucket as it was read. Refused: it could not be looked at as a bucket of this account."""
    bucket = world.bucket(trail.bucket)
    if bucket and (bucket.region or not bucket.exists):
        return bucket
    unseen = next((b for b in world.buckets if isinstance(b, Unreadable)), None)
    if bucket is None and unseen is None:
        raise not_looked_at(f"Bucket {trail.bucket}")
    why = f" ({unseen.sentence})" if unseen else ""
    raise Refused(
        f"Bucket {trail.bucket} could not be looked at as one of {world.account.label}{why}. If it belongs to another "
        "account, its owner has to see that it exists and that its policy lets CloudTrail write: "
        f"s3:GetBucketAcl and s3:PutObject for {trail.arn}."
    )


def _new_region(trail: Trail) -> str:
    """Where a bucket that is missing must be made: with its key, or else at the trail's home."""
    return trail.kms_key.split(":")[3] if trail.kms_key.startswith("arn:") else trail.home_region


def _bucket_steps(trail: Trail, bucket: Bucket, home: str, writer: Writer) -> tuple[Step, ...]:
    name, made = trail.bucket, making(bucket, home, writer.account)
    wanted = bucket_statements(writer, name, trail.prefix, new_bucket=bool(made))
    whose = Home(f"bucket {name}", BUCKET_LIMIT)
    policy = merged(bucket.policy, wanted, whose)
    refuse_denial(bucket.policy, whose, wanted, never_met(trail))
    _refuse_what_s3_would(bucket, policy)
    put = PutBucketPolicy(name, home, bucket.policy, policy.text, policy.added)
    return (*made, *((put,) if policy.added else ()))


def making(bucket: Bucket, home: str, account: Account) -> tuple[Step, ...]:
    """A bucket that is missing is made and protected; one of ours that was left half-made gets all of its protection.

    Its first policy is put last, so without one it was left half-made. What it lacks is not read, and set anew.
    """
    protect = tuple(ProtectBucket(bucket.name, home, setting) for setting in SETTINGS)
    if not bucket.exists:
        return (CreateBucket(bucket.name, home), *protect)
    half_made = bucket.name == default_form(account).bucket and not bucket.policy
    return protect if half_made else ()


def _refuse_what_s3_would(bucket: Bucket, policy: Merged) -> None:
    """Sources: CloudTrail user guide, on requester-pays buckets; S3 user guide, on BlockPublicPolicy."""
    if bucket.requester_pays is True:
        raise Refused(
            f"Bucket {bucket.name} is a requester-pays bucket, and CloudTrail does not deliver to one. Let the "
            "bucket's owner pay, then ask again."
        )
    if policy.added and bucket.policy_public is True and bucket.restricts_policy is True:
        raise Refused(
            f"The policy of bucket {bucket.name} is public, and while its access block is on S3 takes no policy that "
            "is, so what CloudTrail needs cannot be added. Take the public statement out first, then ask again."
        )


def _key_steps(world: Snapshot, trail: Trail, home: str, writer: Writer) -> tuple[Step, ...]:
    if not trail.kms_key:
        return ()
    key = world.resource(Key(trail.kms_key, exists=False))
    if not isinstance(key, Key):
        raise not_looked_at(f"Key {trail.kms_key}")
    return letting_in(usable(key, home), writer)


def usable(key: Key, region: str) -> Key:
    """The key, if CloudTrail could encrypt with it for a bucket of that region. Refused: its administrator must act."""
    who = f"Whoever administers it{_where(key)} has to act, or the trail needs another key"
    if isinstance(key.exists, Unreadable):
        raise Refused(f"Key {key.name} could not be looked at: {key.exists.sentence}. {who}.")
    if not key.exists:
        raise Refused(f"Key {key.name} does not exist any more. {who}.")
    if key.state != "Enabled":
        raise Refused(f"Key {key.name} is {key.state}, so nothing can be encrypted with it. {who}.")
    if key.region != region:
        raise Refused(f"Key {key.name} is in {key.region} and the bucket in {region}: both must be in one. {who}.")
    return key


def _where(key: Key) -> str:
    parts = (key.arn or key.name).split(":")
    return f" in account {parts[4]}" if len(parts) > 4 else ""


def letting_in(key: Key, writer: Writer) -> tuple[Step, ...]:
    """What the key's policy lacks for CloudTrail to encrypt with it, for this trail."""
    if isinstance(key.policy, Unreadable):
        raise Refused(
            f"The policy of key {key.name} could not be looked at: {key.policy.sentence}. Whoever administers it"
            f"{_where(key)} has to see that cloudtrail.amazonaws.com may encrypt with it for {writer.arn}."
        )
    whose = Home(f"key {key.name}", KEY_LIMIT)
    policy = merged(key.policy, key_statements(writer), whose)
    refuse_denial(key.policy, whose, key_statements(writer))
    put = PutKeyPolicy(key.arn or key.name, key.region, key.policy, policy.text, policy.added)
    return (put,) if policy.added else ()
