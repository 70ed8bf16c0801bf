"""What KMS refuses, beyond moto: policies it does not take, keys in the wrong state, keys of others.

Sources: KMS API reference, CreateKey and PutKeyPolicy, Errors and BypassPolicyLockoutSafetyCheck; developer guide,
"Key states of AWS KMS keys"; the words of the lock-out check: terraform-aws-cloudtrail (trussworks), issue 178. All
are HTTP 400. Which error a policy of over 32 KB gets is not documented; it gets LimitExceededException here.
"""

from collections.abc import Mapping
from typing import Any

from moto.kms.models import kms_backends

from bot.playground.aws.callers import Caller
from bot.playground.aws.calls import Call
from bot.playground.aws.denials import Refusal, denied
from bot.playground.aws.policies import Access, allows
from bot.playground.aws.policy_documents import fault_in, invalid_principal, missing_element, parsed

MAX_POLICY_BYTES = 32_768
LOCKED_OUT = "The new key policy will not allow you to update the key policy in the future."
WRITES = ("PutKeyPolicy", "EnableKey", "DisableKey", "EnableKeyRotation", "CreateAlias", "GenerateDataKey", "Encrypt")
"""What a key that waits for its deletion refuses, of the operations that are likely here."""


def key_of_another_account(call: Call, caller: Caller) -> Refusal | None:
    """AccessDeniedException. Stricter than AWS where a key policy opens the key to other accounts."""
    account_id = str(call.parameters.get("KeyId", "")).split(":")[4:5]
    return denied(call, caller, "") if call.service == "kms" and account_id not in ([], [call.account_id]) else None


def malformed_key_policy(call: Call, caller: Caller) -> Refusal | None:
    policy = str(call.parameters.get("Policy") or "")
    if call.name not in ("kms:CreateKey", "kms:PutKeyPolicy") or not policy:
        return None
    if len(policy.encode()) > MAX_POLICY_BYTES:
        return Refusal("The key policy is larger than 32 kilobytes.", "LimitExceededException", 400)
    bypass = call.parameters.get("BypassPolicyLockoutSafetyCheck")
    fault = fault_in(policy, _statement_fault) or ("" if bypass else _lockout(policy, caller))
    return Refusal(fault, "MalformedPolicyDocumentException", 400) if fault else None


def _statement_fault(statement: Mapping[str, Any]) -> str:
    missing = missing_element(statement, "Principal", "Action", "Resource")
    if not missing and invalid_principal(statement):
        return "Policy contains a statement with one or more invalid principals."
    return missing


def _lockout(policy: str, caller: Caller) -> str:
    """The caller must be allowed kms:PutKeyPolicy by the new policy, by name or as part of the account."""
    account = caller.account_id
    role = f"arn:aws:iam::{account}:role/{caller.role}"
    names = frozenset({account, f"arn:aws:iam::{account}:root", caller.arn, role})
    allowed = allows(parsed(policy) or {}, Access("kms:PutKeyPolicy", "any key", names=names))
    return "" if allowed else LOCKED_OUT


def key_that_waits_for_its_deletion(call: Call, _caller: Caller) -> Refusal | None:
    """KMSInvalidStateException, a disabled key likewise for cryptographic use, which nobody asks for here."""
    if call.service != "kms" or call.operation not in WRITES:
        return None
    key_id = str(call.parameters.get("KeyId") or call.parameters.get("TargetKeyId") or "").split("/")[-1]
    key = kms_backends[call.account_id][call.region].keys.get(key_id)
    if key is None or key.key_state != "PendingDeletion":
        return None
    return Refusal(f"{key.arn} is pending deletion.", "KMSInvalidStateException", 400)


RULES = (key_of_another_account, malformed_key_policy, key_that_waits_for_its_deletion)
