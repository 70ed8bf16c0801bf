"""The writes that concern a trail as a whole: making, starting, stopping and deleting one."""

from dataclasses import dataclass, replace
from typing import ClassVar, Literal

from bot.domain.selectors import Selectors
from bot.domain.trail import Delivery, Snapshot, Status, Trail, Unreadable


@dataclass(frozen=True)
class StartLogging:
    arn: str
    region: str
    kind: Literal["start-logging"] = "start-logging"
    call: ClassVar[str] = "cloudtrail:StartLogging"
    undo: ClassVar[str] = "cloudtrail:StopLogging"

    @property
    def diff(self) -> tuple[str, ...]:
        return (f"  trail {self.arn}", "- IsLogging: false", "+ IsLogging: true")

    def already(self, world: Snapshot) -> bool:
        trail = world.trail(self.arn)
        return trail is not None and isinstance(trail.status, Status) and trail.status.logging

    def apply(self, world: Snapshot) -> Snapshot:
        trail = world.trail(self.arn)
        return world.with_trail(replace(trail, status=_started(trail, world))) if trail else world


def _started(trail: Trail, world: Snapshot) -> Status:
    """What was delivered before stays known, and so does an error: no start takes away what it was caused by.

    Without one, no delivery since the start is pending, not failing.
    """
    seen = trail.status.delivery if isinstance(trail.status, Status) else Delivery()
    known = seen if isinstance(seen, Delivery) else Delivery()
    return Status(True, replace(known, started=world.taken_at))


@dataclass(frozen=True)
class StopLogging:
    """Only ever the undo of a start."""

    arn: str
    region: str
    kind: Literal["stop-logging"] = "stop-logging"
    call: ClassVar[str] = "cloudtrail:StopLogging"
    undo: ClassVar[str] = "cloudtrail:StartLogging"

    @property
    def diff(self) -> tuple[str, ...]:
        return (f"  trail {self.arn}", "- IsLogging: true", "+ IsLogging: false")

    def already(self, world: Snapshot) -> bool:
        trail = world.trail(self.arn)
        return trail is not None and isinstance(trail.status, Status) and not trail.status.logging

    def apply(self, world: Snapshot) -> Snapshot:
        trail = world.trail(self.arn)
        known = trail.status.delivery if trail and isinstance(trail.status, Status) else Delivery()
        return world.with_trail(replace(trail, status=Status(False, known))) if trail else world


@dataclass(frozen=True)
class CreateTrail:
    """A multi-region trail; AWS makes it with the default selectors and does not start it.

    `kms_key`, `log_group`, `log_role` and `topic` are ARNs as in a trail; a key that is made first is named by alias.
    """

    arn: str
    name: str
    region: str
    bucket: str
    prefix: str = ""
    validation: bool = True
    organization: bool = False
    kms_key: str = ""
    log_group: str = ""
    log_role: str = ""
    topic: str = ""
    kind: Literal["create-trail"] = "create-trail"
    call: ClassVar[str] = "cloudtrail:CreateTrail"
    undo: ClassVar[str] = "cloudtrail:DeleteTrail"

    @property
    def diff(self) -> tuple[str, ...]:
        where = f"s3://{self.bucket}/{self.prefix + '/' if self.prefix else ''}AWSLogs/"
        return (
            f"+ trail {self.name}, home region {self.region}, all regions{self._whose}",
            f"+   log files to {where}, validation {'on' if self.validation else 'off'}",
            f"+   encrypted with {self.kms_key or 'the key of Amazon S3'}",
            *((f"+   to CloudWatch Logs: {self.log_group}",) if self.log_group else ()),
            *((f"+   announced to {self.topic}",) if self.topic else ()),
            "+   management events: read and write",
        )

    @property
    def _whose(self) -> str:
        return ", for every account of the organization" if self.organization else ""

    def already(self, world: Snapshot) -> bool:
        trail = world.trail(self.arn)
        return trail is not None and _configuration(world.canonical(trail)) == _configuration(
            world.canonical(self._made())
        )

    def apply(self, world: Snapshot) -> Snapshot:
        return world.with_trail(self._made())

    def _made(self) -> Trail:
        return Trail(
            arn=self.arn,
            name=self.name,
            home_region=self.region,
            multi_region=True,
            bucket=self.bucket,
            status=Status(logging=False),
            selectors=Selectors(),
            organization=self.organization,
            validation=self.validation,
            prefix=self.prefix,
            custom_selectors=False,
            kms_key=self.kms_key,
            log_group=self.log_group,
            log_role=self.log_role,
            topic=self.topic,
        )


def _configuration(trail: Trail) -> tuple[object, ...]:
    leans_on = (trail.bucket, trail.prefix, trail.kms_key, trail.log_group, trail.log_role, trail.topic)
    return (trail.multi_region, trail.organization, trail.validation, *leans_on)


@dataclass(frozen=True)
class DeleteTrail:
    """The back-out. The bucket, its objects and the log group stay."""

    arn: str
    name: str
    region: str
    kind: Literal["delete-trail"] = "delete-trail"
    call: ClassVar[str] = "cloudtrail:DeleteTrail"
    undo: ClassVar[str] = "none: a deleted trail cannot be restored, only made anew"

    @property
    def diff(self) -> tuple[str, ...]:
        return (
            f"- trail {self.name} ({self.arn})",
            "  its bucket, log files and log group stay, and go on costing",
        )

    def already(self, world: Snapshot) -> bool:
        return not isinstance(world.trails, Unreadable) and world.trail(self.arn) is None

    def apply(self, world: Snapshot) -> Snapshot:
        if isinstance(world.trails, Unreadable):
            return world
        return replace(world, trails=tuple(t for t in world.trails if t.arn != self.arn))
