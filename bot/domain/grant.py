"""What the change role must be allowed for a plan, each on its own resource, and what a simulation said of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.domain import steps
from bot.domain.check import Check, because
from bot.domain.plan import Plan
from bot.domain.resources import OUR_ROLES, Key, is_our_role
from bot.domain.statements import log_group_arn
from bot.domain.steps import ORGANIZATION, Step, permissions
from bot.domain.trail import Account, Snapshot, Unreadable


@dataclass(frozen=True, order=True)
class Grant:
    """One IAM action on one resource (an ARN, or "*" where the action knows none), asked for in one region."""

    action: str
    resource: str
    region: str


class Ruling(StrEnum):
    """A simulation's answer, and whose policy says no."""

    ALLOWED = "allowed"
    MISSING = "missing"
    DENIED = "denied"
    ORGANIZATION = "organization"
    BOUNDARY = "boundary"
    DEPENDS = "depends"
    """Denied, but by policies with conditions that the simulation does not know."""


Rulings = Mapping[Grant, Ruling | Unreadable]


def grants(plan: Plan) -> tuple[Grant, ...]:
    """All that the plan's steps need, each once, in the order of the steps."""
    return tuple(dict.fromkeys(grant for step in plan.steps for grant in _of(step, plan.before)))


def _of(step: Step, world: Snapshot) -> Iterator[Grant]:
    """A step on an organization's trail may need what making one needs."""
    arn = getattr(step, "arn", "") if step.call.startswith("cloudtrail:") else ""
    trail = world.trail(arn)
    more = ORGANIZATION if trail and trail.organization else ()
    for action in dict.fromkeys((*permissions(step), *more)):
        yield Grant(action, _resource(action, step, world), step.region)


SERVICE_LINKED = "aws-service-role/cloudtrail.amazonaws.com/AWSServiceRoleForCloudTrail"


def _resource(action: str, step: Step, world: Snapshot) -> str:
    """Policies may be narrowed to resources, so "*" would be denied where the real call is allowed."""
    account = world.account
    match action:
        case "iam:PassRole":
            return getattr(step, "log_role", "") or getattr(getattr(step, "to", None), "log_role", "")
        case "iam:CreateServiceLinkedRole" | "iam:GetRole":
            return f"arn:{account.partition}:iam::{account.id}:role/{SERVICE_LINKED}"
        case _ if action.startswith("organizations:"):
            return "*"
        case _:
            return _acted_on(step, world, account)


def _acted_on(step: Step, world: Snapshot, account: Account) -> str:
    """The ARN of what the step's own call acts on. A log group is asked for as its (empty) stream, as AWS words it."""
    match step:
        case steps.CreateBucket() | steps.ProtectBucket() | steps.PutBucketPolicy():
            return f"arn:{account.partition}:s3:::{step.name}"
        case steps.CreateKey():
            return "*"
        case steps.CreateAlias():
            return f"arn:{account.partition}:kms:{step.region}:{account.id}:{step.alias}"
        case steps.PutKeyPolicy():
            return _key_arn(step.key, world)
        case steps.CreateLogGroup():
            return f"{log_group_arn(account, step.region, step.name)}:log-stream:"
        case steps.CreateRole():
            return f"arn:{account.partition}:iam::{account.id}:role/{step.name}"
        case steps.PutRolePolicy():
            return f"arn:{account.partition}:iam::{account.id}:role/{step.role}"
        case _:
            return step.arn


def _key_arn(name: str, world: Snapshot) -> str:
    """A permission is on the key, whatever alias it was asked for by."""
    key = world.resource(Key(name, exists=True))
    return key.arn if isinstance(key, Key) and key.arn else name


POLICY_FILE = "config/iam/change.json"
WORDS = {
    Ruling.MISSING: f"The change role lacks {{what}}. Give it the policy in {POLICY_FILE}.",
    Ruling.DENIED: "A policy of the change role denies {what}. Take that Deny out.",
    Ruling.ORGANIZATION: "A service control policy of the organization forbids {what}. Ask whoever manages the "
    "organization's policies to exempt the change role.",
    Ruling.BOUNDARY: f"The change role's permissions boundary leaves out {{what}}. Add what {POLICY_FILE} has to it.",
    Ruling.DEPENDS: "Whether the change role may {what} depends on conditions that a simulation does not know.",
}
NO_SUCH_ROLE = frozenset({"NoSuchEntity", "NoSuchEntityException"})


def permission_checks(rulings: Rulings) -> tuple[Check, ...]:
    """One check for each kind of answer."""
    return (*_ruled(rulings), *_unread(rulings))


OTHER_ROLE = f" It is for new roles whose name begins with {OUR_ROLES}, so name the role like that."


def _ruled(rulings: Rulings) -> Iterator[Check]:
    for ruling, words in WORDS.items():
        refused = [grant for grant, found in rulings.items() if found == ruling]
        if refused:
            state = "unchecked" if ruling is Ruling.DEPENDS else "fails"
            more = OTHER_ROLE if ruling is Ruling.MISSING and any(map(_makes_another_role, refused)) else ""
            yield Check(state, f"{words.format(what=_listed(refused))}{more}")  # type: ignore[arg-type]  # one of both
    if rulings and all(found == Ruling.ALLOWED for found in rulings.values()):
        yield Check("ready", f"The change role has the permissions that the plan needs ({len(rulings)}, simulated).")


def _makes_another_role(grant: Grant) -> bool:
    return grant.action == "iam:CreateRole" and not is_our_role(grant.resource)


def _listed(refused: list[Grant]) -> str:
    return ", ".join(g.action if g.resource == "*" else f"{g.action} on {g.resource}" for g in refused)


def _unread(rulings: Rulings) -> Iterator[Check]:
    for found in dict.fromkeys(r for r in rulings.values() if isinstance(r, Unreadable)):
        if found.error in NO_SUCH_ROLE:
            yield Check("fails", f"The account has no change role. Make it, with the policy in {POLICY_FILE}.")
        else:
            yield Check("unchecked", f"What the change role may do could not be simulated: {because(found)}.")
