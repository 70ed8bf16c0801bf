"""Who changed a trail, and when: from the records of CloudTrail's event history to sentences.

Source: CloudTrail user guide, "CloudTrail record contents" and "CloudTrail userIdentity element".
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.domain.trail import Unreadable

DONE = {
    "StopLogging": "stopped",
    "DeleteTrail": "deleted",
    "UpdateTrail": "changed",
    "PutEventSelectors": "given other event selectors",
}
"""The calls that can make a trail fail, and what such a call did to it. What starts or makes one is not among them."""
TOLD = 3
"""So many changes of one history are sentences; the rest is counted."""

TRAIL = re.compile(r"arn:[^:]+:cloudtrail:(?P<region>[^:]+):(?P<owner>\d{12}):trail/(?P<name>.+)")
ASSUMED = re.compile(r"arn:[^:]+:sts::(?P<account>\d{12}):assumed-role/(?P<role_and_session>.+)")
OURS = re.compile(r"TrailwardenChange/(?P<change>C-\d+)-\w+")


@dataclass(frozen=True)
class TrailEvent:
    """One call that changed a trail. `at` in UTC, `name` as in DONE, `trail` the trail's ARN.

    `actor` is an ARN or a service; of a role in the trail's own account "role/session"; "" where CloudTrail names none.
    """

    at: datetime
    name: str
    actor: str
    trail: str

    @property
    def sentence(self) -> str:
        done = f"Trail {name_of(self.trail)} was {DONE[self.name]}"
        if not self.actor:
            return f"{done} at {_time(self.at)}; CloudTrail does not say by whom."
        ours = OURS.fullmatch(self.actor)
        actor = f"Trailwarden, {ours['change']}," if ours else self.actor
        return f"{done} by {actor} at {_time(self.at)}."


def picked(records: Iterable[Mapping[str, Any]], trail: str) -> tuple[TrailEvent, ...]:
    """Those records that are changes of this trail (its ARN), newest first; a call that failed changed nothing.

    Raises KeyError, TypeError, AttributeError or ValueError for a record of a shape that nobody has seen.
    """
    found = (_event(record, trail) for record in records if _changed(record, trail))
    return tuple(sorted(found, key=lambda event: event.at, reverse=True))


def _changed(record: Mapping[str, Any], trail: str) -> bool:
    """A name means the trail of that name in the region of the call; a trail is changed in its home region only."""
    if record["eventSource"] != "cloudtrail.amazonaws.com" or record["eventName"] not in DONE:
        return False
    if record.get("errorCode") or record["awsRegion"] != home_region(trail):
        return False
    member = "trailName" if record["eventName"] == "PutEventSelectors" else "name"
    return record["requestParameters"][member] in (trail, name_of(trail))


def _event(record: Mapping[str, Any], trail: str) -> TrailEvent:
    at = datetime.strptime(record["eventTime"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    return TrailEvent(at, record["eventName"], _actor(record["userIdentity"], owner(trail)), trail)


def _actor(identity: Mapping[str, Any], account: str) -> str:
    """A role of another account keeps its ARN, so that none can pass for one of ours."""
    arn = str(identity.get("arn") or "")
    assumed = ASSUMED.fullmatch(arn)
    if assumed and assumed["account"] == account:
        return assumed["role_and_session"]
    return arn or str(identity.get("invokedBy") or "")


def is_trail(arn: str) -> bool:
    return TRAIL.fullmatch(arn) is not None


def name_of(trail: str) -> str:
    return _part(trail, "name")


def home_region(trail: str) -> str:
    return _part(trail, "region")


def owner(trail: str) -> str:
    """The account that the trail belongs to, and in whose event history its changes are."""
    return _part(trail, "owner")


def _part(trail: str, part: str) -> str:
    """Raises ValueError for what is no trail's ARN."""
    found = TRAIL.fullmatch(trail)
    if found is None:
        raise ValueError(f"{trail} is no trail's ARN")
    return found[part]


def history(events: tuple[TrailEvent, ...] | Unreadable, trails: tuple[str, ...], since: datetime) -> str:
    """What a person is told of these trails: the newest changes first, that none is known, or why nobody could look."""
    if isinstance(events, Unreadable):
        return f"Who changed it is not known: {events.sentence}."
    if not events:
        names = " and ".join(dict.fromkeys(map(name_of, trails)))
        return (
            f"CloudTrail's event history has no change of trail {names} itself since {_time(since)}; "
            "a change takes some minutes to appear there."
        )
    return " ".join(_sentences(events))


def _sentences(events: tuple[TrailEvent, ...]) -> Iterator[str]:
    yield from (event.sentence for event in events[:TOLD])
    earlier = len(events) - TOLD
    if earlier > 0:
        yield f"{earlier} earlier {'changes are' if earlier > 1 else 'change is'} in CloudTrail's event history."


def _time(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
