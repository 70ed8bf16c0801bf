"""One workspace's part of the bot: what it has of its own, wired to what all of them share."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from slack_bolt import App
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.authorize import Authorize
from slack_sdk import WebClient
from slack_sdk.http_retry.builtin_handlers import ConnectionErrorRetryHandler
from sqlalchemy import Engine

from bot.adapters import picture
from bot.adapters.aws.cloud import BotoCloud
from bot.adapters.aws.write import BotoWriter
from bot.adapters.db.changes import ChangesTable
from bot.adapters.db.evidence import EvidenceTable
from bot.adapters.db.history import HistoryTable
from bot.adapters.db.inbox import InboxTable
from bot.adapters.db.outbox import OutboxTable
from bot.adapters.db.runs import RunsTable
from bot.adapters.db.subscriptions import SubscriptionsTable
from bot.adapters.metrics.counted import Counted
from bot.adapters.runner import DbosRunner
from bot.authority import authority
from bot.domain.control import Profile
from bot.domain.controls import DEFAULT_CONTROLS
from bot.ports import Clock, Installation, Rules, World
from bot.ports.traces import UNTRACED, Traces
from bot.services.audit import known_controls
from bot.services.chain import ChainWatch
from config.settings import Settings
from handlers import register
from handlers.announcer import SlackAnnouncer
from handlers.counted import CountedClient, CountedWait, Seen
from handlers.directory import SlackDirectory, Workplace
from handlers.home import Homes
from handlers.pace import Pace
from handlers.pictures import Pictures
from handlers.removal import Removal
from handlers.sender import Sender
from handlers.talk import Talk

SLACK_SECONDS = 20
"""For one answer of Slack."""


@dataclass(frozen=True)
class Shared:
    """What all workspaces have in common: the settings, the database, the AWS accounts, and the chain of evidence.

    `process` is this process's id, `listeners` the threads on which Slack is acknowledged.
    """

    settings: Settings
    engine: Engine
    runner: DbosRunner
    process: str
    clock: Clock
    cloud: BotoCloud
    writer: BotoWriter
    chain: ChainWatch
    counted: Counted
    listeners: ThreadPoolExecutor
    traces: Traces = UNTRACED


class Workspace:
    """What is of one team. One without an installation, that was removed, says nothing and hears nothing: what is
    unfinished there is brought to its end.
    """

    def __init__(self, shared: Shared, installation: Installation) -> None:
        settings, team, token = shared.settings, installation.team, installation.token
        seen = shared.counted.slack
        client = asking_client(settings, token, seen)
        self.team = team
        self.installation = installation
        self.sender = Sender(OutboxTable(shared.engine, team), sending_client(settings, token, seen), shared.clock)
        self.runs = RunsTable(shared.engine, shared.process, team, shared.counted.asked_for)
        self.world = self._world(shared, client)
        self.talk = Talk(self.world, client, team, frozenset(settings.channels), installation.app)
        self.talk.pace = Pace(shared.clock, settings.command_rate)
        self.talk.came_of_it = shared.counted.request
        self.talk.traces = shared.traces
        self.homes = Homes(self.talk, lambda: shared.chain.last)
        self.removal = Removal(client)
        self.talk.app_removed = self.removal.suspect
        self.app = _bolt(client, installation, shared.listeners)
        register(self.app, self.talk, self.homes)

    def _world(self, shared: Shared, client: WebClient) -> World:
        settings, engine, team = shared.settings, shared.engine, self.team
        directory = SlackDirectory(client, Workplace(team, authority(settings), shared.cloud.under))
        return World(
            cloud=shared.cloud,
            writer=shared.writer,
            clock=shared.clock,
            changes=ChangesTable(engine, shared.runner.enqueue_apply, team),
            evidence=EvidenceTable(engine, team),
            runs=self.runs,
            subscriptions=SubscriptionsTable(engine, team),
            history=HistoryTable(engine, team, shared.counted.of_digest),
            inbox=InboxTable(engine, team),
            announcer=SlackAnnouncer(self.sender, directory, Pictures(client, picture.draw)),
            directory=directory,
            rules=Rules(
                known_controls(settings.controls or DEFAULT_CONTROLS),
                Profile(settings.profile),
                settings.approval_ttl,
                settings.keep,
            ),
        )


def asking_client(settings: Settings, token: str, seen: Seen) -> WebClient:
    """For what somebody waits for: answers, forms, who is in a group."""
    client = sending_client(settings, token, seen)
    client.retry_handlers = [ConnectionErrorRetryHandler(), CountedWait(seen, max_retry_count=5)]
    return client


def sending_client(settings: Settings, token: str, seen: Seen) -> WebClient:
    """It retries nothing: the outbox does, and remembers."""
    client = CountedClient(token or None, settings.slack_api_url, timeout=SLACK_SECONDS, retry_handlers=[])
    client.seen = seen
    return client


class _Known(Authorize):
    """What comes to this workspace's app is this workspace's: Bolt need not ask Slack, nor look for a store of its own,
    which it makes of SLACK_CLIENT_ID in the environment otherwise.
    """

    def __init__(self, installation: Installation) -> None:
        self._result = AuthorizeResult(
            enterprise_id=None, team_id=installation.team, bot_token=installation.token or None
        )

    def __call__(self, **_asked: object) -> AuthorizeResult:
        return self._result


def _bolt(client: WebClient, installation: Installation, listeners: ThreadPoolExecutor) -> App:
    """Bolt checks no signature: Socket Mode has none, and the signed doorway does it before."""
    return App(
        client=client,
        authorize=_Known(installation),
        signing_secret="not used by Bolt",  # noqa: S106 - says itself that it is none
        token_verification_enabled=False,
        listener_executor=listeners,
    )
