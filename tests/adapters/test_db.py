"""The store on SQLite and on PostgreSQL: nothing is read back as something else, and of two who save one wins."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import replace
from datetime import UTC, time, timedelta, timezone
from pathlib import Path
from sqlite3 import connect as raw_connect

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import sql
from sqlalchemy import Engine, insert, text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError, IntegrityError, ProgrammingError

from bot.adapters.db import codec, tables
from bot.adapters.db.changes import ChangesTable
from bot.adapters.db.engine import connect, driver_url
from bot.adapters.db.evidence import EvidenceTable, append
from bot.adapters.db.history import HistoryTable
from bot.adapters.db.outbox import OutboxTable
from bot.adapters.db.runs import RunsTable
from bot.adapters.db.subscriptions import SubscriptionsTable
from bot.domain import steps
from bot.domain.acceptance import Acceptance
from bot.domain.change import OPEN, TOLD, Change, State, Vote
from bot.domain.check import Check
from bot.domain.control import Profile
from bot.domain.digest import kept
from bot.domain.evidence import GENESIS, Fact, broken
from bot.domain.exceptions import Review
from bot.domain.finding import Accepted, AccountReport, Finding, Report, Verdict
from bot.domain.form import Choice, TrailForm
from bot.domain.outgoing import Draft, digest_of
from bot.domain.plan import Plan
from bot.domain.refusal import Person, Refused
from bot.domain.resources import Key, LogGroup, Role, Topic
from bot.domain.steps.bucket import SETTINGS
from bot.domain.subscription import Subscription
from bot.domain.trail import Account, Bucket, Snapshot, Survey, Trail
from bot.ports import CannotRunError, Changes, Run
from tests.builders import HOUR, NOW, account_report, change, elsewhere, exception, plan, report
from tests.conftest import DATABASES
from tests.domain import worlds
from tests.fakes_bot import InMemoryChanges, InMemoryEvidence
from tests.postgres import Postgres


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    made = connect(url)
    yield made
    made.dispose()


class Started(list[int]):
    """What was enqueued; raises instead when `broken`."""

    broken = False

    def enqueue(self, _connection: Connection, change: Change) -> None:
        if self.broken:
            raise RuntimeError("the queue is away")
        self.append(change.number)


@pytest.fixture
def started() -> Started:
    return Started()


@pytest.fixture
def changes(engine: Engine, started: Started) -> ChangesTable:
    return ChangesTable(engine, started.enqueue)


@pytest.fixture
def evidence(engine: Engine) -> EvidenceTable:
    return EvidenceTable(engine)


def fact(what: str = "proposed", **facts: object) -> Fact:
    return Fact(NOW, "C-1", what, "UALICE", facts)


def proposed(changes: Changes, wish: Plan | None = None) -> Change:
    """In an account of its own, or by this plan."""
    return changes.add(change(0, plan=wish or elsewhere()), lambda c: Fact(NOW, c.id, "proposed", c.requester, {}))


# Plans and reports as text

names = st.text(st.characters(codec="utf-8"), max_size=12)
survey = st.none() | st.builds(Survey, st.tuples(names), st.tuples(names))
some_accounts = st.builds(Account, names, names, names, st.sampled_from(["aws", "aws-us-gov", "aws-cn"]))
buckets = st.lists(
    st.builds(Bucket, names, st.booleans(), names, names, requester_pays=worlds.known) | worlds.unreadable, max_size=2
).map(tuple)
trails = st.builds(
    Trail,
    arn=names,
    name=names,
    home_region=names,
    multi_region=st.booleans(),
    bucket=names,
    status=worlds.statuses | worlds.unreadable,
    selectors=worlds.selectors | worlds.unreadable,
    organization=st.booleans(),
    validation=st.booleans(),
    prefix=names,
    custom_selectors=st.none() | st.booleans(),
)
seen = st.booleans() | worlds.unreadable
resources = st.one_of(
    st.builds(Key, names, seen, names, names, names, names | worlds.unreadable, st.booleans()),
    st.builds(LogGroup, names, seen, names),
    st.builds(Role, names, seen, names, names | worlds.unreadable),
    st.builds(Topic, names, seen, names),
)
snapshots = st.builds(
    Snapshot,
    some_accounts,
    st.just(NOW),
    st.lists(trails, max_size=3).map(tuple) | worlds.unreadable,
    survey,
    buckets,
    st.lists(resources, max_size=3).map(tuple),
    names,
)
lines = st.lists(names, max_size=2).map(tuple)
maybe = st.none() | names
trail_settings = st.builds(steps.Settings, st.none() | st.booleans(), st.none() | st.booleans(), *[maybe] * 4)
every_step = [
    st.builds(steps.CreateBucket, names, names),
    st.builds(steps.ProtectBucket, names, names, st.sampled_from(sorted(SETTINGS))),
    st.builds(steps.PutBucketPolicy, names, names, names, names, lines),
    st.builds(steps.CreateKey, names, names, names, names),
    st.builds(steps.CreateAlias, names, names, names),
    st.builds(steps.PutKeyPolicy, names, names, names, names, lines),
    st.builds(steps.CreateTopic, names, names, names, names),
    st.builds(steps.PutTopicPolicy, names, names, names, names, lines),
    st.builds(steps.CreateLogGroup, names, names),
    st.builds(steps.CreateRole, names, names, names),
    st.builds(steps.PutRolePolicy, names, names, names, names),
    st.builds(steps.CreateTrail, *[names] * 5, st.booleans(), st.booleans(), *[names] * 4),
    st.builds(steps.UpdateTrail, names, names, trail_settings, trail_settings),
    st.builds(steps.PutEventSelectors, names, names, worlds.selectors, worlds.selectors),
    st.builds(steps.PutInsightSelectors, names, names, st.booleans()),
    st.builds(steps.StartLogging, names, names),
    st.builds(steps.StopLogging, names, names),
    st.builds(steps.DeleteTrail, names, names, names),
]
choices = st.builds(Choice, st.sampled_from(["off", "new", "existing"]), names)
forms = st.builds(TrailForm, names, names, st.booleans(), names, st.booleans(), st.booleans(), *[choices] * 4)
plans = st.builds(
    Plan,
    st.sampled_from(["fix", "create", "delete", "accept"]),
    snapshots,
    st.lists(st.one_of(every_step), max_size=4).map(tuple),
    st.sampled_from(Profile),
    lines,
    lines,
    st.none() | forms,
    st.integers(),
    st.lists(st.builds(Check, st.sampled_from(["ready", "fails", "unchecked"]), names), max_size=2).map(tuple),
    st.none() | st.builds(Acceptance, lines, st.dates(), names),
)
marks = st.none() | st.builds(Accepted, st.dates(), st.builds(Person, names, names), names)
findings = st.builds(
    Finding, names, st.sampled_from(Verdict), names, st.none() | names, lines, lines, st.just(()), marks
)
reports = st.builds(
    Report,
    names,
    st.sampled_from([p.value for p in Profile]),
    lines,
    st.lists(st.builds(AccountReport, some_accounts, st.lists(findings, max_size=3).map(tuple)), max_size=3).map(tuple),
    st.just(NOW),
    st.just(NOW + HOUR),
    lines,
)


def test_every_kind_of_step_is_among_them() -> None:
    assert len(every_step) == len(steps.STEPS)


@given(plans)
@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_a_plan_comes_back_as_it_was(made: Plan) -> None:
    read = codec.load_plan(codec.dump_plan(made))
    assert read == made
    assert repr(read) == repr(made).replace("datetime.timezone.utc", "TzInfo(0)") or read == made
    assert [type(s) for s in read.steps] == [type(s) for s in made.steps]
    assert read.fingerprint == made.fingerprint


def test_every_step_there_is_was_tried() -> None:
    assert len(every_step) == len(steps.STEPS)


@given(reports)
@settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_a_report_comes_back_as_it_was(made: Report) -> None:
    assert codec.load_report(codec.dump_report(made)) == made


@pytest.mark.parametrize(
    "wrong",
    [
        lambda made: made.replace('"kind":"start-logging"', '"kind":"pause-logging"'),
        lambda made: made.replace('"logging":false', '"logging":false,"extra":1'),
        lambda made: made.replace('"home_region":', '"home":'),
        lambda made: made[:-4],
    ],
    ids=["unknown step", "more fields", "fewer fields", "cut off"],
)
def test_what_is_no_plan_of_ours_is_no_plan(wrong: Callable[[str], str]) -> None:
    made = codec.dump_plan(plan())
    assert wrong(made) != made
    with pytest.raises(ValueError, match=r"validation error|Invalid JSON"):
        codec.load_plan(wrong(made))


# Changes: the table and the fake keep one contract


@pytest.fixture(params=[*DATABASES, "the fake"])
def store(request: pytest.FixtureRequest, new_url: Callable[[str], str], started: Started) -> Iterator[Changes]:
    if request.param == "the fake":
        yield InMemoryChanges(InMemoryEvidence())
        return
    made = connect(new_url(request.param))
    yield ChangesTable(made, started.enqueue)
    made.dispose()


def test_a_change_comes_back_as_it_was(store: Changes) -> None:
    added = proposed(store, plan())
    assert added == change(added.number)
    assert store.get(added.number) == added


def test_numbers_count_up(store: Changes) -> None:
    first, second = proposed(store), proposed(store)
    assert second.number == first.number + 1


def test_of_many_who_ask_at_once_for_one_account_one_gets_a_change(store: Changes) -> None:
    def ask(_: int) -> bool:
        with suppress(Refused):
            proposed(store, plan())
            return True
        return False

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(ask, range(8))) == 1
    assert len(store.open()) == 1


def test_what_has_ended_stands_in_nobodys_way(store: Changes) -> None:
    ended = proposed(store, plan())
    store.save(replace(ended, state=State.DENIED))
    assert proposed(store, plan()).number != ended.number


def test_a_number_that_is_none_is_no_change(store: Changes) -> None:
    assert store.get(7) is None


def test_all_that_can_change_of_a_change_is_saved(store: Changes) -> None:
    added = proposed(store)
    votes = (Vote("UALICE", True, NOW), Vote("UBOB", False, NOW + HOUR, "no"))
    moved = replace(added, state=State.DENIED, votes=votes, quorum=2, done=3, outcome="no", decided_at=NOW + HOUR)
    moved = replace(moved, ended_by="UBOB", delivery="seen")
    assert store.save(moved) == replace(moved, version=1)
    assert store.get(added.number) == replace(moved, version=1)


def test_of_two_who_saw_the_same_version_the_first_wins(store: Changes) -> None:
    seen = proposed(store)
    assert store.save(replace(seen, outcome="first"))
    assert store.save(replace(seen, outcome="second")) is None
    found = store.get(seen.number)
    assert found
    assert found.outcome == "first"


def test_of_many_who_save_at_once_one_wins(store: Changes) -> None:
    seen, won = proposed(store), []
    barrier = threading.Barrier(6)

    def save(n: int) -> None:
        barrier.wait()
        if store.save(replace(seen, outcome=str(n))):
            won.append(n)

    threads = [threading.Thread(target=save, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = store.get(seen.number)
    assert found
    assert won == [int(found.outcome)]
    assert found.version == 1


def test_open_changes_are_those_that_have_not_ended(store: Changes) -> None:
    for state in State:
        store.save(replace(proposed(store), state=state))
    assert {c.state for c in store.open()} == OPEN
    assert [c.number for c in store.open()] == sorted(c.number for c in store.open())


# Notices


def shown(store: Changes, number: int) -> None:
    """Its card was posted."""
    if isinstance(store, ChangesTable):
        with store._engine.begin() as connection:
            this = tables.changes.c.number == number
            connection.execute(tables.changes.update().where(this).values(message="1.0"))
    else:
        card = store.get(number)
        assert card
        store._announcer.card(card)  # type: ignore[attr-defined]  # our fake


def test_a_reminder_is_claimed_once_and_only_while_the_change_waits(store: Changes) -> None:
    waiting, decided, unseen = (proposed(store) for _ in range(3))
    shown(store, waiting.number)
    shown(store, decided.number)
    store.save(replace(decided, state=State.DENIED))
    assert [c.number for c in store.unreminded()] == [waiting.number]
    assert unseen.number not in [c.number for c in store.unreminded()]
    assert [store.claim_reminder(n) for n in (waiting.number, waiting.number, decided.number)] == [True, False, False]
    assert store.unreminded() == ()


def test_a_notice_is_claimed_once_and_only_of_an_end(store: Changes) -> None:
    for state in State:
        store.save(replace(proposed(store), state=state))
    assert {c.state for c in store.untold()} == TOLD
    first, *others = store.untold()
    assert [store.claim_notice(first.number) for _ in range(2)] == [True, False]
    assert list(store.untold()) == others
    open_one = store.open()[0]
    assert store.claim_notice(open_one.number) is False


# Exceptions


def a_waiting_exception(store: Changes) -> Change:
    """In an account of its own."""
    return proposed(store, replace(exception().plan, before=elsewhere().before))


def test_exceptions_are_those_that_wait_are_active_or_ended_lately(store: Changes) -> None:
    proposed(store)
    waiting, lasting, over, long_over, denied = (a_waiting_exception(store) for _ in range(5))
    assert store.active() == ()
    for one, state, when in (
        (lasting, State.ACTIVE, NOW),
        (over, State.ENDED, NOW + HOUR),
        (long_over, State.ENDED, NOW),
        (denied, State.DENIED, NOW + HOUR),
    ):
        store.save(replace(one, state=state, decided_at=when))
    assert [c.number for c in store.active()] == [lasting.number]
    assert [c.number for c in store.exceptions(NOW + HOUR)] == [waiting.number, lasting.number, over.number]
    assert [c.number for c in store.exceptions(NOW)][-1] == long_over.number


def test_an_exception_and_a_repair_may_both_be_open_and_two_exceptions_to_one_control_not(store: Changes) -> None:
    proposed(store, plan())
    first = proposed(store, exception().plan)
    with pytest.raises(Refused, match=f"{first.id} for 111122223333 waits for approval already"):
        proposed(store, exception().plan)
    store.save(replace(first, state=State.ACTIVE))
    proposed(store, exception().plan)


def test_each_review_is_claimed_once_in_order_and_only_while_the_exception_is_active(store: Changes) -> None:
    waiting, lasting = a_waiting_exception(store), a_waiting_exception(store)
    store.save(replace(lasting, state=State.ACTIVE))
    claims = (Review.BEGUN, Review.BEGUN, Review.DAY, Review.WEEK, Review.DAY)
    assert [store.claim_review(lasting.number, r) for r in claims] == [True, False, True, False, False]
    assert [c.reviewed for c in store.active()] == [Review.DAY]
    assert store.claim_review(waiting.number, Review.BEGUN) is False
    (active,) = store.active()
    assert store.save(replace(active, state=State.ENDED, reviewed=0))
    assert store.claim_review(lasting.number, Review.DAY) is False


def test_a_claim_is_no_part_of_the_version(store: Changes) -> None:
    seen = proposed(store)
    store.claim_reminder(seen.number)
    assert store.save(seen)


def test_of_many_who_claim_at_once_one_gets_it(store: Changes) -> None:
    number, won = proposed(store).number, []
    barrier = threading.Barrier(6)

    def claim() -> None:
        barrier.wait()
        won.append(store.claim_reminder(number))

    threads = [threading.Thread(target=claim) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(won) == [False] * 5 + [True]


def test_a_lost_save_leaves_no_evidence(changes: ChangesTable, evidence: EvidenceTable, started: Started) -> None:
    seen = proposed(changes)
    changes.save(seen, fact("vote"))
    assert changes.save(seen, fact("vote"), start=True) is None
    assert [e.what for e in evidence.entries()] == ["proposed", "vote"]
    assert started == []


def test_the_start_is_enqueued_with_the_save(changes: ChangesTable, started: Started) -> None:
    changes.save(replace(proposed(changes), state=State.APPROVED), start=True)
    assert started == [1]


def test_where_the_start_cannot_be_enqueued_nothing_is_saved(
    changes: ChangesTable, evidence: EvidenceTable, started: Started
) -> None:
    seen = proposed(changes)
    started.broken = True
    voted = replace(seen, state=State.APPROVED, votes=(Vote("UALICE", True, NOW),))
    with pytest.raises(RuntimeError, match="the queue is away"):
        changes.save(voted, fact("approved"), start=True)
    assert changes.get(seen.number) == seen
    assert [e.what for e in evidence.entries()] == ["proposed"]


def test_a_fact_that_cannot_be_made_leaves_no_change(changes: ChangesTable) -> None:
    def fails(_change: Change) -> Fact:
        raise RuntimeError("no fact")

    with pytest.raises(RuntimeError):
        changes.add(change(0), fails)
    assert changes.open() == ()


def test_a_vote_is_one_a_person(engine: Engine, changes: ChangesTable) -> None:
    seen = changes.save(replace(proposed(changes), votes=(Vote("UALICE", True, NOW),)))
    assert seen
    again = changes.save(replace(seen, votes=(Vote("UALICE", False, NOW + HOUR, "no"),)))
    assert again
    assert again.votes == (Vote("UALICE", False, NOW + HOUR, "no"),)
    row = {"change": 1, "user": "UALICE", "approve": True, "at": NOW, "reason": ""}
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(insert(tables.votes).values(**row))


def test_votes_come_back_in_the_order_in_which_they_were_cast(changes: ChangesTable) -> None:
    votes = tuple(Vote(u, True, NOW + n * HOUR) for n, u in enumerate(["UZOE", "UALICE", "UMAX"]))
    saved = changes.save(replace(proposed(changes), votes=votes))
    assert saved
    assert saved.votes == votes


def test_times_of_any_zone_come_back_as_the_same_moment_in_utc(changes: ChangesTable) -> None:
    paris = timezone(timedelta(hours=1))
    added = changes.add(change(0, proposed_at=NOW.astimezone(paris)), lambda _: fact())
    assert added.proposed_at == NOW
    assert added.proposed_at.tzinfo is UTC


def test_a_reader_does_not_wait_for_a_writer(engine: Engine, changes: ChangesTable) -> None:
    proposed(changes)
    with engine.begin() as writing:
        writing.execute(text("UPDATE changes SET outcome = 'x'"))
        found = changes.get(1)
        assert found
        assert found.outcome == ""


# Evidence


def test_the_chain_holds_and_comes_back(evidence: EvidenceTable) -> None:
    assert evidence.head() == GENESIS
    for n in range(5):
        evidence.record(fact("step-done", step=n, who="Ä\u202e🙂", deep={"b": [1, None], "a": 1.5}))
    entries = tuple(evidence.entries())
    assert [e.seq for e in entries] == [1, 2, 3, 4, 5]
    assert broken(entries) == ""
    assert evidence.head() == entries[-1].hash
    assert entries[0].facts["deep"] == {"a": 1.5, "b": [1, None]}


def test_the_entries_of_one_change(evidence: EvidenceTable) -> None:
    for n in (1, 12, 1):
        evidence.record(replace(fact(), change=f"C-{n}"))
    assert [e.seq for e in evidence.entries("C-1")] == [1, 3]


def test_a_time_of_another_zone_does_not_break_the_chain(evidence: EvidenceTable) -> None:
    evidence.record(replace(fact(), at=NOW.astimezone(timezone(timedelta(hours=5, minutes=30)))))
    assert broken(evidence.entries()) == ""


def test_two_who_append_at_once_do_not_fork_the_chain(evidence: EvidenceTable) -> None:
    barrier = threading.Barrier(4)

    def append_many() -> None:
        barrier.wait()
        for n in range(10):
            evidence.record(fact("step-done", step=n))

    threads = [threading.Thread(target=append_many) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    entries = tuple(evidence.entries())
    assert len(entries) == 40
    assert broken(entries) == ""


OVERWRITE = (
    "INSERT OR REPLACE INTO evidence SELECT seq, at, change, what, 'nobody', facts, previous, hash FROM evidence",
    "INSERT INTO evidence SELECT * FROM evidence ON CONFLICT (seq) DO UPDATE SET actor = 'nobody'",
)
REFUSED = [
    *(
        (kind, f"{verb} evidence{rest}")
        for kind in DATABASES
        for verb, rest in (
            ("UPDATE", " SET actor = 'nobody'"),
            ("DELETE FROM", " WHERE seq = 1"),
            ("DELETE FROM", ""),
        )
    ),
    ("SQLite", OVERWRITE[0]),
    ("PostgreSQL", OVERWRITE[1]),
    ("PostgreSQL", "TRUNCATE evidence"),
    ("PostgreSQL", "SET session_replication_role = replica; DELETE FROM evidence"),
]


@pytest.mark.parametrize(("kind", "statement"), REFUSED)
def test_the_database_refuses_to_alter_or_remove_evidence(
    kind: str, statement: str, new_url: Callable[[str], str]
) -> None:
    engine = connect(new_url(kind))
    evidence = EvidenceTable(engine)
    evidence.record(fact())
    with pytest.raises(DBAPIError, match="append-only"), engine.begin() as connection:
        connection.execute(text(statement))
    assert [e.actor for e in evidence.entries()] == ["UALICE"]
    engine.dispose()


def test_a_predecessor_has_one_successor(engine: Engine, evidence: EvidenceTable) -> None:
    evidence.record(fact())
    row = {"seq": 2, "at": NOW, "change": "C-1", "what": "x", "actor": "x", "facts": "{}", "previous": GENESIS}
    with pytest.raises(IntegrityError, match=r"append-only|evidence_previous_key"), engine.begin() as connection:
        connection.execute(insert(tables.evidence).values(**row, hash="x"))


def test_a_database_user_who_may_only_read_and_insert_evidence_can_append(postgres: Postgres, migrated: str) -> None:
    name = postgres.new_database(migrated)
    postgres.run(sql.SQL("CREATE ROLE recorder LOGIN"))
    postgres.run(
        sql.SQL("GRANT SELECT, INSERT ON evidence TO recorder; GRANT SELECT ON alembic_version TO recorder"), name
    )
    engine = connect(postgres.url(name, "recorder"))
    evidence = EvidenceTable(engine)
    for n in range(3):
        evidence.record(fact("vote", n=n))
    assert broken(evidence.entries()) == ""
    for statement in ("UPDATE evidence SET actor = 'nobody'", "DELETE FROM evidence", "TRUNCATE evidence"):
        with pytest.raises(ProgrammingError, match="permission denied"), engine.begin() as connection:
            connection.execute(text(statement))
    engine.dispose()


def test_evidence_of_a_transaction_that_failed_is_gone(engine: Engine, evidence: EvidenceTable) -> None:
    def fail() -> None:
        with engine.begin() as connection:
            append(connection, fact())
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert list(evidence.entries()) == []


# Runs and subscriptions


def a_run(id: str = "run-1", **different: object) -> Run:
    return replace(Run(id, "C1", "UALICE", ("prod", "ou:Dev"), NOW), **different)  # type: ignore[arg-type]  # Run's own


def test_a_run_is_started_posted_and_finished(engine: Engine) -> None:
    runs, made = RunsTable(engine, "me"), report(account_report())
    runs.start(a_run())
    assert runs.unfinished("me") == (a_run(),)
    runs.finish("run-1", made, NOW + HOUR)
    assert runs.unfinished("me") == ()
    assert runs.get("run-1") == (a_run(finished=NOW + HOUR), made)
    assert runs.get("run-2") is None


def test_an_unfinished_run_belongs_to_the_process_that_started_it(engine: Engine) -> None:
    mine, other = RunsTable(engine, "me"), RunsTable(engine, "you")
    mine.start(a_run("mine"))
    other.start(a_run("yours"))
    assert [run.id for run in mine.unfinished("you")] == ["yours"]
    assert mine.owners() == {"me", "you"}
    mine.finish("yours", None, NOW)
    assert mine.owners() == {"me"}


def test_the_previous_report_is_of_the_same_scope_and_channel_and_has_ended(engine: Engine) -> None:
    runs = RunsTable(engine)
    finished = {
        "old": a_run("old", started=NOW),
        "right": a_run("right", started=NOW + HOUR),
        "other scope": a_run("other scope", started=NOW + 2 * HOUR, scope=()),
        "other channel": a_run("other channel", started=NOW + 2 * HOUR, channel="C2"),
        "later": a_run("later", started=NOW + 5 * HOUR),
    }
    for name, run in finished.items():
        runs.start(run)
        runs.finish(run.id, report(run=name), NOW + 6 * HOUR)
    runs.start(a_run("broken", started=NOW + 2 * HOUR))
    runs.finish("broken", None, NOW + 3 * HOUR)
    found = runs.previous("C1", ("prod", "ou:Dev"), NOW + 4 * HOUR)
    assert found
    assert found.run == "right"
    assert runs.previous("C1", ("prod", "ou:Dev"), NOW) is None


def test_the_newest_run_over_everything_ended_with_a_report(engine: Engine) -> None:
    runs = RunsTable(engine)
    assert runs.newest() is None
    for hour, (id, scope) in enumerate((("old", ()), ("new", ()), ("part", ("prod",)))):
        runs.start(a_run(id, started=NOW + hour * HOUR, scope=scope))
        runs.finish(id, report(account_report(), run=id), NOW + hour * HOUR)
    runs.start(a_run("broken", started=NOW + 8 * HOUR, scope=()))
    runs.finish("broken", None, NOW + 9 * HOUR)
    found = runs.newest()
    assert found
    assert (found[0].id, found[1].run) == ("new", "new")
    with engine.begin() as connection:
        connection.execute(tables.runs.update().where(tables.runs.c.id == "new").values(packed=b"of another release"))
    assert runs.newest() is None


def test_what_is_under_way_over_everything_is_told_whoever_runs_it(engine: Engine) -> None:
    mine, other = RunsTable(engine, "me"), RunsTable(engine, "you")
    mine.start(a_run("later", started=NOW + HOUR, scope=()))
    other.start(a_run("first", scope=()))
    other.start(a_run("part"))
    assert [run.id for run in mine.underway()] == ["first", "later"]
    mine.finish("first", None, NOW + 2 * HOUR)
    assert [run.id for run in mine.underway()] == ["later"]


def test_the_newest_digest_of_everything_in_any_channel(engine: Engine) -> None:
    history, subscriptions = HistoryTable(engine), SubscriptionsTable(engine)
    assert history.newest() is None
    part = subscriptions.put(a_subscription())
    for hour, (channel, line, whole) in enumerate((("C1", 0, True), ("C2", 9, True), ("C1", part.id, False))):
        history.add(channel, line, f"k{hour}", kept(None, report(run=f"d{hour}")), NOW + hour * HOUR, whole)
    subscriptions.put(replace(part, scope=(), controls=()))
    found = history.newest()
    assert found
    assert (found[0], found[1].run) == ("C2", "d1")
    assert history.newest(NOW) == found
    assert history.newest(NOW + HOUR) is None


def test_those_that_ended_are_told_newest_first(changes: ChangesTable) -> None:
    made = [proposed(changes) for _ in range(4)]
    for minute, number in enumerate((2, 0, 3)):
        changes.save(made[number].moved(State.DENIED, NOW + timedelta(minutes=minute)))
    assert [c.number for c in changes.ended(2)] == [made[3].number, made[0].number]
    assert [c.number for c in changes.ended(9)] == [made[3].number, made[0].number, made[2].number]


def a_subscription(channel: str = "C1", **different: object) -> Subscription:
    made = Subscription(channel, time(9, 5), "Europe/Paris", "UALICE", NOW, "mondays", ("ou:Prod",), ("log-delivery",))
    return replace(made, **different)  # type: ignore[arg-type]  # Subscription's own


def test_a_channel_has_several_subscriptions_and_an_id_is_never_given_again(engine: Engine) -> None:
    subscriptions = SubscriptionsTable(engine)
    first, second = subscriptions.put(a_subscription()), subscriptions.put(a_subscription(scope=(), only_changes=True))
    elsewhere = subscriptions.put(a_subscription("C2"))
    assert first == a_subscription(id=first.id)
    assert subscriptions.of("C1") == (first, second)
    assert subscriptions.all() == (first, second, elsewhere)
    assert subscriptions.remove(elsewhere.id)
    assert not subscriptions.remove(elsewhere.id)
    assert subscriptions.get(elsewhere.id) is None
    assert subscriptions.put(a_subscription("C3")).id > elsewhere.id


def test_a_subscription_that_is_changed_keeps_its_id_and_its_history(engine: Engine) -> None:
    subscriptions, history = SubscriptionsTable(engine), HistoryTable(engine)
    first, other = subscriptions.put(a_subscription()), subscriptions.put(a_subscription(controls=()))
    history.add("C1", first.id, "monday", KEPT, NOW)
    changed = subscriptions.put(replace(first, at=time(10)))
    assert changed == replace(first, at=time(10))
    assert subscriptions.of("C1") == (changed, other)
    assert history.last("C1", first.id) == KEPT
    assert history.last("C1", other.id) is None


def test_where_its_accounts_become_others_its_history_begins_anew(engine: Engine) -> None:
    """What was found in some accounts is nothing to compare others with; that it was posted stays known."""
    subscriptions, history = SubscriptionsTable(engine), HistoryTable(engine)
    first = subscriptions.put(a_subscription())
    history.add("C1", first.id, "monday", KEPT, NOW)
    assert subscriptions.put(replace(first, scope=())).id == first.id
    assert history.last("C1", first.id) is None
    assert history.scores("C1", first.id, NOW) == ()
    assert history.has("C1", "monday")


def test_two_who_ask_for_the_same_at_once_have_one(engine: Engine) -> None:
    subscriptions = SubscriptionsTable(engine)
    made = [subscriptions.put(a_subscription(at=time(hour))) for hour in (9, 10)]
    assert subscriptions.all() == (made[1],)
    assert made[0].id == made[1].id


def test_a_pause_is_news_once(engine: Engine) -> None:
    subscriptions = SubscriptionsTable(engine)
    made = subscriptions.put(a_subscription())
    assert subscriptions.pause(made.id, "archived")
    assert not subscriptions.pause(made.id, "archived")
    assert subscriptions.get(made.id) == replace(made, paused="archived")
    assert subscriptions.pause(made.id, "")


KEPT = kept(None, report(account_report()))


def test_a_digest_is_kept_once_and_the_newest_of_its_line_is_found(engine: Engine) -> None:
    history = HistoryTable(engine)
    assert history.last("C1", 1) is None
    one, two, three = (kept(None, report(account_report(), run=run)) for run in ("one", "two", "three"))
    history.add("C1", 1, "monday", one, NOW)
    history.add("C1", 1, "tuesday", two, NOW + HOUR)
    history.add("C1", 2, "wednesday", three, NOW + 2 * HOUR)
    assert history.has("C1", "monday")
    assert not history.has("C2", "monday")
    assert history.last("C1", 1) == two
    with pytest.raises(IntegrityError):
        history.add("C1", 1, "monday", one, NOW)


def test_a_digest_that_was_refused_before_anybody_saw_it_is_found_and_forgotten(engine: Engine) -> None:
    history, outbox = HistoryTable(engine), OutboxTable(engine)
    for key in ("seen", "refused"):
        history.add("C1", 1, key, KEPT, NOW)
        outbox.put(Draft(digest_of("C1", key), "C1", "text", "[]"), NOW)
        claim = outbox.claim("me", NOW)
        assert claim
        if key == "seen":
            outbox.sent(claim, "1.0")
        else:
            outbox.give_up(claim, "not in channel")
    assert history.unseen() == (("C1", "refused", "not in channel"),)
    history.forget("C1", "refused")
    assert history.unseen() == ()
    assert history.has("C1", "seen")


def test_the_scores_of_a_line_and_all_that_is_kept_are_told_in_order_and_pruned(engine: Engine) -> None:
    history = HistoryTable(engine)
    passes = kept(None, report(account_report(verdict=Verdict.PASS)))
    for n, found in enumerate((KEPT, passes, passes)):
        history.add("C1", 1, f"day {n}", found, NOW + n * HOUR)
    assert history.scores("C1", 1, NOW) == ((NOW, 0), (NOW + HOUR, 100), (NOW + 2 * HOUR, 100))
    assert [key for key, _ in history.each(NOW + HOUR)] == ["day 1", "day 2"]
    assert history.prune(NOW + HOUR) == 1
    assert [key for key, _ in history.each(NOW)] == ["day 1", "day 2"]


def test_the_newest_digest_of_a_line_stays_however_old_it_is(engine: Engine) -> None:
    history = HistoryTable(engine)
    history.add("C1", 1, "older", KEPT, NOW)
    history.add("C1", 1, "newest", KEPT, NOW + HOUR)
    history.add("C1", 2, "the only one of its line", KEPT, NOW)
    history.add("C2", 1, "the only one of its channel", KEPT, NOW)
    assert history.prune(NOW + 9 * HOUR) == 1
    assert not history.has("C1", "older")
    assert history.last("C1", 1) == history.last("C1", 2) == history.last("C2", 1) == KEPT


def test_audits_that_are_over_are_pruned_but_for_the_last_report_of_each_scope(engine: Engine) -> None:
    runs = RunsTable(engine)
    for n, (id, scope) in enumerate((("one", ()), ("two", ()), ("other scope", ("web",)), ("broken", ()))):
        runs.start(a_run(id=id, scope=scope, started=NOW + n * HOUR))
        runs.finish(id, None if id == "broken" else report(account_report(), run=id), NOW + n * HOUR)
    runs.start(a_run(id="under way", started=NOW))
    assert runs.prune(NOW) == 0
    assert runs.prune(NOW + 9 * HOUR) == 2
    assert [id for id in ("one", "two", "other scope", "broken", "under way") if runs.get(id)] == [
        "two",
        "other scope",
        "under way",
    ]


# The schema, and databases that cannot be opened


def test_the_migrations_make_the_tables_that_the_code_sees(engine: Engine) -> None:
    with engine.begin() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, tables.metadata) == []


def test_opening_a_second_time_changes_nothing(url: str) -> None:
    for n in range(2):
        engine = connect(url)
        evidence = EvidenceTable(engine)
        assert len(list(evidence.entries())) == n
        evidence.record(fact())
        engine.dispose()


@pytest.fixture(params=DATABASES)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database without any table."""
    if request.param == "SQLite":
        return f"sqlite:///{tmp_path / 'empty.sqlite'}"
    postgres: Postgres = request.getfixturevalue("postgres")
    return postgres.url(postgres.new_database())


def test_several_may_open_a_new_one_at_once(empty_url: str) -> None:
    failed: list[Exception] = []
    barrier = threading.Barrier(4)

    def open_it() -> None:
        barrier.wait()
        try:
            connect(empty_url).dispose()
        except Exception as error:  # noqa: BLE001 - the test looks at it
            failed.append(error)

    threads = [threading.Thread(target=open_it) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []


def test_the_file_uses_the_write_ahead_log(tmp_path: Path) -> None:
    connect(f"sqlite:///{tmp_path / 'wal.sqlite'}").dispose()
    with closing(raw_connect(tmp_path / "wal.sqlite")) as raw:
        assert raw.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def newer(folder: Path) -> str:
    """A database that a later version of ours has migrated."""
    connect(f"sqlite:///{folder / 'newer.sqlite'}").dispose()
    with closing(raw_connect(folder / "newer.sqlite")) as raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
        raw.commit()
    return f"sqlite:///{folder / 'newer.sqlite'}"


def no_database(folder: Path) -> str:
    (folder / "text.sqlite").write_text("this is no database, whatever its name says" * 100)
    return f"sqlite:///{folder / 'text.sqlite'}"


@pytest.mark.parametrize(
    "url",
    [
        lambda folder: f"sqlite:///{folder}/none/such.sqlite",
        lambda folder: f"sqlite:///{folder}",
        no_database,
        lambda _: "nonsense",
        lambda _: "",
        lambda _: "oracle://u:secret@host/db",
        lambda _: "nosuch://u:secret@host/db",
        lambda _: "postgresql://u:secret@host:port/db",
        lambda _: "postgresql://u:secret@127.0.0.1:1/db",
    ],
    ids=[
        "no folder",
        "a folder",
        "no database",
        "no URL",
        "nothing",
        "no driver",
        "no dialect",
        "a wrong port",
        "nobody there",
    ],
)
def test_a_database_that_cannot_be_opened_is_one_sentence_without_the_password(
    url: Callable[[Path], str], tmp_path: Path
) -> None:
    with pytest.raises(CannotRunError) as refused:
        connect(url(tmp_path))
    told = str(refused.value)
    assert told.startswith("The database cannot be opened: ")
    assert "DATABASE_URL" in told
    assert "\n" not in told
    assert "secret" not in told


def test_a_database_of_a_newer_release_is_left_as_it_is(tmp_path: Path) -> None:
    with pytest.raises(CannotRunError, match=r"The database is a newer release's .* Nothing was changed"):
        connect(newer(tmp_path))


@pytest.mark.parametrize(
    ("url", "driven"),
    [
        ("postgres://u@h/d", "postgresql+psycopg://u@h/d"),
        ("postgresql://u@h/d", "postgresql+psycopg://u@h/d"),
        ("sqlite:///x.sqlite", "sqlite:///x.sqlite"),
    ],
)
def test_postgres_is_driven_by_psycopg(url: str, driven: str) -> None:
    assert driver_url(url) == driven
