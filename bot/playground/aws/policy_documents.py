"""Would AWS take this policy? What the services have in common: JSON, the needed elements, principals that exist.

Sources: IAM user guide, "IAM JSON policy elements reference"; S3 error responses, MalformedPolicy ("Invalid principal
in policy"); KMS API reference, MalformedPolicyDocumentException.

Which accounts exist nobody knows here, so any twelve digits will do; users and roles must exist.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from moto.iam.models import iam_backends

from bot.playground.aws.policies import as_list

INVALID_PRINCIPAL = "Invalid principal in policy"

_ENTITY = re.compile(r"arn:aws[a-z-]*:iam::(\d{12}):(root|user/.+|role/.+)")
_SESSION = re.compile(r"arn:aws[a-z-]*:sts::\d{12}:(assumed-role|federated-user)/.+")
_SERVICE = re.compile(r"[a-z0-9.-]+\.amazonaws\.com(\.cn)?")


def parsed(text: str | bytes) -> Mapping[str, Any] | None:
    """The policy, or None for what is no JSON object."""
    try:
        policy = json.loads(text)
    except ValueError:
        return None
    return policy if isinstance(policy, Mapping) else None


def fault_in(text: str, fault_of: Callable[[Mapping[str, Any]], str]) -> str:
    """Why this policy is no policy, or what `fault_of` says of its first wrong statement; "" for a fine one."""
    policy = parsed(text)
    if policy is None:
        return "This policy contains invalid Json"
    if policy.get("Version", "2008-10-17") not in ("2008-10-17", "2012-10-17"):
        return "The policy must contain a valid version string"
    statements = as_list(policy.get("Statement"))
    if not statements or not all(isinstance(s, Mapping) for s in statements):
        return "Missing required field Statement"
    return next(filter(None, (fault_of(s) for s in statements)), "")


def missing_element(statement: Mapping[str, Any], *elements: str) -> str:
    for name in elements:
        if name not in statement and f"Not{name}" not in statement:
            return f"Missing required field {name}"
    effect = statement.get("Effect")
    return "" if effect in ("Allow", "Deny") else f"Invalid effect: {effect}"


def invalid_principal(statement: Mapping[str, Any]) -> str:
    """The first principal that does not exist, or "" ."""
    principals = statement.get("Principal", statement.get("NotPrincipal"))
    return next((p for p in _principals(principals) if not _exists(p)), "")


def _principals(principal: Any) -> Iterator[str]:
    if isinstance(principal, Mapping):
        yield from (str(p) for kind in ("AWS", "Service") for p in as_list(principal.get(kind)))
    else:
        yield str(principal)


def _exists(principal: str) -> bool:
    if principal == "*" or any(p.fullmatch(principal) for p in (re.compile(r"\d{12}"), _SESSION, _SERVICE)):
        return True
    found = _ENTITY.fullmatch(principal)
    return found is not None and (found[2] == "root" or principal in _entities(found[1]))


def _entities(account_id: str) -> set[str]:
    iam = iam_backends[account_id]["aws"]
    return {user.arn for user in iam.users.values()} | {role.arn for role in iam.roles.values()}
