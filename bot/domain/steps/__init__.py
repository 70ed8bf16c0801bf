"""The closed set of AWS writes. There is no other way to change AWS than one of these, approved.

A step is a wish: `already(snapshot)` says whether it is fulfilled, `apply(snapshot)` what the world is like when it
is. Both are pure, so a plan can be proved before anybody is asked. One step is one AWS call.
"""

from bot.domain.policy import same
from bot.domain.resources import Key, Role, Topic
from bot.domain.selectors import same_selectors
from bot.domain.steps.bucket import CreateBucket, ProtectBucket, PutBucketPolicy
from bot.domain.steps.key import CreateAlias, CreateKey, PutKeyPolicy
from bot.domain.steps.logs import CreateLogGroup, CreateRole, PutRolePolicy
from bot.domain.steps.selectors import PutEventSelectors, PutInsightSelectors
from bot.domain.steps.settings import Settings, UpdateTrail, updating
from bot.domain.steps.topic import CreateTopic, PutTopicPolicy
from bot.domain.steps.trail import CreateTrail, DeleteTrail, StartLogging, StopLogging
from bot.domain.trail import Snapshot, Trail, Unreadable

__all__ = [
    "ORGANIZATION",
    "STEPS",
    "CreateAlias",
    "CreateBucket",
    "CreateKey",
    "CreateLogGroup",
    "CreateRole",
    "CreateTopic",
    "CreateTrail",
    "DeleteTrail",
    "ProtectBucket",
    "PutBucketPolicy",
    "PutEventSelectors",
    "PutInsightSelectors",
    "PutKeyPolicy",
    "PutRolePolicy",
    "PutTopicPolicy",
    "Settings",
    "StartLogging",
    "Step",
    "StopLogging",
    "UpdateTrail",
    "could_not_see",
    "permission",
    "permissions",
    "predict",
    "updating",
    "would_overwrite",
]

Step = (
    CreateBucket
    | ProtectBucket
    | PutBucketPolicy
    | CreateKey
    | CreateAlias
    | PutKeyPolicy
    | CreateTopic
    | PutTopicPolicy
    | CreateLogGroup
    | CreateRole
    | PutRolePolicy
    | CreateTrail
    | UpdateTrail
    | PutEventSelectors
    | PutInsightSelectors
    | StartLogging
    | StopLogging
    | DeleteTrail
)
STEPS: tuple[type[Step], ...] = (
    CreateBucket,
    PutBucketPolicy,
    ProtectBucket,
    CreateKey,
    CreateAlias,
    PutKeyPolicy,
    CreateTopic,
    PutTopicPolicy,
    CreateLogGroup,
    CreateRole,
    PutRolePolicy,
    CreateTrail,
    UpdateTrail,
    PutEventSelectors,
    StartLogging,
    PutInsightSelectors,
    StopLogging,
    DeleteTrail,
)
"""Every step there is, in the order in which a plan carries them out: what a trail leans on comes before it.

A policy comes before the block of public ones: with the block on, S3 refuses a policy that keeps a public statement.
"""

PERMISSIONS = {
    "s3:PutPublicAccessBlock": "s3:PutBucketPublicAccessBlock",
    "s3:PutBucketEncryption": "s3:PutEncryptionConfiguration",
    "s3:PutBucketLifecycleConfiguration": "s3:PutLifecycleConfiguration",
}
"""Calls whose permission has another name. Source: service authorization reference, Amazon S3."""


def permission(step: Step) -> str:
    """The IAM action that the change role needs."""
    return PERMISSIONS.get(step.call, step.call)


NAMING_A_ROLE = "iam:PassRole"
"""To name a role that CloudTrail is to write with. Source: the managed policy AWSCloudTrail_FullAccess."""
ORGANIZATION = (
    "iam:CreateServiceLinkedRole",
    "iam:GetRole",
    "organizations:DescribeOrganization",
    "organizations:ListAWSServiceAccessForOrganization",
)
"""What an organization's trail needs beside. Sources: service authorization reference, AWS CloudTrail, "Dependent
actions" of CreateTrail; CloudTrail user guide, "Prepare for creating a trail for your organization" (for
DescribeOrganization; that page's other actions are what its console does, to turn on trusted access)."""


def permissions(step: Step) -> tuple[str, ...]:
    """All IAM actions that AWS wants of the change role for the step's one call; that of the call itself first."""
    match step:
        case CreateTrail():
            passed = (NAMING_A_ROLE,) if step.log_role else ()
            return (permission(step), *passed, *(ORGANIZATION if step.organization else ()))
        case UpdateTrail() if step.to.log_role:
            return (permission(step), NAMING_A_ROLE)
        case _:
            return (permission(step),)


def predict(world: Snapshot, steps: tuple[Step, ...]) -> Snapshot:
    """The world after these steps."""
    for step in steps:
        world = step.apply(world)
    return world


def would_overwrite(step: Step, world: Snapshot) -> bool:
    """Would a step that replaces a whole text or list undo what somebody else wrote there since the plan was made?

    What could not be read is no answer to this; ask `could_not_see` first.
    """
    match step:
        case PutBucketPolicy():
            bucket = world.bucket(step.name)
            return bucket is not None and not _either(bucket.policy, step)
        case PutEventSelectors():
            trail = world.trail(step.arn)
            return trail is not None and not any(same_selectors(trail.selectors, s) for s in (step.before, step.after))
        case UpdateTrail():
            trail = world.trail(step.arn)
            return trail is not None and not all(_as_known(world, trail, step, name) for name in step.to.named)
        case PutKeyPolicy() | PutTopicPolicy() | PutRolePolicy():
            there = world.resource(_holder(step))
            policy = "" if there is None or there.kind == "log-group" else there.policy
            return there is not None and not _either(policy, step)
        case _:
            return False


def could_not_see(step: Step, world: Snapshot) -> Unreadable | None:
    """What the step writes to, where it could not be read; the trails that a plan touches are the plan's to ask for."""
    match step:
        case CreateBucket() | ProtectBucket() | PutBucketPolicy():
            return next((b for b in world.buckets if isinstance(b, Unreadable)), None)
        case PutEventSelectors():
            trail = world.trail(step.arn)
            return trail.selectors if trail and isinstance(trail.selectors, Unreadable) else None
        case PutKeyPolicy() | PutTopicPolicy() | PutRolePolicy():
            there = world.resource(_holder(step))
            facts = (there.exists, getattr(there, "policy", "")) if there else ()
            return next((f for f in facts if isinstance(f, Unreadable)), None)
        case _:
            return None


def _as_known(world: Snapshot, trail: Trail, step: UpdateTrail, setting: str) -> bool:
    """The setting is still as it was planned upon, or already as it shall be; a key goes by either of its names."""
    now = {getattr(trail, setting), getattr(world.canonical(trail), setting)}
    return bool(now & {getattr(step.before, setting), getattr(step.to, setting)})


def _either(policy: object, step: PutBucketPolicy | PutKeyPolicy | PutTopicPolicy | PutRolePolicy) -> bool:
    """The policy is still as it was planned upon, or already as it shall be."""
    return same(policy, step.before) or same(policy, step.after)


def _holder(step: PutKeyPolicy | PutTopicPolicy | PutRolePolicy) -> Key | Topic | Role:
    """What the policy belongs to."""
    match step:
        case PutKeyPolicy():
            return Key(step.key, exists=True)
        case PutTopicPolicy():
            return Topic(step.arn, exists=True)
        case PutRolePolicy():
            return Role(step.role, exists=True)
