"""How the buckets of the trails are exposed and logged: S3's answers, one call a fact.

A denial does not tell whose bucket it is: S3 answers 403 to a missing permission and to a wrong ExpectedBucketOwner
alike. So the account's own list of buckets is asked then, and only then; it is complete, and names its own alone.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from typing import Any

from bot.adapters.aws import shapes
from bot.domain.control import Need
from bot.domain.trail import FOREIGN_BUCKET, NOT_ASKED, Account, Bucket, Unreadable

Ask = Callable[..., Any]
"""AccountReader's: (service, region, operation, **parameters) to AWS's answer or Unreadable."""
Known = bool | Unreadable
ACCESS = ("GetBucketPolicyStatus", "GetBucketAcl", "GetPublicAccessBlock")
LOGGING = ("GetBucketLogging",)
NO_SUCH_POLICY = "NoSuchBucketPolicy"
NO_BLOCK = "NoSuchPublicAccessBlockConfiguration"
EVERYBODY = ("/global/AllUsers", "/global/AuthenticatedUsers")
"""How the URIs of S3's two public groups end; the second is every AWS account of anybody."""


class BucketReader:
    """Reads what `needs` names of an account's buckets; without needs it reads nothing."""

    def __init__(self, ask: Ask, account: Account, needs: frozenset[Need]) -> None:
        self._ask = ask
        self._account = account
        self._access = Need.BUCKET_ACCESS in needs
        self._operations = (*(ACCESS if self._access else ()), *(LOGGING if Need.BUCKET_LOGGING in needs else ()))

    def read(self, names: tuple[str, ...]) -> tuple[Bucket, ...]:
        return tuple(self._bucket(name) for name in names) if self._operations else ()

    def _bucket(self, name: str) -> Bucket:
        answers: dict[str, Any] = {}
        ours: bool | None = None
        for operation in self._operations:
            answer = self._of_bucket(operation, name)
            if _error(answer) == "NoSuchBucket":
                return Bucket(name, exists=False)
            if ours is None and _is_denied(answer):
                ours = self._is_ours(name)
            if ours is False:
                return self._foreign(name, answer.call)
            answers[operation] = answer
        return self._known(name, answers)

    def _of_bucket(self, operation: str, name: str) -> Any | Unreadable:
        """As our own bucket only: what another account shows us of its bucket is no fact about ours."""
        region = self._account.reading_region
        return self._ask("s3", region, operation, Bucket=name, ExpectedBucketOwner=self._account.id)

    def _is_ours(self, name: str) -> bool:
        """Where the list cannot be read, the denial stands for itself."""
        answer = self._ask("s3", self._account.reading_region, "ListBuckets", Prefix=name, MaxBuckets=1000)
        own = shapes.shaped("s3:ListBuckets", answer, lambda a: {b["Name"] for b in a["Buckets"]})
        return isinstance(own, Unreadable) or name in own

    def _foreign(self, name: str, call: str) -> Bucket:
        why = f"{name} is no bucket of {self._account.id}; audit the account that it belongs to"
        whose = Unreadable(call, FOREIGN_BUCKET, why)
        return Bucket(name, True, "", "", whose, whose, whose, whose, whose)

    def _known(self, name: str, answers: dict[str, Any]) -> Bucket:
        bucket = Bucket(name, exists=True)
        if self._access:
            restricts, ignores = self._blocks(answers["GetPublicAccessBlock"])
            bucket = replace(
                bucket,
                policy_public=_policy_public(answers["GetBucketPolicyStatus"]),
                acl_public=shapes.shaped("s3:GetBucketAcl", answers["GetBucketAcl"], _acl_public),
                restricts_policy=restricts,
                ignores_acl=ignores,
            )
        logging = answers.get("GetBucketLogging", NOT_ASKED)
        return replace(bucket, logs_to=shapes.shaped("s3:GetBucketLogging", logging, _logs_to))

    def _blocks(self, own: Any | Unreadable) -> tuple[Known, Known]:
        """(RestrictPublicBuckets, IgnorePublicAcls): S3 applies what either the bucket or its account says."""
        bucket = _block("s3:GetPublicAccessBlock", own)
        if bucket == (True, True):
            return bucket
        account = self._account_block
        return _either(bucket[0], account[0]), _either(bucket[1], account[1])

    @cached_property
    def _account_block(self) -> tuple[Known, Known]:
        region, id = self._account.reading_region, self._account.id
        return _block(
            "s3control:GetPublicAccessBlock", self._ask("s3control", region, "GetPublicAccessBlock", AccountId=id)
        )


def _error(answer: Any) -> str:
    return answer.error if isinstance(answer, Unreadable) else ""


def _is_denied(answer: Any) -> bool:
    """405 is S3's answer to a caller who has the permission, but is not of the bucket's account."""
    return isinstance(answer, Unreadable) and bool(answer.permission or answer.error == "MethodNotAllowed")


def _policy_public(answer: Any) -> Known:
    if _error(answer) == NO_SUCH_POLICY:
        return False
    public: Known = shapes.shaped("s3:GetBucketPolicyStatus", answer, lambda a: bool(a["PolicyStatus"]["IsPublic"]))
    return public


def _acl_public(answer: dict[str, Any]) -> bool:
    """Whatever the grant allows. A list may be without grants, but an answer without an owner is somebody else's."""
    grants = answer.get("Grants") or () if "Owner" in answer else answer["Grants"]
    return any(str(g["Grantee"].get("URI", "")).endswith(EVERYBODY) for g in grants)


def _block(call: str, answer: Any) -> tuple[Known, Known]:
    if _error(answer) == NO_BLOCK:
        return False, False
    block: tuple[bool, bool] | Unreadable = shapes.shaped(call, answer, _settings)
    return (block, block) if isinstance(block, Unreadable) else block


def _settings(answer: dict[str, Any]) -> tuple[bool, bool]:
    """S3 always answers all four settings; an answer that lacks one is somebody else's."""
    settings = answer["PublicAccessBlockConfiguration"]
    return bool(settings["RestrictPublicBuckets"]), bool(settings["IgnorePublicAcls"])


def _either(one: Known, other: Known) -> Known:
    """True once one of them is; what could not be read matters only where the other one is false."""
    if True in (one, other):
        return True
    return next((k for k in (one, other) if isinstance(k, Unreadable)), False)


def _logs_to(answer: dict[str, Any]) -> str:
    """Off is an empty answer, so it counts only with the request id that AWS gives to every answer."""
    target = answer.get("LoggingEnabled")
    if target:
        return str(target["TargetBucket"])
    if not answer["ResponseMetadata"].get("RequestId"):
        raise shapes.UnknownShapeError("an empty answer that AWS did not sign")
    return ""
