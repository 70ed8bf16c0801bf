"""What is kept: changes, evidence, audits, subscriptions, what came in, and what is still to be said."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from bot.domain.change import Change
from bot.domain.digest import Kept
from bot.domain.evidence import Entry, Fact
from bot.domain.exceptions import Review
from bot.domain.finding import Report
from bot.domain.outgoing import Draft, Outgoing
from bot.domain.subscription import Subscription


class Changes(Protocol):
    """The changes, saved so that of two who save the same version one wins."""

    def add(self, change: Change, fact: Callable[[Change], Fact]) -> Change:
        """The change with its number; the fact goes to the evidence in the same transaction.

        Raises Refused where the account has an open change: of two who add at once, one does.
        """

    def get(self, number: int) -> Change | None: ...

    def open(self) -> tuple[Change, ...]:
        """Those that have not ended, oldest first."""

    def active(self) -> tuple[Change, ...]:
        """The exceptions that are active, oldest first; the end of one may not have been noted yet."""

    def exceptions(self, since: datetime) -> tuple[Change, ...]:
        """Those that wait for approval, are active, or have ended since then, oldest first."""

    def ended(self, most: int) -> tuple[Change, ...]:
        """Those that have ended, the newest first."""

    def save(self, change: Change, fact: Fact | None = None, start: bool = False) -> Change | None:
        """The saved change with its next version, or None where somebody else saved first.

        With `start`, applying it is enqueued in the same transaction.
        """

    def awaiting_delivery(self) -> tuple[Change, ...]:
        """The verified ones whose trail has not been seen to deliver a log file yet."""

    def unpainted(self) -> tuple[Change, ...]:
        """Those whose newest version was not announced: the process died in between. One that nobody saw is none."""

    def unseen(self) -> tuple[tuple[Change, str], ...]:
        """Proposals whose card was refused for good before anybody saw it, and why."""

    def unreminded(self) -> tuple[Change, ...]:
        """The proposed ones with a card of which nobody was reminded."""

    def claim_reminder(self, number: int) -> bool:
        """True for one caller, and only while the change is proposed: whoever gets it sends the reminder."""

    def untold(self) -> tuple[Change, ...]:
        """Those that have ended, and whose requester was not told."""

    def claim_notice(self, number: int) -> bool:
        """True for one caller: whoever gets it tells the requester."""

    def claim_review(self, number: int, review: Review) -> bool:
        """True for one caller, and only while the exception is active and neither this nor a later one is claimed."""


class Evidence(Protocol):
    def entries(self, change: str = "") -> Iterator[Entry]:
        """All entries in order, or those of one change."""

    def record(self, fact: Fact) -> None: ...

    def head(self) -> str:
        """The hash of the newest entry."""


@dataclass(frozen=True)
class Run:
    """One audit that somebody asked for in a channel."""

    id: str
    channel: str
    requester: str
    scope: tuple[str, ...]
    started: datetime
    finished: datetime | None = None


class Runs(Protocol):
    """The audits and their reports."""

    def start(self, run: Run) -> None: ...

    def finish(self, run: str, report: Report | None, at: datetime) -> None:
        """Without a report: it was interrupted or could not run."""

    def unfinished(self, owner: str) -> tuple[Run, ...]:
        """Those that this process (an id of its life) started and has not ended."""

    def get(self, run: str) -> tuple[Run, Report | None] | None: ...

    def previous(self, channel: str, scope: tuple[str, ...], before: datetime) -> Report | None:
        """The last finished report on the same scope in this channel."""

    def newest(self) -> tuple[Run, Report] | None:
        """The last one over everything that ended with a report."""

    def underway(self) -> tuple[Run, ...]:
        """Those over everything that have not ended, oldest first, whoever runs them."""

    def prune(self, before: datetime) -> int:
        """How many finished ones that started before then went; of each channel and scope the last report stays."""


class Subscriptions(Protocol):
    """The digests' subscriptions, any number a channel."""

    def put(self, subscription: Subscription) -> Subscription:
        """Saved under its id, or a new one: an id is never given again.

        One of the same accounts and controls that the channel has already is taken for it. Where these become others,
        the history begins anew: what was found in some accounts is nothing to compare others with.
        """

    def remove(self, id: int) -> bool: ...

    def pause(self, id: int, why: str) -> bool:
        """True where that is news. "" for why: it goes on."""

    def of(self, channel: str) -> tuple[Subscription, ...]:
        """The oldest first."""

    def get(self, id: int) -> Subscription | None: ...

    def all(self) -> tuple[Subscription, ...]: ...


class History(Protocol):
    """What each digest found. A line is a subscription's; 0 stands for what was asked for in a channel without one."""

    def add(self, channel: str, subscription: int, key: str, kept: Kept, at: datetime, whole: bool = True) -> None:
        """Once for each key of a channel. `whole`: it was of everything, by the controls of the settings."""

    def has(self, channel: str, key: str) -> bool: ...

    def unseen(self) -> tuple[tuple[str, str, str], ...]:
        """Those that were refused for good before anybody saw them: the channel, the key, and why."""

    def forget(self, channel: str, key: str) -> None: ...

    def last(self, channel: str, subscription: int) -> Kept | None:
        """The newest of the line, unless it is of a release that this one cannot read."""

    def newest(self, after: datetime | None = None) -> tuple[str, Report] | None:
        """The last digest of everything in any channel, and the channel, if it was posted after that moment."""

    def scores(self, channel: str, subscription: int, since: datetime) -> tuple[tuple[datetime, int], ...]:
        """When, and percent of the accounts that passed; the oldest first."""

    def each(self, since: datetime) -> Iterator[tuple[str, Kept | None]]:
        """All lines, the oldest first, by their keys; None for one of a release that this one cannot read."""

    def prune(self, before: datetime) -> int:
        """How many from before then went; the newest of each line stays, for the next digest to compare with."""


@dataclass(frozen=True)
class Installation:
    """The app in one workspace, whose name is for showing only. `revision` counts how often it was installed there."""

    team: str
    app: str
    token: str = field(repr=False)
    name: str = ""
    installer: str = ""
    at: datetime | None = None
    revision: int = 0


@dataclass(frozen=True)
class Locked:
    """The app is installed in that workspace, but nobody here can read its token. `why` says what to do."""

    team: str
    why: str


class Installations(Protocol):
    """Where the app is installed."""

    def all(self) -> tuple[Installation | Locked, ...]: ...

    def adopt(self) -> bool:
        """Whether what has no team belongs to one of them, whose it is from then on."""

    def save(self, installation: Installation) -> None:
        """In the place of the one before it."""

    def remove(self, installation: Installation) -> bool:
        """True where it was still that one: it may have been installed anew meanwhile."""


class States(Protocol):
    """What ties the end of an installation to its beginning: each is good once, and for a few minutes."""

    def issue(self) -> str: ...

    def consume(self, state: str) -> bool: ...


class Inbox(Protocol):
    """What came in, by the id that Slack gave it."""

    def take(self, id: str, now: datetime) -> bool:
        """True for the first who takes it; it is remembered for an hour."""


class Outbox(Protocol):
    """Messages on their way, by the rules of `bot.domain.outgoing`; whoever has claimed one sends it."""

    def recover(self, now: datetime) -> None:
        """At the start: what a dead process was sending can be claimed, and refused repaints are tried again."""

    def put(self, draft: Draft, now: datetime) -> None: ...

    def get(self, subject: str) -> Outgoing | None: ...

    def claim(self, owner: str, now: datetime, channel: str = "") -> Outgoing | None:
        """One that is to be sent now, the oldest of its channel, and is nobody else's until the claim ends.

        `in_doubt` of what is given says whether an earlier try may have posted it.
        """

    def sent(self, claim: Outgoing, message: str) -> None:
        """Done, with the message's id; this and the next two do nothing where the claim has ended."""

    def put_off(self, claim: Outgoing, until: datetime, why: str, in_doubt: bool) -> None: ...

    def give_up(self, claim: Outgoing, why: str) -> None: ...

    def depth(self) -> int:
        """How many are unsent."""
