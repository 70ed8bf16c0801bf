"""What a trail leans on: its bucket, and the steps that make ready a key, a topic, a log group with its role."""

from dataclasses import dataclass
from typing import TypeVar

from bot.domain.encryption import made_ready
from bot.domain.form import Choice, TrailForm, topic_arn
from bot.domain.policy import Home, merged
from bot.domain.refusal import Refused, not_looked_at
from bot.domain.resources import Key, LogGroup, Resource, Role, Topic, alias_arn
from bot.domain.statements import (
    KEY_LIMIT,
    TOPIC_LIMIT,
    Writer,
    key_statements,
    log_group_arn,
    log_role_policy,
    log_role_trust,
    topic_statements,
)
from bot.domain.steps import (
    CreateLogGroup,
    CreateRole,
    CreateTopic,
    PutKeyPolicy,
    PutRolePolicy,
    PutTopicPolicy,
    Step,
)
from bot.domain.trail import Account, Bucket, Snapshot, Unreadable


@dataclass(frozen=True)
class Support:
    """The steps, and the `name` by which the trail then names it (its ARN, or a new key's alias); "" for nothing."""

    name: str = ""
    steps: tuple[Step, ...] = ()
    role: str = ""


NOTHING = Support()


def leans_on(account: Account, form: TrailForm, bucket_region: str) -> tuple[Resource, ...]:
    """What must be looked at, beside the bucket, before the trail can be planned. A key belongs to the bucket."""
    region = form.home(account)
    return (
        *((Key(form.key.name, exists=False, region=bucket_region),) if form.key else ()),
        *((Topic(topic_arn(account, form), exists=False),) if form.topic else ()),
        *((LogGroup(form.logs.name, exists=False, region=region),) if form.logs else ()),
        *((Role(form.role.name, exists=False),) if form.logs else ()),
    )


def bucket_of(world: Snapshot, form: TrailForm) -> Bucket:
    """The bucket as it is. A new one must not exist yet, an existing one must, and we must be able to see which."""
    found = next((b for b in world.buckets if isinstance(b, Unreadable)), None)
    if found:
        raise Refused(
            f"Could not look at bucket {form.bucket}: {found.sentence}. If it belongs to another account, choose one "
            f"of {world.account.label}; bucket names are shared by all of AWS."
        )
    bucket = world.bucket(form.bucket)
    if bucket is None:  # its policy would be overwritten
        raise not_looked_at(f"Bucket {form.bucket}")
    if bucket.exists and form.new_bucket:
        raise Refused(f"Bucket {form.bucket} exists already. Choose “Use an existing one”, or another name.")
    if not bucket.exists and not form.new_bucket:
        raise Refused(f"There is no bucket {form.bucket} in {world.account.label}. Choose “Make a new one” to make it.")
    return bucket


def key_steps(world: Snapshot, choice: Choice, writer: Writer, region: str) -> Support:
    """`region` is the bucket's: CloudTrail takes a key of that region only."""
    if not choice:
        return NOTHING
    key = _seen(world, Key(choice.name, exists=False), choice, f"key {choice.name}")
    if choice.which == "new":
        named = choice.name if region == writer.region else alias_arn(key, writer.account.id, writer.account.partition)
        return Support(named, made_ready(key, writer))
    _refuse_unfit(key, region)
    return _existing_key(key, writer)


def _refuse_unfit(key: Key, region: str) -> None:
    if key.region != region:
        raise Refused(
            f"Key {key.name} is in {key.region}, and the bucket in {region}. CloudTrail needs both in one: choose a "
            f"key of {region}, or a bucket of {key.region}."
        )
    if key.state != "Enabled":
        raise Refused(
            f"Key {key.name} is {key.state}, so nothing can be encrypted with it. Enable it, or choose another."
        )


def _existing_key(key: Key, writer: Writer) -> Support:
    if isinstance(key.policy, Unreadable):
        raise Refused(
            f"Could not look at the policy of key {key.name}: {key.policy.sentence}. When that is mended, ask again, "
            "or choose another key."
        )
    policy = merged(key.policy, key_statements(writer), Home(f"key {key.name}", KEY_LIMIT))
    put = PutKeyPolicy(key.arn or key.name, key.region, key.policy, policy.text, policy.added)
    return Support(key.arn, (put,) if policy.added else ())


def topic_steps(world: Snapshot, form: TrailForm, writer: Writer) -> Support:
    choice = form.topic
    if not choice:
        return NOTHING
    arn = topic_arn(writer.account, form)
    topic = _seen(world, Topic(arn, exists=False), choice, f"topic {choice.name}")
    policy = merged(topic.policy, topic_statements(writer, arn), Home(f"topic {choice.name}", TOPIC_LIMIT))
    if choice.which == "new":
        return Support(arn, (CreateTopic(arn, choice.name, writer.region, policy.text),))
    put = PutTopicPolicy(arn, arn.split(":")[3], topic.policy, policy.text, policy.added)
    return Support(arn, (put,) if policy.added else ())


def log_steps(world: Snapshot, form: TrailForm, writer: Writer) -> Support:
    """A role that exists is used as it is: what else it may do is its owner's business."""
    if not form.logs:
        return NOTHING
    account, region = writer.account, writer.region
    _seen(world, LogGroup(form.logs.name, exists=False, region=region), form.logs, f"log group {form.logs.name}")
    there = _seen(world, Role(form.role.name, exists=False), form.role, f"role {form.role.name}")
    group = (CreateLogGroup(form.logs.name, region),) if form.logs.which == "new" else ()
    policy = log_role_policy(writer, form.logs.name)
    role = (
        (CreateRole(form.role.name, region, log_role_trust()), PutRolePolicy(form.role.name, region, "", policy))
        if form.role.which == "new"
        else ()
    )
    arn = f"{log_group_arn(account, region, form.logs.name)}:*"
    role_arn = there.arn or f"arn:{account.partition}:iam::{account.id}:role/{form.role.name}"
    return Support(arn, (*group, *role), role_arn)


R = TypeVar("R", bound=Resource)


def _seen(world: Snapshot, wanted: R, choice: Choice, name: str) -> R:
    """What was read of it. Refused: nobody could look, a new one is there already, or an existing one is not."""
    found = world.resource(wanted)
    if not isinstance(found, type(wanted)):
        raise not_looked_at(f"The {name}")
    if isinstance(found.exists, Unreadable):
        raise Refused(
            f"Could not look at the {name}: {found.exists.sentence}. Nothing was proposed. When that is mended, ask "
            "again."
        )
    if choice.which == "existing" and not found.exists:
        raise Refused(f"There is no {name} in {world.account.label}. Choose “new” to make it, or another one.")
    if choice.which == "new" and found.exists and not _is_left_over(found):
        raise Refused(f"The {name} exists already. Choose “existing”, or another name.")
    return found


def _is_left_over(found: Resource) -> bool:
    """A key that was made for this alias, when the process died before naming it."""
    return isinstance(found, Key) and not found.named
