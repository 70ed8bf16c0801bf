"""`trailwarden export`: what the digests found, in three formats, from the database alone."""

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.adapters.db.engine import connect
from bot.adapters.db.history import HistoryTable
from bot.cli import main
from bot.domain.digest import Kept, kept
from bot.domain.finding import Accepted, AccountReport, Verdict
from bot.domain.refusal import Person
from bot.export_command import _written
from bot.ocsf import CIS
from tests.builders import ACCOUNT, NOW, account, account_report, finding, report, trail_arn

ROOT = Path(__file__).parent.parent
DAY = timedelta(days=1)
PERMITTED = Accepted(date(2027, 1, 31), Person("UALICE", "Alice"), "C-42")
FORMATS = ("csv", "json", "ocsf")


def found(day: int, before: Kept | None, *accounts: AccountReport, **different: Any) -> Kept:
    named = {"run": f"digest:1:day {day}", "started": NOW + day * DAY, **different}
    return kept(before, report(*(accounts or (account_report(name="prod"),)), **named))


def keep(url: str, *runs: Kept, team: str = "") -> None:
    engine = connect(url)
    history = HistoryTable(engine, team)
    for one in runs:
        history.add("C1", 1, one.report.run, one, one.report.started)
    engine.dispose()


@pytest.fixture
def database(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """An empty one, and no setting but its address: neither Slack's nor AWS's."""
    for name in [n for n in os.environ if n.startswith(("AWS_", "TRAILWARDEN_", "SLACK_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.chdir(tmp_path)
    keep(url)
    return url


@pytest.fixture
def three_days(database: str) -> str:
    """An account fails for three days; on the third that is accepted."""
    first = found(0, None)
    second = found(1, first)
    accepted = AccountReport(account(name="prod"), (finding(accepted=PERMITTED),))
    keep(database, second, first, found(2, second, accepted))
    return database


def exported(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(["export", *words]) == 0
    return capsys.readouterr().out


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def objects(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.usefixtures("three_days")
def test_csv_has_one_row_a_finding_the_oldest_run_first(capsys: pytest.CaptureFixture[str]) -> None:
    said = rows(exported(capsys))
    assert [row["run"] for row in said] == ["digest:1:day 0", "digest:1:day 1", "digest:1:day 2"]
    assert said[2] == {
        "run": "digest:1:day 2",
        "time": "2026-11-25T09:00:00+00:00",
        "account_id": ACCOUNT,
        "account_name": "prod",
        "control": "multi-region-trail",
        "verdict": "FAIL",
        "resource": "",
        "reasons": "no-multi-region-trail",
        "warnings": "",
        "accepted_until": "2027-01-31",
        "accepted_owner": "UALICE",
        "since": "",
        "why": "There is no multi-region trail.",
    }
    assert [row["since"] for row in said[:2]] == ["2026-11-23T09:00:00+00:00"] * 2


@pytest.mark.usefixtures("three_days")
def test_json_is_one_object_a_run_in_the_shape_of_the_audits(capsys: pytest.CaptureFixture[str]) -> None:
    said = objects(exported(capsys, "--format", "json"))
    assert [run["started"] for run in said] == [f"2026-11-{day}T09:00:00+00:00" for day in (23, 24, 25)]
    assert (said[0]["run"], said[0]["profile"], said[0]["complete"]) == ("digest:1:day 0", "cis", True)
    (shown,) = said[1]["accounts"]
    assert (shown["account_id"], shown["account_name"], shown["verdict"]) == (ACCOUNT, "prod", "FAIL")
    assert shown["findings"][0]["since"] == said[0]["started"]
    assert said[2]["accounts"][0]["findings"][0]["accepted"] == {"until": "2027-01-31", "owner": "UALICE"}


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.usefixtures("three_days")
def test_since_a_day_means_from_its_first_moment_on(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    whole = exported(capsys, "--format", form)
    later = exported(capsys, "--format", form, "--since", "2026-11-24")
    assert "day 0" in whole
    assert "day 0" not in later
    assert "day 1" in later


DANGEROUS = ["=HYPERLINK(1)", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", "\n=1", "\uff1d1", "\uff201"]


@pytest.mark.parametrize("name", DANGEROUS, ids=repr)
def test_a_cell_that_a_spreadsheet_would_run_is_quoted(
    name: str, database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    keep(database, found(0, None, account_report(name=name)))
    (row,) = rows(exported(capsys))
    assert row["account_name"] == f"'{name}"


# OCSF


@pytest.mark.usefixtures("three_days")
def test_ocsf_is_one_compliance_finding_each_with_the_account_and_the_age(capsys: pytest.CaptureFixture[str]) -> None:
    _, second, accepted = objects(exported(capsys, "--format", "ocsf"))
    assert (second["class_uid"], second["type_uid"], second["category_uid"]) == (2003, 200301, 2)
    assert second["time"] == int((NOW + DAY).timestamp() * 1_000)
    assert second["finding_info"]["first_seen_time"] == int(NOW.timestamp() * 1_000)
    assert second["finding_info"]["uid"] == f"digest:1:day 1/{ACCOUNT}/multi-region-trail"
    assert second["cloud"]["account"] == {"uid": ACCOUNT, "name": "prod", "type": "AWS Account", "type_id": 10}
    assert second["resources"] == [{"uid": ACCOUNT, "name": "prod", "type": "AWS::::Account"}]
    assert (second["status"], second["severity"], second["status_code"]) == ("New", "High", "no-multi-region-trail")
    assert (accepted["status"], accepted["severity"]) == ("Suppressed", "Low")
    assert accepted["unmapped"]["accepted"] == {"until": "2027-01-31", "owner": "UALICE"}


@pytest.mark.parametrize(("verdict", "status", "severity"), [("PASS", 1, 1), ("UNKNOWN", 2, 0), ("FAIL", 3, 4)])
def test_what_could_not_be_read_is_no_result_in_ocsf_and_never_a_pass(
    verdict: str, status: int, severity: int, database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    keep(database, found(0, None, account_report(verdict=Verdict(verdict))))
    (event,) = objects(exported(capsys, "--format", "ocsf"))
    assert (event["compliance"]["status_id"], event["severity_id"]) == (status, severity)


@pytest.mark.parametrize(
    ("control", "standards", "number"),
    [
        ("log-file-validation", [CIS], f"{CIS} 6.0: 4.2"),
        ("log-delivery", ["Trailwarden"], None),
        ("of-another-release", ["Trailwarden"], None),
    ],
)
def test_a_control_has_ciss_numbers_in_ocsf_where_it_has_any(
    control: str, standards: list[str], number: str | None, database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    keep(database, found(0, None, AccountReport(account(), (finding(control, resource=trail_arn()),))))
    (event,) = objects(exported(capsys, "--format", "ocsf"))
    assert event["compliance"]["standards"] == standards
    assert number is None or number in event["compliance"]["requirements"]
    assert event["resources"] == [{"uid": trail_arn(), "name": "main", "type": "AWS::CloudTrail::Trail"}]


@pytest.mark.usefixtures("three_days")
def test_without_the_package_ocsf_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delitem(sys.modules, "bot.ocsf")
    monkeypatch.setitem(sys.modules, "py_ocsf_models.objects.metadata", None)
    assert main(["export", "--format", "ocsf"]) == 3
    said = capsys.readouterr()
    assert said.out == ""
    assert "pip install 'trailwarden[ocsf]'" in said.err


# What may go wrong


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(("words", "told"), [((), "no digest yet"), (("--since", "2026-11-23"), "since 2026-11-23")])
def test_nothing_there_is_said_and_no_error(
    words: tuple[str, ...], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", "--format", "json", *words]) == 0
    said = capsys.readouterr()
    assert said.out == ""
    assert told in said.err


def test_who_only_reads_makes_no_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/absent.db")
    assert main(["export"]) == 3
    said = capsys.readouterr()
    assert (said.out, (tmp_path / "absent.db").exists()) == ("", False)
    assert "There is no database at" in said.err


@pytest.mark.parametrize("words", [("--since", "yesterday"), ("--since", "2026-13-01"), ("--format", "xml")], ids=repr)
def test_a_wrong_word_is_a_usage_error(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", *words]) == 3
    assert words[0] in capsys.readouterr().err


def test_a_run_with_missing_accounts_is_told_as_such(database: str, capsys: pytest.CaptureFixture[str]) -> None:
    passing, words = account_report(verdict=Verdict.PASS), ("The list broke off.",)
    keep(database, found(0, None, passing, complete=False, left_out=words))
    assert main(["export", "--format", "json"]) == 0
    said = capsys.readouterr()
    assert said.err == "digest:1:day 0: The list broke off.\n"
    assert (json.loads(said.out)["complete"], json.loads(said.out)["left_out"]) == (False, ["The list broke off."])


def test_each_run_is_written_before_the_next_is_read() -> None:
    written: list[Kept] = []

    def read() -> Iterator[tuple[str, Kept]]:
        for day in range(3):
            assert len(written) == day
            yield "", found(day, None)

    assert _written(read(), written.append) == (3, 0)


def process(*words: str, **different: Any) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "bot", "export", *words], cwd=ROOT, **different)


@pytest.mark.parametrize("form", FORMATS)
def test_a_reader_that_has_seen_enough_ends_it_quietly(form: str, database: str) -> None:
    many = tuple(account_report(f"{n:012}", name="x" * 40) for n in range(2_000))
    keep(database, *(found(day, None, *many) for day in range(2)))
    with process("--format", form, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as export:
        assert export.stdout is not None
        assert export.stderr is not None
        assert export.stdout.readline()
        export.stdout.close()
        assert export.stderr.read() == b""
    assert export.returncode == 141


@pytest.mark.usefixtures("three_days")
def test_a_full_disk_is_one_sentence() -> None:
    with open("/dev/full", "w") as full, process(stdout=full, stderr=subprocess.PIPE) as export:  # noqa: PTH123 - a device
        assert export.stderr is not None
        assert export.stderr.read() == b"The export could not be written: No space left on device.\n"
    assert export.returncode == 3


def test_a_report_of_another_release_hides_no_other(database: str, capsys: pytest.CaptureFixture[str]) -> None:
    odd = found(0, None)
    keep(database, replace(odd, report=replace(odd.report, accounts=None)), found(1, None))  # type: ignore[arg-type]  # as no release writes it
    assert main(["export", "--format", "json"]) == 3
    told = capsys.readouterr()
    assert [run["run"] for run in objects(told.out)] == ["digest:1:day 1"]
    assert "1 of 2 digests are left out: this release cannot read them." in told.err


def test_of_several_workspaces_everything_is_exported_one_after_the_other(
    database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    keep(database, found(1, None), found(3, None), team="T0A")
    keep(database, found(2, None), team="T0B")
    assert main(["export", "--format", "json"]) == 0
    assert [run["run"][-1] for run in objects(capsys.readouterr().out)] == ["1", "3", "2"]
