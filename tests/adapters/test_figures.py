"""The tables as numbers, on SQLite and PostgreSQL."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine

from bot.adapters.db.changes import ChangesTable
from bot.adapters.db.engine import connect
from bot.adapters.db.evidence import EvidenceTable
from bot.adapters.db.figures import FiguresTable
from bot.adapters.db.history import HistoryTable
from bot.adapters.db.outbox import OutboxTable
from bot.adapters.db.runs import RunsTable
from bot.adapters.db.tally import EvidenceTally, Spread
from bot.domain.change import State
from bot.domain.digest import kept
from bot.domain.evidence import Fact
from bot.domain.finding import Report
from bot.domain.outgoing import Draft
from bot.ports import Run
from tests.builders import HOUR, NOW, account_report, change, elsewhere, report

MINUTE = timedelta(minutes=1)


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    made = connect(url)
    yield made
    made.dispose()


@pytest.fixture
def figures(engine: Engine) -> FiguresTable:
    return FiguresTable(engine)


def add_change(engine: Engine, state: State, at: datetime) -> None:
    changes = ChangesTable(engine, lambda *_: None)
    made = changes.add(change(0, plan=elsewhere(), proposed_at=at), lambda c: Fact(at, c.id, "proposed", "U1", {}))
    if state is not State.PROPOSED:
        changes.save(replace(made, state=state, decided_at=at + HOUR))


def test_an_empty_database_has_no_numbers(figures: FiguresTable) -> None:
    found = figures.read(("",))
    assert (found.changes, found.since, found.outbox, found.unsent_since, found.newest) == (
        {},
        {},
        {},
        None,
        (None, None),
    )
    assert figures.last_run() is None
    assert figures.ping()


def test_changes_are_counted_by_state_with_the_oldest_of_each(engine: Engine, figures: FiguresTable) -> None:
    for state, at in (
        (State.PROPOSED, NOW + HOUR),
        (State.PROPOSED, NOW),
        (State.UNKNOWN, NOW + 5 * HOUR),
        (State.UNKNOWN, NOW + 3 * HOUR),
        (State.VERIFIED, NOW),
    ):
        add_change(engine, state, at)
    found = figures.read(("",))
    assert found.changes == {"proposed": 2, "unknown": 2, "verified": 1}
    assert found.since == {"proposed": NOW, "unknown": NOW + 4 * HOUR, "verified": NOW + HOUR}


def test_messages_are_counted_until_they_are_sent(engine: Engine, figures: FiguresTable) -> None:
    outbox = OutboxTable(engine)
    for number, channel in enumerate(("C1", "C2", "C3", "C4")):
        outbox.put(Draft(f"run:{number}", channel, "text", "[]"), NOW + number * MINUTE)
    for channel in ("C1", "C2"):
        claim = outbox.claim("me", NOW + HOUR, channel)
        assert claim
        outbox.sent(claim, "1.0") if channel == "C1" else outbox.give_up(claim, "no")
    assert outbox.claim("me", NOW + HOUR, "C3")
    found = figures.read(("",))
    assert found.outbox == {"given-up": 1, "sending": 1, "waiting": 1}
    assert found.unsent_since == NOW + 2 * MINUTE


def test_a_message_where_the_app_was_removed_is_not_waited_for(engine: Engine, figures: FiguresTable) -> None:
    OutboxTable(engine, "T0FORMER").put(Draft("run:1", "C1", "text", "[]"), NOW)
    assert (figures.read(("T0HERE",)).outbox, figures.read(("T0HERE",)).unsent_since) == ({}, None)
    assert figures.read(("T0HERE", "T0FORMER")).unsent_since == NOW


def test_the_newest_reports_of_everything_are_named(engine: Engine, figures: FiguresTable) -> None:
    told: list[Report | None] = []
    runs, history = RunsTable(engine, ended=told.append), HistoryTable(engine, added=told.append)
    made = report(account_report())
    for hour, (id, scope) in enumerate((("old", ()), ("new", ()), ("part", ("prod",)))):
        runs.start(Run(id, "C1", "U1", scope, NOW + hour * HOUR))
        runs.finish(id, made, NOW + hour * HOUR)
        history.add("C1", 1, f"digest:{id}", kept(None, made), NOW + hour * HOUR, whole=not scope)
    assert figures.read(("",)).newest == ("new", "digest:new")
    assert told == [made] * 6
    assert figures.last_run() == (NOW + 2 * HOUR, True)
    runs.start(Run("broken", "C1", "U1", (), NOW))
    assert figures.last_run() == (NOW + 2 * HOUR, True)
    runs.finish("broken", None, NOW + 5 * HOUR)
    assert told[6:] == [None]
    assert figures.last_run() == (NOW + 5 * HOUR, False)


def happened(engine: Engine, *what: tuple[str, str, timedelta]) -> None:
    evidence = EvidenceTable(engine)
    for id, name, after in what:
        evidence.record(Fact(NOW + after, id, name, "U1", {}))


LIFE = (
    ("C-1", "proposed", 0 * MINUTE),
    ("C-2", "proposed", 1 * MINUTE),
    ("C-1", "vote", 2 * MINUTE),
    ("C-1", "approved", 3 * MINUTE),
    ("C-2", "denied", 61 * MINUTE),
    ("C-1", "applying", 3 * MINUTE),
    ("C-1", "verified", 4 * MINUTE),
)


@pytest.mark.parametrize("pieces", [1, 2, 7], ids=lambda n: f"read {n} times")
def test_the_evidence_is_counted_and_timed_however_often_it_is_read(engine: Engine, pieces: int) -> None:
    tally = EvidenceTally(engine, (120.0, 240.0), (30.0, 60.0))
    for first in range(0, len(LIFE), -(-len(LIFE) // pieces)):
        happened(engine, *LIFE[first : first + -(-len(LIFE) // pieces)])
        tally.read()
    tally.read()
    assert tally.events == {"proposed": 2, "vote": 1, "approved": 1, "denied": 1, "applying": 1, "verified": 1}
    assert (tally.deciding.counts, tally.deciding.total) == ([0, 1, 1], 63 * 60)
    assert (tally.applying.counts, tally.applying.total) == ([0, 1, 0], 60)


def test_another_process_and_a_new_one_count_the_same(engine: Engine) -> None:
    early, late = EvidenceTally(engine, (), ()), EvidenceTally(engine, (), ())
    happened(engine, *LIFE[:3])
    early.read()
    happened(engine, *LIFE[3:])
    early.read()
    late.read()
    assert early.events == late.events
    assert (early.deciding, early.applying) == (late.deciding, late.applying)


def test_what_ends_without_a_known_beginning_is_not_timed(engine: Engine) -> None:
    tally = EvidenceTally(engine, (), ())
    happened(engine, ("C-1", "verified", MINUTE), ("C-2", "expired", MINUTE), ("C-3", "denied", MINUTE))
    tally.read()
    assert (tally.deciding.total, tally.applying.total) == (0, 0)
    assert tally.events.total() == 3


def test_a_time_that_is_a_bound_is_within_it() -> None:
    spread = Spread((1.0, 5.0))
    for seconds in (0.5, 1.0, 1.1, 5.0, 9.0):
        spread.add(seconds)
    assert spread.counts == [2, 2, 1]
