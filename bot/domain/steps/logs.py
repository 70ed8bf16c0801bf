"""The writes that let a trail write to CloudWatch Logs: a group, and a role to write to it with."""

from dataclasses import dataclass, replace
from typing import ClassVar, Literal

from bot.domain.policy import same
from bot.domain.resources import LogGroup, Role
from bot.domain.trail import Snapshot


@dataclass(frozen=True)
class CreateLogGroup:
    name: str
    region: str
    kind: Literal["create-log-group"] = "create-log-group"
    call: ClassVar[str] = "logs:CreateLogGroup"
    undo: ClassVar[str] = "none: a log group with events in it is never deleted"

    @property
    def diff(self) -> tuple[str, ...]:
        return (f"+ log group {self.name} in {self.region}",)

    def already(self, world: Snapshot) -> bool:
        group = world.resource(LogGroup(self.name, exists=True, region=self.region))
        return group is not None and group.exists is True

    def apply(self, world: Snapshot) -> Snapshot:
        return world.with_resource(LogGroup(self.name, exists=True, region=self.region))


@dataclass(frozen=True)
class CreateRole:
    name: str
    region: str
    trust: str
    kind: Literal["create-role"] = "create-role"
    call: ClassVar[str] = "iam:CreateRole"
    undo: ClassVar[str] = "none: the role stays; it can do nothing but write to this log group"

    @property
    def diff(self) -> tuple[str, ...]:
        return (f"+ role {self.name}, which only CloudTrail may assume",)

    def already(self, world: Snapshot) -> bool:
        role = _role(world, self.name)
        return role is not None and role.exists is True

    def apply(self, world: Snapshot) -> Snapshot:
        return world.with_resource(Role(self.name, exists=True, trust=self.trust))


@dataclass(frozen=True)
class PutRolePolicy:
    """The role's inline policy of our name; another one of the role is not touched."""

    role: str
    region: str
    before: str
    after: str
    kind: Literal["put-role-policy"] = "put-role-policy"
    call: ClassVar[str] = "iam:PutRolePolicy"
    undo: ClassVar[str] = "none: the role may go on writing to this log group"

    @property
    def diff(self) -> tuple[str, ...]:
        return (f"+ role {self.role} may write to the trail's own streams of the log group",)

    def already(self, world: Snapshot) -> bool:
        role = _role(world, self.role)
        return role is not None and same(role.policy, self.after)

    def apply(self, world: Snapshot) -> Snapshot:
        role = _role(world, self.role)
        return world.with_resource(replace(role, policy=self.after)) if role else world


ROLE_POLICY = "TrailwardenCloudTrailLogs"
"""The name of that inline policy."""


def _role(world: Snapshot, name: str) -> Role | None:
    found = world.resource(Role(name, exists=True))
    return found if isinstance(found, Role) else None
