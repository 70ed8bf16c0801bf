"""The writes that concern the SNS topic that log files are announced to."""

from dataclasses import dataclass, replace
from typing import ClassVar, Literal

from bot.domain.policy import same
from bot.domain.resources import Topic
from bot.domain.trail import Snapshot


@dataclass(frozen=True)
class CreateTopic:
    """With its policy from the start: a topic is never without the statement that lets CloudTrail publish."""

    arn: str
    name: str
    region: str
    policy: str
    kind: Literal["create-topic"] = "create-topic"
    call: ClassVar[str] = "sns:CreateTopic"
    undo: ClassVar[str] = "none: a topic may have subscribers, and is never deleted"

    @property
    def diff(self) -> tuple[str, ...]:
        return (f"+ topic {self.name} in {self.region}", "+   CloudTrail may publish to it, for this trail only")

    def already(self, world: Snapshot) -> bool:
        topic = _topic(world, self.arn)
        return topic is not None and topic.exists is True

    def apply(self, world: Snapshot) -> Snapshot:
        return world.with_resource(Topic(self.arn, exists=True, policy=self.policy))


@dataclass(frozen=True)
class PutTopicPolicy:
    """Writes the whole text `after`, which is `before` with our statement merged in."""

    arn: str
    region: str
    before: str
    after: str
    added: tuple[str, ...]
    kind: Literal["put-topic-policy"] = "put-topic-policy"
    call: ClassVar[str] = "sns:SetTopicAttributes"
    undo: ClassVar[str] = "sns:SetTopicAttributes"

    @property
    def diff(self) -> tuple[str, ...]:
        return (f"  topic {self.arn}, policy", *(f"+ {line}" for line in self.added))

    def already(self, world: Snapshot) -> bool:
        topic = _topic(world, self.arn)
        return topic is not None and same(topic.policy, self.after)

    def apply(self, world: Snapshot) -> Snapshot:
        topic = _topic(world, self.arn)
        return world.with_resource(replace(topic, policy=self.after)) if topic else world


def _topic(world: Snapshot, arn: str) -> Topic | None:
    found = world.resource(Topic(arn, exists=True))
    return found if isinstance(found, Topic) else None
