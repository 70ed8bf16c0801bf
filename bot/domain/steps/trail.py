"""The writes that concern a trail: starting, updating, selecting, making and deleting one."""

from dataclasses import dataclass, replace
from typing import ClassVar, Literal

from bot.domain.selectors import BasicSelector, Selectors
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
    """What was delivered before stays known; no delivery since the start is pending, not failing."""
    seen = trail.status.delivery if isinstance(trail.status, Status) else Delivery()
    known = seen if isinstance(seen, Delivery) else Delivery()
    return Status(True, Delivery(last=known.last, started=world.taken_at, logs_last=known.logs_last))


@dataclass(frozen=True)
class UpdateTrail:
    """Turns on what is true here and leaves the rest as it is. A multi-region trail must record global events."""

    arn: str
    region: str
    multi_region: bool = False
    validation: bool = False
    kind: Literal["update-trail"] = "update-trail"
    call: ClassVar[str] = "cloudtrail:UpdateTrail"
    undo: ClassVar[str] = "cloudtrail:UpdateTrail"

    @property
    def diff(self) -> tuple[str, ...]:
        names = [("IsMultiRegionTrail", self.multi_region), ("LogFileValidationEnabled", self.validation)]
        lines = [line for name, on in names if on for line in (f"- {name}: false", f"+ {name}: true")]
        return (f"  trail {self.arn}", *lines)

    def already(self, world: Snapshot) -> bool:
        trail = world.trail(self.arn)
        return trail is not None and trail == self._wanted(trail)

    def apply(self, world: Snapshot) -> Snapshot:
        trail = world.trail(self.arn)
        return world.with_trail(self._wanted(trail)) if trail else world

    def _wanted(self, trail: Trail) -> Trail:
        return replace(
            trail,
            multi_region=trail.multi_region or self.multi_region,
            validation=trail.validation or self.validation,
        )


@dataclass(frozen=True)
class PutEventSelectors:
    """Replaces all selectors of the trail, so it carries all of them, the kept ones too."""

    arn: str
    region: str
    before: Selectors
    after: Selectors
    kind: Literal["put-event-selectors"] = "put-event-selectors"
    call: ClassVar[str] = "cloudtrail:PutEventSelectors"
    undo: ClassVar[str] = "cloudtrail:PutEventSelectors"

    @property
    def diff(self) -> tuple[str, ...]:
        old, new = _selector_lines(self.before), _selector_lines(self.after)
        kept = [f"  {line}" for line in old if line in new]
        removed = [f"- {line}" for line in old if line not in new]
        added = [f"+ {line}" for line in new if line not in old]
        return (f"  trail {self.arn}", *kept, *removed, *added)

    def already(self, world: Snapshot) -> bool:
        trail = world.trail(self.arn)
        return trail is not None and trail.selectors == self.after

    def apply(self, world: Snapshot) -> Snapshot:
        trail = world.trail(self.arn)
        changed = trail and replace(trail, selectors=self.after, custom_selectors=True)
        return world.with_trail(changed) if changed else world


def _selector_lines(selectors: Selectors) -> list[str]:
    basic = [_basic_line(s) for s in selectors.basic]
    advanced = [
        f"selector {s.name or 'without a name'}: "
        + "; ".join(f"{f.field} {op} {', '.join(v)}" for f in s.fields for op, v in f.conditions)
        for s in selectors.advanced
    ]
    return [*basic, *advanced]


def _basic_line(selector: BasicSelector) -> str:
    management = f"management events {selector.kinds}" if selector.management else "no management events"
    left_out = f", without {', '.join(selector.excluded_sources)}" if selector.excluded_sources else ""
    data = "".join(f", data {r.type} {', '.join(r.values)} {selector.kinds}" for r in selector.data_resources)
    return f"selector: {management}{left_out}{data}"


@dataclass(frozen=True)
class CreateTrail:
    """A multi-region trail; AWS makes it with the default selectors and does not start it."""

    arn: str
    name: str
    region: str
    bucket: str
    prefix: str = ""
    validation: bool = True
    kind: Literal["create-trail"] = "create-trail"
    call: ClassVar[str] = "cloudtrail:CreateTrail"
    undo: ClassVar[str] = "cloudtrail:DeleteTrail"

    @property
    def diff(self) -> tuple[str, ...]:
        where = f"s3://{self.bucket}/{self.prefix + '/' if self.prefix else ''}AWSLogs/"
        return (
            f"+ trail {self.name}, home region {self.region}, all regions",
            f"+   log files to {where}, validation {'on' if self.validation else 'off'}",
            "+   management events: read and write",
        )

    def already(self, world: Snapshot) -> bool:
        trail = world.trail(self.arn)
        return trail is not None and _configuration(trail) == _configuration(self._made())

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
            validation=self.validation,
            prefix=self.prefix,
            custom_selectors=False,
        )


def _configuration(trail: Trail) -> tuple[object, ...]:
    return (trail.multi_region, trail.organization, trail.validation, trail.bucket, trail.prefix)


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
