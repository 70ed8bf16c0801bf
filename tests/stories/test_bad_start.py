"""What cannot run says why in one sentence, without a traceback, and ends with 3."""

import json
import os
import socket
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.adapters.db.engine import connect
from bot.adapters.presence import present
from bot.playground.aws import RunningAws
from bot.playground.slack import DEFAULT_SETUP, RunningWorkspace, start_workspace
from tests.forked import Ended, ran


def run(folder: Path, *words: str, **settings: str) -> Ended:
    """`trailwarden …` with these settings and nothing of ours."""
    told = {"PATH": os.environ["PATH"], "HOME": str(folder), "AWS_EC2_METADATA_DISABLED": "true", **settings}
    return ran(words, told, folder)


@pytest.fixture
def slack() -> RunningWorkspace:
    return start_workspace()


def tokens(slack: RunningWorkspace) -> dict[str, str]:
    return {"SLACK_API_URL": slack.api_url, "SLACK_BOT_TOKEN": slack.bot_token, "SLACK_APP_TOKEN": slack.app_token}


def refused(result: Ended, *words: str) -> None:
    assert result.returncode == 3, result.stderr
    assert "Traceback" not in result.stderr
    for word in words:
        assert word in result.stderr


def test_serve_without_tokens_names_all_that_is_missing(tmp_path: Path) -> None:
    refused(run(tmp_path, "serve"), "SLACK_BOT_TOKEN is missing", "SLACK_APP_TOKEN is missing")


def test_serve_over_http_without_a_port_says_so(tmp_path: Path) -> None:
    told = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "8f742231b10e8888"}
    refused(run(tmp_path, "serve", **told), "PORT is missing: with SLACK_SIGNING_SECRET alone")


def test_serve_with_a_wrong_token_says_so(tmp_path: Path, slack: RunningWorkspace) -> None:
    refused(run(tmp_path, "serve", **{**tokens(slack), "SLACK_BOT_TOKEN": "xoxb-wrong"}), "Renew SLACK_BOT_TOKEN")
    slack.stop()


def test_serve_with_a_wrong_app_token_says_so(tmp_path: Path, slack: RunningWorkspace) -> None:
    refused(run(tmp_path, "serve", **{**tokens(slack), "SLACK_APP_TOKEN": "xapp-wrong"}), "Renew SLACK_APP_TOKEN")
    slack.stop()


def test_serve_without_a_scope_that_decisions_need_says_so(tmp_path: Path) -> None:
    """An app that was installed from an older manifest."""
    slack = start_workspace(replace(DEFAULT_SETUP, scopes=DEFAULT_SETUP.scopes - {"users:read"}))
    refused(run(tmp_path, "serve", **tokens(slack)), "The Slack app lacks a permission", "config/slack_manifest.yml")
    slack.stop()


def test_serve_with_wrong_rules_names_them_all(tmp_path: Path) -> None:
    (tmp_path / "bot.toml").write_text("[[rules]]\nou = 'A'\nping = ['bob']\n[[rules]]\napprovers = ['U1']\n")
    result = run(tmp_path, "serve", TRAILWARDEN_CONFIG="bot.toml")
    refused(result, "rule 1, ping: bob is no Slack id", "rule 2: say either accounts")


def test_a_second_serve_on_the_same_sqlite_file_is_refused_and_the_other_commands_are_not(
    tmp_path: Path, slack: RunningWorkspace
) -> None:
    database = f"sqlite:///{tmp_path}/x.sqlite"
    first = present(database)
    connect(database).dispose()
    refused(
        run(tmp_path, "serve", **tokens(slack), DATABASE_URL=database), f"process {os.getpid()}", "SQLite is for one"
    )
    assert run(tmp_path, "verify", DATABASE_URL=database).returncode == 0
    assert run(tmp_path, "evidence", DATABASE_URL=database).returncode == 0
    first.release()
    slack.stop()


def test_serve_with_a_database_that_cannot_be_opened_says_so(tmp_path: Path, slack: RunningWorkspace) -> None:
    database = f"sqlite:///{tmp_path}/no/such/folder/x.sqlite"
    refused(
        run(tmp_path, "serve", **tokens(slack), DATABASE_URL=database), "The database cannot be opened", "DATABASE_URL"
    )
    slack.stop()


def test_serve_in_a_folder_that_only_reads_says_so(tmp_path: Path, slack: RunningWorkspace) -> None:
    refused(run(tmp_path, "serve", **tokens(slack), DATABASE_URL="sqlite:////proc/x.sqlite"), "cannot be opened")
    slack.stop()


def test_serve_on_a_newer_releases_database_says_what_to_do_and_changes_nothing(
    tmp_path: Path, slack: RunningWorkspace
) -> None:
    database = f"sqlite:///{tmp_path}/x.sqlite"
    engine = connect(database)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    result = run(tmp_path, "serve", **tokens(slack), DATABASE_URL=database)
    refused(result, "The database is a newer release's", "9999", "install that release again")
    with engine.connect() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all() == ["9999"]
    engine.dispose()
    slack.stop()


def test_serve_with_names_that_are_no_settings_asks_what_was_meant(tmp_path: Path) -> None:
    wrong = {"TRAILWARDEN_APROVERS": "U1", "TRAILWARDEN_CONTROLS": "log-deliverie", "SLACK_BOT_TOKEN": "xoxp-1"}
    refused(run(tmp_path, "serve", **wrong), "TRAILWARDEN_APROVERS is no setting; did you mean TRAILWARDEN_APPROVERS?")
    wrong.pop("TRAILWARDEN_APROVERS")
    refused(run(tmp_path, "serve", **wrong), "TRAILWARDEN_CONTROLS: There is no control log-deliverie", "a user token")


def test_serve_on_a_port_in_use_says_so(tmp_path: Path, slack: RunningWorkspace) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        refused(run(tmp_path, "serve", **tokens(slack), PORT=port), f"Port {port} cannot be used")
    slack.stop()


@pytest.mark.parametrize("delivery", ["socket", "http"])
def test_the_playground_on_a_port_in_use_says_so(tmp_path: Path, delivery: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        refused(
            run(tmp_path, "playground", "--port", port, "--delivery", delivery),
            f"Port {port} cannot be used",
            "DEMO_PORT",
        )


def test_an_audit_without_credentials_says_what_to_set(tmp_path: Path) -> None:
    refused(run(tmp_path, "audit"), "No AWS credentials", "AWS_PROFILE")


def test_an_audit_of_the_organization_gives_the_expected_verdicts(tmp_path: Path, aws: RunningAws) -> None:
    result = run(tmp_path, "audit", "--format", "json", **aws.environment(), TRAILWARDEN_ACCOUNTS="organization")
    assert result.returncode == 1, result.stderr
    found = {
        a["account_id"]: {f["control"]: f["verdict"] for f in a["findings"]}
        for a in json.loads(result.stdout)["accounts"]
    }
    assert aws.organization is not None
    expected = {a.id: dict(a.expected) for a in aws.organization.accounts if not a.suspended}
    assert found == expected
