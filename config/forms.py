"""What a setting must look like: each says in a few words what to write instead."""

import re
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, SecretStr

from config.rules import Names

NAME = r"[\w+=,.@-]+"
"""Of a role, and of each part of its path. Source: IAM API reference, CreateRole."""


def _port(value: object) -> object:
    if not re.fullmatch(r"[0-9]{1,5}", str(value)) or not 1 <= int(str(value)) <= 65_535:
        raise ValueError("say a port from 1 to 65535")
    return value


def _database(value: str) -> str:
    if re.match(r"postgres(ql)?(\+psycopg)?://", value):
        return value
    if not value.startswith("sqlite:"):
        raise ValueError("say sqlite:///file, or postgresql://user:password@host/database")
    if not re.match(r"sqlite:///(?!:memory:|file:|\?).", value):
        raise ValueError("it names no file, so that nothing would be kept; say sqlite:///trailwarden.sqlite")
    return value


def _address(value: str) -> str:
    if not re.fullmatch(r"https?://[^\s/?#]+(/[^\s?#]*)?", value):
        raise ValueError("say an address such as https://slack.com/api/")
    return value


def _host(value: str) -> str:
    if not re.fullmatch(r"[\w.:-]*", value):
        raise ValueError("say an address such as 127.0.0.1, without http:// and without a port")
    return value


def _channels(value: tuple[str, ...]) -> tuple[str, ...]:
    wrong = [v for v in value if not re.fullmatch(r"[CG][A-Z0-9]+", v)]
    if wrong:
        raise ValueError(
            f"{', '.join(wrong)} is no channel's id; it is C… or G…, at the end of “View channel details” in Slack"
        )
    return value


def _role(value: str) -> str:
    if value.startswith("arn:"):
        raise ValueError("say the role's name and not its ARN; the name is the same in every account")
    if not re.fullmatch(rf"({NAME}/)*{NAME}", value, re.ASCII) or len(value.rsplit("/", 1)[-1]) > 64:
        raise ValueError("say a role's name: letters, digits and +=,.@_-, 64 at most")
    return value


def _external_id(value: str) -> str:
    """Source: STS API reference, AssumeRole."""
    if value and not re.fullmatch(r"[\w+=,.@:/-]{2,1224}", value, re.ASCII):
        raise ValueError("an external id has 2 to 1224 letters, digits and +=,.@:/_-, and no blanks")
    return value


Port = Annotated[int, BeforeValidator(_port)]
DatabaseUrl = Annotated[str, AfterValidator(_database)]
Address = Annotated[str, AfterValidator(_address)]
Host = Annotated[str, AfterValidator(_host)]
Channels = Annotated[Names, AfterValidator(_channels)]
RoleName = Annotated[str, AfterValidator(_role)]
ExternalId = Annotated[str, AfterValidator(_external_id)]

KINDS = {
    "xoxb-": "a bot token",
    "xapp-": "an app-level token",
    "xoxp-": "a user token",
    "xoxe": "a token that rotates (turn token rotation off)",
    "xoxc-": "a browser's token",
}
"""Slack's tokens by their beginning. Source: docs.slack.dev/authentication/tokens."""


def token_trouble(token: SecretStr, beginning: str) -> str:
    """What is wrong with the token, "" where nothing is to be seen; never the token itself."""
    text = token.get_secret_value()
    if not text.startswith(beginning):
        what = next((f": it is {kind}" for start, kind in KINDS.items() if text.startswith(start)), "")
        return f"is no {KINDS[beginning].split(' ', 1)[1]}{what}; that starts with {beginning}"
    if not re.fullmatch(r"[A-Za-z0-9-]+", text):
        return "has something in it that no token has, such as a blank or a quotation mark; copy it anew"
    return ""
