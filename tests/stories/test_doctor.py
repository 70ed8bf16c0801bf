"""`trailwarden doctor` against the playground and each of its faults: the real command, and what it says."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.adapters.db.engine import connect
from bot.playground.aws import RunningAws
from bot.playground.command import environment
from bot.playground.slack import DEFAULT_SETUP, Person, RunningWorkspace, WorkspaceSetup, start_workspace
from tests.forked import Ended, ran

MANIFEST = Path(__file__).parents[2] / "config" / "slack_manifest.yml"
SCOPES = frozenset(yaml.safe_load(MANIFEST.read_text())["oauth_config"]["scopes"]["bot"])
SETUP = replace(DEFAULT_SETUP, scopes=SCOPES)
SELF, PAYMENTS, ORDERS, WEB, VAULT = "111111111111", "111122223333", "222233334444", "456789012345", "432109876543"
Told = list[dict[str, Any]]


def doctor(slack: RunningWorkspace, aws: RunningAws, folder: Path, *words: str, **settings: str) -> Ended:
    """`trailwarden doctor` with the playground's settings, where nothing is audited but the bot's own account."""
    told = {**environment(slack, aws.environment(), folder), "TRAILWARDEN_ACCOUNTS": "self", **settings}
    done = ran(("doctor", *words), told, folder)
    assert "Traceback" not in done.stderr, done.stderr
    return done


@pytest.fixture(scope="module")
def slack() -> Iterator[RunningWorkspace]:
    running = start_workspace(SETUP)
    yield running
    running.stop()


@pytest.fixture(autouse=True)
def mended(aws: RunningAws) -> Iterator[None]:
    yield
    for account in (SELF, PAYMENTS, ORDERS, WEB):
        aws.allow(account)


def faults(done: Ended, code: int = 1) -> list[str]:
    """Its lines that are not OK, in order."""
    assert done.returncode == code, done.stdout + done.stderr
    return [line.strip() for line in done.stdout.splitlines() if line.startswith(("  WRONG", "  UNKNOWN"))]


def test_where_all_is_well_it_says_so_in_every_part_and_ends_with_0(
    slack: RunningWorkspace, aws: RunningAws, tmp_path: Path
) -> None:
    calls, said = len(aws.calls()), len(slack.messages("C0CLOUDSEC"))
    done = doctor(slack, aws, tmp_path, TRAILWARDEN_CHANNELS="C0CLOUDSEC", TRAILWARDEN_APPROVERS="U0ALICE,S0APPROVERS")
    assert faults(done, code=0) == []
    assert done.stderr == ""
    for words in ("@trailwarden's", "all 7 scopes", "in C0CLOUDSEC", "S0APPROVERS has 2 members", "user/trailwarden"):
        assert words in done.stdout
    assert "0 WRONG, 0 UNKNOWN" in done.stdout
    assert list(tmp_path.iterdir()) == []
    assert len(slack.messages("C0CLOUDSEC")) == said
    made = aws.calls()[calls:]
    assert all(call.reads for call in made)
    assert not [call for call in made if call.role == "TrailwardenChange"]


def test_it_fits_beside_a_running_bot(slack: RunningWorkspace, aws: RunningAws, tmp_path: Path) -> None:
    connect(f"sqlite:///{tmp_path / 'trailwarden.sqlite'}").dispose()
    assert "tables are those of this release" in doctor(slack, aws, tmp_path).stdout


def test_json_is_the_same_and_alone_on_stdout(slack: RunningWorkspace, aws: RunningAws, tmp_path: Path) -> None:
    done = doctor(slack, aws, tmp_path, "--format", "json", SLACK_BOT_TOKEN="xoxb-1-wrong")
    told = json.loads(done.stdout)
    assert (done.returncode, told["state"]) == (1, "WRONG")
    (token,) = [c for c in told["checks"] if c["check"] == "bot token"]
    assert token == {
        "part": "Slack",
        "check": "bot token",
        "state": "WRONG",
        "sentence": "Slack does not accept the bot token: it answered invalid_auth.",
        "mend": token["mend"],
        "accounts": [],
    }
    assert "SLACK_BOT_TOKEN" in token["mend"]


def test_wrong_settings_are_said_all_at_once_and_nothing_is_asked(
    slack: RunningWorkspace, aws: RunningAws, tmp_path: Path
) -> None:
    calls = len(slack.calls)
    told = faults(doctor(slack, aws, tmp_path, TRAILWARDEN_APPROVERS="alice", PORT="x", TRAILWARDEN_KEEP="1d"))
    assert [line.split()[:2] for line in told] == [["WRONG", "settings:"]] * 3 + [["UNKNOWN", "settings:"]]
    assert len(slack.calls) == calls


def test_secrets_that_others_can_read_are_said(slack: RunningWorkspace, aws: RunningAws, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"SLACK_BOT_TOKEN={slack.bot_token}\n")
    (tmp_path / ".env").chmod(0o644)
    (told,) = faults(doctor(slack, aws, tmp_path))
    assert "settings: .env holds secrets, and others on this machine can read it. chmod 600 .env" in told
    assert slack.bot_token not in told


def test_without_tokens_the_rest_is_looked_at_all_the_same(
    slack: RunningWorkspace, aws: RunningAws, tmp_path: Path
) -> None:
    done = doctor(slack, aws, tmp_path, SLACK_BOT_TOKEN="", SLACK_APP_TOKEN="")
    bot, app, lost = faults(done)
    assert "SLACK_BOT_TOKEN is missing" in bot
    assert "SLACK_APP_TOKEN is missing" in app
    assert lost.startswith("UNKNOWN  Slack: Slack was not asked.")
    assert "1 account in scope" in done.stdout


def test_a_wrong_app_token_is_told_apart(slack: RunningWorkspace, aws: RunningAws, tmp_path: Path) -> None:
    (told,) = faults(doctor(slack, aws, tmp_path, SLACK_APP_TOKEN="xapp-1-wrong"))
    assert "does not accept the app-level token: it answered invalid_auth" in told
    assert "connections:write" in told


def test_a_slack_that_cannot_be_reached_is_unknown(slack: RunningWorkspace, aws: RunningAws, tmp_path: Path) -> None:
    told = faults(doctor(slack, aws, tmp_path, SLACK_API_URL="http://127.0.0.1:1/api/"), code=2)
    assert [line.split(":")[0] for line in told] == [
        "UNKNOWN  bot token",
        "UNKNOWN  way in",
        "UNKNOWN  channels and people",
    ]
    assert "HTTPS_PROXY" in told[0]


def test_over_http_the_port_is_looked_at(slack: RunningWorkspace, aws: RunningAws, tmp_path: Path) -> None:
    port = slack.url.split(":")[2].strip("/")
    over_http = {"SLACK_APP_TOKEN": "", "SLACK_SIGNING_SECRET": "8f742231b10e8888", "TRAILWARDEN_HOST": "127.0.0.1"}
    (told,) = faults(doctor(slack, aws, tmp_path, **over_http, PORT=port))
    assert f"Port {port} of 127.0.0.1 cannot be used" in told


SPOILT = replace(
    SETUP,
    scopes=SCOPES - {"users:read", "files:write"},
    people=(*SETUP.people, Person("U0GONE", "gone", "Gone", deactivated=True), Person("U0GUEST", "g", "G", guest=True)),
)


@pytest.fixture
def workspace(request: pytest.FixtureRequest) -> Iterator[RunningWorkspace]:
    setup: WorkspaceSetup = request.param
    running = start_workspace(setup)
    yield running
    running.stop()


@pytest.mark.parametrize("workspace", [SPOILT], indirect=True, ids=["scopes"])
def test_each_missing_scope_is_said_with_what_is_lost(
    workspace: RunningWorkspace, aws: RunningAws, tmp_path: Path
) -> None:
    told = faults(doctor(workspace, aws, tmp_path, TRAILWARDEN_APPROVERS="U0ALICE"))
    assert "lacks the scope files:write" in told[0]
    assert "lacks the scope users:read" in told[1]
    assert all("config/slack_manifest.yml" in line for line in told[:2])
    assert "The account of U0ALICE could not be read: users.info answered missing_scope" in told[2]
    assert "Whether enough people can approve" in told[3]


@pytest.mark.parametrize("workspace", [replace(SPOILT, scopes=SCOPES)], indirect=True, ids=["people"])
def test_people_groups_and_channels_that_are_not_right_are_named(
    workspace: RunningWorkspace, aws: RunningAws, tmp_path: Path
) -> None:
    named = {"TRAILWARDEN_APPROVERS": "U0GONE,U0GUEST,U0NOBODY,S0NONE", "TRAILWARDEN_CHANNELS": "C0RANDOM,C0CLOUDSEC"}
    told = faults(doctor(workspace, aws, tmp_path, **named))
    expected = (
        "The bot is not in the channel C0RANDOM",
        "The account U0GONE is deactivated, and may not approve",
        "The account U0GUEST is a guest's, and may not approve",
        "The account U0NOBODY is not known in this workspace, and may not approve",
        "There is no user group S0NONE",
        "Whether enough people can approve",
    )
    assert len(told) == len(expected)
    for words, line in zip(expected, told, strict=True):
        assert words in line
    assert "/invite @Trailwarden" in told[0]


def test_nobody_who_may_approve_is_wrong(slack: RunningWorkspace, aws: RunningAws, tmp_path: Path) -> None:
    (told,) = faults(doctor(slack, aws, tmp_path, TRAILWARDEN_APPROVERS=""))
    assert "Nobody is named who may approve" in told


DATABASES = [
    ("sqlite:////none/such/x.sqlite", "there is no folder /none/such"),
    ("postgresql://bot:secret@127.0.0.1:1/x", "refused"),
]


@pytest.mark.parametrize(("url", "words"), DATABASES, ids=["no folder", "no server"])
def test_a_database_that_is_gone_is_wrong_and_no_password_is_shown(
    slack: RunningWorkspace, aws: RunningAws, tmp_path: Path, url: str, words: str
) -> None:
    done = doctor(slack, aws, tmp_path, DATABASE_URL=url)
    gone, digests = faults(done)
    assert words in gone
    assert digests.startswith("UNKNOWN  digests")
    assert "secret" not in done.stdout + done.stderr


def test_a_folder_that_only_reads_is_wrong(slack: RunningWorkspace, aws: RunningAws, tmp_path: Path) -> None:
    (told,) = faults(doctor(slack, aws, tmp_path, DATABASE_URL="sqlite:////proc/x.sqlite"))
    assert "Nothing can be written: /proc" in told


def test_credentials_that_aws_does_not_know_are_wrong(slack: RunningWorkspace, aws: RunningAws, tmp_path: Path) -> None:
    told = faults(doctor(slack, aws, tmp_path, AWS_ACCESS_KEY_ID="AKIANOBODYSKEYATALL1"))
    assert "AWS does not accept the credentials" in told[0]
    assert "Renew them" in told[0]
    assert "No account was looked at" in told[1]


def test_an_aws_that_cannot_be_reached_is_said(slack: RunningWorkspace, aws: RunningAws, tmp_path: Path) -> None:
    told = faults(doctor(slack, aws, tmp_path, AWS_ENDPOINT_URL="http://127.0.0.1:1", AWS_MAX_ATTEMPTS="1"))
    assert "AWS cannot be reached" in told[0]


def test_an_organization_that_may_not_be_listed_is_said(
    slack: RunningWorkspace, aws: RunningAws, tmp_path: Path
) -> None:
    aws.deny(SELF, "organizations:ListAccounts")
    (told,) = faults(doctor(slack, aws, tmp_path, TRAILWARDEN_ACCOUNTS="organization"))
    assert "accounts: The organization's accounts could not be listed" in told
    assert "management account" in told


def test_each_role_in_each_account_is_looked_at_and_what_is_alike_is_said_once(
    slack: RunningWorkspace, aws: RunningAws, tmp_path: Path
) -> None:
    aws.deny(PAYMENTS, "cloudtrail:DescribeTrails")
    aws.deny(ORDERS, "kms:CreateKey")
    aws.deny(WEB, "kms:CreateKey")
    aws.deny(SELF, "s3:CreateBucket", because="with an explicit deny in an identity-based policy")
    done = doctor(slack, aws, tmp_path, TRAILWARDEN_ACCOUNTS="organization")
    told = faults(done)
    expected = (
        "audit role: prod-payments: cloudtrail:DescribeTrails answered AccessDeniedException",
        "audit role: security-vault: The role TrailwardenAudit cannot be assumed.",
        "change role: management: A policy of the role TrailwardenChange denies s3:CreateBucket.",
        "change role: prod-orders, prod-web: The role TrailwardenChange lacks kms:CreateKey.",
        "change role: security-vault: The change role is looked at by the audit role.",
    )
    assert {e for e in expected if any(e in line for line in told)} == set(expected)
    assert len(told) == len(expected)
    assert "and 9 others: It lets the bot in, and may do all of config/iam/change.json (simulated)." in done.stdout


def test_whether_the_bot_may_assume_the_change_role_is_simulated(
    slack: RunningWorkspace, aws: RunningAws, tmp_path: Path
) -> None:
    aws.deny(SELF, "sts:AssumeRole")
    (told,) = faults(doctor(slack, aws, tmp_path))
    assert f"Let arn:aws:iam::{SELF}:user/trailwarden do sts:AssumeRole on the role TrailwardenChange" in told


def test_a_role_that_is_called_otherwise_is_not_there(slack: RunningWorkspace, aws: RunningAws, tmp_path: Path) -> None:
    (told,) = faults(doctor(slack, aws, tmp_path, TRAILWARDEN_CHANGE_ROLE="Writer"))
    assert "There is no role Writer, so nothing can be changed." in told


def test_a_change_role_that_trusts_somebody_else_or_asks_for_an_external_id_is_said(
    slack: RunningWorkspace, aws: RunningAws, tmp_path: Path
) -> None:
    iam = aws.client(PAYMENTS, "iam")
    document = iam.get_role(RoleName="TrailwardenChange")["Role"]["AssumeRolePolicyDocument"]
    trusted = {**document["Statement"][0], "Condition": {"StringEquals": {"sts:ExternalId": "x-1"}}}
    put(iam, {**document, "Statement": [trusted]})
    (told,) = faults(doctor(slack, aws, tmp_path, TRAILWARDEN_ACCOUNTS=PAYMENTS))
    assert "The trust policy of TrailwardenChange asks for an external id." in told
    assert "TRAILWARDEN_EXTERNAL_ID" in told
    assert doctor(slack, aws, tmp_path, TRAILWARDEN_ACCOUNTS=PAYMENTS, TRAILWARDEN_EXTERNAL_ID="x-1").returncode == 0
    put(iam, {**document, "Statement": [{**trusted, "Principal": {"AWS": "999988887777"}}]})
    (told,) = faults(doctor(slack, aws, tmp_path, TRAILWARDEN_ACCOUNTS=PAYMENTS))
    assert f"Let the trust policy of TrailwardenChange name {SELF}" in told
    put(iam, document)


def put(iam: Any, document: dict[str, Any]) -> None:
    iam.update_assume_role_policy(RoleName="TrailwardenChange", PolicyDocument=json.dumps(document))


def test_a_rule_on_a_unit_that_nobody_has_covers_nothing(
    slack: RunningWorkspace, aws: RunningAws, tmp_path: Path
) -> None:
    (tmp_path / "bot.toml").write_text("[[rules]]\nou = 'Prodd'\napprovers = ['U0BOB', 'U0CAROL']\n")
    (told,) = faults(doctor(slack, aws, tmp_path, TRAILWARDEN_CONFIG="bot.toml"))
    assert "No account is below the unit Prodd, which a rule names." in told


def test_what_cannot_be_written_is_no_diagnosis(slack: RunningWorkspace, aws: RunningAws, tmp_path: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "bot", "doctor"],
            env=environment(slack, aws.environment(), tmp_path),
            cwd=tmp_path,
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert (done.returncode, b"The diagnosis could not be written" in done.stderr) == (3, True)
