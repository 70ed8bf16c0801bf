"""Who is calling: access keys, as moto's IAM and STS backends know them, and the keys that the playground hands out."""

from dataclasses import dataclass

from moto.iam.models import AccessKey, IAMBackend, get_account_id_from, iam_backends
from moto.sts.models import sts_backends

BOT_USER = "trailwarden"
"""The bot's own user in the management account: it reads there, and assumes roles elsewhere."""

ADMINISTRATOR = "administrator"
"""In every account: whoever acts behind the bot's back."""


@dataclass(frozen=True)
class Caller:
    """`known` is False for an access key that nobody handed out; moto takes it for account 123456789012."""

    account_id: str
    arn: str
    user: str = ""
    role: str = ""
    session: str = ""
    known: bool = True


@dataclass(frozen=True)
class Keys:
    access_key_id: str
    secret_access_key: str


def caller_of(access_key: str) -> Caller:
    account_id = get_account_id_from(access_key)
    assumed = sts_backends[account_id]["aws"].get_assumed_role_from_access_key(access_key)
    if assumed:
        role = assumed.role_arn.split("/")[-1]
        return Caller(account_id, assumed.arn, role=role, session=assumed.session_name)
    key = _iam(account_id).access_keys.get(access_key)
    user = key.user_name if key else ""
    return Caller(account_id, f"arn:aws:iam::{account_id}:user/{user or 'unknown'}", user or "", known=bool(key))


def keys_of(account_id: str, user: str) -> Keys:
    """The keys of a user, who is made when first asked for."""
    iam = _iam(account_id)
    if user not in iam.users:
        iam.create_user(region_name="us-east-1", user_name=user)
        iam.create_access_key(user)
    key: AccessKey = iam.users[user].access_keys[0]
    return Keys(key.access_key_id, key.secret_access_key)


def secrets_of_roles() -> tuple[str, ...]:
    """Secret keys and session tokens."""
    assumed = [role for by_partition in sts_backends.values() for role in by_partition["aws"].assumed_roles]
    return tuple(secret for role in assumed for secret in (role.secret_access_key, role.session_token))


def _iam(account_id: str) -> IAMBackend:
    return iam_backends[account_id]["aws"]
