"""The CloudWatch Logs group of a trail, and the role that CloudTrail takes to write there.

Sources: API reference, CreateTrail, CloudWatchLogsLogGroupArn ("a log group that exists in your account") and
CloudWatchLogsRoleArn; user guide, "Role policy document for CloudTrail to use CloudWatch Logs for monitoring". AWS's
codes and words: one without the other, pulumi/docs issue 5117; a group that is not there, terraform-provider-aws
issue 18038; trust, cloudposse/terraform-aws-cloudtrail-cloudwatch-alarms issue 2; permissions, aws-cli issue 5098.

Not proved: that the group must be in the trail's home region, and what AWS says to a role that does not exist. Here the
first is asked for, and the second is answered like a role that does not trust CloudTrail.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from moto.iam.models import Role, iam_backends
from moto.logs.models import logs_backends

from bot.playground.aws import refusals
from bot.playground.aws.policies import Access, allows, as_list
from bot.playground.aws.policy_documents import parsed

_GROUP = re.compile(r"arn:aws[a-z-]*:logs:([a-z0-9-]+):(\d{12}):log-group:([.\-_/#A-Za-z0-9]{1,512}):\*")


@dataclass(frozen=True)
class LogDelivery:
    """`region` is the trail's; `organization_id` is "" unless it is an organization trail."""

    group_arn: str
    role_arn: str
    account_id: str
    region: str
    organization_id: str = ""


class NewRoles:
    """IAM takes a moment to tell everybody of a new role: CloudTrail refuses one it never met `refusals` times.

    Source: IAM user guide, "Changes that I make are not always immediately visible"; terraform-provider-aws, which
    tries CreateTrail again on both errors that start with "Access denied." Off at the start.
    """

    refusals: ClassVar[int] = 0
    met: ClassVar[Counter[str]] = Counter()

    @classmethod
    def meet(cls, role: Role) -> int:
        """How often it has been met, 0 once CloudTrail knows it."""
        cls.met[role.id] += 1
        return cls.met[role.id] if cls.met[role.id] <= cls.refusals else 0


def check_log_delivery(to: LogDelivery) -> None:
    """For CreateTrail and UpdateTrail. A trail with neither group nor role is fine."""
    if not to.group_arn and not to.role_arn:
        return
    if not to.role_arn:
        raise refusals.invalid_logs_role("You must specify a role ARN as well as a log group.")
    if not to.group_arn:
        raise refusals.invalid_log_group("You must specify a log group as well as a role ARN.")
    match log_obstacle(to) or _of_a_new_role(to):
        case "ResourceNotFoundException":
            raise refusals.invalid_log_group("Check the log group ARN: CloudTrail can't validate it.")
        case "AccessDenied: trust":
            raise refusals.invalid_logs_role("Access denied. Check the trust relationships for your role.")
        case "AccessDenied":
            raise refusals.invalid_log_group("Access denied. Check the permissions for your role.")


def log_obstacle(to: LogDelivery) -> str:
    """What stops a delivery to the group, "" when it succeeds. How AWS words it in GetTrailStatus is not known."""
    if not _group_exists(to):
        return "ResourceNotFoundException"
    role = _role(to)
    if role is None or not _trusts_cloudtrail(role):
        return "AccessDenied: trust"
    return "" if all(_role_allows(role, access) for access in _needed(to)) else "AccessDenied"


def _of_a_new_role(to: LogDelivery) -> str:
    """Its trust is not known at first, its permissions are not known after that."""
    role = _role(to)
    times = NewRoles.meet(role) if role else 0
    return {0: "", 1: "AccessDenied: trust"}.get(times, "AccessDenied")


def _group_exists(to: LogDelivery) -> bool:
    found = _GROUP.fullmatch(to.group_arn)
    if found is None or found.groups()[:2] != (to.region, to.account_id):
        return False
    return found[3] in logs_backends[to.account_id][to.region].groups


def _role(to: LogDelivery) -> Role | None:
    roles = iam_backends[to.account_id]["aws"].roles.values()
    return next((role for role in roles if role.arn == to.role_arn), None)


def _trusts_cloudtrail(role: Role) -> bool:
    """A role is its own resource, which trust policies leave out."""
    trust: Any = json.loads(role.assume_role_policy_document)
    statements = [{"Resource": "*", **statement} for statement in as_list(trust.get("Statement"))]
    return allows({"Statement": statements}, Access("sts:AssumeRole", role.arn))


def _needed(to: LogDelivery) -> Iterator[Access]:
    """The stream's name begins as below; where there is much to write, CloudTrail adds numbered ones."""
    own = f"{to.account_id}_CloudTrail_{to.region}"
    for stream in (own, f"{own}_2", *([f"{to.organization_id}_{own}"] if to.organization_id else [])):
        for action in ("logs:CreateLogStream", "logs:PutLogEvents"):
            yield Access(action, f"{to.group_arn.removesuffix(':*')}:log-stream:{stream}", names=None)


def _role_allows(role: Role, access: Access) -> bool:
    """All its policies together, inline and managed; a permissions boundary is not played."""
    managed = [v.document for policy in role.managed_policies.values() for v in policy.versions if v.is_default]
    documents = [parsed(text) or {} for text in [*role.policies.values(), *managed]]
    return allows({"Statement": [s for d in documents for s in as_list(d.get("Statement"))]}, access)
