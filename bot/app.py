"""The composition root: from settings to a wired bot. The one module that knows everything."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from slack_bolt import App
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.http_retry.builtin_handlers import ConnectionErrorRetryHandler, RateLimitErrorRetryHandler
from sqlalchemy import Engine

from bot import jobs
from bot.adapters import picture
from bot.adapters.aws.cloud import BotoCloud
from bot.adapters.aws.session import Roles, Session
from bot.adapters.aws.write import BotoWriter
from bot.adapters.clock import SystemClock
from bot.adapters.db import engine as database
from bot.adapters.db.changes import ChangesTable
from bot.adapters.db.evidence import EvidenceTable
from bot.adapters.db.history import HistoryTable
from bot.adapters.db.inbox import InboxTable
from bot.adapters.db.locks import alone
from bot.adapters.db.outbox import OutboxTable
from bot.adapters.db.runs import RunsTable
from bot.adapters.db.subscriptions import SubscriptionsTable
from bot.adapters.db.teams import adopt
from bot.adapters.presence import present
from bot.adapters.replicas import LOOK_SECONDS, Watch
from bot.adapters.runner import DbosRunner, Work
from bot.adapters.scheduler import Repeated, Scheduler
from bot.authority import authority
from bot.domain.control import Profile
from bot.domain.controls import DEFAULT_CONTROLS
from bot.ports import CannotRunError, Rules, World
from bot.services import applying, digests, releases, runs, settling
from bot.services.audit import known_controls
from bot.services.chain import ChainWatch
from config.settings import Settings
from handlers import register, slack_errors
from handlers.announcer import SlackAnnouncer
from handlers.directory import SlackDirectory, Workplace
from handlers.doorway import THREADS, Door, Doorway
from handlers.home import Homes
from handlers.pictures import Pictures
from handlers.sender import Sender
from handlers.signed_doorway import SignedDoorway
from handlers.talk import Talk

log = logging.getLogger(__name__)

SLACK_SECONDS = 20
"""For one answer of Slack."""


class Bot:
    """A wired bot; `start` connects it, `stop` lets what is under way end or be resumed."""

    def __init__(self, settings: Settings) -> None:
        """Raises CannotRunError."""
        client = _client(settings)
        team, app = _identity(client)
        self.presence = present(settings.database_url)
        engine = database.connect(settings.database_url)
        adopt(engine, team)
        self.runner = DbosRunner(database.driver_url(settings.database_url), self.presence.id)
        self.runs = RunsTable(engine, self.presence.id, team)
        self.sender = Sender(OutboxTable(engine, team), _sending_client(settings), SystemClock())
        tables = Tables(engine, ChangesTable(engine, self.runner.enqueue_apply, team), self.runs)
        self.world = _world(settings, tables, Workspace(client, team, self.sender))
        self.watch = Watch(self.presence, self._owners, self._take_over)
        self.scheduler = Scheduler(self.world.subscriptions.all, jobs.fire_digest(self.world, self.runner))
        self.talk = Talk(self.world, client, team, frozenset(settings.channels), app)
        self.talk.digests_changed = self.scheduler.refresh
        self.chain = ChainWatch(self.world)
        self.homes = Homes(self.talk, lambda: self.chain.last)
        self.door = _door(settings, _bolt(client, self.talk, self.homes))
        self._engine = engine

    def start(self) -> None:
        """Seen to be alive before any work is ours; what was left open is taken up; then Slack may speak."""
        self.presence.hold()
        self.sender.start()
        releases.end_lost(self.world)
        self.runner.start(_work(self.world))
        self.watch.look()
        jobs.catch_up(self.world, self.runner)
        self.scheduler.start(self._repeated())
        self.door.open()

    def stop(self) -> None:
        """Nobody may take over what a thread here still does: then our lock ends with the process."""
        self.door.shut()
        self.scheduler.stop()
        self.talk.close()
        idle = self.runner.stop()
        self.sender.stop()
        if idle:
            self.presence.release()
        self._engine.dispose()

    def _owners(self) -> frozenset[str]:
        """Asked for at each look, so that what is stranded here is found too."""
        self.runner.take_up()
        return self.runner.owners() | self.runs.owners()

    def _take_over(self, owner: str) -> None:
        self.runner.take_over(owner)
        runs.close_interrupted(self.world, owner)

    def _repeated(self) -> tuple[Repeated, ...]:
        world, runner = self.world, self.runner
        return (
            Repeated("replicas", LOOK_SECONDS, self.watch.look),
            Repeated("outbox", jobs.OUTBOX_SECONDS, self.sender.tend),
            Repeated("sweep", jobs.SWEEP_SECONDS, self._alone("sweep", lambda: jobs.sweep(world))),
            Repeated("notices", jobs.NOTICE_SECONDS, self._alone("notices", lambda: jobs.send_notices(world))),
            Repeated("settle", jobs.SETTLE_SECONDS, lambda: jobs.settle_unknown(world, runner)),
            Repeated("awaited", jobs.AWAIT_SECONDS, lambda: jobs.settle_awaited(world, runner)),
            Repeated(
                "deliveries", jobs.DELIVERY_SECONDS, self._alone("deliveries", lambda: jobs.watch_deliveries(world))
            ),
            Repeated("homes", jobs.HOME_SECONDS, self.homes.tend),
            Repeated("chain", jobs.CHAIN_SECONDS, self.chain.look, at_once=True),
            Repeated("prune", jobs.PRUNE_SECONDS, self._alone("prune", lambda: jobs.prune(world))),
            Repeated("refresh", jobs.REFRESH_SECONDS, self.scheduler.refresh),
            Repeated("digests", jobs.REFRESH_SECONDS, lambda: jobs.catch_up(world, runner)),
        )

    def _alone(self, name: str, do: Callable[[], None]) -> Callable[[], None]:
        """Of several replicas one does it at a time: two would post the same missing card."""

        def once() -> None:
            with alone(self._engine, name) as ours:
                if ours:
                    do()

        return once


def _client(settings: Settings) -> WebClient:
    """For what somebody waits for: answers, forms, who is in a group."""
    client = _sending_client(settings)
    client.retry_handlers = [ConnectionErrorRetryHandler(), RateLimitErrorRetryHandler(max_retry_count=5)]
    return client


def _sending_client(settings: Settings) -> WebClient:
    """It retries nothing: the outbox does, and remembers."""
    token = settings.slack_bot_token.get_secret_value() if settings.slack_bot_token else None
    return WebClient(token, settings.slack_api_url, timeout=SLACK_SECONDS, retry_handlers=[])


def _identity(client: WebClient) -> tuple[str, str]:
    """The workspace and the app that the token belongs to. Raises CannotRunError."""
    try:
        ours = client.auth_test()
        bot = client.bots_info(bot=ours["bot_id"])["bot"]
        return str(ours["team_id"]), str(bot["app_id"])
    except SlackApiError as refused:
        raise CannotRunError(slack_errors.sentence(refused)) from refused
    except (SlackClientError, OSError) as failed:
        raise CannotRunError(f"Slack cannot be reached at {client.base_url}. See to the network.") from failed


@dataclass(frozen=True)
class Tables:
    """What two of the bot's parts share of the database."""

    engine: Engine
    changes: ChangesTable
    runs: RunsTable


@dataclass(frozen=True)
class Workspace:
    """The one that the token belongs to, to ask and to speak to."""

    client: WebClient
    team: str
    sender: Sender


def _world(settings: Settings, tables: Tables, workspace: Workspace) -> World:
    clock = SystemClock()
    session = Session(Roles(settings.audit_role, settings.change_role, settings.external_id))
    cloud = BotoCloud(session, clock, settings.accounts)
    workplace = Workplace(workspace.team, authority(settings), cloud.under)
    directory = SlackDirectory(workspace.client, workplace)
    return World(
        cloud=cloud,
        writer=BotoWriter(session),
        clock=clock,
        changes=tables.changes,
        evidence=EvidenceTable(tables.engine),
        runs=tables.runs,
        subscriptions=SubscriptionsTable(tables.engine, workspace.team),
        history=HistoryTable(tables.engine, workspace.team),
        inbox=InboxTable(tables.engine, workspace.team),
        announcer=SlackAnnouncer(workspace.sender, directory, Pictures(workspace.client, picture.draw)),
        directory=directory,
        rules=Rules(
            known_controls(settings.controls or DEFAULT_CONTROLS),
            Profile(settings.profile),
            settings.approval_ttl,
            settings.keep,
        ),
    )


def _work(world: World) -> Work:
    return Work(
        begin=lambda number: applying.begin(world, number),
        perform=lambda number, index: applying.perform(world, number, index),
        settle=lambda number: settling.settle(world, number),
        give_up=lambda number, error: settling.give_up(world, number, error),
        digest=lambda subscription, slot: digests.post_scheduled(world, subscription, slot),
        give_up_digest=lambda subscription, slot, why: digests.give_up(world, subscription, slot, why),
    )


def _bolt(client: WebClient, talk: Talk, homes: Homes) -> App:
    """Bolt checks no signature: Socket Mode has none, and the signed doorway does it before."""
    app = App(
        client=client,
        signing_secret="not used by Bolt",  # noqa: S106 - says itself that it is none
        token_verification_enabled=False,
        listener_executor=ThreadPoolExecutor(THREADS, thread_name_prefix="listener"),
    )
    register(app, talk, homes)
    return app


def _door(settings: Settings, app: App) -> Door:
    """The one place where it is decided how Slack reaches us."""
    if settings.slack_signing_secret and settings.over_http:
        return SignedDoorway(app, settings.slack_signing_secret.get_secret_value())
    return Doorway(app, settings.slack_app_token.get_secret_value() if settings.slack_app_token else "")
