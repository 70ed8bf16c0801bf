"""A KMS key for a trail that has none: one that the account's trails use already, or else a new one.

The default key of the bucket is not considered: nobody reads it, and S3's own managed key could not be used.
"""

from bot.domain.delivery import letting_in, owned_bucket, usable
from bot.domain.denials import NEVER_MET_WITH_A_KEY, refuse_denial
from bot.domain.policy import Home
from bot.domain.refusal import Refused, not_looked_at
from bot.domain.resources import Key, alias_arn, description_for
from bot.domain.statements import BUCKET_LIMIT, Writer, bucket_statements, new_key_policy
from bot.domain.steps import CreateAlias, CreateKey, Settings, Step, updating
from bot.domain.trail import Bucket, Snapshot, Trail, Unreadable


def own_alias(region: str) -> str:
    """One key for all trails whose buckets are in the region; the name says which, for one of another is no use."""
    return f"alias/trailwarden-cloudtrail-{region}"


def encrypting(world: Snapshot, trail: Trail) -> tuple[Step, ...]:
    """The steps after which the trail encrypts. Refused: a fact could not be seen, or somebody else has to act."""
    bucket = owned_bucket(world, trail)
    region = bucket.region or trail.home_region
    writer = Writer(world.account, trail.arn)
    _refuse_other_encryption(bucket, writer)
    shared = _shared_key(world, trail, region)
    if shared:
        return (*letting_in(shared, writer), updating(trail, Settings(kms_key=shared.arn)))
    key = _own_key(world, region)
    name = key.name if region == trail.home_region else alias_arn(key, world.account.id, world.account.partition)
    return (*made_ready(key, writer), updating(trail, Settings(kms_key=name)))


def _refuse_other_encryption(bucket: Bucket, writer: Writer) -> None:
    """A bucket may take objects of one kind of encryption only."""
    written = bucket_statements(writer, bucket.name, "", new_bucket=False)
    refuse_denial(bucket.policy, Home(f"bucket {bucket.name}", BUCKET_LIMIT), written, NEVER_MET_WITH_A_KEY)


def _shared_key(world: Snapshot, trail: Trail, region: str) -> Key | None:
    """The key of another trail of ours, if it is of the bucket's region and in use."""
    others = {t.kms_key for t in world.known_trails if world.is_ours(t) and t.arn != trail.arn}
    keys = sorted((r for r in world.resources if isinstance(r, Key) and r.arn in others), key=lambda k: k.arn)
    return next((k for k in keys if k.arn and k.region == region and k.state == "Enabled" and _is_ours(k, world)), None)


def _is_ours(key: Key, world: Snapshot) -> bool:
    """Another account's key has a policy that only its owner changes."""
    return key.arn.split(":")[4] == world.account.id and isinstance(key.policy, str)


def _own_key(world: Snapshot, region: str) -> Key:
    name = own_alias(region)
    key = world.resource(Key(name, exists=False))
    if not isinstance(key, Key):
        raise not_looked_at(f"Key {name}")
    if isinstance(key.exists, Unreadable):
        raise Refused(f"Key {name} could not be looked at: {key.exists.sentence}. When that is mended, ask again.")
    return usable(key, region) if key.exists else key


def made_ready(key: Key, writer: Writer) -> tuple[Step, ...]:
    """It lets CloudTrail in, and has its name; a key that was made before it could be named is taken up again."""
    description = description_for(key.name)
    name = CreateAlias(key.name, key.region, description)
    if not key.exists:
        return CreateKey(key.name, key.region, new_key_policy(writer), description), name
    return (*letting_in(key, writer), *(() if key.named else (name,)))
