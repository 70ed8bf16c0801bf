"""CloudTrail's event history: LookupEvents, one call for each kind of change in the trail's home region.

Source: API reference, LookupEvents: management events of the last 90 days, in the region and account that are asked;
one attribute a call; 50 events a page, the newest first; two calls a second, an account and region.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Any

from bot.adapters.aws import shapes
from bot.adapters.aws.session import Session
from bot.domain.trail import OWNER_NOT_READ, Account, Unreadable
from bot.domain.trail_events import DONE, TrailEvent, home_region, owner, picked
from bot.ports import Clock

CALL = "cloudtrail:LookupEvents"
APART = 0.5
"""Seconds from one answer to the next call."""
PAGE = 50
PAGES = 2
"""A kind of change that was made, or tried, more often is not read to its end."""


@dataclass(frozen=True)
class Question:
    """This kind of change, of these trails that are at home in the region."""

    account: Account
    region: str
    name: str
    trails: tuple[str, ...]
    since: datetime


@dataclass(frozen=True)
class Page:
    """The changes of the trails that are asked about, and the token of the next page, "" where there is none."""

    events: tuple[TrailEvent, ...]
    following: str


@dataclass
class Turn:
    """Who holds the lock may ask; `last` is when the last answer came."""

    lock: Lock = field(default_factory=Lock)
    last: datetime | None = None


class EventHistory:
    """Safe to share between threads, and to be shared: it keeps AWS's two calls a second for all of the process."""

    def __init__(self, session: Session, clock: Clock) -> None:
        self._session = session
        self._clock = clock
        self._turns: dict[tuple[str, str], Turn] = {}

    def of(self, account: Account, trails: tuple[str, ...], since: datetime) -> tuple[TrailEvent, ...] | Unreadable:
        """Once one question cannot be answered, none of the others is asked."""
        foreign = next((owner(t) for t in trails if owner(t) != account.id), None)
        if foreign:
            return Unreadable(CALL, OWNER_NOT_READ, f"look in the account {foreign}")
        found: list[TrailEvent] = []
        for question in _questions(account, trails, since):
            events = self._answer(question)
            if isinstance(events, Unreadable):
                return events
            found.extend(events)
        return tuple(sorted(found, key=lambda event: event.at, reverse=True))

    def _answer(self, question: Question) -> tuple[TrailEvent, ...] | Unreadable:
        found: list[TrailEvent] = []
        token = ""
        for _ in range(PAGES):
            page = self._page(question, token)
            if isinstance(page, Unreadable):
                return page
            found.extend(page.events)
            token = page.following
            if not token:
                return tuple(found)
        return _as_far_as_read(tuple(found), question)

    def _page(self, question: Question, token: str) -> Page | Unreadable:
        parameters: dict[str, object] = {
            "LookupAttributes": [{"AttributeKey": "EventName", "AttributeValue": question.name}],
            "StartTime": question.since.replace(microsecond=0),  # events have whole seconds
            "MaxResults": PAGE,
            **({"NextToken": token} if token else {}),
        }
        with self._turn(question.account, question.region):
            answer = self._session.read(question.account, "cloudtrail", question.region, "LookupEvents", **parameters)
        page: Page | Unreadable = shapes.shaped(CALL, answer, lambda a: _as_page(a, question.trails))
        return page

    @contextmanager
    def _turn(self, account: Account, region: str) -> Iterator[None]:
        """Half a second after an answer two calls are never in one second, however long they are under way."""
        turn = self._turns.setdefault((account.id, region), Turn())
        with turn.lock:
            self._wait(turn.last)
            try:
                yield
            finally:
                turn.last = self._clock.now()

    def _wait(self, last: datetime | None) -> None:
        """Never longer than that, even if the clock was set back."""
        passed = (self._clock.now() - last).total_seconds() if last else APART
        if passed < APART:
            self._clock.sleep(min(APART, APART - passed))


def _questions(account: Account, trails: tuple[str, ...], since: datetime) -> Iterator[Question]:
    for region in dict.fromkeys(map(home_region, trails)):
        here = tuple(dict.fromkeys(t for t in trails if home_region(t) == region))
        yield from (Question(account, region, name, here, since) for name in DONE)


def _as_page(answer: dict[str, Any], trails: tuple[str, ...]) -> Page:
    records = [json.loads(event["CloudTrailEvent"]) for event in answer["Events"]]
    return Page(tuple(event for trail in trails for event in picked(records, trail)), answer.get("NextToken") or "")


def _as_far_as_read(found: tuple[TrailEvent, ...], question: Question) -> tuple[TrailEvent, ...] | Unreadable:
    """The newest change of each trail is enough; but many calls for others must not hide the one that counts."""
    if {event.trail for event in found} == set(question.trails):
        return found
    many = f"there are more than {PAGE * PAGES} calls of {question.name} since then"
    return Unreadable("", "TooManyEvents", f"{many}; look into CloudTrail's event history of {question.region}")
