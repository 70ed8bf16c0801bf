"""What a trail leans on beside its bucket, as it was read: a key, a log group with its role, a topic; frozen."""

from dataclasses import dataclass
from typing import Literal

from bot.domain.unreadable import Unreadable


@dataclass(frozen=True)
class Key:
    """A KMS key of a region, by the `name` it was asked for: an ARN, or "alias/…" of one that may not exist yet.

    `state` is AWS's word ("Enabled", "PendingDeletion", …), `policy` its JSON text. A key that was made for the alias
    and did not get it yet exists, but is not `named`.
    """

    name: str
    exists: bool | Unreadable
    region: str = ""
    arn: str = ""
    state: str = ""
    policy: str | Unreadable = ""
    named: bool = True
    kind: Literal["key"] = "key"


def description_for(alias: str) -> str:
    """What a key says that is made for an alias, so that it can be found again before it has it."""
    return f"CloudTrail log files, made by Trailwarden for {alias}"


@dataclass(frozen=True)
class LogGroup:
    """A CloudWatch Logs group in one region, by its plain name."""

    name: str
    exists: bool | Unreadable
    region: str = ""
    kind: Literal["log-group"] = "log-group"


OUR_ROLES = "TrailwardenCloudTrail"
"""How the names begin of the roles that we may make and write to: else that could widen the change role itself."""


def is_our_role(arn: str) -> bool:
    return f":role/{OUR_ROLES}" in arn


@dataclass(frozen=True)
class Role:
    """An IAM role, by its plain name: the JSON text of its trust policy, and of the inline policy that we put there."""

    name: str
    exists: bool | Unreadable
    trust: str = ""
    policy: str | Unreadable = ""
    arn: str = ""
    kind: Literal["role"] = "role"


@dataclass(frozen=True)
class Topic:
    """An SNS topic, by its ARN; `policy` is its JSON text."""

    arn: str
    exists: bool | Unreadable
    policy: str = ""
    kind: Literal["topic"] = "topic"


Resource = Key | LogGroup | Role | Topic


def unread(resource: Resource | None) -> Unreadable | None:
    """Which of its facts could not be read, if any."""
    if resource is None:
        return None
    policy = "" if isinstance(resource, LogGroup) else resource.policy
    return next((f for f in (resource.exists, policy) if isinstance(f, Unreadable)), None)


def is_it(found: Resource, wanted: Resource) -> bool:
    """Is it the wanted one? A key that was asked for by its alias is found by its ARN too."""
    if isinstance(found, Key) and isinstance(wanted, Key) and found.arn and found.arn == wanted.name:
        return True
    return identity(found) == identity(wanted)


def alias_arn(key: Key, account: str, partition: str) -> str:
    """How a key that has an alias is named where the alias alone would be looked for in another region."""
    return f"arn:{partition}:kms:{key.region}:{account}:{key.name}"


def identity(resource: Resource) -> tuple[str, str, str]:
    """What makes it the same one, whatever is true of it."""
    match resource:
        case Topic(arn=arn):
            return ("topic", arn, "")
        case LogGroup(name=name, region=region):
            return ("log-group", name, region)
        case _:
            return (resource.kind, resource.name, "")
