"""What a trail records: its event selectors and its insights."""

from dataclasses import dataclass, replace
from typing import ClassVar, Literal

from bot.domain.selectors import BasicSelector, Selectors, same_selectors
from bot.domain.trail import Snapshot


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
        return trail is not None and same_selectors(trail.selectors, self.after)

    def apply(self, world: Snapshot) -> Snapshot:
        trail = world.trail(self.arn)
        changed = trail and replace(trail, selectors=self.after, custom_selectors=True)
        return world.with_trail(changed) if changed else world


def _selector_lines(selectors: Selectors) -> list[str]:
    """No selectors at all are the default: all management events."""
    basic = [_basic_line(s) for s in (selectors.basic or (() if selectors.advanced else (BasicSelector(),)))]
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


INSIGHTS = ("ApiCallRateInsight", "ApiErrorRateInsight")
"""Both kinds that there are; the console turns on both."""


@dataclass(frozen=True)
class PutInsightSelectors:
    """Both kinds of insights, or none. They are paid for by the management events that they analyse."""

    arn: str
    region: str
    on: bool
    kind: Literal["put-insight-selectors"] = "put-insight-selectors"
    call: ClassVar[str] = "cloudtrail:PutInsightSelectors"
    undo: ClassVar[str] = "cloudtrail:PutInsightSelectors"

    @property
    def diff(self) -> tuple[str, ...]:
        before, after = ("off", "on") if self.on else ("on", "off")
        return (f"  trail {self.arn}", f"- insights: {before}", f"+ insights: {after}")

    def already(self, world: Snapshot) -> bool:
        trail = world.trail(self.arn)
        return trail is not None and trail.insights is self.on

    def apply(self, world: Snapshot) -> Snapshot:
        trail = world.trail(self.arn)
        return world.with_trail(replace(trail, insights=self.on)) if trail else world
