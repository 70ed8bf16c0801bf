"""`trailwarden audit`, run in this process against moto: what it prints, and how it ends."""

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from bot.audit_command import _print_csv, _print_text
from bot.cli import main
from bot.domain.finding import Accepted, AccountReport, Verdict
from bot.domain.refusal import Person
from bot.formats import as_json
from tests.builders import account, account_report, finding, report

ROOT = str(Path(__file__).parent.parent)
ACCOUNT = "123456789012"
ARN = f"arn:aws:cloudtrail:us-east-1:{ACCOUNT}:trail/main"
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:moto.*")


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    """No settings but those of the test, and no `.env` of the working directory."""
    for name in [n for n in os.environ if n.startswith(("AWS_", "TRAILWARDEN_", "SLACK_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", f"{tmp_path}/config")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", f"{tmp_path}/credentials")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.chdir(str(tmp_path))


@pytest.fixture
def aws(clean: None) -> Iterator[Any]:  # noqa: ARG001 - a fixture
    """An account with the stopped trail "main"; gives its CloudTrail client."""
    with mock_aws():
        boto3.client("s3", "us-east-1").create_bucket(Bucket="some-logs")
        trails = boto3.client("cloudtrail", "us-east-1")
        trails.create_trail(
            Name="main", S3BucketName="some-logs", IsMultiRegionTrail=True, EnableLogFileValidation=True
        )
        yield trails


def run(*arguments: str) -> int:
    return main(["audit", *arguments])


def printed(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """Stdout as JSON; anything else on it would not parse."""
    return json.loads(capsys.readouterr().out)  # type: ignore[no-any-return]  # parsed JSON


def test_the_json_has_exactly_the_shape_that_is_promised(aws: Any, capsys: pytest.CaptureFixture[str]) -> None:
    aws.start_logging(Name="main")
    run("--format", "json")
    found = printed(capsys)
    assert list(found) == ["run", "profile", "accounts"]
    assert found["profile"] == "cis"
    (account,) = found["accounts"]
    assert list(account) == ["account_id", "account_name", "verdict", "findings"]
    assert (account["account_id"], account["account_name"]) == (ACCOUNT, "")
    assert [f["control"] for f in account["findings"]] == ["multi-region-trail", "log-delivery", "log-file-validation"]
    for told in account["findings"]:
        assert list(told) == ["control", "verdict", "resource", "reasons", "warnings", "why", "accepted"]
        assert isinstance(told["reasons"], list)
        assert isinstance(told["warnings"], list)
        assert told["accepted"] is None
        assert told["verdict"] in ("PASS", "FAIL", "UNKNOWN")
    assert account["findings"][0]["resource"] == ARN


def test_what_is_accepted_is_in_the_json_beside_the_verdict() -> None:
    mark = Accepted(date(2027, 1, 31), Person("UALICE", "Alice"), "C-7")
    made = report(replace(account_report(), findings=(replace(account_report().findings[0], accepted=mark),)))
    (found,) = as_json(made)["accounts"][0]["findings"]
    assert (found["verdict"], found["accepted"]) == ("FAIL", {"until": "2027-01-31", "owner": "UALICE"})


def test_all_pass_ends_with_0(aws: Any, capsys: pytest.CaptureFixture[str]) -> None:
    aws.start_logging(Name="main")
    assert run("--format", "json", "--control", "multi-region-trail") == 0
    (account,) = printed(capsys)["accounts"]
    assert account["verdict"] == "PASS"


@pytest.mark.usefixtures("aws")
def test_something_that_fails_ends_with_1(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--format", "json") == 1
    (account,) = printed(capsys)["accounts"]
    assert account["verdict"] == "FAIL"
    assert account["findings"][0]["reasons"] == ["not-logging"]


def test_no_trail_has_no_resource(aws: Any, capsys: pytest.CaptureFixture[str]) -> None:
    aws.delete_trail(Name="main")
    assert run("--format", "json") == 1
    assert {f["resource"] for f in printed(capsys)["accounts"][0]["findings"]} == {None}


UNREACHABLE = "http://127.0.0.1:9"


@pytest.mark.usefixtures("aws")
def test_what_is_unknown_ends_with_2(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """CloudTrail alone points nowhere."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_CLOUDTRAIL", UNREACHABLE)
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    assert run("--format", "json", "--control", "multi-region-trail") == 2
    (account,) = printed(capsys)["accounts"]
    assert account["verdict"] == "UNKNOWN"


def test_a_report_that_cannot_be_written_is_no_verdict(tmp_path: Any) -> None:
    told = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "AWS_EC2_METADATA_DISABLED": "true"}
    code = (
        "import sys; from bot import audit_command as c; from tests.builders import report, account_report as a; "
        "from bot.domain.finding import Verdict; c._report = lambda *_: report(a(verdict=Verdict.PASS)); "
        "sys.exit(c.run((), 'json', None, None))"
    )
    with open("/dev/full", "w") as full:  # noqa: PTH123 - a device
        command = [sys.executable, "-c", code]
        ended = subprocess.run(
            command, env={**told, "PYTHONPATH": ROOT}, stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert ended.returncode == 3
    assert b"The report could not be written: No space left on device." in ended.stderr
    assert b"Traceback" not in ended.stderr


def test_names_do_nothing_to_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    _print_text(report(account_report(name="acct :white_check_mark: [red]x[/red] \x1b[31mred\u202e")))
    shown = capsys.readouterr().out
    assert ":white_check_mark:" in shown
    assert "[red]x[/red]" in shown
    assert "\x1b[31m" not in shown
    assert "\u202e" not in shown


CANNOT_RUN = [
    ("an unknown control", ["--control", "nope"], {}, "There is no control nope. There are: multi-region-trail"),
    ("an unknown account", ["nobody"], {}, "No account in scope is called nobody"),
    ("an unknown control in the settings", [], {"TRAILWARDEN_CONTROLS": "nope"}, "There is no control nope"),
    ("a wrong setting", [], {"TRAILWARDEN_ACCOUNTS": "12"}, "TRAILWARDEN_ACCOUNTS: say self, organization"),
    ("a missing settings file", [], {"TRAILWARDEN_CONFIG": "/nope.toml"}, "there is no such file"),
    ("a usage error", ["--format", "xml"], {}, "invalid choice"),
    ("an unknown profile", ["--profile", "pci"], {}, "invalid choice"),
    ("an unknown option", ["--nope"], {}, "unrecognized arguments"),
]


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize(
    ("arguments", "settings", "words"), [c[1:] for c in CANNOT_RUN], ids=[c[0] for c in CANNOT_RUN]
)
def test_what_cannot_run_ends_with_3_and_a_sentence_and_prints_no_result(
    arguments: list[str],
    settings: dict[str, str],
    words: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    assert run(*arguments) == 3
    said = capsys.readouterr()
    assert said.out == ""
    assert words in said.err
    assert "Traceback" not in said.err


def test_no_credentials_end_with_3(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--format", "json") == 3
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("No AWS credentials: ")


def test_a_profile_that_does_not_exist_ends_with_3(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nope")
    assert run() == 3
    assert "nope" in capsys.readouterr().err


def test_an_error_that_nobody_foresaw_ends_with_3_and_not_like_a_failing_account(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Python's own exit code for it is 1, which would say that something fails."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKID")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "no url at all")
    assert run("--format", "json") == 3
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err


@pytest.mark.parametrize("arguments", [["--help"], ["audit", "--help"]])
def test_help_is_no_error(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 0
    assert "usage: trailwarden" in capsys.readouterr().out


@pytest.mark.usefixtures("aws")
def test_no_command_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 3
    assert "usage" in capsys.readouterr().err


@pytest.mark.usefixtures("aws")
def test_the_profile_can_be_chosen(capsys: pytest.CaptureFixture[str]) -> None:
    run("--format", "json", "--profile", "security-hub")
    assert printed(capsys)["profile"] == "security-hub"


@pytest.mark.usefixtures("aws")
def test_a_control_named_twice_is_judged_once(capsys: pytest.CaptureFixture[str]) -> None:
    run("--format", "json", "--control", "log-delivery", "--control", "log-delivery")
    assert len(printed(capsys)["accounts"][0]["findings"]) == 1


@pytest.mark.usefixtures("aws")
def test_the_settings_choose_controls_and_profile(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TRAILWARDEN_CONTROLS", "log-delivery")
    monkeypatch.setenv("TRAILWARDEN_PROFILE", "security-hub")
    run("--format", "json")
    found = printed(capsys)
    assert found["profile"] == "security-hub"
    assert [f["control"] for f in found["accounts"][0]["findings"]] == ["log-delivery"]


@pytest.mark.usefixtures("aws")
def test_csv_has_one_row_a_finding(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--format", "csv") == 1
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [r["control"] for r in rows] == ["multi-region-trail", "log-delivery", "log-file-validation"]
    assert (rows[0]["account_id"], rows[0]["verdict"], rows[0]["reasons"]) == (ACCOUNT, "FAIL", "not-logging")


@pytest.mark.usefixtures("aws")
def test_text_says_what_is_wrong_and_how_many(capsys: pytest.CaptureFixture[str]) -> None:
    assert run() == 1
    said = capsys.readouterr().out
    assert ACCOUNT in said
    assert "1 FAIL, 0 UNKNOWN, 0 PASS" in said


DANGEROUS = ["=HYPERLINK(1)", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", "\n=1", "\uff1d1", "\uff201"]


@pytest.mark.parametrize("name", DANGEROUS, ids=repr)
def test_a_cell_that_a_spreadsheet_would_run_is_quoted(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    _print_csv(report(account_report(name=name)))
    (row,) = csv.DictReader(io.StringIO(capsys.readouterr().out, newline=""))
    assert row["account_name"] == f"'{name}"


def test_a_name_with_commas_and_lines_stays_one_cell(capsys: pytest.CaptureFixture[str]) -> None:
    _print_csv(report(account_report(name='a,"b"\nc')))
    (row,) = csv.DictReader(io.StringIO(capsys.readouterr().out, newline=""))
    assert row["account_name"] == 'a,"b"\nc'


def test_a_name_that_looks_like_markup_is_printed_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    _print_text(report(account_report(name="[red]x[/red]")))
    assert "[red]x[/red]" in capsys.readouterr().out


def test_the_worst_comes_first_in_text_and_left_out_accounts_are_said(capsys: pytest.CaptureFixture[str]) -> None:
    passing, unknown, failing = (account_report(f"{n}" * 12, v) for n, v in enumerate(reversed(Verdict)))
    _print_text(report(passing, unknown, failing, left_out=("2 suspended accounts left out",)))
    said = capsys.readouterr().out
    places = [said.index(word) for word in ("FAIL ", "UNKNOWN ", "PASS ")]
    assert places == sorted(places)
    assert "2 suspended accounts left out" in said


def test_a_narrow_terminal_cuts_nothing_and_the_same_sentence_is_said_once(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    role = "arn:aws:iam::432109876543:role/TrailwardenAuditOfTheSecurityDepartment"
    blind = [finding(control, Verdict.UNKNOWN, why=role) for control in ("multi-region-trail", "log-delivery")]
    monkeypatch.setenv("COLUMNS", "50")
    _print_text(report(AccountReport(account(ACCOUNT, "vault"), tuple(blind))))
    said = "".join(capsys.readouterr().out.split())
    for part in ("vault(", role[-20:], role[:20]):
        assert said.count(part) == 1, said


def test_one_account_is_one_account(capsys: pytest.CaptureFixture[str]) -> None:
    _print_text(report(account_report()))
    assert "1 account:" in capsys.readouterr().out


def test_the_json_of_a_report_is_json_of_plain_values() -> None:
    assert json.loads(json.dumps(as_json(report(account_report()))))["accounts"][0]["verdict"] == "FAIL"


def test_the_process_itself_ends_with_the_code_and_says_nothing_on_stdout() -> None:
    """Through `python -m bot`; the credentials are none."""
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120 - one line
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("TRAILWARDEN_", "SLACK_"))}
    ended = subprocess.run(
        [sys.executable, "-m", "bot", "audit", "--format", "json"],
        env={**clean, "PYTHONPATH": root},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (ended.returncode, ended.stdout) == (3, "")
    assert "No AWS credentials" in ended.stderr
