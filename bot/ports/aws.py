"""AWS: for reading, and, for the step of an approved change, for writing."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.domain.change import Change
from bot.domain.control import Need
from bot.domain.grant import Grant, Rulings
from bot.domain.resources import Resource
from bot.domain.steps import Step
from bot.domain.trail import Account, Snapshot, Unreadable
from bot.domain.trail_events import TrailEvent


class CannotRunError(Exception):
    """The whole job is impossible, and the text says in one sentence why and what to do."""


@dataclass(frozen=True)
class Wish:
    """How far to look: every region (for a repair), these buckets and resources, and what the controls need beyond.

    A resource is wanted by its identity; whether it exists, and what is true of it, is what the look finds out.
    `organization` asks which organization the account manages, or which account manages it.
    """

    survey: bool = False
    buckets: tuple[str, ...] = ()
    resources: tuple[Resource, ...] = ()
    needs: frozenset[Need] = frozenset()
    organization: bool = False


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

    def paths(self) -> dict[str, str] | Unreadable:
        """The OU path of each account of the organization by its id; none where no organization is audited."""

    def snapshot(self, account: Account, wish: Wish = Wish()) -> Snapshot:
        """What the account looks like now; what could not be read is Unreadable in its place."""

    def shows(self, account: Account, arn: str, region: str) -> bool | Unreadable:
        """Does that region show the trail, be it at home there or a shadow?"""

    def snapshots(self, accounts: Iterable[Account], wish: Wish = Wish()) -> Iterator[Snapshot]:
        """Many at once, in the order in which they are ready."""

    def simulate(self, account: Account, grants: tuple[Grant, ...]) -> Rulings:
        """Would the account's change role be allowed each of these? Unreadable where nobody could find out."""

    def trail_events(
        self, account: Account, trails: tuple[str, ...], since: datetime
    ) -> tuple[TrailEvent, ...] | Unreadable:
        """Who changed these trails of the account since then, newest first. ARNs: a trail may be deleted by now."""


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
