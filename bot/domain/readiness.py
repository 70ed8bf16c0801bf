"""Is what a trail leans on fit for it: bucket, key, topic, log group and role, as they will be after the plan.

A policy that does not plainly say what CloudTrail needs may say it in another way, so it is no proof of a failure.
"""

from collections.abc import Iterable, Iterator
from typing import TypeVar

from bot.domain.check import Check, because
from bot.domain.policy import Home, Statement, merged, same
from bot.domain.refusal import Refused
from bot.domain.resources import Key, LogGroup, Resource, Role, Topic
from bot.domain.statements import (
    BUCKET_LIMIT,
    KEY_LIMIT,
    TOPIC_LIMIT,
    Writer,
    bucket_statements,
    key_statements,
    log_role_policy,
    topic_statements,
)
from bot.domain.trail import Bucket, Snapshot, Trail, Unreadable


def writer(trail: Trail, world: Snapshot) -> Writer:
    return Writer(world.account, trail.arn, world.organization if trail.organization else "")


def bucket_checks(trail: Trail, before: Snapshot, after: Snapshot) -> Iterator[Check]:
    name, bucket = f"Bucket {trail.bucket}", after.bucket(trail.bucket)
    unreadable = next((b for b in after.buckets if isinstance(b, Unreadable)), None)
    if bucket is None:
        why = f"could not be looked at: {because(unreadable)}" if unreadable else "was not looked at"
        yield Check("unchecked", f"{name} {why}.")
        return
    if not bucket.exists:
        whose = before.account.label
        yield Check("fails", f"There is no bucket {trail.bucket} in {whose}. Make it, or choose another one.")
        return
    there = before.bucket(trail.bucket)
    new = there is None or not there.exists
    yield _made(name, bucket) if new else _payer(name, there or bucket)
    wanted = bucket_statements(writer(trail, before), trail.bucket, trail.prefix, new_bucket=False)
    yield _policy(name, bucket.policy, wanted, BUCKET_LIMIT)


def _made(name: str, bucket: Bucket) -> Check:
    return Check("ready", f"{name} does not exist yet, and will be made in {bucket.region}.")


def _payer(name: str, bucket: Bucket) -> Check:
    """Source: CloudTrail user guide, "Amazon S3 bucket policy for CloudTrail"."""
    if isinstance(bucket.requester_pays, Unreadable):
        return Check("unchecked", f"Whether {name} is a requester-pays bucket: {because(bucket.requester_pays)}.")
    if bucket.requester_pays:
        why = "is a requester-pays bucket, and CloudTrail does not deliver to one"
        return Check("fails", f"{name} {why}. Let the bucket's owner pay, or choose another one.")
    return Check(
        "ready", f"{name} exists in {bucket.region or 'the account'}, is the account's own, and its owner pays."
    )


def _policy(name: str, text: str, wanted: Iterable[Statement], limit: int) -> Check:
    try:
        missing = merged(text, wanted, Home(name, limit)).added
    except Refused as odd:
        return Check("unchecked", str(odd))
    if not missing:
        return Check("ready", f"The policy of {name} lets CloudTrail use it, for this trail.")
    if not text:
        return Check("fails", f"{name} has no policy, so CloudTrail may not use it. Add: {'; '.join(missing)}.")
    return Check("unchecked", f"The policy of {name} does not plainly say: {'; '.join(missing)}.")


def key_checks(trail: Trail, before: Snapshot, after: Snapshot) -> Iterator[Check]:
    """CloudTrail takes a key of the bucket's region only, and AWS refuses one that is not enabled."""
    asked = (r for r in after.resources if isinstance(r, Key) and trail.kms_key in (r.name, r.arn))
    key, name = next(asked, None), f"key {trail.kms_key}"
    if key is None or key.exists is not True:
        yield _absent(name, key)
        return
    bucket = after.bucket(trail.bucket)
    home = bucket.region if bucket else ""
    if home and key.region != home:
        yield Check("fails", f"The {name} is in {key.region}, and the bucket in {home}. Choose a key of {home}.")
    if key.state != "Enabled":
        yield Check("fails", f"The {name} is {key.state}. Enable it, or choose another one.")
    elif not home:
        yield Check("unchecked", f"Whether the {name} is in the bucket's region is not known.")
    if isinstance(key.policy, Unreadable):
        yield Check("unchecked", f"The policy of the {name} could not be read: {because(key.policy)}.")
    else:
        yield _policy(f"the {name}", key.policy, key_statements(writer(trail, before)), KEY_LIMIT)


def topic_checks(trail: Trail, before: Snapshot, after: Snapshot) -> Iterator[Check]:
    name, topic = f"topic {trail.topic}", _seen(after, Topic(trail.topic, exists=False))
    if topic is None or topic.exists is not True:
        yield _absent(name, topic)
        return
    yield _policy(f"the {name}", topic.policy, topic_statements(writer(trail, before), trail.topic), TOPIC_LIMIT)


def log_checks(trail: Trail, before: Snapshot, after: Snapshot) -> Iterator[Check]:
    """The group's ARN is arn:partition:logs:region:account:log-group:NAME:*, the role's ends in role/NAME."""
    parts = [*trail.log_group.split(":"), *[""] * 7]
    group = _seen(after, LogGroup(parts[6], exists=False, region=parts[3]))
    role = _seen(after, Role(trail.log_role.split("/")[-1], exists=False))
    if group is None or group.exists is not True:
        yield _absent(f"log group {parts[6]}", group)
    else:
        yield Check("ready", f"The log group {group.name} is there.")
    if role is None or role.exists is not True:
        yield _absent(f"role {trail.log_role}", role)
    else:
        yield _role(role, log_role_policy(writer(trail, before), parts[6]))


def _role(role: Role, wanted: str) -> Check:
    """Its trust decides whether AWS takes it; what else it may do shows in the delivery alone."""
    if "cloudtrail.amazonaws.com" not in role.trust:
        why = "CloudTrail may not assume it: its trust policy does not name cloudtrail.amazonaws.com"
        return Check("fails", f"Role {role.name} is of no use, because {why}. Add it, or choose another one.")
    if not same(role.policy, wanted):
        return Check(
            "unchecked", f"Role {role.name} trusts CloudTrail; whether it may write to the group is not known."
        )
    return Check("ready", f"Role {role.name} trusts CloudTrail and may write to the group.")


R = TypeVar("R", bound=Resource)


def _seen(world: Snapshot, wanted: R) -> R | None:
    found = world.resource(wanted)
    return found if isinstance(found, type(wanted)) else None


def _absent(name: str, found: Resource | None) -> Check:
    if found is None:
        return Check("unchecked", f"The {name} was not looked at.")
    if isinstance(found.exists, Unreadable):
        return Check("unchecked", f"The {name} could not be looked at: {because(found.exists)}.")
    return Check("fails", f"There is no {name}. Make it, or choose another one.")
