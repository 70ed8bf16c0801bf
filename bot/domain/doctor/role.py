"""What the change role must be allowed, asked as a simulation asks: each action of config/iam/change.json on a resource
of the kind that a step would act on. The names are made up: no such bucket or trail need exist.
"""

from bot.domain.grant import SERVICE_LINKED, Grant
from bot.domain.resources import OUR_ROLES
from bot.domain.statements import log_group_arn
from bot.domain.trail import Account

NAME = "trailwarden-doctor"
FOR_AN_ORGANIZATION = frozenset(
    {
        "iam:CreateServiceLinkedRole",
        "iam:GetRole",
        "organizations:DescribeOrganization",
        "organizations:ListAWSServiceAccessForOrganization",
    }
)
"""They matter in the account that manages the organization, and may be left out elsewhere: docs/permissions.md."""
PLAIN = frozenset({"kms:CreateKey", *(a for a in FOR_AN_ORGANIZATION if a.startswith("organizations:"))})
"""Actions that know no resource."""


def wanted(account: Account, actions: tuple[str, ...], manages: bool) -> tuple[Grant, ...]:
    """`actions` are those of the policy file; `manages`: the account is its organization's management account."""
    asked = (a for a in actions if manages or a not in FOR_AN_ORGANIZATION)
    return tuple(Grant(action, _resource(action, account), account.reading_region) for action in asked)


def _resource(action: str, account: Account) -> str:
    if action in PLAIN:
        return "*"
    if action in FOR_AN_ORGANIZATION:
        return f"arn:{account.partition}:iam::{account.id}:role/{SERVICE_LINKED}"
    here = f"{account.reading_region}:{account.id}"
    made = {
        "cloudtrail": f"arn:{account.partition}:cloudtrail:{here}:trail/{NAME}",
        "iam": f"arn:{account.partition}:iam::{account.id}:role/{OUR_ROLES}Logs",
        "logs": f"{log_group_arn(account, account.reading_region, NAME)}:log-stream:",
        "s3": f"arn:{account.partition}:s3:::{NAME}-{account.id}",
        "sns": f"arn:{account.partition}:sns:{here}:{NAME}",
    }
    kind = "alias" if action == "kms:CreateAlias" else "key"
    return made.get(action.partition(":")[0], f"arn:{account.partition}:kms:{here}:{kind}/{NAME}")
