"""The values that nobody may be told: what the log leaves out wherever they stand."""

from collections.abc import Iterator, Mapping
from urllib.parse import unquote, urlsplit

from config.settings import Settings
from config.tracing import HEADERS

AWS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")


def known_secrets(settings: Settings, environment: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(value for value in _values(settings, environment) if value)


def _values(settings: Settings, environment: Mapping[str, str]) -> Iterator[str]:
    tokens = (settings.slack_bot_token, settings.slack_app_token)
    for secret in (*tokens, settings.slack_signing_secret, settings.slack_client_secret, *settings.token_keys):
        yield secret.get_secret_value() if secret else ""
    yield from _password(settings.database_url)
    yield from (environment.get(name, "") for name in AWS)
    yield from (value for name in HEADERS for value in _headers(environment.get(name, "")))


def _password(url: str) -> tuple[str, ...]:
    """As it stands there, and as it is meant."""
    try:
        password = urlsplit(url).password or ""
    except ValueError:
        return ()
    return password, unquote(password)


def _headers(said: str) -> Iterator[str]:
    """The values of `api-key=…,other=…`, as they stand there and as they are meant."""
    for one in said.split(","):
        value = one.partition("=")[2].strip()
        yield from (value, unquote(value))
