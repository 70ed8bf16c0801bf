"""Hand-written stand-ins for the ports of `bot/ports`. Each does the least that its port promises, and records."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.adapters.health import Part
from bot.domain.grant import Grant, Ruling, Rulings
from bot.domain.trail import Account, Snapshot, Unreadable
from bot.domain.trail_events import TrailEvent
from bot.ports import Accounts, CannotRunError, Wish
from bot.ports.context import known
from bot.ports.traces import End, Facts
from tests.builders import NOW, denied


@dataclass
class FakeWatched:
    """What is known of a bot, and how often it was asked."""

    parts: tuple[Part, ...] = (Part("slack", True, "well"),)
    asked: int = 0

    def health(self) -> tuple[Part, ...]:
        self.asked += 1
        return self.parts

    def metrics(self) -> bytes:
        return b"trailwarden_ready 1\n"


class FakeClock:
    """Time stands still until it is moved. `sleep` moves it, and is remembered."""

    def __init__(self, now: datetime = NOW) -> None:
        self.time = now
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.move(seconds=seconds)

    def move(self, **by: float) -> None:
        """move(hours=1) — as timedelta takes it."""
        self.time += timedelta(**by)


class FakeCloud:
    """AWS as a dict of snapshots by account id. An account without a snapshot cannot be read.

    A list of snapshots is given out one a look, the last one for ever. `in_scope` are the accounts that the settings
    name (default: those of the snapshots), `units` the account ids under each organizational unit.
    """

    def __init__(
        self,
        snapshots: Mapping[str, Snapshot | list[Snapshot]] | Iterable[Snapshot] = (),
        in_scope: Accounts | CannotRunError | None = None,
        units: Mapping[str, frozenset[str]] | Unreadable | None = None,
    ) -> None:
        self.snapshots_by_id: dict[str, Snapshot | list[Snapshot]] = (
            dict(snapshots) if isinstance(snapshots, Mapping) else {s.account.id: s for s in snapshots}
        )
        self.in_scope = in_scope
        self.units = {} if units is None else units
        self.looked_at: list[tuple[str, Wish]] = []
        """(account id, wish) of each look, in order."""
        self.history: dict[str, tuple[TrailEvent, ...] | Unreadable] = {}
        """By account id, the changes of its trails; without a word none is known."""
        self.asked_who: list[tuple[str, tuple[str, ...], datetime]] = []
        """(account id, trails, since) of each look into an event history, in order."""

    def accounts(self) -> Accounts:
        if isinstance(self.in_scope, CannotRunError):
            raise self.in_scope
        if self.in_scope is not None:
            return self.in_scope
        return Accounts(tuple(_next(s).account for s in self.snapshots_by_id.values()))

    def pages(self) -> Iterator[Accounts]:
        yield self.accounts()

    def under(self, unit: str) -> frozenset[str] | Unreadable:
        return self.units if isinstance(self.units, Unreadable) else self.units.get(unit, frozenset())

    def paths(self) -> dict[str, str] | Unreadable:
        if isinstance(self.units, Unreadable):
            return self.units
        return {a.id: a.path for a in self.accounts().accounts if a.path}

    def snapshot(self, account: Account, wish: Wish = Wish()) -> Snapshot:  # noqa: B008 - frozen
        self.looked_at.append((account.id, wish))
        found = self.snapshots_by_id.get(account.id)
        if found is None:
            return Snapshot(account, NOW, denied("sts:AssumeRole", "AccessDenied"))
        if isinstance(found, list):
            return found.pop(0) if len(found) > 1 else found[0]
        return found

    def shows(self, account: Account, arn: str, region: str) -> bool | Unreadable:  # noqa: ARG002 - shows all it has
        found = self.snapshots_by_id.get(account.id)
        return found is not None and _next(found).trail(arn) is not None

    def snapshots(self, accounts: Iterable[Account], wish: Wish = Wish()) -> Iterator[Snapshot]:  # noqa: B008 - frozen
        """Ready in the reverse order, so that nobody relies on one."""
        for account in reversed(tuple(accounts)):
            yield self.snapshot(account, wish)

    def simulate(self, account: Account, grants: tuple[Grant, ...]) -> Rulings:  # noqa: ARG002 - one change role
        return dict.fromkeys(grants, Ruling.ALLOWED)

    def trail_events(
        self, account: Account, trails: tuple[str, ...], since: datetime
    ) -> tuple[TrailEvent, ...] | Unreadable:
        self.asked_who.append((account.id, trails, since))
        return self.history.get(account.id, ())


def _next(found: Snapshot | list[Snapshot]) -> Snapshot:
    return found[0] if isinstance(found, list) else found


class FakeTraces:
    """Spans by name, behind those that they are within, such as `request > S3/ListBuckets`; what was known at the end
    beside each."""

    def __init__(self) -> None:
        self.ended: list[tuple[str, dict[str, object]]] = []
        self._open: ContextVar[tuple[str, ...]] = ContextVar("open", default=())

    @contextmanager
    def span(self, name: str) -> Iterator[None]:
        token = self._open.set((*self._open.get(), name))
        try:
            yield
        finally:
            self.ended.append((self._path(), dict(known())))
            self._open.reset(token)

    def call(self, name: str, facts: Facts) -> End:
        path, facts = self._path(name), {**known(), **facts}
        return lambda found, error: self.ended.append((path, {**facts, **found, "error": error}))

    def _path(self, *names: str) -> str:
        return " > ".join((*self._open.get(), *names))

    def stop(self) -> None:
        pass
