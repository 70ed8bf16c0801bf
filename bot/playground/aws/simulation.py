"""iam:SimulatePrincipalPolicy, which moto lacks: may this role do this? The answer is what `permissions` would do.

Source: IAM API reference, SimulatePrincipalPolicy, EvaluationResult.EvalDecision: allowed, explicitDeny, implicitDeny;
OrganizationsDecisionDetail.AllowedByOrganizations: whether the organization's service control policies allow it.
A role with no special name may do everything, until a denial is switched on.
"""

from collections.abc import Callable
from typing import Any

from bot.playground.aws.calls import Call, is_read
from bot.playground.aws.faults import Denial
from bot.playground.aws.permissions import AUDIT_ROLE


def simulate_principal_policy(call: Call, denial_of: Callable[[Call], Denial | None]) -> dict[str, Any]:
    """One result for each action and resource; `denial_of` knows the denials that were switched on."""
    role = str(call.parameters["PolicySourceArn"]).split("/")[-1]
    return {
        "EvaluationResults": [
            _result(role, action, resource, denial_of(_as_call(call, role, action, resource)))
            for action in call.parameters["ActionNames"]
            for resource in call.parameters.get("ResourceArns") or ("*",)
        ],
        "IsTruncated": False,
    }


def _result(role: str, action: str, resource: str, denial: Denial | None) -> dict[str, Any]:
    organization = denial is None or "service control policy" not in denial.because
    return {
        "EvalActionName": action,
        "EvalResourceName": resource,
        "EvalDecision": _decision(role, action, denial),
        "OrganizationsDecisionDetail": {"AllowedByOrganizations": organization},
    }


def _decision(role: str, action: str, denial: Denial | None) -> str:
    if denial:
        return "explicitDeny" if "explicit deny" in denial.because else "implicitDeny"
    reads_only = role == AUDIT_ROLE and not is_read(action.partition(":")[2])
    return "implicitDeny" if reads_only else "allowed"


def _as_call(call: Call, role: str, action: str, resource: str) -> Call:
    """A role is assumed in the role's own account."""
    service, _, operation = action.partition(":")
    asked = {"RoleArn": resource} if action == "sts:AssumeRole" else {}
    return Call(call.account_id, call.region, service, operation, call.access_key, role=role, parameters=asked)
