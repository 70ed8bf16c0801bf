"""KMS: the policies that it takes, and the states of a key."""

from typing import Any

import pytest

from bot.playground.aws import RunningAws
from bot.playground.aws.key_rules import LOCKED_OUT
from tests.playground.aws_policies import document, own_key
from tests.playground.aws_steps import make_key, new_account, refused


@pytest.fixture
def kms(aws: RunningAws, account: str) -> Any:
    return aws.client(account, "kms")


@pytest.fixture
def key(aws: RunningAws, account: str) -> str:
    return make_key(aws, account)


def policy_for(account: str, **change: Any) -> str:
    """The account's own key, or what `change` makes of it."""
    return document({**own_key(account), **change})


def put(kms: Any, key: str, policy: str, **more: Any) -> None:
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=policy, **more)


def test_a_key_policy_is_read_as_it_was_put(kms: Any, account: str, key: str) -> None:
    policy = policy_for(account, Sid="ours")
    put(kms, key, policy)
    assert kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"] == policy


@pytest.mark.parametrize("policy", ["{", "{}", "[]", '{"Statement": [{"Effect": "Allow", "Principal": "*"}]}'])
def test_a_malformed_key_policy_is_refused(kms: Any, key: str, policy: str) -> None:
    with refused("MalformedPolicyDocumentException", status=400):
        put(kms, key, policy)
    with refused("MalformedPolicyDocumentException", status=400):
        kms.create_key(Policy=policy)


def test_a_key_policy_cannot_name_who_does_not_exist(kms: Any, account: str, key: str) -> None:
    policy = policy_for(account, Principal={"AWS": [account, f"arn:aws:iam::{account}:role/nobody"]})
    with refused("MalformedPolicyDocumentException", "invalid principals", status=400):
        put(kms, key, policy)


@pytest.mark.parametrize(
    "change",
    [
        {"Principal": {"Service": "cloudtrail.amazonaws.com"}},
        {"Principal": {"AWS": "111122223333"}},
        {"Action": ["kms:Decrypt", "kms:GetKeyPolicy"]},
        {"Effect": "Deny"},
    ],
)
def test_a_key_policy_that_locks_its_writer_out_is_refused(
    kms: Any, account: str, key: str, change: dict[str, Any]
) -> None:
    with refused("MalformedPolicyDocumentException", LOCKED_OUT, status=400):
        put(kms, key, policy_for(account, **change))
    put(kms, key, policy_for(account, **change), BypassPolicyLockoutSafetyCheck=True)


def test_a_key_policy_of_more_than_32_kilobytes_is_refused(kms: Any, account: str, key: str) -> None:
    with refused("LimitExceededException", status=400):
        put(kms, key, policy_for(account, Sid="s" * 33_000))


def test_a_key_has_states(kms: Any, key: str) -> None:
    """By its id: moto takes no ARN for the two changes of state."""
    key_id = key.split("/")[-1]
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Enabled"
    kms.disable_key(KeyId=key_id)
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Disabled"
    kms.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=7)
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "PendingDeletion"


def test_a_key_that_waits_for_its_deletion_takes_no_policy(kms: Any, account: str, key: str) -> None:
    kms.schedule_key_deletion(KeyId=key.split("/")[-1], PendingWindowInDays=7)
    with refused("KMSInvalidStateException", "is pending deletion", status=400):
        put(kms, key, policy_for(account))
    kms.get_key_policy(KeyId=key, PolicyName="default")


def test_an_alias_is_taken_once(kms: Any, key: str) -> None:
    kms.create_alias(AliasName="alias/logs", TargetKeyId=key)
    assert kms.describe_key(KeyId="alias/logs")["KeyMetadata"]["Arn"] == key
    with refused("AlreadyExistsException", status=400):
        kms.create_alias(AliasName="alias/logs", TargetKeyId=key)


def test_a_key_of_another_region_or_account_is_out_of_reach(aws: RunningAws, account: str, key: str) -> None:
    with refused("NotFoundException", status=400):
        aws.client(account, "kms", "eu-west-1").describe_key(KeyId=key)
    with refused("AccessDeniedException", "kms:DescribeKey", status=400):
        aws.client(new_account(), "kms").describe_key(KeyId=key)
