"""What the tab "AWS" does to the pretend AWS: through its API, as an administrator of the account.

So the event history tells who it was. What is no call but a fate (a denial, throttling) is a switch of the pretend AWS.
A deed takes ids from the page, and raises LookupError or ValueError with a sentence for whoever pressed the button.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from botocore.exceptions import ClientError

from bot.playground.aws import MANAGEMENT_ACCOUNT, RunningAws
from bot.playground.aws.buckets import owner_of
from bot.playground.aws.callers import BOT_USER
from bot.playground.aws.cloudtrail import all_visible
from bot.playground.aws.membership import Member, members
from bot.playground.aws.permissions import AUDIT_ROLE, CHANGE_ROLE
from bot.playground.aws.seeding import let_in
from bot.playground.aws.trail import StrictTrail
from bot.playground.slack import JsonObject

BY_POLICY = "with an explicit deny in an identity-based policy"
THROTTLED_CALLS = 10
ACCOUNT_NAME = re.compile(r"[ -~]{1,50}")
"""Source: Organizations API reference, CreateAccount, AccountName."""

Deed = Callable[[RunningAws, JsonObject], str]


def carry_out(aws: RunningAws, deed: Deed, asked: JsonObject) -> str:
    """What AWS refuses becomes a ValueError in AWS's words."""
    try:
        return deed(aws, asked)
    except ClientError as refused:
        error = refused.response["Error"]
        raise ValueError(f"AWS refuses this: {error.get('Message') or error['Code']} ({error['Code']})") from None


@dataclass(frozen=True)
class Reader:
    """As whom the bot reads in an account, and which of its operations are denied to lock it out there."""

    name: str
    operations: str


def reader(account_id: str) -> Reader:
    """In the management account the bot reads as itself; there it still has to list the organization."""
    return Reader(BOT_USER, "cloudtrail:*") if account_id == MANAGEMENT_ACCOUNT else Reader(AUDIT_ROLE, "*")


def _stop(aws: RunningAws, asked: JsonObject) -> str:
    account, trail = _chosen(asked)
    _cloudtrail(aws, trail).stop_logging(Name=trail.arn)
    return f"{trail.trail_name} in {account.name} is stopped."


def _start(aws: RunningAws, asked: JsonObject) -> str:
    account, trail = _chosen(asked)
    _cloudtrail(aws, trail).start_logging(Name=trail.arn)
    return f"{trail.trail_name} in {account.name} logs again."


def _narrow(aws: RunningAws, asked: JsonObject) -> str:
    account, trail = _chosen(asked)
    now = trail.selectors()
    then = writes_only(now)
    if then == now:
        raise ValueError(f"{trail.trail_name} records no reads as it is.")
    _cloudtrail(aws, trail).put_event_selectors(TrailName=trail.arn, **then)
    return f"{trail.trail_name} in {account.name} records writes only."


def writes_only(selectors: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, list[Any]]:
    """The same selectors without the reads of management events; what is about other events stays as it is."""
    narrower = {"EventSelectors": _narrow_basic, "AdvancedEventSelectors": _narrow_advanced}
    return {family: [narrower[family](each) for each in chosen] for family, chosen in selectors.items()}


def _narrow_basic(selector: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**selector, "ReadWriteType": "WriteOnly"} if selector["IncludeManagementEvents"] else selector


def _narrow_advanced(selector: Mapping[str, Any]) -> Mapping[str, Any]:
    kept = [field for field in selector["FieldSelectors"] if field["Field"] != "readOnly"]
    if {"Field": "eventCategory", "Equals": ["Management"]} not in kept:
        return selector
    return {**selector, "FieldSelectors": [*kept, {"Field": "readOnly", "Equals": ["false"]}]}


def _delete_bucket(aws: RunningAws, asked: JsonObject) -> str:
    """By the account that has it, maybe another than the trail's. Without its policy no log file comes meanwhile."""
    _, trail = _chosen(asked)
    bucket, owner = trail.bucket_name, owner_of(trail.bucket_name)
    if not owner:
        raise LookupError(f"The bucket of {trail.trail_name} is gone already.")
    s3 = aws.client(owner, "s3")
    s3.delete_bucket_policy(Bucket=bucket)
    _empty(s3, bucket)
    s3.delete_bucket(Bucket=bucket)
    return f"{bucket} is deleted, with every log file in it."


def _empty(s3: Any, bucket: str) -> None:
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
        versions = [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]
        if versions:
            keys = [{"Key": each["Key"], "VersionId": each["VersionId"]} for each in versions]
            s3.delete_objects(Bucket=bucket, Delete={"Objects": keys, "Quiet": True})


def _deny_reading(aws: RunningAws, asked: JsonObject) -> str:
    account = _account(asked)
    shut_out = reader(account.id)
    aws.deny(account.id, shut_out.operations, because=BY_POLICY, to=shut_out.name)
    return f"The bot may not read in {account.name} any more: {shut_out.name} is denied."


def _deny_changes(aws: RunningAws, asked: JsonObject) -> str:
    account = _account(asked)
    aws.deny(account.id, "*", because=BY_POLICY, to=CHANGE_ROLE)
    return f"The bot may change nothing in {account.name} any more: {CHANGE_ROLE} is denied."


def _allow(aws: RunningAws, asked: JsonObject) -> str:
    account = _account(asked)
    aws.allow(account.id)
    let_in(account.id)
    return f"The bot may read and change in {account.name} again."


def _throttle(aws: RunningAws, asked: JsonObject) -> str:
    account = _account(asked)
    aws.throttle(account.id, "cloudtrail:*", times=THROTTLED_CALLS)
    return f"The next {THROTTLED_CALLS} CloudTrail calls in {account.name} are answered with Rate exceeded."


def _add_account(aws: RunningAws, asked: JsonObject) -> str:
    name = _said(asked, "name").strip()
    if not ACCOUNT_NAME.fullmatch(name):
        raise ValueError("An account's name has 1 to 50 characters of plain ASCII, without accents.")
    organizations = aws.client(MANAGEMENT_ACCOUNT, "organizations")
    made = organizations.create_account(AccountName=name, Email=f"aws+{uuid4().hex}@example.com")
    account_id = made["CreateAccountStatus"]["AccountId"]
    let_in(account_id)
    return f"{name} is in the organization, as {account_id}: with the bot's roles, without a trail."


DEEDS: Mapping[str, Deed] = {
    "stop": _stop,
    "start": _start,
    "narrow": _narrow,
    "delete-bucket": _delete_bucket,
    "deny-reading": _deny_reading,
    "deny-changes": _deny_changes,
    "allow": _allow,
    "throttle": _throttle,
    "add-account": _add_account,
}


def _cloudtrail(aws: RunningAws, trail: StrictTrail) -> Any:
    return aws.client(trail.account_id, "cloudtrail", trail.region_name)


def _chosen(asked: JsonObject) -> tuple[Member, StrictTrail]:
    """An account, and a trail that is its own."""
    account, arn = _account(asked), _said(asked, "trail")
    trail = next((each for each in all_visible(account.id) if each.arn == arn), None)
    if trail is None:
        raise LookupError(f"{account.name} has no such trail any more.")
    if trail.account_id != account.id:
        raise LookupError(f"{trail.trail_name} is a copy here: only the account that owns it can change it.")
    return account, trail


def _account(asked: JsonObject) -> Member:
    id = _said(asked, "account")
    account = next((each for each in members(MANAGEMENT_ACCOUNT) if each.id == id), None)
    if account is None:
        raise LookupError("There is no such account in the organization.")
    return account


def _said(asked: JsonObject, what: str) -> str:
    """The page sends JSON, which may be anything."""
    value = asked.get(what) if isinstance(asked, dict) else None
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"Say which {what}.")
    return value
