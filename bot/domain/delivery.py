"""Can a trail deliver its log files? By the facts of its bucket and its key; and the steps that it takes where not.

Source: CloudTrail user guide, "Amazon S3 bucket policy for CloudTrail", "Configure AWS KMS key policies for
CloudTrail". A trail that fails to deliver is never replaced by a new one.
"""

from bot.domain.denials import denial
from bot.domain.policy import Home, merged, statements_of
from bot.domain.refusal import Refused
from bot.domain.resources import Key
from bot.domain.statements import BUCKET_LIMIT, KEY_LIMIT, Writer, bucket_statements, key_statements
from bot.domain.steps import CreateBucket, ProtectBucket, PutBucketPolicy, PutKeyPolicy, Step
from bot.domain.steps.bucket import SETTINGS
from bot.domain.trail import Bucket, Snapshot, Trail, Unreadable


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
    writer = _writer(world, trail)
    bucket = owned_bucket(world, trail)
    home = bucket.region or _new_region(trail)
    return (*_bucket_steps(trail, bucket, home, writer), *_key_steps(world, trail, home, writer))


def _writer(world: Snapshot, trail: Trail) -> Writer:
    """An organization's trail writes below the organization's id too."""
    if trail.organization and not world.organization:
        raise Refused(
            f"Trail {trail.name} is the organization's, and the organization's id is not known here, so nobody can "
            f"tell whether bucket {trail.bucket} lets it write. Compare its policy with CloudTrail's user guide."
        )
    return Writer(world.account, trail.arn, world.organization if trail.organization else "")


def owned_bucket(world: Snapshot, trail: Trail) -> Bucket:
    """The bucket as it was read. Refused: it could not be looked at as a bucket of this account."""
    bucket = world.bucket(trail.bucket)
    if bucket and (bucket.region or not bucket.exists):
        return bucket
    unseen = next((b for b in world.buckets if isinstance(b, Unreadable)), None)
    if bucket is None and unseen is None:  # never taken for "not there"
        raise Refused(f"Bucket {trail.bucket} was not looked at. Ask anew, and it will be.")
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
    name = trail.bucket
    wanted = bucket_statements(writer, name, trail.prefix, new_bucket=not bucket.exists)
    whose = Home(f"bucket {name}", BUCKET_LIMIT)
    policy = merged(bucket.policy, wanted, whose)
    _refuse_denial(bucket.policy, whose, ("s3:GetBucketAcl", "s3:PutObject"))
    new = (CreateBucket(name, home), *(ProtectBucket(name, home, setting) for setting in SETTINGS))
    put = PutBucketPolicy(name, home, bucket.policy, policy.text, policy.added)
    return (*(() if bucket.exists else new), *((put,) if policy.added else ()))


def _refuse_denial(policy: str, whose: Home, actions: tuple[str, ...]) -> None:
    if sid := denial(statements_of(policy, whose), actions):
        raise Refused(
            f"The policy of {whose.name} has a Deny ({sid}) that may be for CloudTrail too, so nobody can tell whether "
            "it can write. Whoever wrote the Deny has to leave out cloudtrail.amazonaws.com."
        )


def _key_steps(world: Snapshot, trail: Trail, home: str, writer: Writer) -> tuple[Step, ...]:
    if not trail.kms_key:
        return ()
    key = world.resource(Key(trail.kms_key, exists=False))
    if not isinstance(key, Key):
        raise Refused(f"Key {trail.kms_key} was not looked at. Ask anew, and it will be.")
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
    _refuse_denial(key.policy, whose, ("kms:GenerateDataKey", "kms:DescribeKey"))
    put = PutKeyPolicy(key.arn or key.name, key.region, key.policy, policy.text, policy.added)
    return (put,) if policy.added else ()
