"""Who may do what. moto lets everybody do everything; AWS does not.

Each rule looks at one call and says why it is refused, or nothing. They are asked in the order of RULES, at the end.
Policies are not evaluated: the roles have the permissions that their names promise.
"""

import json
from typing import Any

from moto.iam.models import iam_backends

from bot.playground.aws import bucket_rules, event_rules, key_rules, log_rules, topic_rules
from bot.playground.aws.callers import BOT_USER, Caller
from bot.playground.aws.calls import Call
from bot.playground.aws.denials import Refusal, denied
from bot.playground.aws.membership import management_account
from bot.playground.aws.policies import as_list
from bot.playground.aws.regions import OPT_IN_REGIONS

AUDIT_ROLE = "TrailwardenAudit"
CHANGE_ROLE = "TrailwardenChange"


def unknown_key(call: Call, caller: Caller) -> Refusal | None:
    """Source: "Common errors" of each service: UnrecognizedClientException (JSON), InvalidClientTokenId (query)."""
    if caller.known:
        return None
    codes = {"s3": "InvalidAccessKeyId", "sts": "InvalidClientTokenId", "iam": "InvalidClientTokenId"}
    code = codes.get(call.service, "UnrecognizedClientException")
    return Refusal("The security token included in the request is invalid.", code)


def role_that_does_not_let_us_in(call: Call, caller: Caller) -> Refusal | None:
    """A role that does not exist is refused like one that does not trust us.

    Source: IAM user guide, "Troubleshoot IAM roles", "I can't assume a role".
    """
    if call.name != "sts:AssumeRole":
        return None
    arn = str(call.parameters["RoleArn"])
    role = next((r for r in iam_backends[call.target_account]["aws"].roles.values() if r.arn == arn), None)
    trusted = role is not None and _trusts(json.loads(role.assume_role_policy_document), caller)
    return None if trusted else denied(call, caller, because="")


def _trusts(trust_policy: dict[str, Any], caller: Caller) -> bool:
    """Principals that are accounts or exactly the caller; conditions (external id) are not played."""
    principals = [p for s in trust_policy["Statement"] for p in as_list(s["Principal"].get("AWS"))]
    return bool({caller.arn, caller.account_id, f"arn:aws:iam::{caller.account_id}:root"} & set(principals))


def simulation_of_nobody(call: Call, _caller: Caller) -> Refusal | None:
    """Source: IAM API reference, SimulatePrincipalPolicy, Errors: NoSuchEntity, HTTP 404."""
    if call.name != "iam:SimulatePrincipalPolicy":
        return None
    arn = str(call.parameters["PolicySourceArn"])
    iam = iam_backends[call.account_id]["aws"]
    known = {role.arn for role in iam.roles.values()} | {user.arn for user in iam.users.values()}
    return None if arn in known else Refusal(f"{arn} cannot be found.", "NoSuchEntity", 404)


def write_with_a_reading_role(call: Call, caller: Caller) -> Refusal | None:
    """The audit role reads. So does the bot's own user, which may also assume roles."""
    reader = caller.role == AUDIT_ROLE or caller.user == BOT_USER
    return denied(call, caller) if reader and not call.reads else None


def region_switched_off(call: Call, _caller: Caller) -> Refusal | None:
    """Keys are not known in a region that the account has not switched on.

    Source: account management reference, "Enable or disable AWS Regions"; UnrecognizedClientException. Played for
    CloudTrail, the only service that the bot asks region by region.
    """
    if call.service != "cloudtrail" or call.region not in OPT_IN_REGIONS:
        return None
    return Refusal("The security token included in the request is invalid.", "UnrecognizedClientException")


def organization_seen_by_a_member(call: Call, _caller: Caller) -> Refusal | None:
    """Only the management account sees the organization; a member sees who manages it.

    Source: Organizations API reference, each operation: "can be called only from the organization's management
    account or by a member account that is a delegated administrator"; AWSOrganizationsNotInUseException.
    """
    manager = management_account(call.account_id)
    if call.service != "organizations" or call.operation == "CreateOrganization" or manager == call.account_id:
        return None
    if not manager:
        return Refusal("Your account is not a member of an organization.", "AWSOrganizationsNotInUseException")
    known_to_all = call.operation == "DescribeOrganization"
    return None if known_to_all else Refusal("You don't have permissions to access this resource.")


ALWAYS = (
    write_with_a_reading_role,
    region_switched_off,
    organization_seen_by_a_member,
    *bucket_rules.RULES,
    *key_rules.RULES,
    *topic_rules.RULES,
    *log_rules.RULES,
    *event_rules.RULES,
)
SEEDED = (unknown_key, role_that_does_not_let_us_in, simulation_of_nobody, *ALWAYS)
"""With a seeded organization, only its keys and its roles exist; without one, any do, as in moto."""


def refusal(call: Call, caller: Caller, seeded: bool) -> Refusal | None:
    """Why AWS would not let this caller do this, or None."""
    answers = (rule(call, caller) for rule in (SEEDED if seeded else ALWAYS))
    return next((r for r in answers if r is not None), None)
