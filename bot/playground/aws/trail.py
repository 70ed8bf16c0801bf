"""A trail as CloudTrail keeps it: moto's, with delivery, selectors and organization copies as on AWS."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from moto.cloudtrail.models import Trail

from bot.playground.aws import names
from bot.playground.aws.delivery_access import Destination, obstacle
from bot.playground.aws.membership import organization_id
from bot.playground.aws.refusals import insufficient_bucket_policy, invalid_prefix, no_such_bucket
from bot.playground.aws.selectors import DEFAULT_SELECTORS, Selector, completed


@dataclass
class Deliveries:
    """When log files arrived. All times are UTC; `healthy_since` is when deliveries last began to succeed.

    A trail that works delivers every `interval`, about five minutes (user guide, "How CloudTrail works"), the first
    time one interval after it began; nothing happens between two reads, so the times are worked out at a read.
    `error` is one switched on by hand; `silent` means that nothing arrives and nothing is said.
    """

    interval: ClassVar[timedelta] = timedelta(minutes=5)

    started: datetime | None = None
    stopped: datetime | None = None
    healthy_since: datetime | None = None
    last: datetime | None = None
    error: str = ""
    silent: bool = False

    def proceed(self, now: datetime, healthy: bool) -> None:
        """Bring `last` up to `now`."""
        if not healthy:
            self.healthy_since = None
            return
        self.healthy_since = self.healthy_since or now
        step = self.interval.total_seconds()
        passed = (now - self.healthy_since).total_seconds()
        arrived = self.healthy_since + timedelta(seconds=passed - passed % step if step else passed)
        if arrived > self.healthy_since or not step:
            self.last = arrived


class StrictTrail(Trail):
    """moto's Trail. `replicated_to` are the member accounts that have a copy of this organization trail.

    AWS replicates an organization trail to every member, which is what None means. The playground names a few
    instead, so that one organization can show every state that an account can be in.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.deliveries = Deliveries()
        self.replicated_to: frozenset[str] | None = None

    @property
    def topic_arn(self) -> str | None:
        """A topic may be given by ARN. Source: API reference, CreateTrail, SnsTopicName."""
        given = self.sns_topic_name or ""
        return given if given.startswith("arn:") else super().topic_arn

    @property
    def destination(self) -> Destination:
        return Destination(
            bucket=self.bucket_name,
            prefix=self.s3_key_prefix or "",
            trail_arn=self.arn,
            account_id=self.account_id,
            organization_id=organization_id(self.account_id) if self.is_org_trail else "",
        )

    def check_name(self) -> None:
        names.check_name(self.trail_name)

    def check_bucket_exists(self) -> None:
        """And that its policy lets CloudTrail in. Source: API reference, CreateTrail, Errors."""
        if len(self.s3_key_prefix or "") > 200:
            raise invalid_prefix()
        match obstacle(self.destination):
            case "NoSuchBucket":
                raise no_such_bucket(self.bucket_name)
            case "AccessDenied":
                raise insufficient_bucket_policy(self.bucket_name)

    def start_logging(self) -> None:
        """Starting a trail that logs already changes nothing."""
        if not self.status.is_logging:
            self.status.is_logging = True
            self.deliveries.started = datetime.now(UTC)
            self.read_deliveries()

    def stop_logging(self) -> None:
        self.read_deliveries()
        self.status.is_logging = False
        self.deliveries.stopped = datetime.now(UTC)
        self.deliveries.healthy_since = None

    def read_deliveries(self) -> str:
        """Bring the deliveries up to now, and say what stops them: S3's error code, or ""."""
        error = self._delivery_error()
        healthy = self.status.is_logging and not error and not self.deliveries.silent
        self.deliveries.proceed(datetime.now(UTC), healthy)
        return error

    def _delivery_error(self) -> str:
        """A trail that is stopped attempts nothing."""
        return (self.deliveries.error or obstacle(self.destination)) if self.status.is_logging else ""

    def status_seen_from(self, account_id: str) -> dict[str, Any]:
        """GetTrailStatus; times in seconds since the epoch.

        A member account never sees the delivery error of its organization's trail (user guide, "Organization
        trails"; service-screener-v2, issue 201).
        """
        error = self.read_deliveries()
        times = self.deliveries
        seen = {
            "IsLogging": self.status.is_logging,
            "LatestDeliveryError": error if account_id == self.account_id else "",
            "LatestDeliveryTime": _epoch(times.last),
            "StartLoggingTime": _epoch(times.started),
            "StopLoggingTime": _epoch(times.stopped),
            "LatestDigestDeliveryTime": _epoch(times.last) if self.log_validation else None,
            "LatestDeliveryAttemptTime": _text(times.last),
            "LatestDeliveryAttemptSucceeded": _text(times.last),
            "TimeLoggingStarted": _text(times.started),
            "TimeLoggingStopped": _text(times.stopped),
        }
        return {key: value for key, value in seen.items() if value not in (None, "")}

    def replace_selectors(self, basic: Sequence[Selector] | None, advanced: Sequence[Selector] | None) -> None:
        """Basic and advanced replace each other. Source: API reference, PutEventSelectors."""
        self.event_selectors = [dict(completed(s)) for s in basic or ()]
        self.advanced_event_selectors = [dict(s) for s in advanced or ()]

    def selectors(self) -> dict[str, Any]:
        """The one family that the trail has, under its key in GetEventSelectors."""
        if self.advanced_event_selectors:
            return {"AdvancedEventSelectors": self.advanced_event_selectors}
        return {"EventSelectors": self.event_selectors or [dict(s) for s in DEFAULT_SELECTORS]}

    def description(self, include_region: bool = False) -> dict[str, Any]:
        return {
            **super().description(include_region),
            "HasCustomEventSelectors": bool(self.event_selectors or self.advanced_event_selectors),
            "HasInsightSelectors": bool(self.insight_selectors),
        }


def _epoch(moment: datetime | None) -> float | None:
    return moment.timestamp() if moment else None


def _text(moment: datetime | None) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else ""
