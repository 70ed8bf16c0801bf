"""The edges: what the services need of the world. One adapter each under `bot/adapters`, one fake in the tests."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from bot.domain.change import Change, Entitled
from bot.domain.control import Need, Profile
from bot.domain.digest import Comparison, Subscription
from bot.domain.evidence import Entry, Fact
from bot.domain.finding import Report
from bot.domain.resources import Resource
from bot.domain.steps import Step
from bot.domain.trail import Account, Snapshot, Unreadable


class CannotRunError(Exception):
    """The whole job is impossible, and the text says in one sentence why and what to do."""


@dataclass(frozen=True)
class Wish:
    """How far to look: every region (for a repair), these buckets and resources, and what the controls need beyond.

    A resource is wanted by its identity; whether it exists, and what is true of it, is what the look finds out.
    """

    survey: bool = False
    buckets: tuple[str, ...] = ()
    resources: tuple[Resource, ...] = ()
    needs: frozenset[Need] = frozenset()


@dataclass(frozen=True)
class Accounts:
    """The accounts in scope, and sentences on those that are left out (suspended ones).

    Not `complete`: there are more, which could not be listed; `left_out` says why.
    """

    accounts: tuple[Account, ...]
    left_out: tuple[str, ...] = ()
    complete: bool = True


class Cloud(Protocol):
    """AWS, for reading."""

    def accounts(self) -> Accounts:
        """Every account that the settings name. Raises CannotRunError."""

    def pages(self) -> Iterator[Accounts]:
        """The same, as they are listed, so that nobody waits for the last one. Raises CannotRunError."""

    def under(self, unit: str) -> frozenset[str] | Unreadable:
        """The ids of the accounts below the organizational units with this name or path, nested ones too."""

    def snapshot(self, account: Account, wish: Wish = Wish()) -> Snapshot:
        """What the account looks like now; what could not be read is Unreadable in its place."""

    def shows(self, account: Account, arn: str, region: str) -> bool | Unreadable:
        """Does that region show the trail, be it at home there or a shadow?"""

    def snapshots(self, accounts: Iterable[Account], wish: Wish = Wish()) -> Iterator[Snapshot]:
        """Many at once, in the order in which they are ready."""


class AnswerLostError(Exception):
    """A write was sent, and no answer came: it may have happened."""


class AwsRefusedError(Exception):
    """AWS answered a write with an error: it has not happened."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


class Writer(Protocol):
    """AWS, for writing: the only way to it, and only for a step of an approved change that is being applied."""

    def perform(self, change: Change, step: Step) -> str:
        """Makes the step's one call with the change role; gives AWS's request id.

        Raises AwsRefusedError, AnswerLostError, and PermissionError where the change does not allow the step.
        """


class Clock(Protocol):
    def now(self) -> datetime:
        """The time in UTC, aware."""

    def sleep(self, seconds: float) -> None: ...


class Changes(Protocol):
    """The changes, saved so that of two who save the same version one wins."""

    def add(self, change: Change, fact: Callable[[Change], Fact]) -> Change:
        """The change with its number; the fact goes to the evidence in the same transaction."""

    def get(self, number: int) -> Change | None: ...

    def open(self) -> tuple[Change, ...]:
        """Those that have not ended, oldest first."""

    def save(self, change: Change, fact: Fact | None = None, start: bool = False) -> Change | None:
        """The saved change with its next version, or None where somebody else saved first.

        With `start`, applying it is enqueued in the same transaction.
        """

    def awaiting_delivery(self) -> tuple[Change, ...]:
        """The verified ones whose trail has not been seen to deliver a log file yet."""

    def unpainted(self) -> tuple[Change, ...]:
        """Those whose card does not show their newest version, or was never posted."""

    def card_painted(self, number: int, message: str, version: int) -> None:
        """Remembers where the card is, and which version it shows; no part of the version."""


class Evidence(Protocol):
    def entries(self, change: str = "") -> Iterator[Entry]:
        """All entries in order, or those of one change."""

    def record(self, fact: Fact) -> None: ...

    def head(self) -> str:
        """The hash of the newest entry."""


@dataclass(frozen=True)
class Run:
    """One audit that somebody asked for in a channel; `message` is its card, "" until it was posted."""

    id: str
    channel: str
    requester: str
    scope: tuple[str, ...]
    started: datetime
    message: str = ""
    finished: datetime | None = None


class Runs(Protocol):
    """The audits and their reports."""

    def start(self, run: Run) -> None: ...

    def card_posted(self, run: str, message: str) -> None: ...

    def finish(self, run: str, report: Report | None, at: datetime) -> None:
        """Without a report: it was interrupted or could not run."""

    def unfinished(self, owner: str) -> tuple[Run, ...]:
        """Those that this process (an id of its life) started and has not ended."""

    def get(self, run: str) -> tuple[Run, Report | None] | None: ...

    def previous(self, channel: str, scope: tuple[str, ...], before: datetime) -> Report | None:
        """The last finished report on the same scope in this channel."""


class Subscriptions(Protocol):
    """The digests' subscriptions, one a channel, and what each digest said."""

    def put(self, subscription: Subscription) -> Subscription:
        """Replaces the channel's."""

    def remove(self, channel: str) -> bool: ...

    def of(self, channel: str) -> Subscription | None: ...

    def get(self, id: int) -> Subscription | None: ...

    def all(self) -> tuple[Subscription, ...]: ...

    def last_report(self, channel: str) -> Report | None: ...

    def posted(self, channel: str, key: str, report: Report, at: datetime) -> None: ...

    def was_posted(self, channel: str, key: str) -> bool: ...


@dataclass(frozen=True)
class Digest:
    """All that one digest says."""

    report: Report
    comparison: Comparison
    score_before: int | None
    waiting: tuple[Change, ...]
    next_run: datetime | None
    chain_head: str
    due: datetime | None = None
    late: bool = False


class Announcer(Protocol):
    """The front end, for speaking first. Each may raise CannotAnnounceError; those that post give the message's id."""

    def audit_started(self, run: Run) -> str: ...

    def audit_progress(self, run: Run, done: int, total: int) -> None: ...

    def audit_finished(self, run: Run, report: Report, before: Report | None) -> None: ...

    def audit_failed(self, run: Run, why: str) -> None: ...

    def card(self, change: Change) -> str:
        """Posts the approval card."""

    def repaint(self, change: Change) -> None: ...

    def digest(self, channel: str, digest: Digest) -> None: ...


class CannotAnnounceError(Exception):
    """The message did not arrive. The text says why, and what to do."""


class Runner(Protocol):
    """Work that ends even if this process dies: each key is carried out once."""

    def digest(self, subscription: int, day: str) -> None:
        """Post the digest of that local date (ISO)."""

    def settle(self, change: int, attempt: str) -> None:
        """Find out what became of an unknown change."""


class Directory(Protocol):
    """Who may do what, read afresh. Raises Refused where a group could not be read: a failed look-up means no."""

    def approvers(self) -> Entitled: ...

    def requesters(self) -> Entitled | None:
        """None where everybody in the channel may ask."""


@dataclass(frozen=True)
class Rules:
    """What the settings say that services must know."""

    controls: tuple[str, ...]
    profile: Profile
    approval_ttl: timedelta


@dataclass(frozen=True)
class World:
    """All edges together, as the composition root wires them. Services take it and nothing else from outside."""

    cloud: Cloud
    writer: Writer
    clock: Clock
    changes: Changes
    evidence: Evidence
    runs: Runs
    subscriptions: Subscriptions
    announcer: Announcer
    directory: Directory
    rules: Rules
