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


def invalid_bucket_name(bucket: str) -> CloudTrailError:
    return CloudTrailError("InvalidS3BucketNameException", f"S3 bucket name {bucket} is not valid.")


def invalid_key_id(key_id: str) -> CloudTrailError:
    return CloudTrailError("InvalidKmsKeyIdException", f"KMS key {key_id} is not valid.")


def key_not_found(key_id: str) -> CloudTrailError:
    message = f"KMS key {key_id} does not exist, or is not in the region of the S3 bucket."
    return CloudTrailError("KmsKeyNotFoundException", message)


def key_unusable(key_id: str, reason: str) -> CloudTrailError:
    return CloudTrailError("KmsException", f"KMS key {key_id} cannot be used: {reason}")


def insufficient_encryption_policy(bucket: str, key_id: str) -> CloudTrailError:
    """AWS's words: Azure-Sentinel, issue 12242."""
    message = f"Insufficient permissions to access S3 bucket {bucket} or KMS key {key_id}."
    return CloudTrailError("InsufficientEncryptionPolicyException", message)


def invalid_topic_name(name: str) -> CloudTrailError:
    return CloudTrailError("InvalidSnsTopicNameException", f"SNS topic name {name} is not valid.")


def insufficient_topic_policy() -> CloudTrailError:
    message = "SNS Topic does not exist or the topic policy is incorrect!"
    return CloudTrailError("InsufficientSnsTopicPolicyException", message)


def invalid_log_group(message: str) -> CloudTrailError:
    return CloudTrailError("InvalidCloudWatchLogsLogGroupArnException", message)


def invalid_logs_role(message: str) -> CloudTrailError:
    return CloudTrailError("InvalidCloudWatchLogsRoleArnException", message)


def invalid_insight_selectors(message: str) -> CloudTrailError:
    return CloudTrailError("InvalidInsightSelectorsException", message)


def insights_not_enabled(arn: str) -> CloudTrailError:
    return CloudTrailError("InsightNotEnabledException", f"Trail {arn} does not have Insights enabled.")


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


def not_all_features() -> CloudTrailError:
    message = "All features must be enabled in the organization."
    return CloudTrailError("OrganizationNotInAllFeaturesModeException", message)


def trusted_access_not_enabled() -> CloudTrailError:
    message = "Trusted access between AWS CloudTrail and AWS Organizations is not enabled."
    return CloudTrailError("CloudTrailAccessNotEnabledException", message)


def account_not_found(account_id: str) -> CloudTrailError:
    return CloudTrailError("AccountNotFoundException", f"Account {account_id} is no member of the organization.")
