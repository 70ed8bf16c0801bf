"""iam:SimulatePrincipalPolicy, which moto lacks: may this role do this? The answer is what `permissions` would do."""

from collections.abc import Callable
from typing import Any

from bot.playground.aws.calls import Call, is_read
from bot.playground.aws.permissions import AUDIT_ROLE, CHANGE_ROLE


def simulate_principal_policy(call: Call, is_denied: Callable[[Call], bool]) -> dict[str, Any]:
    """Each action is "allowed" or "implicitDeny"; `is_denied` knows the denials that were switched on."""
    role = str(call.parameters["PolicySourceArn"]).split("/")[-1]
    return {
        "EvaluationResults": [
            {
                "EvalActionName": action,
                "EvalResourceName": "*",
                "EvalDecision": "allowed"
                if _may(role, action) and not is_denied(_as_call(call, action))
                else "implicitDeny",
            }
            for action in call.parameters["ActionNames"]
        ],
        "IsTruncated": False,
    }


def _may(role: str, action: str) -> bool:
    return role == CHANGE_ROLE or (role == AUDIT_ROLE and is_read(action.partition(":")[2]))


def _as_call(call: Call, action: str) -> Call:
    service, _, operation = action.partition(":")
    return Call(call.account_id, call.region, service, operation, call.access_key)
