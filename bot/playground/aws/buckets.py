"""Buckets as S3 makes them today, and where they are found. moto's S3 backends hold them."""

from moto.s3.models import FakeBucket, s3_backends

from bot.playground.aws.calls import Call

NEW_BUCKET = dict.fromkeys(
    ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), "true"
)


def owner_of(name: str) -> str:
    """The account that has this bucket, "" for none."""
    return str(s3_backends.bucket_accounts.get(name, ("", ""))[1])


def find_bucket(name: str) -> FakeBucket | None:
    """Bucket names are global: the trail's bucket may be in any account of the partition."""
    partition, account_id = s3_backends.bucket_accounts.get(name, ("", ""))
    return s3_backends[account_id][partition].buckets.get(name) if account_id else None


def pays(bucket: FakeBucket) -> str:
    """Who pays for requests: "BucketOwner", or "Requester" where PutBucketRequestPayment said so."""
    return str(getattr(bucket, "request_payer", "BucketOwner"))


def let_pay(bucket: FakeBucket, payer: str) -> None:
    """moto knows nothing of it; its bucket carries it for us. Source: S3 API reference, PutBucketRequestPayment."""
    setattr(bucket, "request_payer", payer)  # noqa: B010  # a plain assignment is no attribute of moto's to mypy


def makes_a_bucket(call: Call) -> bool:
    """In us-east-1 an owner may ask for the same bucket again; AWS answers 200 and resets the ACL (CreateBucket)."""
    return call.name == "s3:CreateBucket" and find_bucket(str(call.parameters["Bucket"])) is None


def protect_as_new(call: Call) -> None:
    """Since 2023 a new bucket blocks public access, has no ACLs and encrypts with SSE-S3.

    Sources: S3 user guide, "Default settings for new S3 buckets FAQ" and "Setting default server-side encryption
    behavior for Amazon S3 buckets".
    """
    s3, name = s3_backends[call.account_id]["aws"], str(call.parameters["Bucket"])
    s3.put_public_access_block(name, NEW_BUCKET)
    s3.get_bucket(name).ownership_rule = "BucketOwnerEnforced"  # type: ignore[assignment]  # moto keeps the bare word
    s3.put_bucket_encryption(
        name, {"Rule": {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": "false"}}
    )
