"""Is a bucket's policy public? AWS's own meaning of the word.

A policy is public that allows somebody who is not held to a fixed value: of a principal, or of one of the condition
keys below. Services that are named are fixed.

Source: S3 user guide, "Blocking public access to your Amazon S3 storage", "The meaning of public". Where a condition
is of a kind we don't know, the policy counts as public: the cautious answer.
"""

from collections.abc import Mapping
from typing import Any

from bot.playground.aws.policies import as_list

FIXING_KEYS = frozenset(
    {
        *("aws:sourcearn", "aws:sourcevpc", "aws:sourcevpce", "aws:sourceowner", "aws:sourceaccount"),
        *("aws:sourceip", "aws:userid", "aws:principalorgid", "aws:principalaccount", "aws:principalarn"),
        *("s3:x-amz-server-side-encryption-aws-kms-key-id", "s3:dataaccesspointarn", "s3:dataaccesspointaccount"),
    }
)
FIXING_OPERATORS = ("StringEquals", "StringLike", "ArnEquals", "ArnLike", "StringEqualsIgnoreCase", "IpAddress")


def is_public(policy: Mapping[str, Any]) -> bool:
    statements = [s for s in as_list(policy.get("Statement")) if s.get("Effect") == "Allow"]
    return any(_for_everybody(s) and not _held_to_a_fixed_value(s) for s in statements)


def _for_everybody(statement: Mapping[str, Any]) -> bool:
    if "NotPrincipal" in statement:
        return True
    principal = statement.get("Principal")
    return "*" in (as_list(principal.get("AWS")) if isinstance(principal, Mapping) else [principal])


def _held_to_a_fixed_value(statement: Mapping[str, Any]) -> bool:
    return any(
        operator in FIXING_OPERATORS and key.lower() in FIXING_KEYS and all(map(_is_fixed, as_list(values)))
        for operator, keys in statement.get("Condition", {}).items()
        for key, values in keys.items()
    )


def _is_fixed(value: Any) -> bool:
    """An address range that holds the whole internet fixes nothing, nor does a wildcard."""
    return not any(character in str(value) for character in "*?$") and not str(value).endswith("/0")
