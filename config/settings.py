"""The settings: environment, `.env`, and one optional TOML file named by TRAILWARDEN_CONFIG.

Names that the ecosystem has keep them (SLACK_BOT_TOKEN, DATABASE_URL, PORT, all that boto3 reads); ours start with
TRAILWARDEN_. A wrong or missing setting stops the start with one sentence each, all of them at once.
"""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import AliasChoices, BeforeValidator, Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import (
    BaseSettings,
    DotEnvSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from config.forms import Address, Channels, DatabaseUrl, ExternalId, Host, Port, RoleName, token_trouble
from config.rules import Names, People, RuleSettings, Votes, listed
from config.sources import UnreadableFileError, check_files, config_file, secrets_in_files, unknown_names, variable

DEFAULT_DATABASE = "sqlite:///trailwarden.sqlite"

UNITS = {"s": timedelta(seconds=1), "m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
TIMES = {
    "approval_ttl": ("4h, 30m or 2d", "1s", "30d"),
    "keep": ("730d or 90d", "31d", "36500d"),
}
"""Each setting that is a time: examples of it, the shortest and the longest."""


MAKE_KEY = "openssl rand -base64 32 | tr +/ -_"


class SettingsError(Exception):
    """One sentence a line, all that is wrong."""


def _plain(name: str) -> Any:
    """A setting without our prefix; a TOML file may name it in lower case."""
    return Field(validation_alias=AliasChoices(name, name.lower()))


def _time(text: str, examples: str = "") -> timedelta:
    """Raises ValueError."""
    match = re.fullmatch(r"(\d+)\s*([smhd])", text.strip())
    if not match:
        raise ValueError(f"say a time such as {examples}")
    return int(match[1][:8]) * UNITS[match[2]]


class Settings(BaseSettings):
    """Everything that can be set. Times in seconds; lists are comma-separated."""

    model_config = SettingsConfigDict(
        env_prefix="TRAILWARDEN_", env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True
    )

    slack_bot_token: Annotated[SecretStr | None, _plain("SLACK_BOT_TOKEN")] = None
    slack_app_token: Annotated[SecretStr | None, _plain("SLACK_APP_TOKEN")] = None
    slack_signing_secret: Annotated[SecretStr | None, _plain("SLACK_SIGNING_SECRET")] = None
    slack_client_id: Annotated[str, _plain("SLACK_CLIENT_ID")] = ""
    slack_client_secret: Annotated[SecretStr | None, _plain("SLACK_CLIENT_SECRET")] = None
    slack_api_url: Annotated[Address, _plain("SLACK_API_URL")] = "https://slack.com/api/"
    database_url: Annotated[DatabaseUrl, _plain("DATABASE_URL")] = DEFAULT_DATABASE
    port: Annotated[Port | None, _plain("PORT")] = None

    host: Host = ""
    log: Literal["auto", "json", "text"] = "auto"
    workspaces: Names = ()
    token_keys: Annotated[tuple[SecretStr, ...], NoDecode, BeforeValidator(listed)] = ()
    approvers: People = ()
    requesters: People = ()
    ping: People = ()
    quorum: Votes = {}
    channels: Channels = ()
    command_rate: Annotated[int, Field(ge=0)] = 20
    approval_ttl: timedelta = timedelta(hours=4)
    keep: timedelta = timedelta(days=730)
    controls: Names = ()
    profile: Literal["cis", "security-hub"] = "cis"
    accounts: Names = ("self",)
    audit_role: RoleName = "TrailwardenAudit"
    change_role: RoleName = "TrailwardenChange"
    external_id: ExternalId = ""
    rules: Annotated[tuple[RuleSettings, ...], NoDecode] = ()

    @property
    def over_http(self) -> bool:
        """Slack posts to us; with an app-level token a socket is opened to Slack instead."""
        return self.slack_app_token is None and self.slack_signing_secret is not None

    @property
    def by_installation(self) -> bool:
        """Any of several workspaces installs the app; without it there is the one of the bot token."""
        return bool(self.slack_client_id or self.slack_client_secret)

    @field_validator("workspaces")
    @classmethod
    def _workspaces(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if wrong := [team for team in value if not re.fullmatch("T[A-Z0-9]{1,30}", team)]:
            raise ValueError(f"{', '.join(wrong)} is no workspace's id, which is T… in its address")
        return value

    @field_validator("token_keys")
    @classmethod
    def _keys(cls, value: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        for number, key in enumerate(value, 1):
            if not re.fullmatch("[A-Za-z0-9_-]{43}=", key.get_secret_value()):
                raise ValueError(f"key {number} is none; make one with: {MAKE_KEY}")
        return value

    @field_validator("rules", mode="before")
    @classmethod
    def _in_a_file(cls, value: object) -> object:
        if isinstance(value, str):
            raise ValueError("rules are [[rules]] tables of the file that TRAILWARDEN_CONFIG names")
        return value

    @field_validator("rules")
    @classmethod
    def _names_are_known(cls, value: tuple[RuleSettings, ...], said: ValidationInfo) -> tuple[RuleSettings, ...]:
        names = [name for rule in value for name in rule.names]
        if names and said.data.get("accounts", ("organization",)) != ("organization",):
            raise ValueError(
                f"{', '.join(names)}: accounts have names only with TRAILWARDEN_ACCOUNTS=organization; say ids"
            )
        return value

    @field_validator("change_role")
    @classmethod
    def _writes_with_another(cls, value: str, said: ValidationInfo) -> str:
        if value == said.data.get("audit_role"):
            raise ValueError("the role that writes is another one than the role that reads; say two names")
        return value

    @field_validator("accounts")
    @classmethod
    def _accounts(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if value in (("self",), ("organization",)) or (value and all(re.fullmatch("[0-9]{12}", v) for v in value)):
            return value
        raise ValueError("say self, organization, or account ids of 12 digits with commas between them")

    @field_validator(*TIMES, mode="before")
    @classmethod
    def _duration(cls, value: object, said: ValidationInfo) -> object:
        if isinstance(value, timedelta):
            return value
        examples, shortest, longest = TIMES[str(said.field_name)]
        time = _time(str(value), examples)
        if not _time(shortest) <= time <= _time(longest):
            raise ValueError(f"say a time between {shortest} and {longest}")
        return time

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - pydantic passes it
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        file = config_file()
        toml = (TomlConfigSettingsSource(settings_cls, file),) if file else ()
        return (init_settings, env_settings, dotenv_settings, *toml)


def load() -> Settings:
    """The settings, or SettingsError with one line for each that is wrong."""
    try:
        toml = check_files()
    except UnreadableFileError as why:
        raise SettingsError(str(why)) from None
    secrets, wrong = secrets_in_files()
    wrong += unknown_names(Settings.model_fields, DotEnvSettingsSource(Settings).env_vars, toml)
    try:
        settings = Settings(**secrets)  # type: ignore[arg-type]  # pydantic checks them
    except ValidationError as failed:
        wrong += [_sentence(dict(e)) for e in failed.errors()]
    if wrong:
        raise SettingsError("\n".join(wrong))
    return settings


def _sentence(error: dict[str, Any]) -> str:
    field = str(error["loc"][0]) if error["loc"] else "settings"
    reason = str(error["msg"]).removeprefix("Value error, ")
    if field == "rules" and len(error["loc"]) > 1:
        return _sentence_on_rule(error, reason)
    return f"{variable(field.lower())}: {reason}."


def _sentence_on_rule(error: dict[str, Any], reason: str) -> str:
    """Rules are counted from 1, in the order of the file."""
    _, index, *words = error["loc"]
    if error["type"] == "extra_forbidden":
        reason = f"a rule has only {', '.join(RuleSettings.model_fields)}"
    where = ", ".join([f"rule {int(index) + 1}", *(str(w) for w in words)])
    return f"TRAILWARDEN_CONFIG, {where}: {reason}."


def missing_for_slack(settings: Settings) -> tuple[str, ...]:
    """What `serve` needs and does not have, one sentence each."""
    if settings.by_installation:
        return (*_too_much_for_installing(settings), *_missing_for_installing(settings))
    way_in = _missing_for_http(settings) if settings.over_http else _missing_for_socket_mode(settings)
    return (*_wrong_bot_token(settings.slack_bot_token), *way_in)


def _too_much_for_installing(settings: Settings) -> Iterator[str]:
    if settings.slack_bot_token:
        yield (
            "SLACK_BOT_TOKEN is for one workspace, SLACK_CLIENT_ID for several that install the app: take one of "
            "the two away."
        )
    if settings.slack_app_token:
        yield (
            "SLACK_APP_TOKEN is for Socket Mode; who installs the app comes back to an address of yours, so with "
            "SLACK_CLIENT_ID Slack delivers there too: take it away."
        )


def _missing_for_installing(settings: Settings) -> Iterator[str]:
    if not settings.slack_client_id:
        yield "SLACK_CLIENT_ID is missing: from “Basic Information”, beside the client secret."
    if not settings.slack_client_secret:
        yield "SLACK_CLIENT_SECRET is missing: from “Basic Information”, beside the client id."
    if not settings.slack_signing_secret:
        yield "SLACK_SIGNING_SECRET is missing: with SLACK_CLIENT_ID Slack delivers over HTTP, and signs with it."
    if not settings.token_keys:
        yield f"TRAILWARDEN_TOKEN_KEYS is missing: a key that seals the tokens in the database. Make one: {MAKE_KEY}"
    if not settings.workspaces:
        yield (
            "TRAILWARDEN_WORKSPACES is missing: the ids (T…) of the workspaces that may install the app. Whoever does "
            "sees your accounts, so nobody else may."
        )
    if settings.slack_signing_secret or settings.port is None:
        yield from _missing_for_http(settings)


def _wrong_bot_token(token: SecretStr | None) -> Iterator[str]:
    if not token:
        yield "SLACK_BOT_TOKEN is missing: the bot token (xoxb-…) from the app's “OAuth & Permissions” page."
    elif trouble := token_trouble(token, "xoxb-"):
        yield f"SLACK_BOT_TOKEN {trouble}."


def _missing_for_socket_mode(settings: Settings) -> Iterator[str]:
    if not settings.slack_app_token:
        yield (
            "SLACK_APP_TOKEN is missing: an app-level token (xapp-…) with connections:write, from “Basic Information”; "
            "or, for delivery over HTTP, SLACK_SIGNING_SECRET from the same page."
        )
    elif trouble := token_trouble(settings.slack_app_token, "xapp-"):
        yield f"SLACK_APP_TOKEN {trouble}."


def _missing_for_http(settings: Settings) -> Iterator[str]:
    secret = settings.slack_signing_secret
    if secret and not re.fullmatch("[!-~]+", secret.get_secret_value()):
        yield "SLACK_SIGNING_SECRET is no signing secret: copy it from “Basic Information”, without blanks."
    if settings.port is None:
        yield "PORT is missing: with SLACK_SIGNING_SECRET alone Slack delivers over HTTP, to this port."
