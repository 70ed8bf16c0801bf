"""What an AWS error means to the person who has to act on it."""

ADVICE = {
    "MaximumNumberOfTrailsExceededException": "A region holds five trails already; convert one instead of making one.",
    "TrailAlreadyExistsException": "A trail of that name exists already; audit again and choose another name.",
    "TrailNotFoundException": "The trail is gone; audit again.",
    "S3BucketDoesNotExistException": "The bucket does not exist; make it, or choose another.",
    "InsufficientS3BucketPolicyException": "The bucket policy does not let CloudTrail write; mend it, then ask again.",
    "BucketAlreadyExists": "The bucket's name is taken by somebody else; choose another.",
    "BucketAlreadyOwnedByYou": "The bucket exists already; choose “existing bucket”.",
    "InvalidHomeRegionException": "The trail's home is in another region; audit again.",
    "InvalidEventSelectorsException": "AWS does not accept the selectors; mend them in the console.",
    "ConflictException": "AWS is still busy with an earlier change; wait some minutes, then ask again.",
    "ThrottlingException": "AWS asks to slow down; wait a minute, then ask again.",
    "AccessDenied": "The change role lacks a permission, or a policy of the organization forbids it.",
    "AccessDeniedException": "The change role lacks a permission, or a policy of the organization forbids it.",
}


def advice(code: str, message: str) -> str:
    """AWS's own words, and ours on what to do."""
    ours = ADVICE.get(code, "See what AWS says, then ask again.")
    return f"{code}{f' ({message.rstrip(chr(46))})' if message else ''}. {ours}"
