"""What CloudWatch Logs and IAM refuse, beyond moto, of what CloudTrail's log group and its role need.

Sources: CloudWatch Logs API reference, CreateLogGroup (logGroupName) and PutRetentionPolicy (retentionInDays):
InvalidParameterException; IAM API reference, CreateRole and UpdateAssumeRolePolicy: MalformedPolicyDocument. HTTP 400.
"""

import re
from collections.abc import Mapping
from typing import Any

from bot.playground.aws.callers import Caller
from bot.playground.aws.calls import Call
from bot.playground.aws.denials import Refusal
from bot.playground.aws.policy_documents import fault_in, invalid_principal, missing_element

RETENTION_DAYS = frozenset(
    {1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653}
)
LOG_GROUP_NAME = re.compile(r"[.\-_/#A-Za-z0-9]{1,512}")


def bad_log_group_name(call: Call, _caller: Caller) -> Refusal | None:
    name = str(call.parameters.get("logGroupName", ""))
    if call.name != "logs:CreateLogGroup" or LOG_GROUP_NAME.fullmatch(name):
        return None
    return Refusal(f"Value '{name}' at 'logGroupName' is no name of a log group.", "InvalidParameterException", 400)


def bad_retention(call: Call, _caller: Caller) -> Refusal | None:
    days = call.parameters.get("retentionInDays")
    if call.name != "logs:PutRetentionPolicy" or days in RETENTION_DAYS:
        return None
    return Refusal(f"Value '{days}' at 'retentionInDays' is not one of the allowed.", "InvalidParameterException", 400)


def malformed_trust_policy(call: Call, _caller: Caller) -> Refusal | None:
    field = {"CreateRole": "AssumeRolePolicyDocument", "UpdateAssumeRolePolicy": "PolicyDocument"}.get(call.operation)
    if call.service != "iam" or field is None:
        return None
    fault = fault_in(str(call.parameters.get(field, "")), _trust_fault)
    return Refusal(fault, "MalformedPolicyDocument", 400) if fault else None


def _trust_fault(statement: Mapping[str, Any]) -> str:
    missing = missing_element(statement, "Principal", "Action")
    unknown = "" if missing else invalid_principal(statement)
    return missing or (f'Invalid principal in policy: "AWS":"{unknown}"' if unknown else "")


RULES = (bad_log_group_name, bad_retention, malformed_trust_policy)
