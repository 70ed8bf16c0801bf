"""The settings: where each comes from, and one sentence for each that is wrong."""

import os
from datetime import timedelta
from pathlib import Path

import pytest

from bot.authority import authority
from bot.domain.authority import Quorum, Rule
from config.secrets import known_secrets
from config.settings import DEFAULT_DATABASE, Settings, SettingsError, load, missing_for_slack
from config.sources import SECRETS as SECRETS_IN_FILES
from config.sources import SLACKS_SECRETS, exposed

OURS = ("TRAILWARDEN_", "SLACK_", "DATABASE_URL", "PORT")


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty folder to work in, and no settings in the environment."""
    for name in [n for n in os.environ if n.startswith(OURS)]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def loaded(monkeypatch: pytest.MonkeyPatch, **environment: str) -> Settings:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return load()


def test_without_anything_the_defaults_hold() -> None:
    found = load()
    assert (found.slack_bot_token, found.slack_app_token, found.slack_signing_secret) == (None, None, None)
    assert (found.slack_api_url, found.database_url, found.port) == ("https://slack.com/api/", DEFAULT_DATABASE, None)
    assert (found.approvers, found.requesters, found.channels, found.controls) == ((), (), (), ())
    assert found.keep == timedelta(days=730)
    assert (found.approval_ttl, found.profile, found.accounts) == (timedelta(hours=4), "cis", ("self",))
    assert (found.audit_role, found.change_role, found.external_id) == ("TrailwardenAudit", "TrailwardenChange", "")


EVERY_SETTING = [
    ("DATABASE_URL", "postgresql://x/y", "database_url", "postgresql://x/y"),
    ("SLACK_API_URL", "http://127.0.0.1:1/api/", "slack_api_url", "http://127.0.0.1:1/api/"),
    ("PORT", "8080", "port", 8080),
    ("SLACK_CLIENT_ID", "1.2", "slack_client_id", "1.2"),
    ("TRAILWARDEN_WORKSPACES", "T0A, T0B", "workspaces", ("T0A", "T0B")),
    ("TRAILWARDEN_HOST", "127.0.0.1", "host", "127.0.0.1"),
    ("TRAILWARDEN_LOG", "json", "log", "json"),
    ("TRAILWARDEN_COMMAND_RATE", "0", "command_rate", 0),
    ("TRAILWARDEN_APPROVERS", "U1,W2,S3", "approvers", ("U1", "W2", "S3")),
    ("TRAILWARDEN_REQUESTERS", "U1", "requesters", ("U1",)),
    ("TRAILWARDEN_PING", "U1, S2", "ping", ("U1", "S2")),
    ("TRAILWARDEN_QUORUM", "delete=3, fix = 2", "quorum", {"delete": 3, "fix": 2}),
    ("TRAILWARDEN_CHANNELS", "C1, C2", "channels", ("C1", "C2")),
    ("TRAILWARDEN_APPROVAL_TTL", "30m", "approval_ttl", timedelta(minutes=30)),
    ("TRAILWARDEN_KEEP", "90d", "keep", timedelta(days=90)),
    ("TRAILWARDEN_CONTROLS", "log-delivery", "controls", ("log-delivery",)),
    ("TRAILWARDEN_PROFILE", "security-hub", "profile", "security-hub"),
    ("TRAILWARDEN_ACCOUNTS", "111122223333,444455556666", "accounts", ("111122223333", "444455556666")),
    ("TRAILWARDEN_ACCOUNTS", "organization", "accounts", ("organization",)),
    ("TRAILWARDEN_AUDIT_ROLE", "Reader", "audit_role", "Reader"),
    ("TRAILWARDEN_CHANGE_ROLE", "Writer", "change_role", "Writer"),
    ("TRAILWARDEN_EXTERNAL_ID", "x-1", "external_id", "x-1"),
]


@pytest.mark.parametrize(
    ("name", "text", "field", "value"), EVERY_SETTING, ids=[f"{s[0]}={s[1]}" for s in EVERY_SETTING]
)
def test_a_setting_comes_from_its_variable(
    monkeypatch: pytest.MonkeyPatch, name: str, text: str, field: str, value: object
) -> None:
    assert getattr(loaded(monkeypatch, **{name: text}), field) == value


SECRETS = SLACKS_SECRETS
KEY, OLDER = f"{'k' * 42}8=", f"{'o' * 42}8="


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_is_read_and_never_shown(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    found = loaded(monkeypatch, **{name: "xoxb-very-secret"})
    assert getattr(found, name.lower()).get_secret_value() == "xoxb-very-secret"
    assert "very-secret" not in repr(found)


def test_keys_are_read_in_their_order_and_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    found = loaded(monkeypatch, TRAILWARDEN_TOKEN_KEYS=f"{KEY}, {OLDER}")
    assert [key.get_secret_value() for key in found.token_keys] == [KEY, OLDER]
    assert KEY not in repr(found)
    assert known_secrets(found, {}) == (KEY, OLDER), "the log leaves them out"


def test_a_key_that_is_none_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsError, match="key 2 is none; make one with: openssl rand") as wrong:
        loaded(monkeypatch, TRAILWARDEN_TOKEN_KEYS=f"{KEY},very-secret")
    assert "very-secret" not in str(wrong.value)


def test_what_the_log_must_leave_out_is_known_by_its_value(monkeypatch: pytest.MonkeyPatch) -> None:
    told = {"DATABASE_URL": "postgresql://bot:p%40ss@db/x", **{name: f"xoxb-{name}" for name in SECRETS}}
    keys = {"AWS_ACCESS_KEY_ID": "AKIA1", "AWS_SECRET_ACCESS_KEY": "key", "AWS_SESSION_TOKEN": "", "HOME": "/home"}
    found = known_secrets(loaded(monkeypatch, **told), keys)
    assert sorted(found) == sorted([*(f"xoxb-{name}" for name in SECRETS), "p%40ss", "p@ss", "AKIA1", "key"])


@pytest.mark.parametrize("url", ["sqlite:///x.sqlite", "postgresql://bot@db/x"])
def test_a_database_without_a_password_has_no_secret(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    assert known_secrets(loaded(monkeypatch, DATABASE_URL=url), {}) == ()


def test_every_setting_is_tested_here() -> None:
    tested = {s[2] for s in EVERY_SETTING} | {s.lower() for s in SECRETS} | {"rules", "token_keys"}
    assert set(Settings.model_fields) <= tested, "add the new setting to EVERY_SETTING"


@pytest.mark.parametrize("ids", ["１１１１２２２２３３３３", "1111222233३३", "11112222333", "111122223333;4"])
def test_what_is_no_accounts_id_is_said(monkeypatch: pytest.MonkeyPatch, ids: str) -> None:
    """Digits of another script look like ours, and are nobody's account."""
    with pytest.raises(SettingsError, match="TRAILWARDEN_ACCOUNTS: say self, organization, or account ids"):
        loaded(monkeypatch, TRAILWARDEN_ACCOUNTS=ids)


@pytest.mark.parametrize("text", ["U1,U2", "U1, U2", "U1 U2", " U1 ,\n U2, ", ",U1,,U2,"], ids=repr)
def test_a_list_forgives_blanks_and_stray_commas(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    assert loaded(monkeypatch, TRAILWARDEN_APPROVERS=text).approvers == ("U1", "U2")


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("5s", 5),
        ("60s", 60),
        ("1m", 60),
        ("90m", 5400),
        ("4h", 14400),
        ("2d", 172800),
        (" 4 h ", 14400),
        ("30d", 2592000),
    ],
)
def test_a_duration_is_understood(monkeypatch: pytest.MonkeyPatch, text: str, time: int) -> None:
    assert loaded(monkeypatch, TRAILWARDEN_APPROVAL_TTL=text).approval_ttl.total_seconds() == time


WRONG = [
    ("TRAILWARDEN_COMMAND_RATE", "-1", "TRAILWARDEN_COMMAND_RATE: Input should be greater than or equal to 0"),
    ("TRAILWARDEN_APPROVERS", "alice", "TRAILWARDEN_APPROVERS: alice is no Slack id"),
    ("TRAILWARDEN_APPROVERS", "U1,@bob,c", "TRAILWARDEN_APPROVERS: @bob, c is no Slack id"),
    ("TRAILWARDEN_REQUESTERS", "u1", "TRAILWARDEN_REQUESTERS: u1 is no Slack id"),
    ("TRAILWARDEN_PING", "@bob", "TRAILWARDEN_PING: @bob is no Slack id"),
    ("TRAILWARDEN_QUORUM", "erase=2", "TRAILWARDEN_QUORUM: erase is no kind of change; there are fix, create"),
    ("TRAILWARDEN_QUORUM", "fix=0", "TRAILWARDEN_QUORUM: say a number of approvals from 1 to 20"),
    ("TRAILWARDEN_QUORUM", "fix=21", "TRAILWARDEN_QUORUM: say a number of approvals from 1 to 20"),
    ("TRAILWARDEN_QUORUM", "fix=two", "TRAILWARDEN_QUORUM: Input should be a valid integer"),
    ("TRAILWARDEN_QUORUM", "2", "TRAILWARDEN_QUORUM: Input should be a valid integer"),
    ("TRAILWARDEN_QUORUM", "delete=1", "TRAILWARDEN_QUORUM: a delete needs 2 approvals or more"),
    ("TRAILWARDEN_RULES", "[]", "TRAILWARDEN_RULES: rules are [[rules]] tables of the file"),
    ("TRAILWARDEN_ACCOUNTS", "12", "TRAILWARDEN_ACCOUNTS: say self, organization"),
    ("TRAILWARDEN_ACCOUNTS", "self,111122223333", "TRAILWARDEN_ACCOUNTS: say self, organization"),
    ("TRAILWARDEN_APPROVAL_TTL", "4", "TRAILWARDEN_APPROVAL_TTL: say a time such as 4h, 30m or 2d"),
    ("TRAILWARDEN_APPROVAL_TTL", "-4h", "TRAILWARDEN_APPROVAL_TTL: say a time such as"),
    ("TRAILWARDEN_APPROVAL_TTL", "0h", "TRAILWARDEN_APPROVAL_TTL: say a time between 1s and 30d"),
    ("TRAILWARDEN_APPROVAL_TTL", "99999999999999d", "TRAILWARDEN_APPROVAL_TTL: say a time between 1s and 30d"),
    ("TRAILWARDEN_KEEP", "for ever", "TRAILWARDEN_KEEP: say a time such as 730d or 90d"),
    ("TRAILWARDEN_KEEP", "23h", "TRAILWARDEN_KEEP: say a time between 31d and 36500d"),
    ("TRAILWARDEN_KEEP", "36501d", "TRAILWARDEN_KEEP: say a time between 31d and 36500d"),
    ("TRAILWARDEN_PROFILE", "pci", "TRAILWARDEN_PROFILE: Input should be 'cis' or 'security-hub'"),
    ("TRAILWARDEN_WORKSPACES", "acme", "TRAILWARDEN_WORKSPACES: acme is no workspace's id, which is T…"),
    ("PORT", "http", "PORT: say a port from 1 to 65535"),
    ("PORT", "0", "PORT: say a port from 1 to 65535"),
    ("PORT", "65536", "PORT: say a port from 1 to 65535"),
    ("PORT", "-1", "PORT: say a port from 1 to 65535"),
    ("PORT", "٨٠", "PORT: say a port from 1 to 65535"),
    ("DATABASE_URL", "mysql://x/y", "DATABASE_URL: say sqlite:///file, or postgresql://"),
    ("DATABASE_URL", "postgresql+psycopg2://x/y", "DATABASE_URL: say sqlite:///file, or postgresql://"),
    ("DATABASE_URL", "/var/lib/trailwarden.sqlite", "DATABASE_URL: say sqlite:///file"),
    ("DATABASE_URL", "sqlite://", "DATABASE_URL: it names no file, so that nothing would be kept"),
    ("DATABASE_URL", "sqlite:///:memory:", "DATABASE_URL: it names no file"),
    ("SLACK_API_URL", "slack.com/api", "SLACK_API_URL: say an address such as https://slack.com/api/"),
    ("SLACK_API_URL", "file:///etc/passwd", "SLACK_API_URL: say an address"),
    ("TRAILWARDEN_HOST", "http://127.0.0.1:80", "TRAILWARDEN_HOST: say an address such as 127.0.0.1, without http"),
    ("TRAILWARDEN_CHANNELS", "#cloud-security,C1", "TRAILWARDEN_CHANNELS: #cloud-security is no channel's id"),
    ("TRAILWARDEN_CHANNELS", "U1", "TRAILWARDEN_CHANNELS: U1 is no channel's id"),
    ("TRAILWARDEN_AUDIT_ROLE", "arn:aws:iam::1:role/X", "TRAILWARDEN_AUDIT_ROLE: say the role's name and not its ARN"),
    ("TRAILWARDEN_CHANGE_ROLE", "a role", "TRAILWARDEN_CHANGE_ROLE: say a role's name"),
    ("TRAILWARDEN_CHANGE_ROLE", "TrailwardenAudit", "TRAILWARDEN_CHANGE_ROLE: the role that writes is another one"),
    ("TRAILWARDEN_EXTERNAL_ID", "with a blank", "TRAILWARDEN_EXTERNAL_ID: an external id has 2 to 1224 letters"),
    ("TRAILWARDEN_APROVERS", "U1", "TRAILWARDEN_APROVERS is no setting; did you mean TRAILWARDEN_APPROVERS?"),
    ("TRAILWARDEN_DATABASE_URL", "sqlite:///x", "TRAILWARDEN_DATABASE_URL is no setting; did you mean DATABASE_URL?"),
    ("TRAILWARDEN_PORT", "80", "TRAILWARDEN_PORT is no setting; did you mean PORT?"),
    ("TRAILWARDEN_WEATHER", "fine", "TRAILWARDEN_WEATHER is no setting; the README lists them all."),
    ("SLACK_BOT_TOKEN_FILE", "none", "SLACK_BOT_TOKEN_FILE names none, which cannot be read: No such file"),
    ("SLACK_BOT_TOKEN_FILE", ".", "SLACK_BOT_TOKEN_FILE names ., which cannot be read: Is a directory"),
    ("SLACK_BOT_TOKEN_FILE", "/dev/null", "SLACK_BOT_TOKEN_FILE names /dev/null, which is empty."),
]


@pytest.mark.parametrize(("name", "text", "sentence"), WRONG, ids=[f"{w[0]}={w[1]}" for w in WRONG])
def test_a_wrong_setting_is_one_sentence(monkeypatch: pytest.MonkeyPatch, name: str, text: str, sentence: str) -> None:
    with pytest.raises(SettingsError) as wrong:
        loaded(monkeypatch, **{name: text})
    (line,) = str(wrong.value).splitlines()
    assert line.startswith(sentence)
    assert line.endswith((".", "?"))


RIGHT = [
    ("DATABASE_URL", "postgres://user:word@host/x"),
    ("DATABASE_URL", "postgresql+psycopg://user:word@host:5432/x?sslmode=require"),
    ("DATABASE_URL", "sqlite:////var/lib/x.sqlite"),
    ("SLACK_API_URL", "http://[::1]:8080/api"),
    ("TRAILWARDEN_HOST", "::1"),
    ("TRAILWARDEN_CHANNELS", "G1,C2"),
    ("TRAILWARDEN_CHANGE_ROLE", "security/Trail_warden+=,.@-"),
    ("TRAILWARDEN_EXTERNAL_ID", "acme:trail/warden-1"),
    ("PORT", "65535"),
]


@pytest.mark.parametrize(("name", "text"), RIGHT, ids=[f"{r[0]}={r[1]}" for r in RIGHT])
def test_an_unusual_setting_may_be_right(monkeypatch: pytest.MonkeyPatch, name: str, text: str) -> None:
    assert loaded(monkeypatch, **{name: text})


def test_what_kubernetes_tells_a_pod_beside_a_service_called_trailwarden_is_nobodys_mistake(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told = {
        "TRAILWARDEN_SERVICE_HOST": "10.0.0.1",
        "TRAILWARDEN_SERVICE_PORT_HTTP": "80",
        "TRAILWARDEN_PORT": "tcp://10.0.0.1:80",
        "TRAILWARDEN_PORT_80_TCP_ADDR": "10.0.0.1",
        "TRAILWARDEN_POSTGRES_SERVICE_HOST": "10.0.0.2",
        "TRAILWARDEN_POSTGRES_SERVICE_PORT": "5432",
        "TRAILWARDEN_POSTGRES_PORT": "tcp://10.0.0.2:5432",
        "TRAILWARDEN_POSTGRES_PORT_5432_TCP": "tcp://10.0.0.2:5432",
        "TRAILWARDEN_POSTGRES_PORT_5432_TCP_PROTO": "tcp",
    }
    assert loaded(monkeypatch, **told).port is None


def test_all_that_is_wrong_is_said_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsError) as wrong:
        loaded(monkeypatch, TRAILWARDEN_APPROVERS="alice", TRAILWARDEN_ACCOUNTS="12", PORT="x")
    names = [line.split(":")[0] for line in str(wrong.value).splitlines()]
    assert sorted(names) == ["PORT", "TRAILWARDEN_ACCOUNTS", "TRAILWARDEN_APPROVERS"]


def test_so_is_what_is_wrong_in_each_of_the_places(monkeypatch: pytest.MonkeyPatch, here: Path) -> None:
    (here / "bot.toml").write_text('keep = "1d"\nTRAILWARDEN_PING = "U1"\n[[rulez]]\n')
    (here / ".env").write_text("TRAILWARDEN_ACOUNTS=self\nTRAILWARDEN_PROFILE=pci\n")
    with pytest.raises(SettingsError) as wrong:
        loaded(
            monkeypatch, TRAILWARDEN_CONFIG="bot.toml", PORT="x", SLACK_APP_TOKEN_FILE="none", TRAILWARDEN_PINGS="U1"
        )
    assert [line.split(",")[0].split(";")[0] for line in sorted(str(wrong.value).splitlines())] == [
        "PORT: say a port from 1 to 65535.",
        "SLACK_APP_TOKEN_FILE names none",
        "TRAILWARDEN_ACOUNTS is no setting",
        "TRAILWARDEN_CONFIG: TRAILWARDEN_PING is no setting",
        "TRAILWARDEN_CONFIG: rulez is no setting",
        "TRAILWARDEN_KEEP: say a time between 31d and 36500d.",
        "TRAILWARDEN_PINGS is no setting",
        "TRAILWARDEN_PROFILE: Input should be 'cis' or 'security-hub'.",
    ]


def test_an_empty_variable_is_as_good_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """As compose files and CI leave them."""
    found = loaded(monkeypatch, PORT="", DATABASE_URL="", SLACK_APP_TOKEN="", TRAILWARDEN_APPROVERS="")
    assert (found.port, found.database_url, found.slack_app_token, found.approvers) == (
        None,
        DEFAULT_DATABASE,
        None,
        (),
    )


# Files.

TOML = """
approvers = ["U1", "S2"]
accounts = "organization"
approval_ttl = "2h"
slack_api_url = "http://127.0.0.1:1/api/"
port = 8081
"""


def test_a_toml_file_says_the_same_in_lower_case(monkeypatch: pytest.MonkeyPatch, here: Path) -> None:
    (here / "bot.toml").write_text(TOML)
    found = loaded(monkeypatch, TRAILWARDEN_CONFIG=str(here / "bot.toml"))
    assert (found.approvers, found.accounts, found.approval_ttl) == (
        ("U1", "S2"),
        ("organization",),
        timedelta(hours=2),
    )
    assert (found.slack_api_url, found.port) == ("http://127.0.0.1:1/api/", 8081)


def test_the_environment_wins_over_env_over_toml(monkeypatch: pytest.MonkeyPatch, here: Path) -> None:
    (here / "bot.toml").write_text('audit_role = "toml"\nchange_role = "toml"\nexternal_id = "toml"\n')
    (here / ".env").write_text("TRAILWARDEN_AUDIT_ROLE=dotenv\nTRAILWARDEN_CHANGE_ROLE=dotenv\n")
    found = loaded(monkeypatch, TRAILWARDEN_CONFIG=str(here / "bot.toml"), TRAILWARDEN_AUDIT_ROLE="environment")
    assert (found.audit_role, found.change_role, found.external_id) == ("environment", "dotenv", "toml")


def test_a_wrong_setting_in_the_file_is_named_too(monkeypatch: pytest.MonkeyPatch, here: Path) -> None:
    (here / "bot.toml").write_text('approvers = ["alice"]')
    with pytest.raises(SettingsError, match="TRAILWARDEN_APPROVERS: alice is no Slack id"):
        loaded(monkeypatch, TRAILWARDEN_CONFIG=str(here / "bot.toml"))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "there is no such file"),
        (b"approvers = [", "no valid TOML"),
        (b"\xff\xfe", "no text in UTF-8"),
    ],
    ids=["missing", "broken", "of other bytes"],
)
def test_a_file_that_cannot_be_read_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, here: Path, content: bytes | None, words: str
) -> None:
    if content is not None:
        (here / "bot.toml").write_bytes(content)
    with pytest.raises(SettingsError, match=words):
        loaded(monkeypatch, TRAILWARDEN_CONFIG=str(here / "bot.toml"))


def test_a_folder_in_the_place_of_the_file_is_said(monkeypatch: pytest.MonkeyPatch, here: Path) -> None:
    with pytest.raises(SettingsError, match=r"which cannot be read: Is a directory\."):
        loaded(monkeypatch, TRAILWARDEN_CONFIG=str(here))


def test_an_env_file_of_other_bytes_is_said_by_its_name(here: Path) -> None:
    (here / ".env").write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match=rf"The file {here}/\.env is no text in UTF-8\."):
        load()


@pytest.mark.parametrize("name", SECRETS_IN_FILES)
def test_a_secret_may_stand_in_a_file_of_its_own(monkeypatch: pytest.MonkeyPatch, here: Path, name: str) -> None:
    (here / "secret").write_text("postgresql://x/y\n")
    found = getattr(loaded(monkeypatch, **{f"{name}_FILE": "secret"}), name.lower())
    assert (found if isinstance(found, str) else found.get_secret_value()) == "postgresql://x/y"


def test_a_secret_is_not_set_twice(monkeypatch: pytest.MonkeyPatch, here: Path) -> None:
    (here / "secret").write_text("xoxb-1")
    with pytest.raises(SettingsError, match="SLACK_BOT_TOKEN and SLACK_BOT_TOKEN_FILE are both set: set one of them"):
        loaded(monkeypatch, SLACK_BOT_TOKEN_FILE="secret", SLACK_BOT_TOKEN="xoxb-2")


EXPOSED = [
    (".env", "SLACK_BOT_TOKEN=xoxb-1\n", 0o644, True),
    (".env", "export SLACK_SIGNING_SECRET='x'\n", 0o640, True),
    (".env", "SLACK_CLIENT_SECRET=x\n", 0o644, True),
    (".env", "TRAILWARDEN_TOKEN_KEYS=x\n", 0o644, True),
    ("bot.toml", 'token_keys = ["x"]\n', 0o644, True),
    (".env", "SLACK_BOT_TOKEN=xoxb-1\n", 0o600, False),
    (".env", "SLACK_BOT_TOKEN=\nPORT=1\n", 0o644, False),
    ("bot.toml", 'slack_app_token = "xapp-1"\n', 0o604, True),
    ("bot.toml", 'approvers = "U1"\n', 0o644, False),
]


@pytest.mark.parametrize(("name", "text", "mode", "said"), EXPOSED)
def test_a_file_with_secrets_that_others_can_read_is_found(
    monkeypatch: pytest.MonkeyPatch, here: Path, name: str, text: str, mode: int, said: bool
) -> None:
    (here / name).write_text(text)
    (here / name).chmod(mode)
    monkeypatch.setenv("TRAILWARDEN_CONFIG", "bot.toml")
    assert [file.name for file in exposed()] == [name] * said


def test_a_variable_that_is_nobodys_is_left_alone(monkeypatch: pytest.MonkeyPatch, here: Path) -> None:
    (here / ".env").write_text("SOMETHING_ELSE=1\n")
    assert loaded(monkeypatch, SOMETHING_MORE="1").accounts == ("self",)


# Rules.

RULES = """
accounts = "organization"
approvers = ["U1"]
requesters = ["U9"]
ping = ["U1"]
quorum = {delete = 3}

[[rules]]
accounts = ["111122223333", "prod-*"]
approvers = ["S2"]
requesters = []
ping = ["U3"]
quorum = {fix = 2}

[[rules]]
ou = "Root/Sandbox"
approvers = []
"""


def test_rules_are_read_and_what_they_do_not_say_is_the_defaults(monkeypatch: pytest.MonkeyPatch, here: Path) -> None:
    (here / "bot.toml").write_text(RULES)
    found = authority(loaded(monkeypatch, TRAILWARDEN_CONFIG=str(here / "bot.toml")))
    assert found.default == Rule(("U1",), ("U9",), ("U1",), Quorum(delete=3))
    assert found.rules == (
        Rule(("S2",), (), ("U3",), Quorum(fix=2, delete=3), accounts=("111122223333", "prod-*")),
        Rule((), ("U9",), ("U1",), Quorum(delete=3), unit="Root/Sandbox"),
    )


WRONG_RULES = [
    ("approvers = ['U1']", "TRAILWARDEN_CONFIG, rule 1: say either accounts"),
    ("accounts = ['111122223333']\nou = 'Prod'", "TRAILWARDEN_CONFIG, rule 1: say either accounts"),
    ("ou = ' / '", "TRAILWARDEN_CONFIG, rule 1: say either accounts"),
    ("ou = 'Prod'\naprovers = ['U1']", "TRAILWARDEN_CONFIG, rule 1, aprovers: a rule has only accounts, ou, approvers"),
    ("ou = 'Prod'\napprovers = ['bob']", "TRAILWARDEN_CONFIG, rule 1, approvers: bob is no Slack id"),
    ("ou = 'Prod'\nping = ['bob']", "TRAILWARDEN_CONFIG, rule 1, ping: bob is no Slack id"),
    ("ou = 'Prod'\nquorum = {erase = 2}", "TRAILWARDEN_CONFIG, rule 1, quorum: erase is no kind of change"),
    ("ou = 'Prod'\nquorum = {delete = 1}", "TRAILWARDEN_CONFIG, rule 1, quorum: a delete needs 2"),
    (
        "accounts = ['prod-*']",
        "TRAILWARDEN_RULES: prod-*: accounts have names only with TRAILWARDEN_ACCOUNTS",
    ),
]


@pytest.mark.parametrize(("text", "sentence"), WRONG_RULES, ids=[w[0] for w in WRONG_RULES])
def test_a_wrong_rule_is_one_sentence(monkeypatch: pytest.MonkeyPatch, here: Path, text: str, sentence: str) -> None:
    (here / "bot.toml").write_text(f"[[rules]]\n{text}\n")
    with pytest.raises(SettingsError) as wrong:
        loaded(monkeypatch, TRAILWARDEN_CONFIG=str(here / "bot.toml"))
    (line,) = str(wrong.value).splitlines()
    assert line.startswith(sentence)
    assert line.endswith(".")


def test_all_wrong_rules_are_said_at_once(monkeypatch: pytest.MonkeyPatch, here: Path) -> None:
    (here / "bot.toml").write_text("[[rules]]\nou = 'A'\nping = ['bob']\n[[rules]]\nou = 'B'\nping = ['eve']\n")
    with pytest.raises(SettingsError) as wrong:
        loaded(monkeypatch, TRAILWARDEN_CONFIG=str(here / "bot.toml"), TRAILWARDEN_APPROVERS="alice")
    assert len(str(wrong.value).splitlines()) == 3


BOT, APP, SIGNED = {"SLACK_BOT_TOKEN": "xoxb-1"}, {"SLACK_APP_TOKEN": "xapp-1"}, {"SLACK_SIGNING_SECRET": "8f74"}
WAYS_IN: list[tuple[dict[str, str], bool, list[str]]] = [
    ({**BOT, **APP}, False, []),
    ({**BOT, **APP, **SIGNED}, False, []),
    ({**BOT, **SIGNED, "PORT": "3000"}, True, []),
    ({**BOT, **SIGNED}, True, ["PORT is missing: with SLACK_SIGNING_SECRET alone"]),
    ({**SIGNED}, True, ["SLACK_BOT_TOKEN is missing", "PORT is missing"]),
    ({**BOT, "SLACK_SIGNING_SECRET": " 8f74", "PORT": "1"}, True, ["SLACK_SIGNING_SECRET is no signing secret"]),
    ({**BOT}, False, ["SLACK_APP_TOKEN is missing: an app-level token (xapp-…) with connections:write"]),
    (
        {**BOT, "SLACK_APP_TOKEN": "xoxb-1", **SIGNED},
        False,
        ["SLACK_APP_TOKEN is no app-level token: it is a bot token"],
    ),
    ({**APP, "SLACK_BOT_TOKEN": "xoxp-1"}, False, ["SLACK_BOT_TOKEN is no bot token: it is a user token; that starts"]),
    ({**APP, "SLACK_BOT_TOKEN": "xoxe.xoxb-1"}, False, ["SLACK_BOT_TOKEN is no bot token: it is a token that rotates"]),
    ({**APP, "SLACK_BOT_TOKEN": "'xoxb-1'"}, False, ["SLACK_BOT_TOKEN is no bot token; that starts with xoxb-"]),
    ({**APP, "SLACK_BOT_TOKEN": "xoxb-1 2"}, False, ["SLACK_BOT_TOKEN has something in it that no token has"]),
    ({}, False, ["SLACK_BOT_TOKEN is missing", "SLACK_APP_TOKEN is missing"]),
]

INSTALLED = {
    "SLACK_CLIENT_ID": "1.2",
    "SLACK_CLIENT_SECRET": "s",
    **SIGNED,
    "PORT": "3000",
    "TRAILWARDEN_TOKEN_KEYS": KEY,
    "TRAILWARDEN_WORKSPACES": "T0A",
}
WAYS_IN += [
    (INSTALLED, True, []),
    ({**INSTALLED, **BOT}, True, ["SLACK_BOT_TOKEN is for one workspace, SLACK_CLIENT_ID for several"]),
    ({**INSTALLED, **APP}, False, ["SLACK_APP_TOKEN is for Socket Mode"]),
    *(({**INSTALLED, name: ""}, True, [f"{name} is missing"]) for name in INSTALLED if name != "SLACK_SIGNING_SECRET"),
    ({**INSTALLED, "SLACK_SIGNING_SECRET": ""}, False, ["SLACK_SIGNING_SECRET is missing"]),
    (
        {"SLACK_CLIENT_ID": "1.2"},
        False,
        [
            f"{name} is missing"
            for name in (
                "SLACK_CLIENT_SECRET",
                "SLACK_SIGNING_SECRET",
                "TRAILWARDEN_TOKEN_KEYS",
                "TRAILWARDEN_WORKSPACES",
                "PORT",
            )
        ],
    ),
]


@pytest.mark.parametrize(("environment", "over_http", "sentences"), WAYS_IN, ids=[" ".join(w[0]) for w in WAYS_IN])
def test_an_app_token_means_socket_mode_and_a_signing_secret_alone_http(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], over_http: bool, sentences: list[str]
) -> None:
    found = loaded(monkeypatch, **environment)
    assert found.over_http is over_http
    said = missing_for_slack(found)
    assert len(said) == len(sentences)
    assert all(line.startswith(sentence) for line, sentence in zip(said, sentences, strict=True))


def test_without_either_both_ways_are_named() -> None:
    assert "or, for delivery over HTTP, SLACK_SIGNING_SECRET" in missing_for_slack(load())[1]
