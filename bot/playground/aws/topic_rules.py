"""What SNS refuses, beyond moto: a policy that is none, a topic of another account.

Sources: SNS API reference, SetTopicAttributes, Errors: InvalidParameter (HTTP 400) and AuthorizationError (HTTP 403).
The words about a wrong policy are ours but for their beginning. A topic's policy may only be about the topic itself;
whether AWS takes a wildcard there is not known, so none is taken.
"""

from collections.abc import Mapping
from typing import Any

from bot.playground.aws.callers import Caller
from bot.playground.aws.calls import Call
from bot.playground.aws.denials import Refusal, denied
from bot.playground.aws.policies import as_list
from bot.playground.aws.policy_documents import INVALID_PRINCIPAL, fault_in, invalid_principal, missing_element


def topic_of_another_account(call: Call, caller: Caller) -> Refusal | None:
    """Stricter than AWS where a topic's policy opens it to other accounts."""
    account_id = str(call.parameters.get("TopicArn", "")).split(":")[4:5]
    if call.service != "sns" or account_id in ([], [call.account_id]):
        return None
    reason = "because no resource-based policy allows the {action} action"
    return denied(call, caller, reason)


def malformed_topic_policy(call: Call, _caller: Caller) -> Refusal | None:
    asked = call.parameters
    if call.name != "sns:SetTopicAttributes" or asked.get("AttributeName") != "Policy":
        return None
    topic_arn = str(asked.get("TopicArn", ""))
    fault = fault_in(str(asked.get("AttributeValue", "")), lambda statement: _statement_fault(statement, topic_arn))
    return Refusal(f"Invalid parameter: Policy Error: {fault}", "InvalidParameter", 400) if fault else None


def _statement_fault(statement: Mapping[str, Any], topic_arn: str) -> str:
    missing = missing_element(statement, "Principal", "Action", "Resource")
    if not missing and invalid_principal(statement):
        return INVALID_PRINCIPAL
    inside = all(resource == topic_arn for resource in as_list(statement.get("Resource")))
    return missing or ("" if inside else "Invalid resource")


RULES = (topic_of_another_account, malformed_topic_policy)
