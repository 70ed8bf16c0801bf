"""The composition root: from settings to a wired bot. With `workspace` and `workspaces` it knows everything."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from slack_sdk import WebClient
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
from bot.adapters.presence import present
from bot.adapters.replicas import LOOK_SECONDS, Watch
from bot.adapters.runner import DbosRunner, Work
from bot.adapters.scheduler import Repeated, Scheduler
from bot.adapters.seal import Seal
from bot.adapters.web import Pages
from bot.ports import CannotRunError, Installation, Installations
from bot.services import applying, digests, releases, runs, settling
from bot.services.chain import ChainWatch
from bot.workspace import SLACK_SECONDS, Shared, Workspace, asking_client
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

    def __init__(self, settings: Settings) -> None:
        """Raises CannotRunError."""
        only = None if settings.by_installation else _identified(settings)
        self.presence = present(settings.database_url)
        engine = database.connect(settings.database_url)
        self.runner = DbosRunner(database.driver_url(settings.database_url), self.presence.id)
        self.chain = ChainWatch(EvidenceTable(engine), SystemClock())
        shared, watchers = self._shared(settings, engine), Watchers(self._begins, self._left, self._ends)
        self.workspaces = Workspaces(shared, _installations(settings, engine, only), watchers)
        self.scheduler = Scheduler(self.workspaces.subscriptions, jobs.fire_digest(shared.clock, self.runner))
        self.watch = Watch(self.presence, self._owners, self._take_over)
        self.workspaces.refresh()
        self.door = _door(settings, self.workspaces)
        self.pages: Pages = _installing(settings, engine, self.workspaces).pages if only is None else {}
        self._engine = engine

    def _shared(self, settings: Settings, engine: Engine) -> Shared:
        clock = SystemClock()
        session = Session(Roles(settings.audit_role, settings.change_role, settings.external_id))
        return Shared(
            settings=settings,
            engine=engine,
            runner=self.runner,
            process=self.presence.id,
            clock=clock,
            cloud=BotoCloud(session, clock, settings.accounts),
            writer=BotoWriter(session),
            chain=self.chain,
            listeners=ThreadPoolExecutor(THREADS, thread_name_prefix="listener"),
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
        self.scheduler.add(self._of_former(workspace))

    def _ends(self, workspace: Workspace) -> None:
        self.scheduler.drop((*self._of_one(workspace), *self._of_former(workspace)))

    def _of_one(self, one: Workspace) -> tuple[Repeated, ...]:
        """What is done for each workspace by itself, so that trouble in one is none in another."""
        world, runner, alone = one.world, self.runner, self._alone
        notices, deliveries = (lambda: jobs.send_notices(world)), (lambda: jobs.watch_deliveries(world))
        return (
            Repeated(f"{one.team}/outbox", jobs.OUTBOX_SECONDS, one.sender.tend),
            Repeated(f"{one.team}/sweep", jobs.SWEEP_SECONDS, alone(one, "sweep", lambda: jobs.sweep(world))),
            Repeated(f"{one.team}/notices", jobs.NOTICE_SECONDS, alone(one, "notices", notices)),
            Repeated(f"{one.team}/settle", jobs.SETTLE_SECONDS, lambda: jobs.settle_unknown(world, runner)),
            Repeated(f"{one.team}/awaited", jobs.AWAIT_SECONDS, lambda: jobs.settle_awaited(world, runner)),
            Repeated(f"{one.team}/deliveries", jobs.DELIVERY_SECONDS, alone(one, "deliveries", deliveries)),
            Repeated(f"{one.team}/homes", jobs.HOME_SECONDS, one.homes.tend),
            Repeated(f"{one.team}/prune", jobs.PRUNE_SECONDS, alone(one, "prune", lambda: jobs.prune(world))),
            Repeated(f"{one.team}/digests", jobs.REFRESH_SECONDS, lambda: jobs.catch_up(world, runner)),
        )

    def _of_former(self, one: Workspace) -> tuple[Repeated, ...]:
        world, runner = one.world, self.runner
        return (
            Repeated(
                f"{one.team}/close", jobs.SWEEP_SECONDS, self._alone(one, "sweep", lambda: jobs.close_former(world))
            ),
            Repeated(f"{one.team}/former-settle", jobs.SETTLE_SECONDS, lambda: jobs.settle_unknown(world, runner)),
            Repeated(f"{one.team}/former-awaited", jobs.AWAIT_SECONDS, lambda: jobs.settle_awaited(world, runner)),
        )

    def _alone(self, one: Workspace, name: str, do: Callable[[], None]) -> Callable[[], None]:
        """Of several replicas one does it at a time: two would post the same missing card."""

        def once() -> None:
            with alone(self._engine, f"{name}:{one.team}") as ours:
                if ours:
                    do()

        return once


def _identified(settings: Settings) -> Installation:
    """The workspace and the app that the bot token belongs to. Raises CannotRunError."""
    token = settings.slack_bot_token.get_secret_value() if settings.slack_bot_token else ""
    client = asking_client(settings, token)
    try:
        ours = client.auth_test()
        bot = client.bots_info(bot=ours["bot_id"])["bot"]
        return Installation(str(ours["team_id"]), str(bot["app_id"]), token)
    except SlackApiError as refused:
        raise CannotRunError(slack_errors.sentence(refused)) from refused
    except (SlackClientError, OSError) as failed:
        raise CannotRunError(f"Slack cannot be reached at {client.base_url}. See to the network.") from failed


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


def _installing(settings: Settings, engine: Engine, workspaces: Workspaces) -> Installing:
    secret = settings.slack_client_secret.get_secret_value() if settings.slack_client_secret else ""
    authorize_url = settings.slack_api_url.removesuffix("/").removesuffix("/api") + "/oauth/v2/authorize"
    return Installing(
        WebClient(base_url=settings.slack_api_url, timeout=SLACK_SECONDS),
        Credentials(settings.slack_client_id, secret, authorize_url),
        SealedStates(_seal(settings), InboxTable(engine), SystemClock()),
        frozenset(settings.workspaces),
        workspaces.install,
    )


def _door(settings: Settings, workspaces: Workspaces) -> Door:
    """The one place where it is decided how Slack reaches us."""
    if settings.by_installation:
        return _signed(settings, Reception(lambda team: found.app if (found := workspaces.of(team)) else None))
    (only,) = workspaces.here()
    if settings.over_http:
        return _signed(settings, only.app)
    return Doorway(only.app, settings.slack_app_token.get_secret_value() if settings.slack_app_token else "")


def _signed(settings: Settings, app: Dispatcher) -> SignedDoorway:
    secret = settings.slack_signing_secret
    return SignedDoorway(app, secret.get_secret_value() if secret else "")
