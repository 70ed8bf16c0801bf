"""The closed set of AWS writes. There is no other way to change AWS than one of these, approved.

A step is a wish: `already(snapshot)` says whether it is fulfilled, `apply(snapshot)` what the world is like when it
is. Both are pure, so a plan can be proved before anybody is asked. One step is one AWS call.
"""

from bot.domain.steps.bucket import CreateBucket, ProtectBucket, PutBucketPolicy
from bot.domain.steps.trail import CreateTrail, DeleteTrail, PutEventSelectors, StartLogging, UpdateTrail
from bot.domain.trail import Snapshot

__all__ = [
    "STEPS",
    "CreateBucket",
    "CreateTrail",
    "DeleteTrail",
    "ProtectBucket",
    "PutBucketPolicy",
    "PutEventSelectors",
    "StartLogging",
    "Step",
    "UpdateTrail",
    "permission",
    "predict",
]

Step = (
    StartLogging
    | UpdateTrail
    | PutEventSelectors
    | CreateBucket
    | ProtectBucket
    | PutBucketPolicy
    | CreateTrail
    | DeleteTrail
)
STEPS: tuple[type[Step], ...] = (
    CreateBucket,
    ProtectBucket,
    PutBucketPolicy,
    CreateTrail,
    UpdateTrail,
    PutEventSelectors,
    StartLogging,
    DeleteTrail,
)
"""Every step there is, in the order in which a plan carries them out."""


def permission(step: Step) -> str:
    """The IAM action that the change role needs; CloudTrail's and these of S3 are named like their calls."""
    return {"s3:PutPublicAccessBlock": "s3:PutBucketPublicAccessBlock"}.get(step.call, step.call)


def predict(world: Snapshot, steps: tuple[Step, ...]) -> Snapshot:
    """The world after these steps."""
    for step in steps:
        world = step.apply(world)
    return world


def would_overwrite(step: Step, world: Snapshot) -> bool:
    """Would a step that replaces a whole text or list undo what somebody else wrote there since the plan was made?"""
    match step:
        case PutBucketPolicy():
            bucket = world.bucket(step.name)
            return bucket is not None and bucket.policy not in (step.before, step.after)
        case PutEventSelectors():
            trail = world.trail(step.arn)
            return trail is not None and trail.selectors not in (step.before, step.after)
        case _:
            return False
