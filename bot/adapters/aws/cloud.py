"""The port Cloud, for reading many accounts at once."""

from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from datetime import datetime
from queue import SimpleQueue

from bot.adapters.aws import accounts
from bot.adapters.aws.clients import AT_ONCE
from bot.adapters.aws.event_history import EventHistory
from bot.adapters.aws.read import AccountReader
from bot.adapters.aws.session import Session
from bot.adapters.aws.simulate import simulated
from bot.domain.grant import Grant, Rulings
from bot.domain.trail import Account, Snapshot, Unreadable
from bot.domain.trail_events import TrailEvent
from bot.ports import Accounts, Clock, Wish
from bot.ports.context import working_on


class BotoCloud:
    def __init__(self, session: Session, clock: Clock, wanted: tuple[str, ...]) -> None:
        self._session = session
        self._clock = clock
        self._wanted = wanted
        self._history = EventHistory(session, clock)
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="audit")
        """One pool for all audits of the process: two at once, or the digests of nine o'clock, do not add up."""

    def accounts(self) -> Accounts:
        pages = tuple(self.pages())
        listed = tuple(a for p in pages for a in p.accounts)
        return Accounts(listed, tuple(n for p in pages for n in p.left_out), all(p.complete for p in pages))

    def pages(self) -> Iterator[Accounts]:
        return accounts.listed(self._session, self._wanted)

    def under(self, unit: str) -> frozenset[str] | Unreadable:
        return accounts.under(self._session, unit)

    def paths(self) -> dict[str, str] | Unreadable:
        return accounts.paths(self._session) if self._wanted == ("organization",) else {}

    def snapshot(self, account: Account, wish: Wish = Wish()) -> Snapshot:  # noqa: B008 - frozen
        with working_on(account=account.id):
            return AccountReader(self._session, self._clock, account, wish).snapshot()

    def shows(self, account: Account, arn: str, region: str) -> bool | Unreadable:
        with working_on(account=account.id):
            return AccountReader(self._session, self._clock, account, Wish()).shows(arn, region)

    def snapshots(self, accounts: Iterable[Account], wish: Wish = Wish()) -> Iterator[Snapshot]:  # noqa: B008 - frozen
        """`accounts` may still be arriving: the next one is taken while those before it are read.

        Only some wait for a thread, and a snapshot is handed on when it is ready: nothing here grows with the fleet.
        """
        ready: SimpleQueue[Future[Snapshot]] = SimpleQueue()
        underway = 0
        for account in accounts:
            self._threads.submit(copy_context().run, self.snapshot, account, wish).add_done_callback(ready.put)
            underway += 1
            while underway == 2 * AT_ONCE or not ready.empty():
                yield ready.get().result()
                underway -= 1
        for _ in range(underway):
            yield ready.get().result()

    def simulate(self, account: Account, grants: tuple[Grant, ...]) -> Rulings:
        with working_on(account=account.id):
            return simulated(self._session, account, grants)

    def trail_events(
        self, account: Account, trails: tuple[str, ...], since: datetime
    ) -> tuple[TrailEvent, ...] | Unreadable:
        with working_on(account=account.id):
            return self._history.of(account, trails, since)
