"""What S3 says to a statement of a bucket policy that it does not take.

Sources: S3 error responses, MalformedPolicy; S3's words as others quote them: versity/versitygw, issues 647, 1536 and
its package auth. Two statements with the same Sid are taken (cloud-custodian, pull request 3609).
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from bot.playground.aws.policies import as_list
from bot.playground.aws.policy_documents import (
    INVALID_PRINCIPAL,
    fault_in,
    invalid_principal,
    missing_element,
    parsed,
)

MAX_POLICY_BYTES = 20_480
"""Of the policy without needless white space, which comes near to the form that AWS calls normalized."""

_ACTION = re.compile(r"\*|s3:[a-z*?]+", re.IGNORECASE)
_OF_OBJECTS = re.compile(
    r"s3:((get|put|delete|restore|replicate)object\w*|abortmultipartupload|listmultipartuploadparts)", re.IGNORECASE
)
_OF_BUCKETS = re.compile(r"s3:((get|put|delete|list)bucket\w*|get\w+configuration|put\w+configuration)", re.IGNORECASE)


def bucket_policy_fault(text: str, bucket: str) -> str:
    """Why S3 would not accept this policy, in its words; "" if it would."""
    fault = fault_in(text, lambda statement: _statement_fault(statement, f"arn:aws:s3:::{bucket}"))
    if not fault and len(json.dumps(parsed(text), separators=(",", ":")).encode()) > MAX_POLICY_BYTES:
        return f"Normalized policy document exceeds the maximum allowed size of {MAX_POLICY_BYTES} bytes"
    return fault


def _statement_fault(statement: Mapping[str, Any], bucket_arn: str) -> str:
    missing = missing_element(statement, "Principal", "Action", "Resource")
    if missing:
        return missing
    if invalid_principal(statement):
        return INVALID_PRINCIPAL
    actions = as_list(statement.get("Action", statement.get("NotAction")))
    if not all(_ACTION.fullmatch(action) for action in actions):
        return "Policy has invalid action"
    resources = as_list(statement.get("Resource", statement.get("NotResource")))
    if not all(r == bucket_arn or r.startswith(f"{bucket_arn}/") for r in resources):
        return "Policy has invalid resource"
    fits = {"Action", "Resource"} - set(statement) or all(_applies(a, resources, bucket_arn) for a in actions)
    return "" if fits else "Action does not apply to any resource(s) in statement"


def _applies(action: str, resources: list[str], bucket_arn: str) -> bool:
    """Actions with a wildcard, and those that we cannot place, apply to anything."""
    if _OF_OBJECTS.fullmatch(action):
        return any(resource != bucket_arn for resource in resources)
    return not _OF_BUCKETS.fullmatch(action) or bucket_arn in resources
