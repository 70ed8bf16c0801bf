"""What `/metrics` says: each metric of the table and no other, from a real database, and without one."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import Engine, create_engine

from bot.adapters.db.changes import ChangesTable
from bot.adapters.db.engine import connect
from bot.adapters.db.runs import RunsTable
from bot.adapters.health import Health, Part
from bot.adapters.metrics.exposition import Metrics
from bot.adapters.metrics.stored import Sources
from bot.adapters.metrics.table import COUNTED, METRICS, PREFIX, STORED
from bot.adapters.metrics.table import NOW as OF_NOW
from bot.domain.evidence import Fact
from bot.domain.finding import Report, Verdict
from bot.domain.home import Chain
from bot.domain.subscription import Timeliness
from bot.ports import Run
from tests.builders import HOUR, NOW, account_report, change, elsewhere, report
from tests.fakes import FakeClock

WELL = (Part("slack", True, "well"), Part("database", False, "away"))
TIMELINESS = Timeliness(3, 1, 2, timedelta(minutes=15))
Samples = dict[tuple[str, ...], float]
"""By name and the values of the labels."""


@dataclass
class Scraped:
    """A registry over this database, and what its sources say."""

    engine: Engine
    clock: FakeClock = field(default_factory=FakeClock)
    report: Report | None = None
    decoded: int = 0
    chain: Chain | None = None
    timeliness: Timeliness = TIMELINESS
    metrics: Metrics = field(default_factory=Metrics)

    def __post_init__(self) -> None:
        sources = Sources(self.engine, lambda: ("",), lambda: self.timeliness, self._newest, self.clock.now)
        self.metrics.watch(sources, lambda: WELL, lambda: self.chain)

    def _newest(self) -> Report | None:
        self.decoded += 1
        return self.report

    def samples(self) -> Samples:
        families = text_string_to_metric_families(self.metrics.text().decode())
        return {
            (s.name.removeprefix(PREFIX), *s.labels.values()): s.value
            for family in families
            for s in family.samples
            if s.name.startswith(PREFIX)
        }


@pytest.fixture
def scraped(url: str) -> Iterator[Scraped]:
    engine = connect(url)
    yield Scraped(engine)
    engine.dispose()


@pytest.fixture
def away(tmp_path: Path) -> Scraped:
    """Over a database that is not there."""
    return Scraped(create_engine(f"sqlite:///{tmp_path}/no/such/folder/x.sqlite"))


def named(samples: Samples) -> set[str]:
    return {name[0].removesuffix("_bucket").removesuffix("_sum").removesuffix("_count") for name in samples}


def test_each_metric_of_the_table_is_scraped_and_no_other(scraped: Scraped) -> None:
    scraped.report, scraped.chain = report(account_report()), Chain(NOW, 3)
    ChangesTable(scraped.engine, lambda *_: None).add(
        change(0, plan=elsewhere()), lambda c: Fact(NOW, c.id, "proposed", "U1", {})
    )
    count_one_of_each(scraped.metrics)
    assert named(scraped.samples()) == set(METRICS)


def count_one_of_each(metrics: Metrics) -> None:
    counted = metrics.counted
    counted.aws("cloudtrail", "DescribeTrails", "ok")
    counted.slack("chat.postMessage", "rate_limited")
    counted.request("done")
    counted.task("sweep", "failed")
    counted.asked_for(None)
    counted.of_digest(report(account_report()))


def test_the_table_says_it_all_once() -> None:
    assert len(METRICS) == len(COUNTED) + len(OF_NOW) + len(STORED) + 1
    for name, metric in METRICS.items():
        assert name.endswith("_total") == (metric.kind == "counter"), name
        assert bool(metric.buckets) == (metric.kind == "histogram"), name


FORBIDDEN_LABELS = ("account", "user", "channel", "name", "trail", "change", "id", "arn", "region", "job", "instance")


"""The last two are Prometheus's own, of what it scrapes."""


def test_no_label_has_a_value_for_each_account_person_or_change() -> None:
    assert not [label for metric in METRICS.values() for label in metric.labels if label in FORBIDDEN_LABELS]


def test_what_is_counted_is_counted_once(scraped: Scraped) -> None:
    count_one_of_each(scraped.metrics)
    found = scraped.samples()
    for sample in (
        ("aws_requests_total", "DescribeTrails", "ok", "cloudtrail"),
        ("slack_calls_total", "chat.postMessage", "rate_limited"),
        ("requests_total", "done"),
        ("task_failures_total", "sweep", "failed"),
        ("audits_total", "asked", "none"),
        ("audits_total", "digest", "report"),
        ("audit_duration_seconds_bucket", "digest", "2.0"),
    ):
        assert found[sample] == 1, sample
    assert found["audit_duration_seconds_bucket", "digest", "1.0"] == 0
    assert found["audit_duration_seconds_sum", "digest"] == 2


def test_what_is_stored_is_read_at_each_scrape(scraped: Scraped) -> None:
    changes = ChangesTable(scraped.engine, lambda *_: None)
    assert scraped.samples()["changes", "proposed"] == 0
    changes.add(change(0, plan=elsewhere()), lambda c: Fact(NOW, c.id, "proposed", "U1", {}))
    scraped.clock.move(hours=2)
    found = scraped.samples()
    assert found["changes", "proposed"] == 1
    assert found["change_oldest_seconds", "proposed"] == 7200
    assert found["change_oldest_seconds", "unknown"] == 0
    assert found["change_events_total", "proposed"] == 1
    assert [found["digests", state] for state in ("active", "paused", "overdue")] == [3, 1, 2]
    assert found["digest_overdue_seconds",] == 900
    assert found["database_up",] == 1
    assert found["ready", "database"] == 0


def test_the_newest_report_is_decoded_once_and_again_when_there_is_another(scraped: Scraped) -> None:
    assert ("accounts", "FAIL") not in scraped.samples()
    runs = RunsTable(scraped.engine)
    for number in range(2):
        scraped.report = report(
            *(account_report(f"{n:012}") for n in range(number)), account_report("9" * 12, Verdict.PASS)
        )
        runs.start(Run(f"run-{number}", "C1", "U1", (), NOW))
        runs.finish(f"run-{number}", scraped.report, NOW + number * HOUR)
        for _ in range(3):
            found = scraped.samples()
        assert [found["accounts", v] for v in ("FAIL", "UNKNOWN", "ACCEPTED", "PASS")] == [number, 0, 0, 1]
        assert found["findings", "multi-region-trail", "FAIL"] == number
    assert scraped.decoded == 3


@pytest.mark.parametrize(("problem", "verified"), [("", 1), ("entry 3 was altered", 0)])
def test_the_chain_is_absent_until_somebody_has_looked(scraped: Scraped, problem: str, verified: int) -> None:
    assert ("evidence_chain_verified",) not in scraped.samples()
    scraped.chain = Chain(NOW, 3, problem)
    assert scraped.samples()["evidence_chain_verified",] == verified
    assert scraped.samples()["evidence_chain_checked_timestamp_seconds",] == NOW.timestamp()


def test_without_the_database_the_rest_is_there(away: Scraped) -> None:
    count_one_of_each(away.metrics)
    begun = time.monotonic()
    found = away.samples()
    assert time.monotonic() - begun < 10
    assert found["database_up",] == 0
    assert named(found) == {*COUNTED, "build_info", "ready", "database_up"}


def test_it_is_as_prometheus_reads_it(scraped: Scraped) -> None:
    text = scraped.metrics.text().decode()
    assert "# HELP trailwarden_changes Changes by state\n# TYPE trailwarden_changes gauge\n" in text
    assert "process_resident_memory_bytes" in text
    assert "_created" not in text


# How its parts are


def health(
    engine: Engine, slack: Callable[[], bool] = lambda: True, scheduler: bool = True, waiting: int = 0
) -> dict[str, Part]:
    return {part.name: part for part in Health(engine, slack, lambda: scheduler, lambda: waiting).parts()}


def test_each_part_says_how_it_is(scraped: Scraped) -> None:
    well = health(scraped.engine)
    names = ("slack", "database", "scheduler", "workspaces", "audit")
    assert [(p.name, p.ok) for p in well.values()] == [(n, True) for n in names]
    ill = health(scraped.engine, lambda: False, scheduler=False)
    assert [(p.name, p.ok) for p in ill.values() if p.matters] == [
        ("slack", False),
        ("database", True),
        ("scheduler", False),
    ]


def test_a_workspace_that_cannot_begin_is_told_and_makes_nothing_unready(scraped: Scraped) -> None:
    found = health(scraped.engine, waiting=2)["workspaces"]
    assert (found.ok, found.says, found.matters) == (False, "2 cannot begin: the log says why", False)


@pytest.mark.parametrize(
    ("ended", "ok", "says"),
    [
        (None, True, "nobody has asked for one yet"),
        (True, True, "the last one that was asked for ended 2026-11-23T09:00:00Z with a report"),
        (False, False, "the last one that was asked for ended 2026-11-23T09:00:00Z without a report"),
    ],
)
def test_the_last_audit_is_told_and_makes_nothing_unready(
    scraped: Scraped, ended: bool | None, ok: bool, says: str
) -> None:
    if ended is not None:
        runs = RunsTable(scraped.engine)
        runs.start(Run("run-1", "C1", "U1", (), NOW))
        runs.finish("run-1", report() if ended else None, NOW)
    found = health(scraped.engine)["audit"]
    assert (found.ok, found.says, found.matters) == (ok, says, False)


def test_a_database_that_is_away_is_said_and_nothing_more_is_asked_of_it(away: Scraped) -> None:
    found = health(away.engine)
    assert not found["database"].ok
    assert found["audit"].says == "unknown"
