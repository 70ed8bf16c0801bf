"""UpdateTrail: a trail's own settings, from what they are to what they shall be."""

from collections.abc import Collection
from dataclasses import dataclass, fields, replace
from typing import ClassVar, Literal

from bot.domain.trail import Snapshot, Trail

AWS_NAMES = {
    "multi_region": "IsMultiRegionTrail",
    "validation": "LogFileValidationEnabled",
    "kms_key": "KmsKeyId",
    "log_group": "CloudWatchLogsLogGroupArn",
    "log_role": "CloudWatchLogsRoleArn",
    "topic": "SnsTopicARN",
    "global_events": "IncludeGlobalServiceEvents",
}
"""As DescribeTrails calls them."""


@dataclass(frozen=True)
class Settings:
    """What UpdateTrail may set; None leaves it as it is, "" takes it away. Named like the fields of a trail."""

    multi_region: bool | None = None
    validation: bool | None = None
    kms_key: str | None = None
    log_group: str | None = None
    log_role: str | None = None
    topic: str | None = None
    global_events: bool | None = None

    @property
    def named(self) -> dict[str, bool | str]:
        """Those that are set."""
        values = ((f.name, getattr(self, f.name)) for f in fields(self))
        return {name: value for name, value in values if value is not None}

    def __or__(self, other: "Settings") -> "Settings":
        """Both; where they differ, the other's."""
        return Settings(**{**self.named, **other.named})  # type: ignore[arg-type]  # by its own names

    def only(self, names: Collection[str]) -> "Settings":
        """These of them."""
        return Settings(**{n: v for n, v in self.named.items() if n in names})  # type: ignore[arg-type]  # by its names


def settings_of(trail: Trail, like: Settings) -> Settings:
    """The trail's present values of the settings that `like` sets."""
    return Settings(**{name: getattr(trail, name) for name in like.named})


@dataclass(frozen=True)
class UpdateTrail:
    """Sets what `to` names and leaves the rest."""

    arn: str
    region: str
    before: Settings
    to: Settings
    kind: Literal["update-trail"] = "update-trail"
    call: ClassVar[str] = "cloudtrail:UpdateTrail"
    undo: ClassVar[str] = "cloudtrail:UpdateTrail"

    @property
    def diff(self) -> tuple[str, ...]:
        before = self.before.named
        lines = [
            f"{sign} {AWS_NAMES[name]}: {_shown(value)}"
            for name, to in self.to.named.items()
            for sign, value in (("-", before.get(name, "")), ("+", to))
        ]
        return (f"  trail {self.arn}", *lines)

    def already(self, world: Snapshot) -> bool:
        trail = world.trail(self.arn)
        return trail is not None and world.canonical(trail) == world.canonical(self._wanted(trail))

    def apply(self, world: Snapshot) -> Snapshot:
        trail = world.trail(self.arn)
        return world.with_trail(self._wanted(trail)) if trail else world

    def _wanted(self, trail: Trail) -> Trail:
        return replace(trail, **self.to.named)  # type: ignore[arg-type]  # by the trail's own names


def _shown(value: bool | str) -> str:
    return str(value).lower() if isinstance(value, bool) else value or "none"


def updating(trail: Trail, to: Settings) -> UpdateTrail:
    """The step from what the trail is to this. AWS has no multi-region trail without global service events."""
    if to.multi_region and not trail.global_events:
        to |= Settings(global_events=True)
    return UpdateTrail(trail.arn, trail.home_region, settings_of(trail, to), to)
