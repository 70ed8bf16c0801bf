"""Does an S3 bucket's policy let CloudTrail write to it? And would S3 accept the policy?

Only what a bucket policy for CloudTrail uses is evaluated: principals that are services or everybody, wildcards in
actions and resources, and the condition operators below. Statements that grant by an operator we don't know grant
nothing here; a Deny with one always denies.

Source: user guide, "Amazon S3 bucket policy for CloudTrail"; IAM user guide, "Policy evaluation logic".
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

CLOUDTRAIL = "cloudtrail.amazonaws.com"


@dataclass(frozen=True)
class Access:
    """One call that CloudTrail makes to S3; `context` maps lower-case condition keys to their value."""

    action: str
    resource: str
    context: Mapping[str, str] = field(default_factory=dict)


def allows(policy: Mapping[str, Any], access: Access) -> bool:
    """An explicit Deny wins; without an Allow there is no access."""
    matching = [s for s in as_list(policy.get("Statement")) if _concerns(s, access)]
    effects = {s.get("Effect") for s in matching}
    return "Allow" in effects and "Deny" not in effects


def _concerns(statement: Mapping[str, Any], access: Access) -> bool:
    return (
        _is_cloudtrail(statement.get("Principal"))
        and _any_like(statement.get("Action"), access.action, ignore_case=True)
        and _any_like(statement.get("Resource"), access.resource)
        and _conditions_met(statement, access.context)
    )


def _is_cloudtrail(principal: Any) -> bool:
    if isinstance(principal, Mapping):
        return CLOUDTRAIL in as_list(principal.get("Service")) or "*" in as_list(principal.get("AWS"))
    return bool(principal == "*")


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


def fault_in(text: str, bucket: str) -> str:
    """Why S3 would not accept this policy, in its words; "" if it would. The principals are taken on trust."""
    try:
        policy = json.loads(text)
    except ValueError:
        return "This policy contains invalid Json"
    if not isinstance(policy, Mapping) or not as_list(policy.get("Statement")):
        return "Missing required field Statement"
    faults = (_statement_fault(statement, f"arn:aws:s3:::{bucket}") for statement in as_list(policy["Statement"]))
    return next(filter(None, faults), "")


def _statement_fault(statement: Mapping[str, Any], bucket_arn: str) -> str:
    for name, other in (("Effect", ""), ("Principal", "NotPrincipal"), ("Action", "NotAction"), ("Resource", "")):
        if name not in statement and other not in statement:
            return f"Missing required field {name}"
    if statement["Effect"] not in ("Allow", "Deny"):
        return f"Invalid effect: {statement['Effect']}"
    inside = all(r == bucket_arn or r.startswith(f"{bucket_arn}/") for r in as_list(statement["Resource"]))
    return "" if inside else "Policy has invalid resource"
