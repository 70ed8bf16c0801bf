"""A trail as CloudTrail keeps it: moto's, with delivery, selectors and organization copies as on AWS."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from moto.cloudtrail.models import Trail

from bot.playground.aws import names
from bot.playground.aws.bucket_rules import is_bucket_name
from bot.playground.aws.deliveries import Deliveries
from bot.playground.aws.delivery_access import Destination, obstacle
from bot.playground.aws.insights import check_insights, check_still_fed
from bot.playground.aws.log_files import write_log_file
from bot.playground.aws.membership import organization_id
from bot.playground.aws.refusals import (
    insufficient_bucket_policy,
    invalid_bucket_name,
    invalid_prefix,
    no_such_bucket,
)
from bot.playground.aws.selectors import DEFAULT_SELECTORS, Selector, completed
from bot.playground.aws.trail_keys import KeyUse, check_key, key_arn, key_obstacle
from bot.playground.aws.trail_log_groups import LogDelivery, check_log_delivery, log_obstacle
from bot.playground.aws.trail_topics import check_topic, topic_obstacle


@dataclass(frozen=True)
class Troubles:
    """What stops the three kinds of delivery, in the words of GetTrailStatus; "" where nothing does."""

    files: str = ""
    logs: str = ""
    notifications: str = ""


class StrictTrail(Trail):
    """moto's Trail. `replicated_to` are the member accounts that have a copy of this organization trail.

    AWS replicates an organization trail to every member, which is what None means. The playground names a few
    instead, so that one organization can show every state that an account can be in.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kms_key_id = key_arn(self.key_use)
        self.deliveries = Deliveries()
        self.log_deliveries = Deliveries()
        self.notifications = Deliveries()
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
            organization_id=self.organization_id,
        )

    @property
    def organization_id(self) -> str:
        return organization_id(self.account_id) if self.is_org_trail else ""

    @property
    def key_use(self) -> KeyUse:
        return KeyUse(self.kms_key_id or "", self.arn, self.account_id, self.region_name, self.bucket_name)

    @property
    def log_delivery(self) -> LogDelivery:
        group, role = self.cw_log_group_arn or "", self.cw_role_arn or ""
        return LogDelivery(group, role, self.account_id, self.region_name, self.organization_id)

    def check_name(self) -> None:
        names.check_name(self.trail_name)

    def check_bucket_exists(self) -> None:
        """And that its policy lets CloudTrail in. Source: API reference, CreateTrail, Errors."""
        if not is_bucket_name(self.bucket_name):
            raise invalid_bucket_name(self.bucket_name)
        if len(self.s3_key_prefix or "") > 200:
            raise invalid_prefix()
        match obstacle(self.destination):
            case "NoSuchBucket":
                raise no_such_bucket(self.bucket_name)
            case "AccessDenied":
                raise insufficient_bucket_policy(self.bucket_name)

    def check_topic_exists(self) -> None:
        """And the key, the log group and its role: whatever else CreateTrail and UpdateTrail look at.

        moto calls this for every new trail. That UpdateTrail looks at everything again, also at what it does not
        change, is the cautious guess.
        """
        check_key(self.key_use)
        check_topic(self.sns_topic_name or "", self.topic_arn or "", self.arn)
        check_log_delivery(self.log_delivery)

    def update(self, *args: Any, **changes: Any) -> None:
        super().update(*args, **changes)
        self.kms_key_id = key_arn(self.key_use)

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
        for deliveries in (self.deliveries, self.log_deliveries, self.notifications):
            deliveries.healthy_since = None

    def read_deliveries(self) -> Troubles:
        """Bring the deliveries up to now, and say what stops them. A trail that is stopped attempts nothing."""
        if not self.status.is_logging:
            return Troubles()
        now, before, troubles = datetime.now(UTC), self.deliveries.last, self._troubles()
        files_arrive = not troubles.files and not self.deliveries.silent
        self.deliveries.proceed(now, files_arrive)
        self.log_deliveries.proceed(now, bool(self.cw_log_group_arn) and not troubles.logs)
        self.notifications.proceed(now, bool(self.topic_arn) and files_arrive and not troubles.notifications)
        if self.deliveries.last and self.deliveries.last != before:
            write_log_file(self.destination, self.region_name, self.deliveries.last)
        return troubles

    def _troubles(self) -> Troubles:
        return Troubles(
            files=self.deliveries.error or obstacle(self.destination) or key_obstacle(self.key_use),
            logs=log_obstacle(self.log_delivery) if self.cw_log_group_arn else "",
            notifications=topic_obstacle(self.topic_arn, self.arn) if self.topic_arn else "",
        )

    def status_seen_from(self, account_id: str) -> dict[str, Any]:
        """GetTrailStatus; times in seconds since the epoch.

        A member account never sees the delivery error of its organization's trail (user guide, "Organization
        trails"; service-screener-v2, issue 201).
        """
        troubles = self.read_deliveries()
        times, ours = self.deliveries, account_id == self.account_id
        seen = {
            "IsLogging": self.status.is_logging,
            "LatestDeliveryError": troubles.files if ours else "",
            "LatestNotificationError": troubles.notifications if ours else "",
            "LatestNotificationTime": _epoch(self.notifications.last) if self.topic_arn else None,
            "LatestCloudWatchLogsDeliveryError": troubles.logs if ours else "",
            "LatestCloudWatchLogsDeliveryTime": _epoch(self.log_deliveries.last) if self.cw_log_group_arn else None,
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
        complete, given = [dict(completed(s)) for s in basic or ()], [dict(s) for s in advanced or ()]
        check_still_fed(self.insight_selectors, {"EventSelectors": complete, "AdvancedEventSelectors": given})
        self.event_selectors, self.advanced_event_selectors = complete, given

    def put_insight_selectors(self, insight_selectors: Sequence[Selector]) -> None:
        """They replace those before; bucket and key are looked at. Source: API reference, PutInsightSelectors."""
        check_insights(insight_selectors, self.selectors())
        self.check_bucket_exists()
        check_key(self.key_use)
        self.insight_selectors = [dict(s) for s in insight_selectors]

    def selectors(self) -> dict[str, Any]:
        """The one family that the trail has, under its key in GetEventSelectors."""
        if self.advanced_event_selectors:
            return {"AdvancedEventSelectors": self.advanced_event_selectors}
        return {"EventSelectors": self.event_selectors or [dict(s) for s in DEFAULT_SELECTORS]}

    def description(self, include_region: bool = False) -> dict[str, Any]:
        """What was taken away is not shown; AWS leaves such members out."""
        shown = {key: value for key, value in super().description(include_region).items() if value not in (None, "")}
        return {
            **shown,
            "HasCustomEventSelectors": bool(self.event_selectors or self.advanced_event_selectors),
            "HasInsightSelectors": bool(self.insight_selectors),
        }


def _epoch(moment: datetime | None) -> float | None:
    return moment.timestamp() if moment else None


def _text(moment: datetime | None) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else ""
