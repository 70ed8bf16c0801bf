"""Is what a trail leans on fit for it: bucket, key, topic, log group and role, as they will be after the plan.

A policy that does not plainly say what CloudTrail needs may say it in another way, so it is no proof of a failure.
"""

from collections.abc import Iterable, Iterator
from typing import TypeVar

from bot.domain.check import Check, because
from bot.domain.denials import NEVER_MET, Conditions, never_met, refuse_denial
from bot.domain.log_writing import allows, on_conditions, trusts
from bot.domain.policy import Home, Statement, merged
from bot.domain.refusal import Refused, not_looked_at
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
    writer_of,
)
from bot.domain.trail import Bucket, Snapshot, Trail, Unreadable


def bucket_checks(trail: Trail, before: Snapshot, after: Snapshot) -> Iterator[Check]:
    name, bucket = f"Bucket {trail.bucket}", after.bucket(trail.bucket)
    unreadable = next((b for b in after.buckets if isinstance(b, Unreadable)), None)
    if bucket is None:
        yield _unseen(name, unreadable)
        return
    if not bucket.exists:
        whose = before.account.label
        yield Check("fails", f"There is no bucket {trail.bucket} in {whose}. Make it, or choose another one.")
        return
    there = before.bucket(trail.bucket)
    new = there is None or not there.exists
    yield _made(name, bucket) if new else _payer(name, there or bucket)
    yield _bucket_policy(name, trail, before, bucket)


def _unseen(name: str, why: Unreadable | None) -> Check:
    if why is None:
        return Check("unchecked", str(not_looked_at(name)))
    return Check("unchecked", f"{name} could not be looked at: {because(why)}. When that is mended, ask again.")


def _made(name: str, bucket: Bucket) -> Check:
    return Check("ready", f"{name} does not exist yet, and will be made in {bucket.region}.")


def _payer(name: str, bucket: Bucket) -> Check:
    """Source: CloudTrail user guide, "Amazon S3 bucket policy for CloudTrail"."""
    if isinstance(bucket.requester_pays, Unreadable):
        return _unseen(f"Who pays for {name}", bucket.requester_pays)
    if bucket.requester_pays:
        why = "is a requester-pays bucket, and CloudTrail does not deliver to one"
        return Check("fails", f"{name} {why}. Let the bucket's owner pay, or choose another one.")
    return Check(
        "ready", f"{name} exists in {bucket.region or 'the account'}, is the account's own, and its owner pays."
    )


def _bucket_policy(name: str, trail: Trail, before: Snapshot, bucket: Bucket) -> Check:
    try:
        wanted = bucket_statements(writer_of(before, trail), trail.bucket, trail.prefix, new_bucket=False)
    except Refused as unknown:
        return Check("unchecked", str(unknown))
    return _policy(Home(name, BUCKET_LIMIT), bucket.policy, wanted, never_met(trail))


def _policy(whose: Home, text: str, wanted: Iterable[Statement], never: Conditions = NEVER_MET) -> Check:
    wanted = tuple(wanted)
    try:
        refuse_denial(text, whose, wanted, never)
        missing = merged(text, wanted, whose).added
    except Refused as odd:
        return Check("unchecked", str(odd))
    if not missing:
        return Check("ready", f"The policy of {whose.name} lets CloudTrail use it, for this trail.")
    if not text:
        return Check("fails", f"{whose.name} has no policy, so CloudTrail may not use it. Add: {'; '.join(missing)}.")
    plainly = f"The policy of {whose.name} does not plainly say: {'; '.join(missing)}"
    return Check("unchecked", f"{plainly}. Add it, or see that the policy allows it in another way.")


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
        yield Check("unchecked", f"Whether the {name} is in the bucket's region is not known. See that it is.")
    if isinstance(key.policy, Unreadable):
        yield _unseen(f"The policy of the {name}", key.policy)
    else:
        yield _policy(Home(f"the {name}", KEY_LIMIT), key.policy, key_statements(_alone(trail, before)))


def topic_checks(trail: Trail, before: Snapshot, after: Snapshot) -> Iterator[Check]:
    name, topic = f"topic {trail.topic}", _seen(after, Topic(trail.topic, exists=False))
    if topic is None or topic.exists is not True:
        yield _absent(name, topic)
        return
    wanted = topic_statements(_alone(trail, before), trail.topic)
    yield _policy(Home(f"the {name}", TOPIC_LIMIT), topic.policy, wanted)


def _alone(trail: Trail, world: Snapshot) -> Writer:
    """A key and a topic see the trail, and not for whom it writes."""
    return Writer(world.account, trail.arn)


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
        yield _role(role, trail, before, parts[6])


def _role(role: Role, trail: Trail, before: Snapshot, group: str) -> Check:
    """Its trust decides whether AWS takes it; what else it may do shows in the delivery alone."""
    why = "CloudTrail may not assume it: its trust policy does not name cloudtrail.amazonaws.com"
    try:
        if not trusts(role):
            return Check("fails", f"Role {role.name} is of no use, because {why}. Add it, or choose another one.")
        may = allows(role, log_role_policy(writer_of(before, trail), group)) and not on_conditions(role)
    except Refused as unknown:
        return Check("unchecked", str(unknown))
    if not may:
        return Check(
            "unchecked",
            f"Role {role.name} trusts CloudTrail; whether it may write to the group is not known. See that its "
            "trust has no condition against it, and that it allows logs:CreateLogStream and logs:PutLogEvents there.",
        )
    return Check("ready", f"Role {role.name} trusts CloudTrail and may write to the group.")


R = TypeVar("R", bound=Resource)


def _seen(world: Snapshot, wanted: R) -> R | None:
    found = world.resource(wanted)
    return found if isinstance(found, type(wanted)) else None


def _absent(name: str, found: Resource | None) -> Check:
    if found is None:
        return _unseen(f"The {name}", None)
    if isinstance(found.exists, Unreadable):
        return _unseen(f"The {name}", found.exists)
    return Check("fails", f"There is no {name}. Make it, or choose another one.")
