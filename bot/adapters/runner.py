"""DBOS: work that ends even if this process dies. It lives in the same database as our tables.

A completed step never runs again; the one in flight at a crash always does, so every function that runs here may be
repeated. The change's id is the workflow's id, so a change is applied by one workflow only.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import wraps
from typing import ParamSpec, TypeVar

from dbos import DBOS, DBOSClient, DBOSConfig, EnqueueOptions, SetWorkflowID
from sqlalchemy.engine import Connection

from bot.domain.change import Change
from bot.ports import CannotRunError
from bot.ports.context import working_on
from bot.ports.traces import UNTRACED, Traces

log = logging.getLogger(__name__)

VERSION = "1"
"""Of the workflows below. Raised only when their steps change; by default every deploy would strand work."""
QUEUE = "changes"
APPLY, SETTLE, DIGEST = "apply_change", "settle_change", "post_digest"
POLL_SECONDS = 0.25
RETRIES = 5
STOPS_WITHIN_SECONDS = 10
"""For what is under way; a platform that stops a process gives it some 30 s."""
STRANDED_AFTER = 10
"""Looks, one a second: what was handed out here and is not running by then has lost its thread."""


P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True)
class Work:
    """The functions to run durably, by what they are for; all take ids only."""

    begin: Callable[[int], int]
    perform: Callable[[int, int], bool]
    settle: Callable[[int], None]
    give_up: Callable[[int, str], None]
    digest: Callable[[int, str], None]
    give_up_digest: Callable[[int, str, str], None]


class DbosRunner:
    """Made first, since saving an approval enqueues through it; started last, when all it calls is wired."""

    def __init__(self, url: str, executor: str, poll_seconds: float = POLL_SECONDS, traces: Traces = UNTRACED) -> None:
        self._url = url
        self._executor = executor
        self._poll_seconds = poll_seconds
        self._traces = traces
        self._running: list[str] = []
        self._idle: dict[str, int] = {}
        self._config: DBOSConfig = {
            "name": "trailwarden",
            "system_database_url": url,
            "application_version": VERSION,
            "executor_id": executor,
            "log_level": "WARNING",
            "enable_otlp": False,
        }
        self._client: DBOSClient | None = None

    def start(self, work: Work) -> None:
        """Launch. What a crash left belongs to another id, and is taken over."""
        DBOS(config=self._config)
        work = _traced(work, self._traces)
        settle = _step("settle", work.settle)
        DBOS.workflow(name=APPLY)(_of_change(self._seen(APPLY, _apply_workflow(work, settle))))
        self._settle = DBOS.workflow(name=SETTLE)(_of_change(self._seen(SETTLE, _settle_workflow(settle))))
        self._digest = DBOS.workflow(name=DIGEST)(self._seen(DIGEST, _digest_workflow(work)))
        DBOS.launch()
        DBOS.register_queue(QUEUE, polling_interval_sec=self._poll_seconds)
        self._client = DBOSClient(system_database_url=self._url)

    def owners(self) -> frozenset[str]:
        """The processes to which work belongs that is under way."""
        under_way = DBOS.list_workflows(status="PENDING", load_input=False, load_output=False)
        return frozenset(w.executor_id for w in under_way if w.executor_id)

    def take_over(self, owner: str) -> None:
        """Go on with what a dead process left; asked by one at a time. Should it live after all, its run is fenced off
        at its next step, and one step is repeated.
        """
        left = DBOS.list_workflows(status="PENDING", executor_id=owner, load_input=False, load_output=False)
        if left:
            DBOS.resume_workflows([w.workflow_id for w in left], queue_name=QUEUE)

    def take_up(self) -> None:
        """Our own work whose thread ended because the database went away in the middle: DBOS leaves it pending."""
        ours = DBOS.list_workflows(status="PENDING", executor_id=self._executor, load_input=False, load_output=False)
        idle = {w.workflow_id for w in ours}.difference(self._running)
        self._idle = {id: self._idle.get(id, 0) + 1 for id in idle}
        stranded = [id for id, looks in self._idle.items() if looks >= STRANDED_AFTER]
        if stranded:
            DBOS.resume_workflows(stranded, queue_name=QUEUE)

    def _seen(self, name: str, workflow: Callable[P, None]) -> Callable[P, None]:
        """The workflow, remembered as running here as long as it does; twice where two threads run it."""

        @wraps(workflow)
        def seen(*args: P.args, **kwargs: P.kwargs) -> None:
            id = DBOS.workflow_id or ""
            self._running.append(id)
            try:
                with working_on(workflow=id), self._traces.span(name):
                    workflow(*args, **kwargs)
            finally:
                self._running.remove(id)

        return seen

    def stop(self) -> bool:
        """Whether nothing is under way here any more. What was not over in time goes on at the next start."""
        if self._client:
            self._client.destroy()
        DBOS.destroy(workflow_completion_timeout_sec=STOPS_WITHIN_SECONDS if self._running else 0)
        return not self._running

    def enqueue_apply(self, connection: Connection, change: Change) -> None:
        """Within the transaction that saves the approval: both happen, or neither."""
        if self._client is None:
            raise RuntimeError("the runner was not started")
        options: EnqueueOptions = {
            "queue_name": QUEUE,
            "workflow_name": APPLY,
            "workflow_id": change.id,
            "app_version": VERSION,
        }
        self._client.enqueue_in_transaction(connection, options, change.number)

    def settle(self, number: int, attempt: str) -> None:
        with SetWorkflowID(f"settle:{number}:{attempt}"):
            DBOS.start_workflow(self._settle, number)

    def digest(self, subscription: int, slot: str) -> None:
        """Once for each subscription and slot, whoever calls it and how often."""
        id = f"digest:{subscription}:{slot}"
        if DBOS.get_workflow_status(id) is None:  # asked for every half minute until it is posted
            with SetWorkflowID(id):
                DBOS.start_workflow(self._digest, subscription, slot)


def _traced(work: Work, traces: Traces) -> Work:
    """Each try of each step is a span."""

    def within(name: str, function: Callable[P, R]) -> Callable[P, R]:
        def spanned(*args: P.args, **kwargs: P.kwargs) -> R:
            with traces.span(name):
                return function(*args, **kwargs)

        return spanned

    return Work(**{each.name: within(each.name, getattr(work, each.name)) for each in fields(work)})


def _of_change(workflow: Callable[[int], None]) -> Callable[[int], None]:
    """All that is said or told of it names the change."""

    @wraps(workflow)
    def of_change(number: int) -> None:
        with working_on(change=f"C-{number}"):
            workflow(number)

    return of_change


def _step(name: str, function: Callable[P, R]) -> Callable[P, R]:
    """Tried again when it raises: the database may be busy, Slack or AWS away for a moment."""
    return DBOS.step(name=name, retries_allowed=True, max_attempts=RETRIES, interval_seconds=1.0)(function)


def _apply_workflow(work: Work, settle: Callable[[int], None]) -> Callable[[int], None]:
    begin, perform = _step("begin", work.begin), _step("perform", work.perform)
    give_up = _step("give_up", work.give_up)

    def apply(number: int) -> None:
        for index in range(begin(number)):
            if not perform(number, index):
                break
        settle(number)

    def apply_change(number: int) -> None:
        _to_its_end(lambda: apply(number), lambda error: give_up(number, type(error).__name__))

    return apply_change


def _to_its_end(work: Callable[[], None], give_up: Callable[[Exception], None]) -> None:
    """The edge of a thread: no change may be left as if it were under way, nor a digest without a word."""
    try:
        work()
    except Exception as error:  # whatever it is, somebody waits for what becomes of this
        log.exception("%s broke", DBOS.workflow_id)
        give_up(error)


def _settle_workflow(settle: Callable[[int], None]) -> Callable[[int], None]:
    def settle_change(number: int) -> None:
        settle(number)

    return settle_change


def _why(error: Exception) -> str:
    """In words where it has some: the last try's, of which DBOS makes an error of its own."""
    causes = getattr(error, "errors", None) or [error]
    known = next((str(e) for e in causes if isinstance(e, CannotRunError)), "")
    return known or "Something broke. Whoever runs Trailwarden finds more in its log."


def _digest_workflow(work: Work) -> Callable[[int, str], None]:
    digest, give_up = _step("digest", work.digest), _step("give_up_digest", work.give_up_digest)

    def post_digest(subscription: int, slot: str) -> None:
        _to_its_end(lambda: digest(subscription, slot), lambda error: give_up(subscription, slot, _why(error)))

    return post_digest
