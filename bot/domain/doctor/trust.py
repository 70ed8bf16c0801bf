"""Whom does the change role let in? Read from its trust policy: assuming it would be more than a look.

Source: IAM user guide, "AWS JSON policy elements: Principal", and "Access to AWS accounts owned by third parties".
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any


@dataclass(frozen=True)
class Caller:
    """Who we are to AWS, as GetCallerIdentity tells it, and the external id that we send ("" for none)."""

    account: str
    arn: str
    external_id: str = ""


class Trust(StrEnum):
    LETS_IN = "lets us in"
    NOT_NAMED = "does not name us"
    NO_EXTERNAL_ID = "asks for an external id"
    OTHER_EXTERNAL_ID = "asks for another external id"
    DEPENDS = "depends"
    """On a condition or a Deny that only AWS can judge."""


EXCEPT = {"NotPrincipal", "NotAction"}
BETTER = (Trust.LETS_IN, Trust.DEPENDS, Trust.OTHER_EXTERNAL_ID, Trust.NO_EXTERNAL_ID, Trust.NOT_NAMED)


def trust(policy: Any, caller: Caller) -> Trust:
    """The best that one of the statements offers; a Deny that concerns us, or may, makes it uncertain."""
    statements = _listed(policy.get("Statement")) if isinstance(policy, Mapping) else []
    ours = [s for s in statements if isinstance(s, Mapping) and _concerns(s, caller)]
    if any(s.get("Effect") == "Deny" for s in ours):
        return Trust.DEPENDS
    return min((_conditions(s, caller) for s in ours), key=BETTER.index, default=Trust.NOT_NAMED)


def _concerns(statement: Mapping[str, Any], caller: Caller) -> bool:
    """Whom a Deny with NotPrincipal or NotAction leaves out is not judged here."""
    if statement.get("Effect") == "Deny" and EXCEPT & statement.keys():
        return True
    if not any(fnmatchcase("sts:assumerole", str(a).lower()) for a in _listed(statement.get("Action"))):
        return False
    principal = statement.get("Principal")
    named = _listed(principal.get("AWS")) if isinstance(principal, Mapping) else _listed(principal)
    return bool({_without_path(str(n)) for n in named} & set(_names(caller)))


def _without_path(name: str) -> str:
    """Of a role: its path is not in a session's ARN, and an account has no two roles of one name."""
    return re.sub(r"^(arn:[^:]+:iam::\d+:role/)(?:[^/]+/)+", r"\1", name)


def _names(caller: Caller) -> Iterator[str]:
    """A session of a role is let in by the role's name."""
    yield from ("*", caller.account, caller.arn)
    partition = caller.arn.split(":")[1]
    yield f"arn:{partition}:iam::{caller.account}:root"
    session = re.fullmatch(r"arn:[^:]+:sts::\d+:assumed-role/([^/]+)/.+", caller.arn)
    if session:
        yield f"arn:{partition}:iam::{caller.account}:role/{session[1]}"


def _conditions(statement: Mapping[str, Any], caller: Caller) -> Trust:
    conditions = statement.get("Condition") or {}
    if not isinstance(conditions, Mapping):
        return Trust.DEPENDS
    keys = [(op, str(key).lower(), v) for op, them in conditions.items() for key, v in dict(them).items()]
    wanted = [v for op, key, v in keys if key == "sts:externalid" and op == "StringEquals"]
    if any(caller.external_id not in _listed(v) for v in wanted):
        return Trust.OTHER_EXTERNAL_ID if caller.external_id else Trust.NO_EXTERNAL_ID
    return Trust.DEPENDS if len(keys) > len(wanted) else Trust.LETS_IN


def _listed(found: Any) -> list[Any]:
    return list(found) if isinstance(found, list | tuple) else [] if found is None else [found]
