"""`trailwarden doctor` against what becomes of an installation: its clock, its evidence, its digests, its approvers."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from bot.adapters.db.engine import connect
from bot.adapters.db.evidence import EvidenceTable
from bot.adapters.db.subscriptions import SubscriptionsTable
from bot.domain.evidence import Fact
from bot.domain.subscription import Subscription
from bot.playground.aws import RunningAws
from bot.playground.clock import MovableClock
from bot.playground.slack import RunningWorkspace, start_workspace
from tests.stories.test_doctor import SELF, SETUP, doctor, faults

NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def slack() -> Iterator[RunningWorkspace]:
    running = start_workspace(SETUP)
    yield running
    running.stop()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Engine]:
    """Where `serve` makes it."""
    engine = connect(f"sqlite:///{tmp_path / 'trailwarden.sqlite'}")
    yield engine
    engine.dispose()


def test_a_clock_that_is_behind_is_told_by_whom(aws: RunningAws, tmp_path: Path) -> None:
    """Slack and AWS go on; what runs the doctor has stood still. The workspace begins then and ends with it:
    its server says the time of up to a second ago.
    """
    theirs = MovableClock(tmp_path / "clock")
    theirs.move(timedelta(minutes=10))
    slack = start_workspace(SETUP)
    try:
        told = faults(doctor(slack, aws, tmp_path))
    finally:
        theirs.stop()
        slack.stop()
    assert [line.partition(" s behind ")[2][:7] for line in told] == ["Slack's", "AWS's; "]
    assert all("This machine's clock is " in line and "Set the clock (NTP)." in line for line in told)


def test_an_altered_entry_of_the_evidence_is_named(
    slack: RunningWorkspace, aws: RunningAws, tmp_path: Path, database: Engine
) -> None:
    for number in (1, 2):
        EvidenceTable(database).record(Fact(NOW, f"C-{number}", "proposed", "U0ALICE", {"n": number}))
    with database.begin() as connection:
        connection.execute(text("DROP TRIGGER evidence_no_update"))
        connection.execute(text("UPDATE evidence SET actor = 'U0MALLORY' WHERE seq = 2"))
    (told,) = faults(doctor(slack, aws, tmp_path))
    assert "evidence: The evidence was altered: entry 2" in told
    assert "trailwarden verify" in told


def test_a_digest_that_rests_says_why(
    slack: RunningWorkspace, aws: RunningAws, tmp_path: Path, database: Engine
) -> None:
    SubscriptionsTable(database).put(
        Subscription("C0CLOUDSEC", time(9), "UTC", "U0ALICE", NOW, paused="It is archived.")
    )
    (told,) = faults(doctor(slack, aws, tmp_path))
    assert "The digest D-1 of C0CLOUDSEC is paused: It is archived." in told
    assert "/trail-audit digest off D-1" in told


def test_tables_of_an_earlier_release_are_no_fault_and_of_a_newer_one_are(
    slack: RunningWorkspace, aws: RunningAws, tmp_path: Path, database: Engine
) -> None:
    stamp(database, "0001")
    done = doctor(slack, aws, tmp_path)
    assert faults(done, code=0) == []
    assert "The tables are an earlier release's (0001)" in done.stdout
    stamp(database, "9999")
    (told,) = faults(doctor(slack, aws, tmp_path))
    assert "The tables are a newer release's (9999)" in told


def stamp(database: Engine, revision: str) -> None:
    with database.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :it"), {"it": revision})


def test_one_approver_can_approve_what_others_ask_for_alone(
    slack: RunningWorkspace, aws: RunningAws, tmp_path: Path
) -> None:
    done = doctor(slack, aws, tmp_path, TRAILWARDEN_APPROVERS="U0BOB")
    assert "What U0BOB asks for nobody can approve." in done.stdout


def test_what_a_service_control_policy_denies_is_told_apart(
    slack: RunningWorkspace, aws: RunningAws, tmp_path: Path
) -> None:
    aws.deny(SELF, "kms:CreateKey", because="with an explicit deny in a service control policy")
    (told,) = faults(doctor(slack, aws, tmp_path))
    aws.allow(SELF)
    assert "A service control policy forbids the role TrailwardenChange kms:CreateKey." in told
    assert "Ask whoever manages the organization's policies to exempt the role." in told


def test_without_credentials_the_doctor_says_what_to_set(
    slack: RunningWorkspace, aws: RunningAws, tmp_path: Path
) -> None:
    told = faults(doctor(slack, aws, tmp_path, AWS_ACCESS_KEY_ID="", AWS_SECRET_ACCESS_KEY=""))
    assert "No AWS credentials" in told[0]
    assert "AWS_PROFILE" in told[0]
