"""The composition root: from settings to a wired bot. With `workspace` and `workspaces` it knows everything."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from slack_sdk.errors import SlackApiError, SlackClientError
from sqlalchemy import Engine

from bot import jobs
from bot.adapters.aws.cloud import BotoCloud
from bot.adapters.aws.session import Roles, Session
from bot.adapters.aws.write import BotoWriter
from bot.adapters.clock import SystemClock
from bot.adapters.db import engine as database
from bot.adapters.db.evidence import EvidenceTable
from bot.adapters.db.inbox import InboxTable
from bot.adapters.db.installations import InstallationsTable, SealedStates
from bot.adapters.db.locks import alone
from bot.adapters.health import Health, Part
from bot.adapters.metrics.counted import Counted
from bot.adapters.metrics.exposition import Metrics
from bot.adapters.metrics.stored import Sources
from bot.adapters.presence import present
from bot.adapters.replicas import LOOK_SECONDS, Watch
from bot.adapters.runner import DbosRunner, Work
from bot.adapters.scheduler import Repeated, Scheduler
from bot.adapters.seal import Seal
from bot.adapters.web import Pages
from bot.domain.finding import Report
from bot.domain.subscription import together
from bot.ports import CannotRunError, Installation, Installations, World
from bot.ports.traces import UNTRACED, Traces
from bot.services import applying, digests, home, releases, runs, settling
from bot.services.chain import ChainWatch
from bot.workspace import Shared, Workspace, asking_client, sending_client
from bot.workspaces import TheOnly, Watchers, Workspaces
from config.settings import Settings
from handlers import slack_errors
from handlers.doorway import THREADS, Door, Doorway
from handlers.installing import Credentials, Installing
from handlers.reception import Dispatcher, Reception
from handlers.signed_doorway import SignedDoorway

log = logging.getLogger(__name__)


class Bot:
    """A wired bot; `start` connects it, `stop` lets what is under way end or be resumed."""

    def __init__(self, settings: Settings, traces: Traces = UNTRACED) -> None:
        """Raises CannotRunError."""
        self._metrics = Metrics()
        self._traces = traces
        counted = self._metrics.counted
        only = None if settings.by_installation else _identified(settings, counted)
        self.presence = present(settings.database_url)
        engine = database.connect(settings.database_url)
        self.runner = DbosRunner(database.driver_url(settings.database_url), self.presence.id, traces=traces)
        self.chain = ChainWatch(EvidenceTable(engine), SystemClock())
        shared, store = self._shared(settings, engine), _installations(settings, engine, only)
        self.workspaces = Workspaces(shared, store, Watchers(self._begins, self._left, self._locked, self._ends))
        fire = jobs.fire_digest(shared.clock, self.runner)
        self.scheduler = Scheduler(self.workspaces.subscriptions, fire, counted.task)
        self.watch = Watch(self.presence, self._owners, self._take_over)
        self.workspaces.begin()
        self.door = _door(settings, self.workspaces)
        self.pages: Pages = _installing(settings, engine, self.workspaces, counted).pages if only is None else {}
        self._engine = engine
        self._health = Health(engine, self.door.is_open, self.scheduler.is_well, self.workspaces.waiting)
        self._metrics.watch(_sources(self.workspaces, engine), self.health, lambda: self.chain.last)

    def health(self) -> tuple[Part, ...]:
        return self._health.parts()

    def metrics(self) -> bytes:
        return self._metrics.text()

    def _shared(self, settings: Settings, engine: Engine) -> Shared:
        clock, counted = SystemClock(), self._metrics.counted
        roles = Roles(settings.audit_role, settings.change_role, settings.external_id)
        call = None if self._traces is UNTRACED else self._traces.call
        session = Session(roles, seen=counted.aws, call=call)
        return Shared(
            settings=settings,
            engine=engine,
            runner=self.runner,
            process=self.presence.id,
            clock=clock,
            cloud=BotoCloud(session, clock, settings.accounts),
            writer=BotoWriter(session),
            chain=self.chain,
            counted=counted,
            listeners=ThreadPoolExecutor(THREADS, thread_name_prefix="listener"),
            traces=self._traces,
        )

    def start(self) -> None:
        """Seen to be alive before any work is ours; what was left open is taken up; then Slack may speak."""
        self.presence.hold()
        self.workspaces.start()
        for workspace in self.workspaces.all():
            releases.end_lost(workspace.world)
        self.runner.start(_work(self.workspaces))
        self.watch.look()
        for workspace in self.workspaces.here():
            jobs.catch_up(workspace.world, self.runner)
        self.scheduler.start(self._repeated())
        self.door.open()

    def stop(self) -> None:
        """Nobody may take over what a thread here still does: then our lock ends with the process."""
        self.door.shut()
        self.scheduler.stop()
        self.workspaces.close()
        idle = self.runner.stop()
        self.workspaces.stop()
        if idle:
            self.presence.release()
        self._engine.dispose()

    def _owners(self) -> frozenset[str]:
        """Asked for at each look, so that what is stranded here is found too."""
        self.runner.take_up()
        return self.runner.owners().union(*(workspace.runs.owners() for workspace in self.workspaces.all()))

    def _take_over(self, owner: str) -> None:
        self.runner.take_over(owner)
        for workspace in self.workspaces.all():
            runs.close_interrupted(workspace.world, owner)

    def _repeated(self) -> tuple[Repeated, ...]:
        """What is done once for all workspaces."""
        return (
            Repeated("replicas", LOOK_SECONDS, self.watch.look),
            Repeated("workspaces", jobs.WORKSPACES_SECONDS, self.workspaces.look_after_removals),
            Repeated("tokens", jobs.TOKENS_SECONDS, lambda: self.workspaces.look_after_removals(everywhere=True)),
            Repeated("chain", jobs.CHAIN_SECONDS, self.chain.look, at_once=True),
            Repeated("refresh", jobs.REFRESH_SECONDS, self.scheduler.refresh),
        )

    def _begins(self, workspace: Workspace) -> None:
        workspace.talk.digests_changed = self.scheduler.refresh
        self.scheduler.add(self._of_one(workspace))

    def _left(self, workspace: Workspace) -> None:
        self.scheduler.add(self._unheard(workspace, jobs.close_former))

    def _locked(self, workspace: Workspace) -> None:
        self.scheduler.add(self._unheard(workspace, jobs.sweep))

    def _ends(self, workspace: Workspace) -> None:
        self.scheduler.drop((*self._of_one(workspace), *self._unheard(workspace, jobs.sweep)))

    def _of_one(self, one: Workspace) -> tuple[Repeated, ...]:
        """What is done for each workspace by itself, so that trouble in one is none in another."""
        world, runner, alone = one.world, self.runner, self._alone
        notices, deliveries = (lambda: jobs.send_notices(world)), (lambda: jobs.watch_deliveries(world))
        return (
            Repeated(f"outbox:{one.team}", jobs.OUTBOX_SECONDS, one.sender.tend),
            Repeated(f"sweep:{one.team}", jobs.SWEEP_SECONDS, alone(one, "sweep", lambda: jobs.sweep(world))),
            Repeated(f"notices:{one.team}", jobs.NOTICE_SECONDS, alone(one, "notices", notices)),
            Repeated(f"settle:{one.team}", jobs.SETTLE_SECONDS, lambda: jobs.settle_unknown(world, runner)),
            Repeated(f"awaited:{one.team}", jobs.AWAIT_SECONDS, lambda: jobs.settle_awaited(world, runner)),
            Repeated(f"deliveries:{one.team}", jobs.DELIVERY_SECONDS, alone(one, "deliveries", deliveries)),
            Repeated(f"homes:{one.team}", jobs.HOME_SECONDS, one.homes.tend),
            Repeated(f"prune:{one.team}", jobs.PRUNE_SECONDS, alone(one, "prune", lambda: jobs.prune(world))),
            Repeated(f"digests:{one.team}", jobs.REFRESH_SECONDS, lambda: jobs.catch_up(world, runner)),
        )

    def _unheard(self, one: Workspace, sweep: Callable[[World], None]) -> tuple[Repeated, ...]:
        """Where nothing can be said: the app was removed, or its token cannot be opened."""
        world, runner = one.world, self.runner
        return (
            Repeated(f"sweep:{one.team}", jobs.SWEEP_SECONDS, self._alone(one, "sweep", lambda: sweep(world))),
            Repeated(f"settle:{one.team}", jobs.SETTLE_SECONDS, lambda: jobs.settle_unknown(world, runner)),
            Repeated(f"awaited:{one.team}", jobs.AWAIT_SECONDS, lambda: jobs.settle_awaited(world, runner)),
        )

    def _alone(self, one: Workspace, name: str, do: Callable[[], None]) -> Callable[[], None]:
        """Of several replicas one does it at a time: two would post the same missing card."""

        def once() -> None:
            with alone(self._engine, f"{name}:{one.team}") as ours:
                if ours:
                    do()

        return once


def _identified(settings: Settings, counted: Counted) -> Installation:
    """The workspace and the app that the bot token belongs to. Raises CannotRunError."""
    token = settings.slack_bot_token.get_secret_value() if settings.slack_bot_token else ""
    client = asking_client(settings, token, counted.slack)
    try:
        ours = client.auth_test()
        bot = client.bots_info(bot=ours["bot_id"])["bot"]
        return Installation(str(ours["team_id"]), str(bot["app_id"]), token)
    except SlackApiError as refused:
        raise CannotRunError(slack_errors.sentence(refused)) from refused
    except (SlackClientError, OSError) as failed:
        raise CannotRunError(f"Slack cannot be reached at {client.base_url}. See to the network.") from failed


def _sources(workspaces: Workspaces, engine: Engine) -> Sources:
    """What is read at each scrape."""
    return Sources(
        engine=engine,
        teams=lambda: tuple(one.team for one in workspaces.here()),
        timeliness=lambda: together(digests.timeliness(one.world) for one in workspaces.here()),
        newest=lambda: _newest(workspaces),
        now=SystemClock().now,
    )


def _newest(workspaces: Workspaces) -> Report | None:
    """Of everything, whoever asked for it."""
    audits = [audit for one in workspaces.here() if (audit := home.newest_audit(one.world))]
    return max((audit.report for audit in audits), key=lambda report: report.finished, default=None)


def _installations(settings: Settings, engine: Engine, only: Installation | None) -> Installations:
    if only:
        return TheOnly(engine, only)
    table = InstallationsTable(engine, _seal(settings), SystemClock(), frozenset(settings.workspaces))
    if resealed := table.reseal():
        log.info("%s tokens are sealed by the newest key now", resealed)
    return table


def _seal(settings: Settings) -> Seal:
    return Seal(tuple(key.get_secret_value() for key in settings.token_keys))


def _work(workspaces: Workspaces) -> Work:
    """Each in the workspace that asked for it."""
    of, reader = workspaces.of_change, workspaces.of_subscription

    def digest(subscription: int, slot: str) -> None:
        if world := reader(subscription):
            digests.post_scheduled(world, subscription, slot)

    def give_up_digest(subscription: int, slot: str, why: str) -> None:
        if world := reader(subscription):
            digests.give_up(world, subscription, slot, why)

    return Work(
        begin=lambda number: applying.begin(of(number), number),
        perform=lambda number, index: applying.perform(of(number), number, index),
        settle=lambda number: settling.settle(of(number), number),
        give_up=lambda number, error: settling.give_up(of(number), number, error),
        digest=digest,
        give_up_digest=give_up_digest,
    )


def _installing(settings: Settings, engine: Engine, workspaces: Workspaces, counted: Counted) -> Installing:
    secret = settings.slack_client_secret.get_secret_value() if settings.slack_client_secret else ""
    authorize_url = settings.slack_api_url.removesuffix("/").removesuffix("/api") + "/oauth/v2/authorize"
    return Installing(
        sending_client(settings, "", counted.slack),
        Credentials(settings.slack_client_id, secret, authorize_url),
        SealedStates(_seal(settings), InboxTable(engine), SystemClock()),
        frozenset(settings.workspaces),
        workspaces.install,
    )


def _door(settings: Settings, workspaces: Workspaces) -> Door:
    """The one place where it is decided how Slack reaches us."""
    if settings.by_installation:
        return _signed(settings, Reception(workspaces.app_of, workspaces.why_not))
    (only,) = workspaces.here()
    if settings.over_http:
        return _signed(settings, only.app)
    return Doorway(only.app, settings.slack_app_token.get_secret_value() if settings.slack_app_token else "")


def _signed(settings: Settings, app: Dispatcher) -> SignedDoorway:
    secret = settings.slack_signing_secret
    return SignedDoorway(app, secret.get_secret_value() if secret else "")
