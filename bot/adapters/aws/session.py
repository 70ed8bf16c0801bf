"""One botocore session for the process, and clients with the right account's credentials."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, PartialCredentialsError, ProfileNotFound
from botocore.parsers import ResponseParserError

from bot.adapters.aws import guard
from bot.domain.trail import READING_REGION, Account, Unreadable
from bot.ports import CannotRunError

CONNECT_SECONDS = 5
READ_SECONDS = 10
READING = Config(
    retries={"mode": "standard", "total_max_attempts": 4}, connect_timeout=CONNECT_SECONDS, read_timeout=READ_SECONDS
)
WRITING = Config(retries={"total_max_attempts": 1}, connect_timeout=CONNECT_SECONDS, read_timeout=60)
"""A write is sent once: an answer that is lost leads to a read, not to a second write."""


@dataclass(frozen=True)
class Roles:
    """The names of the roles that every account has, and the external id that they ask for ("" for none)."""

    audit: str
    change: str
    external_id: str = ""


@dataclass(frozen=True)
class Credentials:
    key: str
    secret: str
    token: str
    expires: datetime


class Session:
    """Clients by account, service and region. Safe to share between threads. Raises CannotRunError."""

    def __init__(self, roles: Roles, reading: Config = READING) -> None:
        self._roles = roles
        self._reading = reading
        self._boto = _guarded()
        self._making = threading.Lock()
        self._assumed: dict[str, Credentials] = {}
        self._identity: tuple[str, str] | None = None

    def identity(self) -> tuple[str, str]:
        """(account id, partition) of the bot's own credentials. Raises CannotRunError."""
        if self._identity is None:
            answer = self._whoami()
            self._identity = answer["Account"], answer["Arn"].split(":")[1]
        return self._identity

    def _whoami(self) -> dict[str, Any]:
        try:
            region = self._boto.region_name or READING_REGION["aws"]
            answer: dict[str, Any] = self._client("sts", region, self._reading).get_caller_identity()
        except (NoCredentialsError, PartialCredentialsError, ProfileNotFound) as missing:
            raise _no_credentials(missing) from None
        except ClientError as refused:
            raise CannotRunError(
                f"AWS does not accept the credentials: {_without_stop(refused)}. Renew them, then try again."
            ) from None
        except BotoCoreError as failed:
            raise CannotRunError(
                f"AWS cannot be reached: {_without_stop(failed)}. See to the network, or to AWS_ENDPOINT_URL."
            ) from None
        return answer

    def own_organization(self) -> Any:
        """A client for Organizations with the bot's own credentials."""
        region = {"aws": "us-east-1", "aws-us-gov": "us-gov-west-1", "aws-cn": "cn-northwest-1"}[self.identity()[1]]
        return self._client("organizations", region, self._reading)

    def reader(self, account: Account, service: str, region: str) -> Any | Unreadable:
        """A client that reads in the account; Unreadable where its audit role cannot be assumed."""
        if account.id == self.identity()[0]:
            return self._client(service, region, self._reading)
        credentials = self._audit_credentials(account)
        if isinstance(credentials, Unreadable):
            return credentials
        return self._client(service, region, self._reading, credentials)

    def writer(self, account: Account, service: str, region: str, session_name: str) -> Any | Unreadable:
        """A client that writes in the account, with the change role assumed under a name that tells who approved."""
        credentials = self._assume(account, self._roles.change, session_name)
        if isinstance(credentials, Unreadable):
            return credentials
        return self._client(service, region, WRITING, credentials)

    def change_role(self, account: Account) -> str:
        """Its ARN in that account."""
        return _role_arn(account, self._roles.change)

    def _audit_credentials(self, account: Account) -> Credentials | Unreadable:
        """Assumed once, and again five minutes before they end."""
        known = self._assumed.get(account.id)
        if known and known.expires - datetime.now(UTC) > timedelta(minutes=5):
            return known
        answer = self._assume(account, self._roles.audit, "trailwarden-audit")
        if isinstance(answer, Credentials):
            self._assumed[account.id] = answer
        return answer

    def _assume(self, account: Account, role: str, session_name: str) -> Credentials | Unreadable:
        arn = _role_arn(account, role)
        extra = {"ExternalId": self._roles.external_id} if self._roles.external_id else {}
        sts = self._client("sts", account.reading_region, self._reading)
        answer = ask(
            "sts:AssumeRole",
            lambda: sts.assume_role(RoleArn=arn, RoleSessionName=session_name[:64], **extra),
            permission=f"sts:AssumeRole on {arn}, and that role's trust",
        )
        return answer if isinstance(answer, Unreadable) else _credentials(answer, account)

    def _client(self, service: str, region: str, config: Config, credentials: Credentials | None = None) -> Any:
        """boto3 makes clients one at a time; using them is safe on any thread."""
        keys = (
            {
                "aws_access_key_id": credentials.key,
                "aws_secret_access_key": credentials.secret,
                "aws_session_token": credentials.token,
            }
            if credentials
            else {}
        )
        with self._making:
            client: Any = self._boto.client(service, region_name=region, config=config, **keys)  # type: ignore[call-overload]  # by name
        return client


def _role_arn(account: Account, role: str) -> str:
    return f"arn:{account.partition}:iam::{account.id}:role/{role}"


def _guarded() -> boto3.session.Session:
    core = botocore.session.Session()
    guard.install(core.get_component("event_emitter"))
    try:
        return boto3.session.Session(botocore_session=core)
    except ProfileNotFound as missing:
        raise _no_credentials(missing) from None


def _no_credentials(missing: Exception) -> CannotRunError:
    return CannotRunError(
        f"No AWS credentials: {_without_stop(missing)}. Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and "
        "AWS_SECRET_ACCESS_KEY, or run where a role is attached."
    )


def _credentials(answer: dict[str, Any], account: Account) -> Credentials | Unreadable:
    """Only if they are for the account that was meant."""
    got = answer["AssumedRoleUser"]["Arn"].split(":")[4]
    if got != account.id:
        return Unreadable("sts:AssumeRole", "WrongAccount", f"asked for {account.id}, got into {got}")
    keys = answer["Credentials"]
    return Credentials(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"], keys["Expiration"])


def ask(call: str, send: Callable[[], Any], permission: str = "") -> Any | Unreadable:
    """The answer to a read, or Unreadable with AWS's error; of a denial `permission` defaults to the call's name."""
    try:
        return send()
    except ClientError as refused:
        error = refused.response.get("Error", {})
        need = (permission or call) if _is_denial(refused) else ""
        return Unreadable(call, error.get("Code", "Error"), error.get("Message", ""), need)
    except BotoCoreError as failed:
        return Unreadable(call, _transport_code(failed), _without_stop(failed))
    except ResponseParserError as odd:
        return Unreadable(call, "UnknownShape", _without_stop(odd)[:200])


def _is_denial(refused: ClientError) -> bool:
    """Only then would a permission help."""
    status = refused.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    return status in (401, 403) or "Denied" in refused.response.get("Error", {}).get("Code", "")


def _transport_code(failed: BotoCoreError) -> str:
    return "Timeout" if "Timeout" in type(failed).__name__ else type(failed).__name__


def _without_stop(error: Exception) -> str:
    return str(error).rstrip(".")
