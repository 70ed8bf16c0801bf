"""A trail in a few short words, and which of them are bad news.

What is told is what DescribeTrails, GetTrailStatus and GetEventSelectors say, under their keys: `RunningAws.trails`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

STALE = timedelta(days=1)
"""A trail that logs and has delivered nothing for so long is not well."""

Seen = Mapping[str, Any]


@dataclass(frozen=True)
class Fact:
    text: str
    wrong: bool = False


@dataclass(frozen=True)
class Delivery(Fact):
    """`age` changes by itself: it is no news."""

    age: str = ""


def facts(trail: Seen) -> list[Fact]:
    """All but its deliveries."""
    return [
        Fact("logging") if trail["Status"]["IsLogging"] else Fact("stopped", wrong=True),
        Fact("all regions") if trail["IsMultiRegionTrail"] else Fact(f"{trail['HomeRegion']} only", wrong=True),
        recorded(trail),
        Fact("validation on") if trail["LogFileValidationEnabled"] else Fact("validation off", wrong=True),
        *([Fact(f"KMS key {trail['KmsKeyId'].split('/')[-1][:8]}")] if trail.get("KmsKeyId") else []),
        *([Fact("organization trail")] if trail["IsOrganizationTrail"] else []),
    ]


def delivery(trail: Seen, now: datetime) -> Delivery:
    status = trail["Status"]
    if status.get("LatestDeliveryError"):
        return Delivery(f"delivery fails: {status['LatestDeliveryError']}", wrong=True)
    if "LatestDeliveryTime" not in status:
        return Delivery("no log file yet")
    age = now - datetime.fromtimestamp(status["LatestDeliveryTime"], UTC)
    return Delivery("last log file", wrong=age > STALE, age=ago(age))


def ago(age: timedelta) -> str:
    """Roughly, so that it seldom changes while somebody looks."""
    minutes = int(age.total_seconds() // 60)
    for length, unit in ((24 * 60, "day"), (60, "hour"), (1, "minute")):
        count = minutes // length
        if count >= 1:
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return "less than a minute ago"


@dataclass(frozen=True)
class Part:
    """What one selector records of management events, and whether it is about others."""

    reads: bool = False
    writes: bool = False
    left_out: frozenset[str] = frozenset()
    others: bool = False


def recorded(trail: Seen) -> Fact:
    """Its selectors, taken together."""
    parts = [_of_basic(s) for s in trail.get("EventSelectors", ())]
    parts += [_of_advanced(s) for s in trail.get("AdvancedEventSelectors", ())]
    reads, writes = any(p.reads for p in parts), any(p.writes for p in parts)
    words = MANAGEMENT[reads, writes] + _without(parts) + (", and other events" if any(p.others for p in parts) else "")
    return Fact(words, wrong=not (reads and writes))


MANAGEMENT = {
    (True, True): "all management events",
    (True, False): "management reads only",
    (False, True): "management writes only",
    (False, False): "management events off",
}


def _without(parts: Iterable[Part]) -> str:
    """Sources that every selector of management events leaves out."""
    left_out = [p.left_out for p in parts if p.reads or p.writes] or [frozenset[str]()]
    names = [source.removesuffix(".amazonaws.com") for source in frozenset.intersection(*left_out)]
    return f" but {' and '.join(sorted(names))}" if names else ""


def _of_basic(selector: Seen) -> Part:
    on, kinds = selector["IncludeManagementEvents"], selector["ReadWriteType"]
    return Part(
        reads=on and kinds != "WriteOnly",
        writes=on and kinds != "ReadOnly",
        left_out=frozenset(selector["ExcludeManagementEventSources"]),
        others=bool(selector["DataResources"]),
    )


def _of_advanced(selector: Seen) -> Part:
    fields = {field["Field"]: field for field in selector["FieldSelectors"]}
    if fields["eventCategory"]["Equals"] != ["Management"]:
        return Part(others=True)
    read_only = fields.get("readOnly", {}).get("Equals")
    return Part(
        reads=read_only != ["false"],
        writes=read_only != ["true"],
        left_out=frozenset(fields.get("eventSource", {}).get("NotEquals", ())),
    )
