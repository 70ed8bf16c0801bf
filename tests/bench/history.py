"""How much room reports take in the history: `python -m tests.bench.history [ACCOUNTS] [DAYS]`; 10,000 and 10.

The reports are those that the real controls give of made-up accounts, each with an id, a name, a trail and a bucket of
its own. One in six is not well, one in five shows only its organization's trail (UNKNOWN, the longest sentence), and
each day one in a hundred changes. They are kept in a new SQLite file as the bot keeps them.
"""

import random
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from bot.adapters.db.engine import connect
from bot.adapters.db.history import HistoryTable
from bot.domain.control import Profile
from bot.domain.controls import DEFAULT_CONTROLS, named
from bot.domain.digest import kept
from bot.domain.finding import AccountReport, Report, Verdict
from bot.domain.trail import Account, Status, Trail
from tests.builders import HOUR, NOW, WRITE_ONLY, delivery, denied, organization_trail, snapshot, trail

ACCOUNTS, DAYS = 10_000, 10
TWO_YEARS = 730
CHANCE = random.Random(1)  # noqa: S311 - of made-up accounts
DAY = timedelta(days=1)
CHANGING = 0.01
"""Of the accounts, a day."""
WELL = 5 / 6

TEAMS = (
    "payments",
    "checkout",
    "search",
    "identity",
    "data-lake",
    "ml",
    "billing",
    "mobile",
    "web",
    "logistics",
    "edge",
)
STAGES = ("prod", "staging", "dev", "sandbox", "dr")
REGIONS = ("us-east-1", "us-west-2", "eu-west-1", "eu-central-1", "ap-southeast-2")
NOT_WELL: tuple[Callable[[Trail], tuple[Trail, ...]], ...] = (
    lambda _: (),
    lambda t: (replace(t, status=Status(False, delivery())),),
    lambda t: (replace(t, status=Status(True, delivery(error="AccessDenied"))),),
    lambda t: (replace(t, status=Status(True, delivery(last=CHANCE.randrange(30, 9_000) * HOUR))),),
    lambda t: (replace(t, validation=False),),
    lambda t: (replace(t, selectors=WRITE_ONLY),),
    lambda t: (replace(t, multi_region=False),),
    lambda t: (replace(t, status=denied()),),
)


def fleet(count: int) -> list[AccountReport]:
    return [_looked_at(_named(number)) for number in range(count)]


def _named(number: int) -> Account:
    team, stage = CHANCE.choice(TEAMS), CHANCE.choice(STAGES)
    return Account(f"{CHANCE.randrange(10**12):012}", f"{stage}-{team}-{number}")


def _looked_at(account: Account) -> AccountReport:
    world = replace(snapshot(*_trails(account)), account=account)
    return AccountReport(account, tuple(c.judge(world, Profile.CIS) for c in named(DEFAULT_CONTROLS)))


def _trails(account: Account) -> tuple[Trail, ...]:
    name, bucket = f"{account.name}-audit", f"trail-logs-{account.id}"
    own = trail(name, owner=account.id, region=CHANCE.choice(REGIONS), bucket=bucket)
    if CHANCE.random() < WELL:
        return (organization_trail(),) if CHANCE.random() < 1 / 4 else (own,)
    return CHANCE.choice(NOT_WELL)(own)


def changed(accounts: list[AccountReport]) -> list[AccountReport]:
    return [_looked_at(a.account) if CHANCE.random() < CHANGING else a for a in accounts]


def store(history: HistoryTable, count: int, days: int) -> Report:
    """The last of the reports."""
    accounts, before = fleet(count), None
    for day in range(days):
        at: datetime = NOW + day * DAY
        report = Report(f"digest:1:{at:%Y-%m-%d}", Profile.CIS, DEFAULT_CONTROLS, tuple(accounts), at, at + HOUR / 60)
        before = kept(before, report)
        history.add("C0SECURITY", 1, report.run, before, at)
        accounts = changed(accounts)
    return report


def main() -> None:
    words = [int(word) for word in sys.argv[1:]]
    count, days = (*words, *(ACCOUNTS, DAYS)[len(words) :])
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "bench.sqlite"
        engine = connect(f"sqlite:///{file}")
        empty = file.stat().st_size
        last = store(HistoryTable(engine), count, days)
        engine.dispose()
        size = (file.stat().st_size - empty) / days
    verdicts = ", ".join(f"{last.count(v):,} {v}" for v in Verdict)
    print(f"{count:,} accounts ({verdicts} on the last day), {days} days")
    print(f"{size:,.0f} bytes a run, {size / count:.1f} an account; two years come to {TWO_YEARS * size / 1e6:,.0f} MB")


if __name__ == "__main__":
    main()
