"""CreateTrail and UpdateTrail look at the KMS key; a delivery fails when the key does."""

from typing import Any

import pytest

from bot.playground.aws import RunningAws
from tests.playground.aws_policies import describe, document, encrypt, own_key
from tests.playground.aws_steps import (
    arn_of,
    bucket_of,
    described,
    make_bucket,
    make_key,
    make_trail,
    new_account,
    refused,
)


def good_key(aws: RunningAws, account: str, region: str = "us-east-1") -> str:
    return make_key(aws, account, encrypt(account), describe(), region=region)


def key_of(aws: RunningAws, account: str) -> str | None:
    found: str | None = aws.client(account, "cloudtrail").get_trail(Name="main")["Trail"].get("KmsKeyId")
    return found


def test_a_key_can_be_named_in_four_ways_and_is_shown_by_its_arn(aws: RunningAws, account: str) -> None:
    key = good_key(aws, account)
    aws.client(account, "kms").create_alias(AliasName="alias/logs", TargetKeyId=key)
    make_trail(aws, account)
    for name in (key, key.split("/")[-1], "alias/logs", f"arn:aws:kms:us-east-1:{account}:alias/logs"):
        aws.client(account, "cloudtrail").update_trail(Name="main", KmsKeyId=name)
        assert key_of(aws, account) == key


def test_an_empty_key_takes_the_encryption_away(aws: RunningAws, account: str) -> None:
    make_trail(aws, account, KmsKeyId=good_key(aws, account))
    aws.client(account, "cloudtrail").update_trail(Name="main", KmsKeyId="")
    assert key_of(aws, account) is None


@pytest.mark.parametrize("key", ["logs", "arn:aws:kms:us-east-1:key/x", "arn:aws:s3:::logs"])
def test_what_is_no_key_is_refused(aws: RunningAws, account: str, key: str) -> None:
    with refused("InvalidKmsKeyIdException", status=400):
        make_trail(aws, account, KmsKeyId=key)


def test_a_key_that_is_not_there_is_refused(aws: RunningAws, account: str) -> None:
    for key in ("alias/nowhere", f"arn:aws:kms:us-east-1:{account}:key/12345678-1234-1234-1234-123456789012"):
        with refused("KmsKeyNotFoundException", status=400):
            make_trail(aws, account, "other", KmsKeyId=key)
        aws.client(account, "s3").delete_bucket(Bucket=bucket_of(account, "other"))
    assert described(aws, account) == []


def test_a_key_must_be_in_the_region_of_the_bucket(aws: RunningAws, account: str) -> None:
    key = good_key(aws, account, region="eu-west-1")
    make_trail(aws, account)
    with refused("KmsKeyNotFoundException", status=400):
        aws.client(account, "cloudtrail").update_trail(Name="main", KmsKeyId=key)
    make_trail(aws, account, region="eu-west-1", KmsKeyId=good_key(aws, account))


def test_a_key_whose_policy_lacks_something_is_refused(aws: RunningAws, account: str) -> None:
    arn = make_trail(aws, account)
    other_trail = {"StringEquals": {"aws:SourceArn": f"{arn}-2"}}
    another_accounts = {**encrypt(new_account())}
    wanting = [
        [],
        [encrypt(account)],
        [describe()],
        [another_accounts, describe()],
        [{**encrypt(account), "Condition": other_trail}, describe()],
        [{**encrypt(account), "Action": ["kms:GenerateDataKey*", "kms:DescribeKey"]}],
        [encrypt(account), describe(), {**describe(), "Effect": "Deny", "Action": "kms:*"}],
    ]
    for statements in wanting:
        key = make_key(aws, account, *statements)
        words = f"Insufficient permissions to access S3 bucket {bucket_of(account)} or KMS key {key}."
        with refused("InsufficientEncryptionPolicyException", words, status=400):
            aws.client(account, "cloudtrail").update_trail(Name=arn, KmsKeyId=key)
    assert key_of(aws, account) is None


def test_a_key_policy_may_name_the_trail_before_it_exists(aws: RunningAws, account: str) -> None:
    this_trail = {"StringEquals": {"aws:SourceArn": arn_of(account, "main")}}
    statements = [{**s, "Condition": {**s.get("Condition", {}), **this_trail}} for s in (encrypt(account), describe())]
    make_trail(aws, account, KmsKeyId=make_key(aws, account, *statements))


def test_a_key_of_another_account_may_be_open_to_us(aws: RunningAws, account: str) -> None:
    archive = new_account()
    make_trail(aws, account, KmsKeyId=make_key(aws, archive, encrypt(account), describe()))


def test_an_unusable_key_is_refused(aws: RunningAws, account: str) -> None:
    kms = aws.client(account, "kms")
    disabled, leaving = good_key(aws, account), good_key(aws, account)
    kms.disable_key(KeyId=disabled.split("/")[-1])
    kms.schedule_key_deletion(KeyId=leaving.split("/")[-1], PendingWindowInDays=7)
    policy = document(own_key(account), encrypt(account), describe())
    asymmetric = kms.create_key(KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY", Policy=policy)["KeyMetadata"]["Arn"]
    make_trail(aws, account)
    for key in (disabled, leaving, asymmetric):
        with refused("KmsException", status=400):
            aws.client(account, "cloudtrail").update_trail(Name="main", KmsKeyId=key)


@pytest.mark.parametrize(
    ("trouble", "error"),
    [
        ("disabled", "KMS.DisabledException"),
        ("leaving", "KMS.KMSInvalidStateException"),
        ("closed", "AccessDenied"),
    ],
)
def test_a_delivery_fails_when_its_key_does(aws: RunningAws, account: str, trouble: str, error: str) -> None:
    key = good_key(aws, account)
    arn = make_trail(aws, account, KmsKeyId=key)
    cloudtrail: Any = aws.client(account, "cloudtrail")
    cloudtrail.start_logging(Name=arn)
    assert "LatestDeliveryError" not in cloudtrail.get_trail_status(Name=arn)
    kms, key_id = aws.client(account, "kms"), key.split("/")[-1]
    match trouble:
        case "disabled":
            kms.disable_key(KeyId=key_id)
        case "leaving":
            kms.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=7)
        case _:
            kms.put_key_policy(KeyId=key_id, PolicyName="default", Policy=document(own_key(account)))
    status = cloudtrail.get_trail_status(Name=arn)
    assert (status["IsLogging"], status["LatestDeliveryError"]) == (True, error)


def test_an_open_key_opens_no_bucket(aws: RunningAws, account: str) -> None:
    bucket = make_bucket(aws, account, policy="")
    with refused("InsufficientS3BucketPolicyException"):
        aws.client(account, "cloudtrail").create_trail(
            Name="main", S3BucketName=bucket, KmsKeyId=good_key(aws, account)
        )


def test_a_bucket_key_needs_the_right_to_decrypt_too(aws: RunningAws, account: str) -> None:
    arn = make_trail(aws, account)
    use = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}, "BucketKeyEnabled": True}
    aws.client(account, "s3").put_bucket_encryption(
        Bucket=bucket_of(account), ServerSideEncryptionConfiguration={"Rules": [use]}
    )
    cloudtrail = aws.client(account, "cloudtrail")
    with refused("InsufficientEncryptionPolicyException", status=400):
        cloudtrail.update_trail(Name=arn, KmsKeyId=good_key(aws, account))
    decrypt = {**describe(), "Sid": "Decrypt", "Action": "kms:Decrypt"}
    cloudtrail.update_trail(Name=arn, KmsKeyId=make_key(aws, account, encrypt(account), describe(), decrypt))
