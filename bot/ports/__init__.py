"""The edges: what the services need of the world. One adapter each under `bot/adapters`, one fake in the tests."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from bot.domain.control import Profile
from bot.ports.aws import Accounts, AnswerLostError, AwsRefusedError, CannotRunError, Cloud, Wish, Writer
from bot.ports.front import Announcer, CannotAnnounceError, Digest, Directory
from bot.ports.store import (
    Changes,
    Evidence,
    History,
    Inbox,
    Installation,
    Installations,
    Locked,
    Outbox,
    Run,
    Runs,
    States,
    Subscriptions,
)

__all__ = [
    "Accounts",
    "Announcer",
    "AnswerLostError",
    "AwsRefusedError",
    "CannotAnnounceError",
    "CannotRunError",
    "Changes",
    "Clock",
    "Cloud",
    "Digest",
    "Directory",
    "Evidence",
    "History",
    "Inbox",
    "Installation",
    "Installations",
    "Locked",
    "Outbox",
    "Rules",
    "Run",
    "Runner",
    "Runs",
    "States",
    "Subscriptions",
    "Wish",
    "World",
    "Writer",
]


class Clock(Protocol):
    def now(self) -> datetime:
        """The time in UTC, aware."""

    def sleep(self, seconds: float) -> None: ...


class Runner(Protocol):
    """Work that ends even if this process dies: each key is carried out once."""

    def digest(self, subscription: int, slot: str) -> None:
        """Post the digest of that slot (`Subscription.slot`)."""

    def settle(self, change: int, attempt: str) -> None:
        """Find out what became of an unknown change."""


@dataclass(frozen=True)
class Rules:
    """What the settings say that services must know."""

    controls: tuple[str, ...]
    profile: Profile
    approval_ttl: timedelta
    keep: timedelta
    """How long what was found is kept."""


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
    history: History
    inbox: Inbox
    announcer: Announcer
    directory: Directory
    rules: Rules
