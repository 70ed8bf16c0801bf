"""CloudTrail's own refusals that moto lacks, with AWS's codes and, where known, AWS's words.

Codes: CloudTrail API reference, the errors listed under each operation. Each is HTTP 400 and, as in the rest of moto,
an exception that the response class turns into JSON.
"""

from moto.core.exceptions import JsonRESTError


class CloudTrailError(JsonRESTError):
    """Made by the functions below only: `raise trail_not_found(…)`."""


def trail_not_found(arn: str, account_id: str) -> CloudTrailError:
    return CloudTrailError("TrailNotFoundException", f"Unknown trail: {arn} for the user: {account_id}")


def trail_already_exists(name: str, account_id: str) -> CloudTrailError:
    message = f"Trail {name} already exists for customer: {account_id}"
    return CloudTrailError("TrailAlreadyExistsException", message)


def too_many_trails(account_id: str, count: int, region: str) -> CloudTrailError:
    message = f"User: {account_id} already has {count} trails in {region}."
    return CloudTrailError("MaximumNumberOfTrailsExceededException", message)


def invalid_trail_name(message: str) -> CloudTrailError:
    return CloudTrailError("InvalidTrailNameException", message)


def invalid_trail_arn(message: str) -> CloudTrailError:
    return CloudTrailError("CloudTrailARNInvalidException", message)


def invalid_home_region(arn: str, home: str, region: str) -> CloudTrailError:
    message = f"Trail {arn} has the home region {home} and cannot be changed from {region}."
    return CloudTrailError("InvalidHomeRegionException", message)


def no_such_bucket(bucket: str) -> CloudTrailError:
    return CloudTrailError("S3BucketDoesNotExistException", f"S3 bucket {bucket} does not exist!")


def insufficient_bucket_policy(bucket: str) -> CloudTrailError:
    message = f"Incorrect S3 bucket policy is detected for bucket: {bucket}"
    return CloudTrailError("InsufficientS3BucketPolicyException", message)


def invalid_prefix() -> CloudTrailError:
    message = "S3 prefix is too long. Maximum allowed length: 200 characters."
    return CloudTrailError("InvalidS3PrefixException", message)


def invalid_combination(message: str) -> CloudTrailError:
    return CloudTrailError("InvalidParameterCombinationException", message)


def invalid_selectors(message: str) -> CloudTrailError:
    return CloudTrailError("InvalidEventSelectorsException", message)


def not_management_account() -> CloudTrailError:
    message = "Only the management account of the organization can create or change an organization trail."
    return CloudTrailError("NotOrganizationMasterAccountException", message)


def organizations_not_in_use(account_id: str) -> CloudTrailError:
    message = f"Account {account_id} is not a member of an organization."
    return CloudTrailError("OrganizationsNotInUseException", message)


def trusted_access_not_enabled() -> CloudTrailError:
    message = "Trusted access between AWS CloudTrail and AWS Organizations is not enabled."
    return CloudTrailError("CloudTrailAccessNotEnabledException", message)
