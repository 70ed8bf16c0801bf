"""How long an error of AWS is worth waiting for: what was just written takes a moment to be seen everywhere."""

from datetime import timedelta

from bot.domain.steps import (
    CreateAlias,
    CreateKey,
    CreateLogGroup,
    CreateRole,
    CreateTopic,
    CreateTrail,
    PutBucketPolicy,
    PutKeyPolicy,
    PutRolePolicy,
    PutTopicPolicy,
    Step,
)

SETTLES_WITHIN = timedelta(seconds=60)
"""AWS is not instantly consistent; a fresh read is tried again for this long."""
LOOK_EVERY = 2.0
SOON = (1.0, 2.0, 4.0, 8.0, 16.0)
"""Seconds before each further try."""
IN_MINUTES = (15.0, 30.0, 60.0, 120.0)
"""AWS is busy with an earlier change of the same trail. Source: CloudTrail API reference, ConflictException."""
BUSY = {
    "ThrottlingException": SOON,
    "Throttling": SOON,
    "SlowDown": SOON,
    "OperationAborted": SOON,
    "ConflictException": IN_MINUTES,
}
LOGS = (CreateLogGroup, CreateRole, PutRolePolicy)
KEYS = (CreateKey, CreateAlias, PutKeyPolicy)
NOT_SEEN_YET: dict[str, tuple[type[Step], ...]] = {
    "InsufficientS3BucketPolicyException": (PutBucketPolicy,),
    "InsufficientEncryptionPolicyException": KEYS,
    "KmsKeyNotFoundException": KEYS,
    "KmsException": KEYS,
    "InsufficientSnsTopicPolicyException": (CreateTopic, PutTopicPolicy),
    "InvalidCloudWatchLogsLogGroupArnException": LOGS,
    "InvalidCloudWatchLogsRoleArnException": LOGS,
    "CloudWatchLogsDeliveryUnavailableException": LOGS,
    "NoSuchEntity": (CreateRole,),
    "NotFoundException": (CreateKey,),
    "TrailNotFoundException": (CreateTrail,),
}
"""Errors that pass by themselves where one of these steps has just been taken; elsewhere they are meant."""


def patience(code: str, taken: tuple[Step, ...]) -> tuple[float, ...]:
    """The seconds to wait before each further try after this error; none where it is final."""
    if code in BUSY:
        return BUSY[code]
    return SOON if any(isinstance(step, NOT_SEEN_YET.get(code, ())) for step in taken) else ()
