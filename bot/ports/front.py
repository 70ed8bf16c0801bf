"""The front end: to speak first, and to know who may do what."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from bot.domain.authority import Standing, Viewer
from bot.domain.change import Change, Entitled
from bot.domain.digest import Comparison, Key
from bot.domain.exceptions import Review
from bot.domain.finding import Report
from bot.domain.refusal import Person
from bot.domain.subscription import Ended, Subscribed, Subscription
from bot.domain.trail import Account
from bot.domain.trend import Week
from bot.ports.store import Run


@dataclass(frozen=True)
class Digest:
    """All that one digest says.

    `since` says of each failure since when it is known. `missed` are the fires before it that nobody could post, the
    latest first. `due` is None where it was asked for at once. `changed_by` says by account id who changed the trail of
    a new failure, in words; `to_review` are exceptions that end soon, or have ended by themselves. `trend` is the way
    of the score over the last weeks, for a picture once a week; nothing where there is none to show.
    """

    report: Report
    comparison: Comparison
    since: Mapping[Key, datetime]
    score_before: int | None
    waiting: tuple[Change, ...]
    next_run: datetime | None
    chain_head: str
    subscription: Subscription | None = None
    due: datetime | None = None
    late: bool = False
    missed: tuple[datetime, ...] = ()
    changed_by: Mapping[str, str] = field(default_factory=dict)
    to_review: tuple[Change, ...] = ()
    trend: tuple[Week, ...] = ()

    @property
    def is_news(self) -> bool:
        """Who wants only changes gets the first one, the first after a pause, and whatever was asked for at once.

        What can no longer be seen is news: its silence would be taken for "nothing changed".
        """
        wanted = self.subscription
        quiet = wanted is not None and wanted.only_changes and self.due is not None and not wanted.paused
        seen = self.report.complete and not self.comparison.lost
        return not quiet or not seen or self.comparison.changed or self.score_before is None


class Announcer(Protocol):
    """The front end, for speaking first. What is said is kept until it has arrived, in order for each channel.

    Those that begin something wait a few seconds for the first try and raise CannotAnnounceError where it is refused
    for good; what only had no luck yet is no error. The others repaint what was said, and raise nothing.
    """

    def audit_started(self, run: Run) -> None:
        """Raises CannotAnnounceError."""

    def audit_progress(self, run: Run, done: int, total: int) -> None: ...

    def audit_finished(self, run: Run, report: Report, before: Report | None) -> None: ...

    def audit_failed(self, run: Run, why: str) -> None: ...

    def card(self, change: Change) -> None:
        """The approval card. Raises CannotAnnounceError."""

    def repaint(self, change: Change) -> None: ...

    def remind(self, change: Change) -> None:
        """That it still waits, beside its card."""

    def tell(self, change: Change) -> None:
        """How it ended, to its requester alone."""

    def review(self, change: Change, review: Review) -> None:
        """How long an exception still holds, to its owner alone."""

    def digest(self, channel: str, digest: Digest) -> None:
        """One for each key (`digest.report.run`), however often it is said. Raises CannotAnnounceError."""

    def digest_started(self, channel: str, key: str) -> None:
        """In the place of the digest with this key, while it is made. Raises CannotAnnounceError."""

    def digest_failed(self, channel: str, key: str, subscription: Subscription, why: str) -> None:
        """In its place, for good."""

    def digest_paused(self, subscription: Subscription, slot: str, why: str) -> None:
        """To its owner alone: the channel cannot be written to."""

    def subscribed(self, subscribed: Subscribed) -> None:
        """To its channel: who asked for a digest or changed one, and what holds now."""

    def unsubscribed(self, ended: Ended) -> None:
        """To their channel: who ended them, and what is left."""

    def unsent(self) -> int:
        """How many messages are written down and not said yet."""


class CannotAnnounceError(Exception):
    """The message is refused for good. The text says why, and what to do."""


class Directory(Protocol):
    """Who may do what in an account, read afresh. Raises Refused where it could not be read: that means no."""

    def approvers(self, account: Account) -> Entitled:
        """Who is entitled by name or group, whatever has become of their accounts since."""

    def requesters(self, account: Account) -> Entitled | None:
        """None where everybody in the channel may ask."""

    def standing(self, user: str) -> Standing:
        """What the workspace says of that account now."""

    def named(self, person: Person) -> Person:
        """With the name, for showing only; without one where it could not be read."""

    def shown(self, account: Account) -> Entitled:
        """The approvers with their names, for a card."""

    def reach(self, channel: str) -> None:
        """Raises Refused where we are known not to be in it."""

    def viewer(self, user: str, accounts: tuple[Account, ...]) -> Viewer:
        """What this person may decide in these accounts, for showing: without AWS, each group read once."""
