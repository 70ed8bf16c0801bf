"""APScheduler: what the clock starts. In memory, made anew from the database; the runner makes each fire once."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_EXECUTED, EVENT_JOB_MISSED, JobExecutionEvent
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger

from bot.domain.subscription import DAYS, Subscription

log = logging.getLogger(__name__)

GRACE_SECONDS = 6 * 3600
"""A busy second must not skip a digest; APScheduler's default grace is one second."""

QUIET_SECONDS = 60.0
"""Without the end of any job: then its threads are stuck, or gone."""


@dataclass(frozen=True)
class Repeated:
    """Something to do every so many seconds, `at_once` also right after the start."""

    id: str
    seconds: float
    do: Callable[[], None]
    at_once: bool = False


class Every(BaseTrigger):  # type: ignore[misc]  # APScheduler has no types
    """An interval that counts no beats it has missed: APScheduler's own counts each, which after a week's sleep of the
    machine holds up everything for minutes.
    """

    def __init__(self, interval: timedelta) -> None:
        self._interval = interval

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        return now + self._interval if previous_fire_time is None else max(previous_fire_time + self._interval, now)


class Scheduler:
    """`fire` is called with a subscription when its time has come."""

    def __init__(
        self,
        subscriptions: Callable[[], tuple[Subscription, ...]],
        fire: Callable[[Subscription], None],
        trouble: Callable[[str, str], object] = lambda _job, _why: None,
    ) -> None:
        """`trouble` is told of a job that `failed` or was `missed`; a digest's is called "digest"."""
        self._subscriptions = subscriptions
        self._fire = fire
        self._trouble = trouble
        self._last = time.monotonic()
        self._refreshing = threading.Lock()
        self._scheduler = BackgroundScheduler(
            job_defaults={"misfire_grace_time": GRACE_SECONDS, "coalesce": True, "max_instances": 1}
        )
        self._scheduler.add_listener(self._noticed, EVENT_JOB_EXECUTED | EVENT_JOB_ERROR | EVENT_JOB_MISSED)

    def _noticed(self, event: JobExecutionEvent) -> None:
        self._last = time.monotonic()
        if why := {EVENT_JOB_ERROR: "failed", EVENT_JOB_MISSED: "missed"}.get(event.code):
            self._trouble(event.job_id.partition(":")[0], why)

    def is_well(self) -> bool:
        """It runs, and a job of it ended lately: the most frequent one does so twice a second."""
        return self._scheduler.running and time.monotonic() - self._last < QUIET_SECONDS

    def start(self, repeated: tuple[Repeated, ...]) -> None:
        self.add(repeated)
        self.refresh()
        self._scheduler.start()

    def add(self, repeated: tuple[Repeated, ...]) -> None:
        for job in repeated:
            first = {"next_run_time": datetime.now(UTC)} if job.at_once else {}
            self._scheduler.add_job(job.do, Every(timedelta(seconds=job.seconds)), id=job.id, **first)

    def drop(self, repeated: tuple[Repeated, ...]) -> None:
        for id in {job.id for job in repeated} & {job.id for job in self._scheduler.get_jobs()}:
            self._scheduler.remove_job(id)

    def refresh(self) -> None:
        """Make the digest jobs equal to the subscriptions in the database; the clock and a command may both ask."""
        with self._refreshing:
            self._refresh()

    def _refresh(self) -> None:
        wanted = {f"digest:{s.id}": s for s in self._known()}
        present = {job.id: job.args[0] for job in self._scheduler.get_jobs() if job.id.startswith("digest:")}
        gone = {id for id, subscription in present.items() if wanted.get(id) != subscription}
        for id in gone:
            self._scheduler.remove_job(id)
        for id in wanted.keys() - (present.keys() - gone):
            self._scheduler.add_job(self._fire, _trigger(wanted[id]), args=[wanted[id]], id=id)

    def _known(self) -> Iterator[Subscription]:
        """One whose zone this machine does not know stops no other."""
        for subscription in self._subscriptions():
            if subscription.zone_is_known:
                yield subscription
            else:
                log.error("%s has no trigger: %r is no time zone here", subscription.name, subscription.zone)

    def stop(self) -> None:
        """Also where it was never started."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)


def _trigger(subscription: Subscription) -> CronTrigger:
    if subscription.rhythm == "hourly":
        return CronTrigger(minute=subscription.at.minute, timezone="UTC")
    days = ",".join(map(str, sorted(DAYS[subscription.rhythm])))
    return CronTrigger(
        day_of_week=days, hour=subscription.at.hour, minute=subscription.at.minute, timezone=subscription.zone
    )
