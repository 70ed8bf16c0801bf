"""One botocore session for the process, and clients with the right account's credentials."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore import xform_name
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, PartialCredentialsError, ProfileNotFound
from botocore.parsers import ResponseParserError

from bot.adapters.aws import guard, shapes, traced, watch
from bot.adapters.aws.clients import READING, Clients, guarded, signing_with
from bot.domain.trail import READING_REGION, Account, Unreadable
from bot.ports import CannotRunError


@dataclass(frozen=True)
class Roles:
    """The names of the roles that every account has, and the external id that they ask for ("" for none)."""

    audit: str
    change: str
    external_id: str = ""


@dataclass(frozen=True)
class Assumed:
    """A role's keys, and until when they work."""

    keys: Credentials
    expires: datetime


class Session:
    """Calls by account, service and region. Safe to share between threads. Raises CannotRunError."""

    def __init__(
        self,
        roles: Roles,
        reading: Config = READING,
        seen: watch.Seen | None = None,
        call: traced.Call | None = None,
    ) -> None:
        """`seen` is told of each request that is sent, `call` of each call with its tries."""
        self._roles = roles
        try:
            self._boto = guarded(seen, call)
        except ProfileNotFound as missing:
            raise _no_credentials(missing) from None
        self._clients = Clients(self._boto, reading)
        self._assumed: dict[str, Assumed] = {}
        self._identity: tuple[str, str] | None = None

    def identity(self) -> tuple[str, str]:
        """(account id, partition) of the bot's own credentials. Raises CannotRunError."""
        if self._identity is None:
            answer = self.whoami()
            self._identity = answer["Account"], _supported(answer["Arn"].split(":")[1])
        return self._identity

    def whoami(self) -> dict[str, Any]:
        """GetCallerIdentity's answer, asked anew. Raises CannotRunError."""
        try:
            region = self._boto.region_name or READING_REGION["aws"]
            answer: dict[str, Any] = self._clients.own("sts", region).get_caller_identity()
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
        return self._clients.own("organizations", region)

    def read(
        self, account: Account, service: str, region: str, operation: str, /, **parameters: object
    ) -> Any | Unreadable:
        """The answer to one read in the account; Unreadable also where its audit role cannot be assumed."""
        if account.id == self.identity()[0]:
            return _sent(self._clients.own, service, region, operation, parameters)
        keys = self._audit_keys(account)
        if isinstance(keys, Unreadable):
            return keys
        with signing_with(keys):
            return _sent(self._clients.shared, service, region, operation, parameters)

    def writer(self, account: Account, service: str, region: str, session_name: str) -> Any | Unreadable:
        """A client that writes in the account, with the change role assumed under a name that tells who approved."""
        role = self._assume(account, self._roles.change, session_name)
        return role if isinstance(role, Unreadable) else self._clients.writing(service, region, role.keys)

    def change_role(self, account: Account) -> str:
        """Its ARN in that account."""
        return _role_arn(account, self._roles.change)

    def _audit_keys(self, account: Account) -> Credentials | Unreadable:
        """Assumed once, and again five minutes before they end."""
        known = self._assumed.get(account.id)
        if known and known.expires - datetime.now(UTC) > timedelta(minutes=5):
            return known.keys
        role = self._assume(account, self._roles.audit, "trailwarden-audit")
        if isinstance(role, Unreadable):
            return role
        self._assumed[account.id] = role
        return role.keys

    def _assume(self, account: Account, role: str, session_name: str) -> Assumed | Unreadable:
        arn = _role_arn(account, role)
        extra = {"ExternalId": self._roles.external_id} if self._roles.external_id else {}
        request = {"RoleArn": arn, "RoleSessionName": session_name[:64], **extra}
        answer = ask(
            "sts:AssumeRole",
            lambda: self._clients.own("sts", account.reading_region).assume_role(**request),
            permission=f"sts:AssumeRole on {arn}, and that role's trust",
        )
        assumed: Assumed | Unreadable = shapes.shaped("sts:AssumeRole", answer, lambda found: _assumed(found, account))
        return assumed


def _role_arn(account: Account, role: str) -> str:
    return f"arn:{account.partition}:iam::{account.id}:role/{role}"


def _supported(partition: str) -> str:
    if partition not in READING_REGION:
        known = ", ".join(READING_REGION)
        raise CannotRunError(f"The AWS partition {partition} is not supported yet; I know {known}.")
    return partition


def _no_credentials(missing: Exception) -> CannotRunError:
    return CannotRunError(
        f"No AWS credentials: {_without_stop(missing)}. Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and "
        "AWS_SECRET_ACCESS_KEY, or run where a role is attached."
    )


def _assumed(answer: dict[str, Any], account: Account) -> Assumed | Unreadable:
    """Only if the keys are for the account that was meant."""
    got = answer["AssumedRoleUser"]["Arn"].split(":")[4]
    if got != account.id:
        return Unreadable("sts:AssumeRole", "WrongAccount", f"asked for {account.id}, got into {got}")
    keys = answer["Credentials"]
    return Assumed(Credentials(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"]), keys["Expiration"])


def _sent(
    client: Callable[[str, str], Any], service: str, region: str, operation: str, parameters: dict[str, object]
) -> Any | Unreadable:
    method, call = xform_name(operation), f"{service}:{operation}"
    return ask(call, lambda: getattr(client(service, region), method)(**parameters), guard.PERMISSIONS.get(call, ""))


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
    except (ResponseParserError, ValueError) as odd:  # a bad time in an answer is a ValueError of botocore's parser
        return Unreadable(call, "UnknownShape", _without_stop(odd)[:200])


def _is_denial(refused: ClientError) -> bool:
    """Only then would a permission help."""
    status = refused.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    return status in (401, 403) or "Denied" in refused.response.get("Error", {}).get("Code", "")


def _transport_code(failed: BotoCoreError) -> str:
    return "Timeout" if "Timeout" in type(failed).__name__ else type(failed).__name__


def _without_stop(error: Exception) -> str:
    return str(error).rstrip(".")
