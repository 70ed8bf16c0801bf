"""Buckets: names, owners, policies that S3 does not take, and what a new bucket is like."""

import json
from typing import Any

import pytest

from bot.playground.aws import RunningAws
from tests.playground.aws_policies import CLOUDTRAIL, document
from tests.playground.aws_steps import make_bucket, new_account, refused


@pytest.fixture
def s3(aws: RunningAws, account: str) -> Any:
    return aws.client(account, "s3")


@pytest.fixture
def bucket(aws: RunningAws, account: str) -> str:
    return make_bucket(aws, account, policy="")


def policy_for(bucket: str, **change: Any) -> str:
    """CloudTrail may look at the bucket's ACL, or what `change` makes of it."""
    grant = {
        "Effect": "Allow",
        "Principal": CLOUDTRAIL,
        "Action": "s3:GetBucketAcl",
        "Resource": f"arn:aws:s3:::{bucket}",
    }
    return document({**grant, **change})


@pytest.mark.parametrize("name", ["Logs", "lo", "a..b", "-logs", "logs-", "192.168.5.4", "lo_gs", "xn--logs"])
def test_a_bad_bucket_name_is_refused(s3: Any, name: str) -> None:
    with refused("InvalidBucketName", "The specified bucket is not valid.", status=400):
        s3.create_bucket(Bucket=name)


def test_a_bucket_name_is_taken_in_the_whole_partition(aws: RunningAws, bucket: str) -> None:
    with refused("BucketAlreadyExists", status=409):
        aws.client(new_account(), "s3").create_bucket(Bucket=bucket)


def test_in_us_east_1_ones_own_bucket_can_be_made_again(s3: Any, bucket: str) -> None:
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration={"BlockPublicAcls": True})
    s3.create_bucket(Bucket=bucket)
    block = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    assert block["BlockPublicPolicy"] is False


def test_elsewhere_ones_own_bucket_cannot_be_made_again(aws: RunningAws, account: str) -> None:
    wanted: Any = {"Bucket": f"logs-{account}-eu", "CreateBucketConfiguration": {"LocationConstraint": "eu-west-1"}}
    s3 = aws.client(account, "s3", "eu-west-1")
    s3.create_bucket(**wanted)
    with refused("BucketAlreadyOwnedByYou", status=409):
        s3.create_bucket(**wanted)


def test_a_new_bucket_is_closed_and_encrypted(s3: Any, bucket: str) -> None:
    block = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    assert set(block.values()) == {True}
    (rule,) = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    (owner,) = s3.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"]["Rules"]
    assert owner["ObjectOwnership"] == "BucketOwnerEnforced"


def test_an_expected_owner_who_is_not_the_owner_is_refused(s3: Any, account: str, bucket: str) -> None:
    s3.get_bucket_acl(Bucket=bucket, ExpectedBucketOwner=account)
    for read in (s3.get_bucket_acl, s3.get_bucket_location, s3.get_bucket_request_payment):
        with refused("AccessDenied", status=403):
            read(Bucket=bucket, ExpectedBucketOwner=new_account())


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"Resource": "arn:aws:s3:::other/*"}, "Policy has invalid resource"),
        ({"Resource": "arn:aws:s3:::logs-of-others"}, "Policy has invalid resource"),
        ({"Effect": "Maybe"}, "Invalid effect: Maybe"),
        ({"Principal": {"AWS": "arn:aws:iam::111122223333:role/nobody"}}, "Invalid principal in policy"),
        ({"Principal": {"AWS": ["111122223333", "AIDAEXAMPLE"]}}, "Invalid principal in policy"),
        ({"Principal": {"Service": "cloudtrail"}}, "Invalid principal in policy"),
        ({"Action": "sns:Publish"}, "Policy has invalid action"),
        ({"Action": "s3:PutObject"}, "Action does not apply to any resource(s) in statement"),
        ({"Action": ["s3:*", "s3:GetObject"]}, "Action does not apply to any resource(s) in statement"),
    ],
)
def test_a_policy_that_says_nonsense_is_refused(s3: Any, bucket: str, change: dict[str, Any], fault: str) -> None:
    with refused("MalformedPolicy", fault, status=400):
        s3.put_bucket_policy(Bucket=bucket, Policy=policy_for(bucket, **change))


def test_a_bucket_action_needs_the_bucket_itself(s3: Any, bucket: str) -> None:
    with refused("MalformedPolicy", "Action does not apply to any resource(s) in statement", status=400):
        s3.put_bucket_policy(Bucket=bucket, Policy=policy_for(bucket, Resource=f"arn:aws:s3:::{bucket}/*"))


def test_a_policy_has_one_of_two_versions(s3: Any, bucket: str) -> None:
    policy = policy_for(bucket).replace("2012-10-17", "2024-01-01")
    with refused("MalformedPolicy", "The policy must contain a valid version string", status=400):
        s3.put_bucket_policy(Bucket=bucket, Policy=policy)


@pytest.mark.parametrize("policy", ["{", "{}", "[]", '{"Statement": [{"Effect": "Allow"}]}', '{"Statement": ["x"]}'])
def test_a_malformed_policy_is_refused(s3: Any, bucket: str, policy: str) -> None:
    with refused("MalformedPolicy", status=400):
        s3.put_bucket_policy(Bucket=bucket, Policy=policy)


def test_a_policy_may_name_accounts_and_roles_that_exist(aws: RunningAws, s3: Any, account: str, bucket: str) -> None:
    trust = {"Effect": "Allow", "Principal": {"AWS": account}, "Action": "sts:AssumeRole"}
    iam = aws.client(account, "iam")
    role = iam.create_role(RoleName="reader", AssumeRolePolicyDocument=json.dumps({"Statement": trust}))["Role"]["Arn"]
    principals = {"AWS": [role, account, "arn:aws:iam::111122223333:root"]}
    resources = [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/AWSLogs/*"]
    s3.put_bucket_policy(Bucket=bucket, Policy=policy_for(bucket, Principal=principals, Resource=resources))


def test_a_policy_of_more_than_20480_bytes_is_refused(s3: Any, bucket: str) -> None:
    objects = [f"arn:aws:s3:::{bucket}/{number:0100}" for number in range(160)]
    policy = policy_for(bucket, Resource=objects, Action="s3:GetObject")
    with refused("MalformedPolicy", "Normalized policy document exceeds the maximum allowed size of 20480 bytes"):
        s3.put_bucket_policy(Bucket=bucket, Policy=policy)
    s3.put_bucket_policy(Bucket=bucket, Policy=policy_for(bucket) + " " * 30_000)


EVERYBODY = {"Principal": "*"}
OUR_ADDRESSES = {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}
ALL_ADDRESSES = {"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}


@pytest.mark.parametrize(
    ("change", "public"),
    [
        ({}, False),
        (EVERYBODY, True),
        ({"Principal": {"AWS": "*"}}, True),
        ({"Principal": "*", "Effect": "Deny"}, False),
        ({"Principal": {"AWS": "111122223333"}}, False),
        ({**EVERYBODY, "Condition": OUR_ADDRESSES}, False),
        ({**EVERYBODY, "Condition": ALL_ADDRESSES}, True),
        ({**EVERYBODY, "Condition": {"StringEquals": {"aws:SourceAccount": "111122223333"}}}, False),
        ({**EVERYBODY, "Condition": {"StringLike": {"aws:PrincipalOrgID": "o-*"}}}, True),
        ({**EVERYBODY, "Condition": {"StringEquals": {"s3:x-amz-acl": "private"}}}, True),
    ],
)
def test_a_policy_for_everybody_is_public(s3: Any, bucket: str, change: dict[str, Any], public: bool) -> None:
    with refused("NoSuchBucketPolicy", status=404):
        s3.get_bucket_policy_status(Bucket=bucket)
    s3.delete_public_access_block(Bucket=bucket)
    s3.put_bucket_policy(Bucket=bucket, Policy=policy_for(bucket, **change))
    assert s3.get_bucket_policy_status(Bucket=bucket)["PolicyStatus"]["IsPublic"] is public


def test_a_closed_bucket_takes_no_public_policy(s3: Any, bucket: str) -> None:
    with refused("AccessDenied", "public policies are prevented by the BlockPublicPolicy setting", status=403):
        s3.put_bucket_policy(Bucket=bucket, Policy=policy_for(bucket, **EVERYBODY))


def test_an_account_that_blocks_public_policies_takes_none(aws: RunningAws, account: str, s3: Any, bucket: str) -> None:
    s3.delete_public_access_block(Bucket=bucket)
    aws.client(account, "s3control").put_public_access_block(
        AccountId=account, PublicAccessBlockConfiguration={"BlockPublicPolicy": True}
    )
    with refused("AccessDenied", "public policies are prevented", status=403):
        s3.put_bucket_policy(Bucket=bucket, Policy=policy_for(bucket, **EVERYBODY))


def test_settings_come_back_as_they_were_put(s3: Any, bucket: str) -> None:
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    kms = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "alias/logs"}
    rules = {"Rules": [{"ApplyServerSideEncryptionByDefault": kms, "BucketKeyEnabled": True}]}
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration=rules)
    expiry = {"ID": "old", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 400}}
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": [expiry]})
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    assert s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"] == rules
    assert s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"] == [expiry]


def test_what_was_never_set_is_told_as_aws_does(s3: Any, bucket: str) -> None:
    assert s3.get_bucket_request_payment(Bucket=bucket)["Payer"] == "BucketOwner"
    assert "LoggingEnabled" not in s3.get_bucket_logging(Bucket=bucket)
    assert "Status" not in s3.get_bucket_versioning(Bucket=bucket)
    assert [g["Permission"] for g in s3.get_bucket_acl(Bucket=bucket)["Grants"]] == ["FULL_CONTROL"]
    with refused("NoSuchLifecycleConfiguration", status=404):
        s3.get_bucket_lifecycle_configuration(Bucket=bucket)
    with refused("NoSuchBucket", status=404):
        s3.get_bucket_request_payment(Bucket=f"{bucket}-elsewhere")


def test_an_account_can_block_public_access_too(aws: RunningAws, account: str) -> None:
    control = aws.client(account, "s3control")
    with refused("NoSuchPublicAccessBlockConfiguration", status=404):
        control.get_public_access_block(AccountId=account)
    closed = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True)
    control.put_public_access_block(AccountId=account, PublicAccessBlockConfiguration=closed)
    assert control.get_public_access_block(AccountId=account)["PublicAccessBlockConfiguration"] == closed
    aws.deny(account, "s3:GetAccountPublicAccessBlock")
    with refused("AccessDenied", "s3:GetAccountPublicAccessBlock", status=403):
        control.get_public_access_block(AccountId=account)


def test_access_logs_go_to_a_bucket_that_lets_them_in(aws: RunningAws, account: str, s3: Any, bucket: str) -> None:
    target = make_bucket(aws, account, f"access-{account}", policy="")
    wanted: Any = {"LoggingEnabled": {"TargetBucket": target, "TargetPrefix": "trail/"}}
    with refused("InvalidTargetBucketForLogging", status=400):
        s3.put_bucket_logging(Bucket=bucket, BucketLoggingStatus=wanted)
    service = {"Service": "logging.s3.amazonaws.com"}
    objects = f"arn:aws:s3:::{target}/*"
    s3.put_bucket_policy(
        Bucket=target, Policy=policy_for(target, Principal=service, Action="s3:PutObject", Resource=objects)
    )
    s3.put_bucket_logging(Bucket=bucket, BucketLoggingStatus=wanted)
    assert s3.get_bucket_logging(Bucket=bucket)["LoggingEnabled"]["TargetBucket"] == target
