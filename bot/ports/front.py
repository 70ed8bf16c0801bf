"""The front end: to speak first, and to know who may do what."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.domain.authority import Standing, Viewer
from bot.domain.change import Change, Entitled
from bot.domain.digest import Comparison
from bot.domain.finding import Report
from bot.domain.trail import Account
from bot.ports.store import Run


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

    def digest(self, channel: str, digest: Digest) -> None:
        """One for each key (`digest.report.run`), however often it is said. Raises CannotAnnounceError."""

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

    def shown(self, account: Account) -> Entitled:
        """The approvers with their names, for a card."""

    def viewer(self, user: str, accounts: tuple[Account, ...]) -> Viewer:
        """What this person may decide in these accounts, for showing: without AWS, each group read once."""
