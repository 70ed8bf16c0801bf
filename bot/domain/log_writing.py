"""Can a trail write to CloudWatch Logs? By the facts of its log group and its role; and the steps that it takes.

Source: CloudTrail user guide, "Sending events to CloudWatch Logs": group and role go together, both of the trail's
account, the group in its home region.
"""

import hashlib

from bot.domain.control import Look
from bot.domain.policy import Home, grants, merged, statements_of
from bot.domain.refusal import Refused
from bot.domain.resources import LogGroup, Role
from bot.domain.statements import Writer, log_role_policy, log_role_trust
from bot.domain.steps import CreateLogGroup, CreateRole, PutRolePolicy, Settings, Step, updating
from bot.domain.trail import Account, Snapshot, Trail, Unreadable

TRUST_LIMIT, POLICY_LIMIT = 2_048, 10_240
"""Bytes of a role's trust policy, and of all its inline policies. Source: IAM quotas."""


def looks(account: Account, trail: Trail) -> Look:
    """The trail's group and role, and those that it would get."""
    roles = dict.fromkeys((*filter(None, (_role_name(trail),)), _own_role(trail)))
    group = LogGroup(_group_name(account, trail), exists=False, region=trail.home_region)
    return Look(resources=(group, *(Role(name, exists=False) for name in roles)))


def wanting(world: Snapshot, trail: Trail) -> tuple[Step, ...]:
    """The steps after which it can write; none where nothing is missing. Refused: somebody else has to act."""
    name, region = _group_name(world.account, trail), trail.home_region
    group = world.resource(LogGroup(name, exists=False, region=region))
    if group is None:
        raise Refused(_unseen(f"log group {name}", None))
    if isinstance(group.exists, Unreadable):
        raise Refused(_unseen(f"log group {name}", group.exists))
    role, role_arn = _role(world, trail)
    writer = Writer(world.account, trail.arn, world.organization if trail.organization else "")
    to = Settings(log_group=_group_arn(world.account, trail, name), log_role=role_arn)
    named = (trail.log_group, trail.log_role) == (to.log_group, to.log_role)
    return (
        *(() if group.exists else (CreateLogGroup(name, region),)),
        *_role_steps(role, region, log_role_policy(writer, name)),
        *(() if named else (updating(trail, to),)),
    )


def _unseen(what: str, why: Unreadable | None) -> str:
    if why is None:  # never taken for "not there"
        return f"The {what} was not looked at. Ask anew, and it will be."
    return f"The {what} could not be looked at: {why.sentence}."


def _group_name(account: Account, trail: Trail) -> str:
    """The trail's own, where it is one that CloudTrail can write to; else a new one."""
    name = trail.log_group.partition(":log-group:")[2].removesuffix(":*")
    return name if name and trail.log_group == _group_arn(account, trail, name) else _own_group(trail)


def _own_group(trail: Trail) -> str:
    return f"/trailwarden/cloudtrail/{trail.name}"


def _group_arn(account: Account, trail: Trail, name: str) -> str:
    return f"arn:{account.partition}:logs:{trail.home_region}:{account.id}:log-group:{name}:*"


def _role_name(trail: Trail) -> str:
    """arn:partition:iam::account:role/path/NAME -> NAME."""
    return trail.log_role.rpartition("/")[2]


def _own_role(trail: Trail) -> str:
    """One for each trail, because its policy names the trail's log group; IAM's names are the same in every region."""
    return f"TrailwardenCloudTrailLogs-{hashlib.sha256(trail.arn.encode()).hexdigest()[:12]}"


def _role(world: Snapshot, trail: Trail) -> tuple[Role, str]:
    """The role to write with, and its ARN: the trail's own, where CloudTrail may assume it."""
    present = world.resource(Role(_role_name(trail), exists=False)) if trail.log_role else None
    if isinstance(present, Role) and present.exists is True and _trusts(present):
        return present, trail.log_role
    name = _own_role(trail)
    ours = world.resource(Role(name, exists=False))
    if not isinstance(ours, Role):
        raise Refused(_unseen(f"role {name}", None))
    if isinstance(ours.exists, Unreadable):
        raise Refused(_unseen(f"role {name}", ours.exists))
    if ours.exists and not _trusts(ours):
        raise Refused(f"There is a role {name} that CloudTrail may not assume. Whoever made it has to delete it.")
    return ours, f"arn:{world.account.partition}:iam::{world.account.id}:role/{name}"


def _trusts(role: Role) -> bool:
    whose = Home(f"role {role.name}", TRUST_LIMIT)
    return not merged(role.trust, statements_of(log_role_trust(), whose), whose).added


def _role_steps(role: Role, region: str, policy: str) -> tuple[Step, ...]:
    """Beside what else the role may do, which is its owner's business, it gets one inline policy of ours."""
    if isinstance(role.policy, Unreadable):
        raise Refused(_unseen(f"policy of role {role.name}", role.policy))
    made = () if role.exists else (CreateRole(role.name, region, log_role_trust()),)
    put = () if _allows(role, policy) else (PutRolePolicy(role.name, region, role.policy, policy),)
    return (*made, *put)


def _allows(role: Role, wanted: str) -> bool:
    whose = Home(f"role {role.name}", POLICY_LIMIT)
    there = statements_of(str(role.policy), whose)
    return all(any(grants(t, w) for t in there) for w in statements_of(wanted, whose))
