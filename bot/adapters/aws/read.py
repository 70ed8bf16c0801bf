"""One account's snapshot: the few right calls, each of which may fail without taking another fact with it.

DescribeTrails in one region shows every multi-region and organization trail; GetTrailStatus and GetEventSelectors go
to the trail's home region, by ARN, because a name resolves only in the caller's region and account.
"""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import replace
from typing import Any

from bot.adapters.aws import shapes
from bot.adapters.aws.accounts import organization_of, trusts_cloudtrail
from bot.adapters.aws.buckets import BucketReader
from bot.adapters.aws.read_resources import read_resource
from bot.adapters.aws.session import Session
from bot.domain.selectors import Selectors
from bot.domain.trail import (
    NOT_ASKED,
    OWNER_NOT_READ,
    REGION_DISABLED,
    Account,
    Bucket,
    Snapshot,
    Status,
    Survey,
    Trail,
    Unreadable,
)
from bot.ports import Clock, Wish

REGIONS_AT_ONCE = 8
NOT_KNOWN_THERE = frozenset({"UnrecognizedClientException", "InvalidClientTokenId", "AuthFailure", "OptInRequired"})
""""The security token is invalid": a region that is not enabled does not have the account's credentials."""


class AccountReader:
    """Reads one account. `wish` says how far to look."""

    def __init__(self, session: Session, clock: Clock, account: Account, wish: Wish) -> None:
        self._session = session
        self._clock = clock
        self._account = account
        self._wish = wish

    def snapshot(self) -> Snapshot:
        taken = self._clock.now()
        trails = self._trails(self._account.reading_region)
        if isinstance(trails, Unreadable):
            return Snapshot(self._account, taken, trails)
        survey, elsewhere = self._survey() if self._wish.survey else (None, ())
        found = {t.arn: t for t in (*elsewhere, *trails)}
        read = tuple(self._completed(t) for t in found.values())
        region = self._account.reading_region
        resources = tuple(read_resource(self._ask, wanted, region) for wanted in self._wish.resources)
        mine, manager = organization_of(self._session, self._account) if self._wish.organization else ("", "")
        trusts = trusts_cloudtrail(self._session) if mine else NOT_ASKED
        return Snapshot(self._account, taken, read, survey, self._buckets(read), resources, mine, manager, trusts)

    def shows(self, arn: str, region: str) -> bool | Unreadable:
        """Whether that region shows the trail, be it at home there or a shadow."""
        trails = self._trails(region)
        return trails if isinstance(trails, Unreadable) else any(t.arn == arn for t in trails)

    def _trails(self, region: str, shadows: bool = True) -> tuple[Trail, ...] | Unreadable:
        answer = self._ask("cloudtrail", region, "DescribeTrails", includeShadowTrails=shadows)
        trails: tuple[Trail, ...] | Unreadable = shapes.shaped("cloudtrail:DescribeTrails", answer, _trail_list)
        return trails

    def _survey(self) -> tuple[Survey, tuple[Trail, ...]]:
        """A failure here is a note; it never changes a verdict."""
        answer = self._ask("ec2", self._account.reading_region, "DescribeRegions")
        regions = shapes.shaped("ec2:DescribeRegions", answer, _region_names)
        if isinstance(regions, Unreadable):
            return Survey(notes=(f"Other regions were not searched: {regions.sentence}.",)), ()
        with ThreadPoolExecutor(REGIONS_AT_ONCE) as pool:
            asked = {r: pool.submit(copy_context().run, self._trails, r, shadows=False) for r in regions}
        found = {region: answer.result() for region, answer in asked.items()}
        lakes = shapes.shaped("", self._ask("cloudtrail", self._account.reading_region, "ListEventDataStores"), _lakes)
        notes = tuple(f"{r}: {t.sentence}." for r, t in found.items() if isinstance(t, Unreadable))
        trails = tuple(t for ts in found.values() if not isinstance(ts, Unreadable) for t in ts)
        return Survey(regions, notes, () if isinstance(lakes, Unreadable) else lakes), trails

    def _completed(self, trail: Trail) -> Trail:
        if not trail.multi_region and not self._wish.survey:
            return trail
        if trail.owner != self._account.id:
            return self._completed_as_member(trail)
        status = self._about(trail, "GetTrailStatus", "Name", shapes.status)
        selectors = self._about(trail, "GetEventSelectors", "TrailName", shapes.selectors)
        return replace(trail, status=status, selectors=selectors)

    def _completed_as_member(self, trail: Trail) -> Trail:
        """Of its organization's trail a member sees whether it logs, but neither its delivery nor its selectors."""
        status = self._about(trail, "GetTrailStatus", "Name", shapes.status)
        if isinstance(status, Status):
            status = Status(status.logging, _only_the_owner("cloudtrail:GetTrailStatus", trail))
        default = trail.custom_selectors is False
        selectors = Selectors() if default else _only_the_owner("cloudtrail:GetEventSelectors", trail)
        return replace(trail, status=status, selectors=selectors)

    def _about(self, trail: Trail, operation: str, parameter: str, shape: Callable[[Any], Any]) -> Any:
        answer = self._ask("cloudtrail", trail.home_region, operation, **{parameter: trail.arn})
        if isinstance(answer, Unreadable) and answer.error in NOT_KNOWN_THERE:
            answer = self._perhaps_disabled(answer, trail.home_region)
        return shapes.shaped(f"cloudtrail:{operation}", answer, shape)

    def _buckets(self, trails: tuple[Trail, ...]) -> tuple[Bucket | Unreadable, ...]:
        """Those wished for, with their policy; these and the multi-region trails' also as the needs say. Each once."""
        wished = tuple(self._bucket(name) for name in self._wish.buckets)
        names = tuple(dict.fromkeys((*self._wish.buckets, *(t.bucket for t in trails if t.multi_region))))
        exposed = {b.name: b for b in BucketReader(self._ask, self._account, self._wish.needs).read(names)}
        return (*(_both(b, exposed) for b in wished), *exposed.values())

    def _perhaps_disabled(self, answer: Unreadable, region: str) -> Unreadable:
        """Credentials that the reading region has just accepted are refused where the account has not opted in."""
        if region == self._account.reading_region:
            return answer
        why = f"{region} does not know the account: the region seems to be disabled; AWS says {answer.error}"
        return Unreadable(answer.call, REGION_DISABLED, why)

    def _bucket(self, name: str) -> Bucket | Unreadable:
        policy = shapes.shaped("s3:GetBucketPolicy", self._ask_s3("GetBucketPolicy", name), shapes.policy)
        if isinstance(policy, Unreadable) and policy.error == "NoSuchBucket":
            return Bucket(name, exists=False)
        if isinstance(policy, Unreadable) and policy.error != "NoSuchBucketPolicy":
            return policy
        region = shapes.shaped("s3:GetBucketLocation", self._ask_s3("GetBucketLocation", name), shapes.location)
        if isinstance(region, Unreadable):
            return region
        text = "" if isinstance(policy, Unreadable) else policy
        payer = self._ask_s3("GetBucketRequestPayment", name)
        pays = shapes.shaped("s3:GetBucketRequestPayment", payer, lambda a: a["Payer"] == "Requester")
        return Bucket(name, exists=True, region=region, policy=text, requester_pays=pays)

    def _ask_s3(self, operation: str, bucket: str) -> Any | Unreadable:
        """Only of a bucket that is the account's own: another's is a denial, whatever its policy says."""
        region = self._account.reading_region
        return self._ask("s3", region, operation, Bucket=bucket, ExpectedBucketOwner=self._account.id)

    def _ask(self, service: str, region: str, operation: str, /, **parameters: object) -> Any | Unreadable:
        return self._session.read(self._account, service, region, operation, **parameters)


def _both(wished: Bucket | Unreadable, exposed: dict[str, Bucket]) -> Bucket | Unreadable:
    """The bucket with the facts of both looks, taken out of the second."""
    if isinstance(wished, Unreadable) or wished.name not in exposed:
        return wished
    other = exposed.pop(wished.name)
    return replace(other, region=wished.region, policy=wished.policy, requester_pays=wished.requester_pays)


def _region_names(answer: dict[str, Any]) -> tuple[str, ...]:
    return tuple(sorted(r["RegionName"] for r in answer["Regions"]))


def _lakes(answer: dict[str, Any]) -> tuple[str, ...]:
    return tuple(store["Name"] for store in answer["EventDataStores"])


def _trail_list(answer: dict[str, Any]) -> tuple[Trail, ...]:
    return tuple(_trail(t) for t in answer["trailList"])


TRAIL_ARN = re.compile(r"arn:[^:]+:cloudtrail:[^:]+:\d{12}:trail/.+")


def _trail(t: dict[str, Any]) -> Trail:
    if not TRAIL_ARN.fullmatch(t["TrailARN"]):
        raise shapes.UnknownShapeError(f"trail {t['TrailARN']}")
    return Trail(
        arn=t["TrailARN"],
        name=t["Name"],
        home_region=t["HomeRegion"],
        multi_region=t["IsMultiRegionTrail"],
        bucket=t["S3BucketName"],
        status=NOT_ASKED,
        selectors=NOT_ASKED,
        organization=t.get("IsOrganizationTrail", False),
        validation=t["LogFileValidationEnabled"],
        prefix=t.get("S3KeyPrefix") or "",
        custom_selectors=t.get("HasCustomEventSelectors"),
        kms_key=t.get("KmsKeyId") or "",
        log_group=t.get("CloudWatchLogsLogGroupArn") or "",
        log_role=t.get("CloudWatchLogsRoleArn") or "",
        topic=t.get("SnsTopicARN") or "",
        insights=t.get("HasInsightSelectors", False),
        global_events=t.get("IncludeGlobalServiceEvents", True),
    )


def _only_the_owner(call: str, trail: Trail) -> Unreadable:
    return Unreadable(call, OWNER_NOT_READ, f"verify in the management account {trail.owner}")
