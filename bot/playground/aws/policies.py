"""Does a policy allow an access? For the policies of buckets, keys, topics and roles that CloudTrail depends on.

Only what such policies use is evaluated: named principals, services or everybody, wildcards in actions and resources,
and the condition operators below. Statements that grant by an operator we don't know grant nothing here; a Deny with
one always denies.

Source: user guide, "Amazon S3 bucket policy for CloudTrail"; IAM user guide, "Policy evaluation logic".
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

CLOUDTRAIL = "cloudtrail.amazonaws.com"


@dataclass(frozen=True)
class Access:
    """One call; `context` maps lower-case condition keys to their value.

    `names` are what the policy may call the caller. None for a role's own policies, which name nobody.
    """

    action: str
    resource: str
    context: Mapping[str, str] = field(default_factory=dict)
    names: frozenset[str] | None = frozenset({CLOUDTRAIL})


def allows(policy: Mapping[str, Any], access: Access) -> bool:
    """An explicit Deny wins; without an Allow there is no access."""
    matching = [s for s in as_list(policy.get("Statement")) if _concerns(s, access)]
    effects = {s.get("Effect") for s in matching}
    return "Allow" in effects and "Deny" not in effects


def _concerns(statement: Mapping[str, Any], access: Access) -> bool:
    return (
        _about(statement, "Principal", lambda named: access.names is None or _names(named, access.names))
        and _about(statement, "Action", lambda named: _any_like(named, access.action, ignore_case=True))
        and _about(statement, "Resource", lambda named: _any_like(named, access.resource))
        and _conditions_met(statement, access.context)
    )


def _about(statement: Mapping[str, Any], element: str, matches: Callable[[Any], bool]) -> bool:
    """NotPrincipal, NotAction and NotResource are about everything but what they name."""
    opposite = statement.get(f"Not{element}")
    return matches(statement.get(element)) if opposite is None else not matches(opposite)


def _names(principal: Any, names: frozenset[str]) -> bool:
    if not isinstance(principal, Mapping):
        return bool(principal == "*")
    accounts = as_list(principal.get("AWS"))
    return "*" in accounts or not names.isdisjoint([*accounts, *as_list(principal.get("Service"))])


def _conditions_met(statement: Mapping[str, Any], context: Mapping[str, str]) -> bool:
    unknown_answer = statement.get("Effect") == "Deny"
    return all(
        _condition_met(operator, context.get(key.lower()), [str(v) for v in as_list(wanted)], unknown_answer)
        for operator, keys in statement.get("Condition", {}).items()
        for key, wanted in keys.items()
    )


def _condition_met(operator: str, actual: str | None, wanted: list[str], unknown_answer: bool) -> bool:
    """A key that the request does not carry fails a positive operator and meets a negative one."""
    bare = operator.removesuffix("IfExists")
    if bare == "Null":
        return (actual is None) == (wanted == ["true"])
    negative, kind = "Not" in bare, bare.replace("Not", "")
    if kind not in ("StringEquals", "StringEqualsIgnoreCase", "StringLike", "ArnEquals", "ArnLike", "Bool"):
        return unknown_answer
    if actual is None:
        return negative or operator.endswith("IfExists")
    return negative != _matches(kind, actual, wanted)


def _matches(kind: str, actual: str, wanted: list[str]) -> bool:
    match kind:
        case "StringEquals":
            return actual in wanted
        case "Bool" | "StringEqualsIgnoreCase":
            return actual.lower() in [w.lower() for w in wanted]
        case _:
            return _any_like(wanted, actual)


def _any_like(patterns: Any, text: str, ignore_case: bool = False) -> bool:
    flags = re.DOTALL | (re.IGNORECASE if ignore_case else 0)
    return any(re.fullmatch(_as_regex(str(p)), text, flags) for p in as_list(patterns))


def _as_regex(pattern: str) -> str:
    return re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")


def as_list(value: Any) -> list[Any]:
    """Policies write one thing or a list of things."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
