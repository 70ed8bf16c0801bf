"""The port Cloud, for reading many accounts at once."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed

from bot.adapters.aws import accounts
from bot.adapters.aws.read import AccountReader
from bot.adapters.aws.session import Session
from bot.adapters.aws.simulate import simulated
from bot.domain.grant import Grant, Rulings
from bot.domain.trail import Account, Snapshot, Unreadable
from bot.ports import Accounts, Clock, Wish

ACCOUNTS_AT_ONCE = 32
"""Threads; AWS's limits are per account and region, so accounts do not slow each other."""


class BotoCloud:
    def __init__(self, session: Session, clock: Clock, wanted: tuple[str, ...]) -> None:
        self._session = session
        self._clock = clock
        self._wanted = wanted

    def accounts(self) -> Accounts:
        return accounts.listed(self._session, self._wanted)

    def under(self, unit: str) -> frozenset[str] | Unreadable:
        return accounts.under(self._session, unit)

    def snapshot(self, account: Account, wish: Wish = Wish()) -> Snapshot:  # noqa: B008 - frozen
        return AccountReader(self._session, self._clock, account, wish).snapshot()

    def snapshots(self, accounts: Iterable[Account], wish: Wish = Wish()) -> Iterator[Snapshot]:  # noqa: B008 - frozen
        with ThreadPoolExecutor(ACCOUNTS_AT_ONCE, thread_name_prefix="audit") as pool:
            for done in as_completed([pool.submit(self.snapshot, a, wish) for a in accounts]):
                yield done.result()

    def simulate(self, account: Account, grants: tuple[Grant, ...]) -> Rulings:
        return simulated(self._session, account, grants)
