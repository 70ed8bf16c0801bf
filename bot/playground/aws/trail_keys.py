"""The KMS key of a trail: is it there, is it usable, does its policy let CloudTrail in?

Sources: CloudTrail user guide, "Configure AWS KMS key policies for CloudTrail" (kms:GenerateDataKey* with the
encryption context aws:cloudtrail:arn, kms:DescribeKey without one) and "How AWS CloudTrail uses AWS KMS"; API
reference, CreateTrail and UpdateTrail, Errors. KmsKeyDisabledException "is no longer in use", so KmsException it is.

Not proved: that kms:DescribeKey is needed already when the trail is made, and that both calls of the family
GenerateDataKey* are. Both are asked for here, as the user guide asks for them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from moto.kms.models import Key, kms_backends

from bot.playground.aws import refusals
from bot.playground.aws.buckets import find_bucket
from bot.playground.aws.policies import Access, allows
from bot.playground.aws.policy_documents import parsed

KEY_ID = re.compile(
    r"(arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:(key|alias)/.+)|(alias/.+)|([0-9a-f-]{36})|(mrk-[0-9a-f]{32})"
)
"""An alias, the ARN of one, the ARN of a key, or its id. Source: API reference, CreateTrail, KmsKeyId."""

UNUSABLE = {
    "Disabled": "KMS.DisabledException",
    "PendingDeletion": "KMS.KMSInvalidStateException",
}
"""What S3 answers to a delivery. Source: KMS API reference, GenerateDataKey, Errors, as S3 passes them on."""


@dataclass(frozen=True)
class KeyUse:
    """The key as the trail names it, the trail that uses it, and its bucket; `region` is the trail's."""

    key_id: str
    trail_arn: str
    account_id: str
    region: str
    bucket: str

    @property
    def context(self) -> dict[str, str]:
        return {
            "aws:sourcearn": self.trail_arn,
            "aws:sourceaccount": self.account_id,
            "aws:principalisawsservice": "true",
            "aws:principalservicename": "cloudtrail.amazonaws.com",
        }


def check_key(use: KeyUse) -> None:
    """For CreateTrail and UpdateTrail. Raises what they list; a trail without a key is fine."""
    if not use.key_id:
        return
    if not KEY_ID.fullmatch(use.key_id):
        raise refusals.invalid_key_id(use.key_id)
    match key_obstacle(use):
        case "":
            return
        case "KMS.NotFoundException":
            raise refusals.key_not_found(use.key_id)
        case "AccessDenied":
            raise refusals.insufficient_encryption_policy(use.bucket, use.key_id)
        case reason:
            raise refusals.key_unusable(use.key_id, reason)


def key_obstacle(use: KeyUse) -> str:
    """S3's error code for a delivery with this key, "" when it succeeds."""
    if not use.key_id:
        return ""
    key = find_key(use.key_id, use.account_id, use.region)
    if key is None or key.region != _region_of(use.bucket, use.region):
        return "KMS.NotFoundException"
    if key.key_state in UNUSABLE:
        return UNUSABLE[key.key_state]
    if key.key_spec != "SYMMETRIC_DEFAULT":
        return "KMS.InvalidKeyUsageException"
    policy = parsed(key.policy) or {}
    return "" if all(allows(policy, access) for access in _needed(use, key.arn)) else "AccessDenied"


def find_key(key_id: str, account_id: str, region: str) -> Key | None:
    """By ARN wherever it is, else in this region of this account."""
    if key_id.startswith("arn:"):
        region, account_id, key_id = key_id.split(":", 5)[3:]
    backend = kms_backends[account_id][region]
    name = key_id.removeprefix("key/")
    if name.startswith("alias/"):
        name = (backend.get_key_id_from_alias(name) or "").split("/")[-1]
    return backend.keys.get(name)


def key_arn(use: KeyUse) -> str:
    """DescribeTrails shows the key's full ARN, however it was given (API reference, Trail, KmsKeyId)."""
    key = find_key(use.key_id, use.account_id, use.region) if use.key_id else None
    return key.arn if key else use.key_id


def has_bucket_key(bucket: str) -> bool:
    """Then kms:Decrypt is needed too (user guide, "Configure AWS KMS key policies for CloudTrail")."""
    found = find_bucket(bucket)
    rule = (found.encryption or {}).get("Rule", {}) if found else {}
    return str(rule.get("BucketKeyEnabled", "")).lower() == "true"


def _region_of(bucket: str, otherwise: str) -> str:
    found: Any = find_bucket(bucket)
    return str(found.region_name) if found else otherwise


def _needed(use: KeyUse, arn: str) -> Iterator[Access]:
    yield Access("kms:DescribeKey", arn, use.context)
    encrypting = {**use.context, "kms:encryptioncontext:aws:cloudtrail:arn": use.trail_arn}
    yield Access("kms:GenerateDataKey", arn, encrypting)
    yield Access("kms:GenerateDataKeyWithoutPlaintext", arn, encrypting)
    if has_bucket_key(use.bucket):
        yield Access("kms:Decrypt", arn, encrypting)
