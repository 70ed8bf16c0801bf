"""AWS's error codes: what each means here, and what to do. `docs/errors.md` is the same table (a test)."""

AGAIN = "Ask again."
AUDIT = "Audit again."
WAIT = "Wait some minutes, then ask again."
REPORT = "Trailwarden sent what AWS does not take; report it, with the change's number."
OTHERWISE = ("Trailwarden does not know this error.", "See what AWS says, then ask again.")
OWNER = "Ask in the organization's management account, or in CloudTrail's delegated administrator account."
QUOTA = ("The account has as many of these as it may.", "Use an existing one, or raise the quota.")
NOT_KNOWN = ("AWS does not know the credentials there.", "Enable the region, or renew the credentials.")
CREDENTIALS = "Renew the bot's own credentials, then ask again."

TRAILS = {
    "CloudTrailARNInvalidException": ("AWS does not take the trail's ARN.", AUDIT),
    "ConflictException": ("AWS is still busy with an earlier change of the trail.", WAIT),
    "InvalidEventSelectorsException": (
        "AWS does not take the event selectors, of which some were there before.",
        "Mend them in the console, then audit again.",
    ),
    "InvalidHomeRegionException": ("The trail's home is in another region.", AUDIT),
    "InvalidInsightSelectorsException": (
        "AWS does not take the insights: they need write management events.",
        "Let the trail record these first.",
    ),
    "InvalidParameterCombinationException": ("Two of the settings do not go together.", "Choose one of them."),
    "InvalidParameterException": ("AWS does not take one of the values.", "Choose another value, and ask again."),
    "InvalidTagParameterException": ("A tag is not allowed.", REPORT),
    "InvalidTrailNameException": ("AWS does not take the trail's name.", "Choose another name."),
    "MaximumNumberOfTrailsExceededException": (
        "A region holds five trails already, and a multi-region trail needs a place in every one.",
        "Convert a trail instead of making one, or delete one that nobody needs.",
    ),
    "OperationNotPermittedException": (
        "AWS does not permit this for the trail, which may belong to its organization or to another service.",
        OWNER,
    ),
    "TagsLimitExceededException": ("The trail has too many tags.", "Take some away."),
    "ThrottlingException": ("AWS asks to slow down.", "Wait a minute, then ask again."),
    "TrailAlreadyExistsException": ("A trail of that name exists already.", "Audit again, and choose another name."),
    "TrailNotFoundException": ("The trail is gone.", AUDIT),
    "TrailNotProvidedException": ("The request names no trail.", REPORT),
    "UnsupportedOperationException": (
        "AWS does not support this here: in this region, or for this kind of trail or key.",
        "Choose another one, or do without it.",
    ),
}
LEANING = {
    "S3BucketDoesNotExistException": ("The bucket does not exist.", "Make it, or choose another one."),
    "InsufficientS3BucketPolicyException": (
        "The bucket policy does not let CloudTrail write, or the requester pays for the bucket.",
        "Mend the policy, or let the owner pay, then ask again.",
    ),
    "InvalidS3BucketNameException": ("AWS does not take the bucket's name.", "Choose another bucket."),
    "InvalidS3PrefixException": ("AWS does not take the prefix.", "Choose another prefix, or none."),
    "InsufficientEncryptionPolicyException": (
        "The key's policy, or the bucket's, does not let CloudTrail encrypt.",
        "Add CloudTrail's statements to the key's policy, then ask again.",
    ),
    "InvalidKmsKeyIdException": ("AWS does not take the name of the key.", "Name it by ARN, or by alias/…"),
    "KmsKeyNotFoundException": (
        "The key does not exist, or is in another region than the bucket.",
        "Choose a key of the bucket's region.",
    ),
    "KmsKeyDisabledException": ("The key is disabled.", "Enable it, or choose another one."),
    "KmsException": (
        "Something is wrong with the key: it may be disabled, or about to be deleted.",
        "See to its state in the KMS console, then ask again.",
    ),
    "InsufficientSnsTopicPolicyException": (
        "The topic's policy does not let CloudTrail publish.",
        "Add CloudTrail's statement to it, then ask again.",
    ),
    "InvalidSnsTopicNameException": ("AWS does not take the topic's name.", "Name it by its ARN."),
    "CloudTrailInvalidClientTokenIdException": (
        "The topic belongs to an account that is suspended.",
        "Choose another topic.",
    ),
    "InvalidCloudWatchLogsLogGroupArnException": (
        "AWS does not take the log group: it must exist, in the trail's home region and account.",
        "Make it there, or choose another one.",
    ),
    "InvalidCloudWatchLogsRoleArnException": (
        "AWS does not take the role for the log group: CloudTrail must be trusted by it, and may write with it.",
        "Mend its trust and its policy; a role that was just made needs a minute.",
    ),
    "CloudWatchLogsDeliveryUnavailableException": (
        "CloudTrail does not deliver to CloudWatch Logs in this region.",
        "Leave the log group out.",
    ),
}
ORGANIZATION = {
    "CloudTrailAccessNotEnabledException": (
        "The organization does not trust CloudTrail yet.",
        "Turn on trusted access for CloudTrail in AWS Organizations, once, then ask again.",
    ),
    "InsufficientDependencyServiceAccessPermissionException": (
        "The change role lacks a permission that an organization's trail needs beside CloudTrail's own.",
        "Give it the parts on IAM and Organizations of config/iam/change.json, then ask again.",
    ),
    "NoManagementAccountSLRExistsException": (
        "CloudTrail has no role of its own in the management account.",
        "Make the service-linked role AWSServiceRoleForCloudTrail there, then ask again.",
    ),
    "NotOrganizationMasterAccountException": ("This account may not do that to the organization's trail.", OWNER),
    "OrganizationNotInAllFeaturesModeException": (
        "The organization has consolidated billing only.",
        "Enable all features in AWS Organizations, then ask again.",
    ),
    "OrganizationsNotInUseException": ("The account is in no organization.", "Make a trail for the account alone."),
}
BUCKETS = {
    "BucketAlreadyExists": ("The bucket's name is taken by somebody else.", "Choose another name."),
    "BucketAlreadyOwnedByYou": ("The bucket exists already.", "Choose “existing bucket”."),
    "NoSuchBucket": ("The bucket is gone.", "Make it, or choose another one."),
    "InvalidBucketName": ("S3 does not take the bucket's name.", "Choose another name."),
    "TooManyBuckets": ("The account has as many buckets as it may.", "Use an existing one, or raise the quota."),
    "IllegalLocationConstraintException": ("S3 does not make the bucket in that region.", REPORT),
    "InvalidLocationConstraint": ("S3 does not make buckets in that region.", "Use an existing bucket."),
    "MalformedPolicy": (
        "S3 does not take the bucket policy: a statement may name a principal that was deleted.",
        "Mend the policy that is there, then ask again.",
    ),
    "MalformedXML": ("S3 does not take the request.", REPORT),
    "InvalidRequest": ("S3 does not take the request.", "See what AWS says; the bucket may have settings against it."),
    "InvalidBucketState": ("The bucket's other settings do not allow it.", "See to its object lock, then ask again."),
    "MethodNotAllowed": ("The bucket belongs to another account.", "Ask in the account that it belongs to."),
    "OperationAborted": ("S3 is busy with another change of the bucket.", WAIT),
    "PermanentRedirect": ("The bucket is in another region.", AUDIT),
    "SlowDown": ("S3 asks to slow down.", "Wait a minute, then ask again."),
}
OTHERS = {
    "AlreadyExistsException": ("The alias is taken.", "Choose another alias."),
    "ConcurrentAccess": ("Somebody else changes it at the same time.", WAIT),
    "ConcurrentModification": ("Somebody else changes it at the same time.", WAIT),
    "EntityAlreadyExists": ("A role of that name exists already.", "Choose “existing”, or another name."),
    "InvalidAliasNameException": ("KMS does not take the alias.", "Name the key alias/… with letters, digits, /_-"),
    "InvalidArnException": ("KMS does not take the key's ARN.", "Copy it from the KMS console."),
    "InvalidInput": ("IAM does not take one of the values.", "Choose another name for the role."),
    "InvalidParameter": ("SNS does not take one of the values.", "Choose another name; see to the topic's policy."),
    "InvalidSecurity": ("SNS does not take the request's signature.", CREDENTIALS),
    "KMSInvalidStateException": ("The key is disabled, or about to be deleted.", "Enable it, or choose another one."),
    "LimitExceeded": QUOTA,
    "LimitExceededException": QUOTA,
    "MalformedPolicyDocument": ("IAM does not take the policy.", REPORT),
    "MalformedPolicyDocumentException": (
        "KMS does not take the key's policy: a statement may name a principal that was deleted, or the change role "
        "could not change the policy again.",
        "Mend the policy that is there, then ask again.",
    ),
    "NoSuchEntity": ("The role is gone, or was made a moment ago.", WAIT),
    "NotFound": ("The topic is gone.", "Make it, or choose another one."),
    "NotFoundException": ("The key is gone, or was made a moment ago.", WAIT),
    "OperationAbortedException": ("CloudWatch Logs is busy with another change of the group.", WAIT),
    "ResourceAlreadyExistsException": ("The log group exists already.", "Choose “existing”, or another name."),
    "StaleTag": ("Somebody else changes the topic's tags.", WAIT),
    "TagException": ("A tag is not allowed.", REPORT),
    "TagLimitExceeded": ("The topic has too many tags.", "Take some away."),
    "TagPolicy": ("The organization's tag policy asks for tags.", "Make the topic by hand, and choose “existing”."),
    "TopicLimitExceeded": ("The account has as many topics as it may.", "Use an existing one, or raise the quota."),
    "UnmodifiableEntity": ("The role belongs to AWS, and cannot be changed.", "Choose another role."),
    "CloudHsmClusterInvalidConfigurationException": ("The key store's CloudHSM cluster is not set up for it.", REPORT),
    "CustomKeyStoreInvalidStateException": ("The custom key store is not connected.", REPORT),
    "CustomKeyStoreNotFoundException": ("There is no such custom key store.", REPORT),
    "XksKeyAlreadyInUseException": ("The external key is in use already.", REPORT),
    "XksKeyInvalidConfigurationException": ("The external key is not set up for it.", REPORT),
    "XksKeyNotFoundException": ("There is no such external key.", REPORT),
}
ANY = {
    "DependencyTimeoutException": ("KMS had no answer in time.", WAIT),
    "InternalError": ("AWS itself failed.", WAIT),
    "InternalFailure": ("AWS itself failed.", WAIT),
    "KMSInternalException": ("KMS itself failed.", WAIT),
    "ServiceFailure": ("IAM itself failed.", WAIT),
    "ServiceUnavailable": ("The service is not available just now.", WAIT),
    "ServiceUnavailableException": ("The service is not available just now.", WAIT),
    "RequestLimitExceeded": ("AWS asks to slow down.", "Wait a minute, then ask again."),
    "Throttling": ("AWS asks to slow down.", "Wait a minute, then ask again."),
    "TooManyRequestsException": ("AWS asks to slow down.", "Wait a minute, then ask again."),
    "ExpiredToken": ("The credentials have ended.", CREDENTIALS),
    "ExpiredTokenException": ("The credentials have ended.", CREDENTIALS),
    "InvalidClientTokenId": NOT_KNOWN,
    "UnrecognizedClientException": NOT_KNOWN,
    "OptInRequired": ("The account has not enabled the region.", "Enable it, or leave it out."),
    "RequestExpired": ("The request came too late: the clock of the bot's machine is wrong.", "Set the clock."),
    "RequestTimeTooSkewed": ("The clock of the bot's machine is wrong.", "Set the clock."),
    "SignatureDoesNotMatch": ("AWS does not take the request's signature.", CREDENTIALS),
    "ParamValidation": ("A value is not of the form that AWS asks for; nothing was sent.", "Choose another value."),
    "Timeout": ("AWS had no answer in time; nothing was sent.", AGAIN),
    "WrongAccount": ("The change role that was assumed is another account's; nothing was sent.", "See to the roles."),
}
ADVICE: dict[str, tuple[str, str]] = {**TRAILS, **LEANING, **ORGANIZATION, **BUCKETS, **OTHERS, **ANY}
"""By code: (what it means, what to do)."""
