"""Keys, log groups, roles and topics: each asked for by name, each fact on its own."""

import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, Protocol

from bot.adapters.aws import shapes
from bot.adapters.aws.session import Session
from bot.domain.resources import Key, LogGroup, Resource, Role, Topic, description_for
from bot.domain.steps.logs import ROLE_POLICY
from bot.domain.trail import Account, Unreadable


class Asking(Protocol):
    """One read in the account: (service, region, operation, parameters) to its answer."""

    def __call__(self, service: str, region: str, operation: str, /, **parameters: object) -> Any | Unreadable: ...


def read_resource(asking: Asking, wanted: Resource, region: str) -> Resource:
    """What is true of the wanted one; `region` is where a key by alias would be, and where IAM is asked."""
    found = shapes.shaped(wanted.kind, (), lambda _: READERS[type(wanted)](asking, wanted, region))
    return replace(wanted, exists=found) if isinstance(found, Unreadable) else found


def _absent(answer: Any | Unreadable, *codes: str) -> bool:
    return isinstance(answer, Unreadable) and answer.error in codes


def _key(asking: Asking, wanted: Key, region: str) -> Key:
    """By ARN in its own region, by alias where it is wanted."""
    where = wanted.name.split(":")[3] if wanted.name.startswith("arn:") else wanted.region or region
    asked = replace(wanted, region=where)
    answer = asking("kms", where, "DescribeKey", KeyId=wanted.name)
    if _absent(answer, "NotFoundException"):
        return _without_name(asking, asked)
    if isinstance(answer, Unreadable):
        return replace(asked, exists=answer)
    return _described(asking, asked, answer["KeyMetadata"])


def _described(asking: Asking, asked: Key, metadata: dict[str, Any]) -> Key:
    answer = asking("kms", asked.region, "GetKeyPolicy", KeyId=metadata["Arn"], PolicyName="default")
    policy = answer if isinstance(answer, Unreadable) else answer["Policy"]
    return replace(asked, exists=True, arn=metadata["Arn"], state=metadata["KeyState"], policy=policy)


def _without_name(asking: Asking, asked: Key) -> Key:
    """No such alias; a key that was made for it, when the process died before naming it, has its description."""
    if not asked.name.startswith("alias/"):
        return replace(asked, exists=False)
    found = _of_description(asking, asked.region, description_for(asked.name))
    if found is None or isinstance(found, Unreadable):
        return replace(asked, exists=found or False)
    return replace(_described(asking, asked, found), named=False)


def _of_description(asking: Asking, region: str, description: str) -> dict[str, Any] | Unreadable | None:
    """The metadata of the account's usable key with that description."""
    marker: dict[str, object] = {}
    while True:
        page = asking("kms", region, "ListKeys", **marker)
        if isinstance(page, Unreadable):
            return page
        for key in page["Keys"]:
            answer = asking("kms", region, "DescribeKey", KeyId=key["KeyId"])
            if isinstance(answer, Unreadable) and answer.permission:
                continue  # a key that we may not look at is none that we have made
            if isinstance(answer, Unreadable):
                return answer
            metadata: dict[str, Any] = answer["KeyMetadata"]
            if metadata.get("Description") == description and metadata["KeyState"] == "Enabled":
                return metadata
        if not page.get("Truncated"):
            return None
        marker = {"Marker": page["NextMarker"]}


def key_with(session: Session, account: Account, region: str, description: str) -> str | Unreadable:
    """The ARN of the key with that description; Unreadable where there is none."""
    found = _of_description(partial(session.read, account), region, description)
    if found is None:
        return Unreadable("kms:ListKeys", "NotFoundException", f"no key says “{description}”")
    return found if isinstance(found, Unreadable) else str(found["Arn"])


def _log_group(asking: Asking, wanted: LogGroup, region: str) -> LogGroup:
    """A prefix is asked for, so the answer may hold others, and the one itself is the first."""
    where = wanted.region or region
    answer = asking("logs", where, "DescribeLogGroups", logGroupNamePrefix=wanted.name, limit=1)
    if isinstance(answer, Unreadable):
        return LogGroup(wanted.name, answer, where)
    names = {g["logGroupName"] for g in answer["logGroups"]}
    return LogGroup(wanted.name, wanted.name in names, where)


def _role(asking: Asking, wanted: Role, region: str) -> Role:
    answer = asking("iam", region, "GetRole", RoleName=wanted.name)
    if _absent(answer, "NoSuchEntity", "NoSuchEntityException"):
        return Role(wanted.name, exists=False)
    if isinstance(answer, Unreadable):
        return Role(wanted.name, exists=answer)
    trust = _text(answer["Role"]["AssumeRolePolicyDocument"])
    inline = asking("iam", region, "GetRolePolicy", RoleName=wanted.name, PolicyName=ROLE_POLICY)
    if _absent(inline, "NoSuchEntity", "NoSuchEntityException"):
        return Role(wanted.name, True, trust, arn=answer["Role"]["Arn"])
    policy = inline if isinstance(inline, Unreadable) else _text(inline["PolicyDocument"])
    return Role(wanted.name, True, trust, policy, answer["Role"]["Arn"])


def _text(document: Any) -> str:
    """botocore parses IAM's documents; ours are compared as texts."""
    return document if isinstance(document, str) else json.dumps(document)


def _topic(asking: Asking, wanted: Topic, _region: str) -> Topic:
    answer = asking("sns", wanted.arn.split(":")[3], "GetTopicAttributes", TopicArn=wanted.arn)
    if _absent(answer, "NotFound", "NotFoundException"):
        return Topic(wanted.arn, exists=False)
    if isinstance(answer, Unreadable):
        return Topic(wanted.arn, exists=answer)
    return Topic(wanted.arn, True, answer["Attributes"].get("Policy", ""))


READERS: dict[type[Resource], Callable[[Asking, Any, str], Resource]] = {
    Key: _key,
    LogGroup: _log_group,
    Role: _role,
    Topic: _topic,
}
