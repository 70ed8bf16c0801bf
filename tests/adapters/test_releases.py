"""Data outlives versions: what the first release left in its schema works in this one, on both kinds of database."""

import json
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import DateTime, Engine, MetaData, create_engine, text

from bot.adapters.db.changes import ChangesTable
from bot.adapters.db.engine import connect, driver_url, migrate
from bot.adapters.db.evidence import EvidenceTable
from bot.adapters.db.history import HistoryTable
from bot.adapters.db.runs import RunsTable
from bot.adapters.db.subscriptions import SubscriptionsTable
from bot.adapters.db.teams import adopt
from bot.domain.change import Change, State
from bot.domain.evidence import broken
from bot.domain.finding import Verdict
from bot.ports import World
from bot.services import applying, decisions, proposals, releases, runs, settling
from tests.builders import ACCOUNT, HOUR, surveyed, trail
from tests.conftest import DATABASES
from tests.fakes_bot import Bot, bot
from tests.postgres import Postgres

FIRST = json.loads(Path(__file__).with_name("releases").joinpath("0001.json").read_text())
"""What the first release (357da14) wrote: a fix and a delete that wait, one vote, a run, a subscription, its digest."""

TEAM = "T0FIRST"
"""The workspace of the token that this release is started with: what is there belongs to it."""


@pytest.fixture(params=DATABASES)
def first_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database in the first schema, with the first release's data."""
    url = f"sqlite:///{tmp_path / 'first.sqlite'}"
    if request.param == "PostgreSQL":
        postgres: Postgres = request.getfixturevalue("postgres")
        url = postgres.url(postgres.new_database())
    engine = create_engine(driver_url(url))
    migrate(engine, "0001")
    _fill(engine)
    engine.dispose()
    return url


def _fill(engine: Engine) -> None:
    schema = MetaData()
    schema.reflect(engine)
    with engine.begin() as connection:
        for name, rows in FIRST.items():
            table = schema.tables[name]
            times = {c.name for c in table.columns if isinstance(c.type, DateTime)}
            for row in rows:
                connection.execute(table.insert().values({k: _value(v, k in times) for k, v in row.items()}))


def _value(value: Any, is_time: bool) -> Any:
    return datetime.fromisoformat(f"{value}+00:00") if is_time and value else bool(value) if value in (0, 1) else value


@dataclass
class Upgraded:
    """This release on that database; AWS and Slack are fakes."""

    made: Bot
    engine: Engine
    changes: ChangesTable
    started: list[int]

    @property
    def world(self) -> World:
        return replace(
            self.made.world,
            changes=self.changes,
            evidence=EvidenceTable(self.engine, TEAM),
            runs=RunsTable(self.engine, "now", TEAM),
            subscriptions=SubscriptionsTable(self.engine, TEAM),
            history=HistoryTable(self.engine, TEAM),
        )

    def change(self, number: int) -> Change:
        found = self.changes.get(number)
        assert found
        return found

    def applies(self, number: int) -> Change:
        for index in range(applying.begin(self.world, number)):
            applying.perform(self.world, number, index)
        settling.settle(self.world, number)
        return self.change(number)


@pytest.fixture
def upgrade(first_url: str) -> Iterator[Callable[[], Upgraded]]:
    engines = []

    def upgraded() -> Upgraded:
        engine, started = connect(first_url), list[int]()
        engines.append(engine)
        adopt(engine, TEAM)
        changes = ChangesTable(engine, lambda _, change: started.append(change.number), TEAM)
        made = bot(surveyed(trail(logging=False)))
        return Upgraded(made, engine, changes, started)

    yield upgraded
    for engine in engines:
        engine.dispose()


def test_a_waiting_change_of_the_first_release_is_approved_applied_and_verified(
    upgrade: Callable[[], Upgraded],
) -> None:
    now = upgrade()
    releases.end_lost(now.world)
    assert now.change(1).state is State.PROPOSED
    decisions.approve(now.world, 1, "UALICE")
    assert now.started == [1]
    now.made.aws.becomes(replace(now.change(1).plan.before, survey=None))
    assert now.applies(1).state is State.VERIFIED
    assert now.made.aws.effects == ["cloudtrail:StartLogging"]
    assert now.made.announcer.shown[-1].message == "1764000000.000100"


def test_its_votes_count_and_its_evidence_goes_on(upgrade: Callable[[], Upgraded]) -> None:
    now = upgrade()
    decisions.approve(now.world, 2, "UBOB", "main")
    assert set(now.change(2).approvers) == {"UALICE", "UBOB"}
    assert now.started == [2]
    entries = list(now.world.evidence.entries())
    assert [e.what for e in entries] == ["proposed", "proposed", "vote", "approved"]
    assert broken(entries) == ""


def test_a_new_change_gets_the_next_number(upgrade: Callable[[], Upgraded]) -> None:
    now = upgrade()
    decisions.cancel(now.world, 1, "UREQUESTER")
    decisions.cancel(now.world, 2, "UREQUESTER")
    assert proposals.propose_fix(now.world, proposals.Asker("UREQUESTER", "C1"), ACCOUNT).number == 3


def test_its_subscription_and_its_last_digest_are_known(upgrade: Callable[[], Upgraded]) -> None:
    now = upgrade()
    (subscription,) = now.world.subscriptions.all()
    assert (subscription.channel, f"{subscription.at:%H:%M}", subscription.zone) == ("C1", "09:05", "Europe/Paris")
    assert now.world.history.has("C1", f"digest:{subscription.id}:2026-11-23T0905")
    last = now.world.history.last("C1", subscription.id)
    assert last
    assert last.report.run == "run-1"
    assert set(last.since.values()) == {last.report.started}
    assert {f.verdict for a in last.report.accounts for f in a.findings} == {Verdict.FAIL}


def test_its_digest_goes_on_and_its_id_is_not_given_again(upgrade: Callable[[], Upgraded]) -> None:
    now = upgrade()
    (subscription,) = now.world.subscriptions.all()
    assert subscription.rhythm == "weekdays"
    assert now.world.subscriptions.put(replace(subscription, id=0, channel="C9")).id > subscription.id


def test_its_interrupted_audit_belongs_to_nobody_and_is_closed(upgrade: Callable[[], Upgraded]) -> None:
    now = upgrade()
    table = RunsTable(now.engine, "now", TEAM)
    assert table.owners() == {""}
    runs.close_interrupted(now.world, "")
    assert table.owners() == frozenset()


# A plan that cannot be read


def moved_field(now: Upgraded, state: State = State.PROPOSED) -> None:
    with now.engine.begin() as connection:
        connection.execute(text("UPDATE changes SET plan = replace(plan, '\"home_region\":', '\"region_of_old\":')"))
        connection.execute(text("UPDATE changes SET state = :state WHERE number = 1"), {"state": state.value})


def test_a_plan_that_cannot_be_read_ends_its_change_and_hides_no_other(upgrade: Callable[[], Upgraded]) -> None:
    now = upgrade()
    moved_field(now)
    assert [c.plan.account.id for c in now.changes.open()] == [ACCOUNT, ACCOUNT]
    releases.end_lost(now.world)
    for number in (1, 2):
        ended = now.change(number)
        assert ended.state is State.SUPERSEDED
        assert "another release" in ended.outcome
    assert now.changes.open() == ()
    assert [c.number for c in now.changes.unpainted()] == [1, 2], "the sweep paints what the outbox has not heard of"
    assert broken(now.world.evidence.entries()) == ""


@pytest.mark.parametrize(
    ("state", "then"),
    [
        (State.APPROVED, State.SUPERSEDED),
        (State.APPLYING, State.FAILED),
        (State.UNKNOWN, State.FAILED),
    ],
)
def test_a_plan_that_cannot_be_read_is_never_applied_and_never_verified(
    state: State, then: State, upgrade: Callable[[], Upgraded]
) -> None:
    now = upgrade()
    moved_field(now, state)
    assert now.applies(1).state is then
    assert now.made.aws.calls == []


def test_before_it_is_ended_nobody_can_approve_it_and_it_still_expires(upgrade: Callable[[], Upgraded]) -> None:
    now = upgrade()
    moved_field(now)
    with pytest.raises(decisions.Refused, match="another release"):
        decisions.approve(now.world, 1, "UALICE")
    later = now.change(1).expires_at + HOUR
    assert decisions.expire(now.world, now.change(1), later)
    assert now.change(1).state is State.EXPIRED


@pytest.mark.parametrize("plan", ["", "no JSON", "[]", "[1]", '[{"before": {"account": 7}}]'])
def test_whatever_stands_where_a_plan_should_it_is_listed(plan: str, upgrade: Callable[[], Upgraded]) -> None:
    now = upgrade()
    with now.engine.begin() as connection:
        connection.execute(text("UPDATE changes SET plan = :plan"), {"plan": plan})
    assert [c.plan.is_lost for c in now.changes.open()] == [True, True]


def test_a_report_that_cannot_be_read_is_none_to_compare_with(upgrade: Callable[[], Upgraded]) -> None:
    now = upgrade()
    with now.engine.begin() as connection:
        connection.execute(text("UPDATE digests SET packed = :packed"), {"packed": zlib.compress(b'{"report": [1]}')})
    (subscription,) = now.world.subscriptions.all()
    assert now.world.history.last("C1", subscription.id) is None
