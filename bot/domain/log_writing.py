"""Can a trail write to CloudWatch Logs? By the facts of its log group and its role; and the steps that it takes.

Source: CloudTrail user guide, "Sending events to CloudWatch Logs": group and role go together, both of the trail's
account, the group in its home region.
"""

import hashlib

from bot.domain.control import Look
from bot.domain.policy import Home, Merged, merged, names_cloudtrail, statements_of
from bot.domain.refusal import Refused, not_looked_at
from bot.domain.resources import OUR_ROLES, LogGroup, Role, is_our_role
from bot.domain.statements import log_group_arn, log_role_policy, log_role_trust, writer_of
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
    _refuse_elsewhere(world, trail)
    name, region = _group_name(world.account, trail), trail.home_region
    group = _seen_group(world, LogGroup(name, exists=False, region=region))
    role, role_arn = _role(world, trail)
    policy = log_role_policy(writer_of(world, trail), name)
    if not is_our_role(role_arn):
        _refuse_untold(role, policy, name)
    to = Settings(log_group=_group_arn(world.account, trail, name), log_role=role_arn)
    named = (trail.log_group, trail.log_role) == (to.log_group, to.log_role)
    return (
        *(() if group.exists else (CreateLogGroup(name, region),)),
        *_role_steps(role, region, policy),
        *(() if named else (updating(trail, to),)),
    )


def _refuse_elsewhere(world: Snapshot, trail: Trail) -> None:
    """A delegated administrator keeps the log group of an organization's trail in its own account."""
    accounts = [arn.split(":")[4] for arn in (trail.log_group, trail.log_role) if arn]
    if elsewhere := next((account for account in accounts if account != world.account.id), ""):
        raise Refused(
            f"Trail {trail.name} writes to a log group of account {elsewhere}, which is not mended from "
            f"{world.account.label}. Whoever looks after {elsewhere} has to see that {trail.log_group} exists and that "
            f"{trail.log_role} may write to it (logs:CreateLogStream, logs:PutLogEvents)."
        )


def _seen_group(world: Snapshot, wanted: LogGroup) -> LogGroup:
    group = world.resource(wanted)
    if not isinstance(group, LogGroup):
        raise not_looked_at(f"The log group {wanted.name}")
    if isinstance(group.exists, Unreadable):
        raise _unseen(f"log group {wanted.name}", group.exists)
    return group


def _seen_role(world: Snapshot, name: str) -> Role:
    role = world.resource(Role(name, exists=False))
    if not isinstance(role, Role):
        raise not_looked_at(f"The role {name}")
    if isinstance(role.exists, Unreadable):
        raise _unseen(f"role {name}", role.exists)
    return role


def _unseen(what: str, why: Unreadable) -> Refused:
    return Refused(f"The {what} could not be looked at: {why.sentence}. Ask again when it can be.")


def _group_name(account: Account, trail: Trail) -> str:
    """The trail's own, where it is one that CloudTrail can write to; else a new one."""
    name = trail.log_group.partition(":log-group:")[2].removesuffix(":*")
    return name if name and trail.log_group == _group_arn(account, trail, name) else _own_group(trail)


def _own_group(trail: Trail) -> str:
    return f"/trailwarden/cloudtrail/{trail.name}"


def _group_arn(account: Account, trail: Trail, name: str) -> str:
    return f"{log_group_arn(account, trail.home_region, name)}:*"


def _role_name(trail: Trail) -> str:
    """arn:partition:iam::account:role/path/NAME -> NAME."""
    return trail.log_role.rpartition("/")[2]


def _own_role(trail: Trail) -> str:
    """One for each trail, because its policy names the trail's log group; IAM's names are the same in every region."""
    return f"{OUR_ROLES}Logs-{hashlib.sha256(trail.arn.encode()).hexdigest()[:12]}"


def _role(world: Snapshot, trail: Trail) -> tuple[Role, str]:
    """The role to write with, and its ARN: the trail's own, unless it is gone or its trust does not name CloudTrail."""
    if trail.log_role:
        present = _seen_role(world, _role_name(trail))
        if present.exists and trusts(present):
            return present, trail.log_role
    name = _own_role(trail)
    ours = _seen_role(world, name)
    if ours.exists and not trusts(ours):
        raise Refused(f"There is a role {name} that CloudTrail may not assume. Whoever made it has to delete it.")
    return ours, f"arn:{world.account.partition}:iam::{world.account.id}:role/{name}"


def trusts(role: Role) -> bool:
    """Does its trust policy name CloudTrail, on whatever conditions? Refused: it is not understood."""
    return names_cloudtrail(role.trust, Home(f"role {role.name}", TRUST_LIMIT))


def on_conditions(role: Role) -> bool:
    """Does its trust policy let CloudTrail in on conditions only? Which of them CloudTrail meets is not documented."""
    whose = Home(f"role {role.name}", TRUST_LIMIT)
    return bool(merged(role.trust, statements_of(log_role_trust(), whose), whose).added)


def _refuse_untold(role: Role, wanted: str, group: str) -> None:
    """The change role may not write to a role that is not ours, and its other policies are not read."""
    if not allows(role, wanted):
        raise Refused(
            f"Role {role.name} is not one that we may write to, and whether it lets CloudTrail write to log group "
            f"{group} is not known. Whoever looks after it has to see that the group exists and that the role allows "
            "logs:CreateLogStream and logs:PutLogEvents on it; or take group and role out of the trail and ask again: "
            "the fix then makes its own."
        )


def _role_steps(role: Role, region: str, policy: str) -> tuple[Step, ...]:
    """Beside what else the role may do, which is its owner's business, it gets one inline policy of ours.

    Another trail may write with the role too: what it needs stays.
    """
    made = () if role.exists else (CreateRole(role.name, region, log_role_trust()),)
    whole = _with(role, policy)
    put = (PutRolePolicy(role.name, region, str(role.policy), whole.text),) if whole.added else ()
    return (*made, *put)


def allows(role: Role, wanted: str) -> bool:
    """Does the inline policy of ours say all that is wanted? Refused: it could not be read, or is not understood."""
    return not _with(role, wanted).added


def _with(role: Role, wanted: str) -> Merged:
    if isinstance(role.policy, Unreadable):
        raise _unseen(f"policy of role {role.name}", role.policy)
    whose = Home(f"role {role.name}", POLICY_LIMIT)
    return merged(role.policy, statements_of(wanted, whose), whose)
