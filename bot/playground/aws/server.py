"""The pretend AWS as a running server, and the handle that tests and the playground hold on it."""

import logging
import os
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Lock, Thread
from typing import Any

import botocore.session
from botocore.config import Config
from moto.core.base_backend import BackendDict
from moto.core.model_instances import reset_model_data
from moto.moto_server.werkzeug_app import MotoRequestHandler
from moto.organizations.models import organizations_backends
from moto.s3.models import s3_backends
from werkzeug.serving import BaseWSGIServer, make_server

from bot.playground.aws.callers import ADMINISTRATOR, BOT_USER, keys_of, secrets_of_roles
from bot.playground.aws.calls import Call
from bot.playground.aws.cloudtrail import all_visible
from bot.playground.aws.deliveries import Deliveries
from bot.playground.aws.gate import Gate
from bot.playground.aws.seeding import seed_organization
from bot.playground.aws.seeds import MANAGEMENT_ACCOUNT, SeededOrganization
from bot.playground.aws.switches import Switches
from bot.playground.aws.trail_log_groups import NewRoles
from bot.playground.exchanges import Journal

HOST = "127.0.0.1"


class _Handler(MotoRequestHandler):
    def connection_dropped(self, error: BaseException, environ: dict[str, Any] | None = None) -> None:
        """A lost answer: werkzeug would wait here for the connection's next request."""
        super().connection_dropped(error, environ)
        self.close_connection = True

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """The calls are kept in RunningAws.calls; a line a request would drown the playground's output."""


@dataclass
class RunningAws(Switches):
    """The pretend AWS. All methods are thread-safe and act at once."""

    endpoint_url: str
    gate: Gate
    server: BaseWSGIServer
    thread: Thread
    organization: SeededOrganization | None = None
    _clients: dict[tuple[str, str, str], Any] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)
    _session: botocore.session.Session = field(default_factory=botocore.session.Session)

    @property
    def s3_control_url(self) -> str:
        """S3 Control puts "<account>." before the host of a given endpoint too, and no such name resolves.

        Before a user's name it does no harm: `http://111122223333.account@127.0.0.1`. Source: botocore's
        endpoint-rule-set-1.json of s3control, the rule with RequiresAccountId.
        """
        return self.endpoint_url.replace("://", "://account@")

    def environment(self) -> dict[str, str]:
        """What the bot's process needs. Take AWS_PROFILE out of its environment: it would win over these keys."""
        keys = keys_of(MANAGEMENT_ACCOUNT, BOT_USER)
        return {
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "AWS_ENDPOINT_URL_S3_CONTROL": self.s3_control_url,
            "AWS_ACCESS_KEY_ID": keys.access_key_id,
            "AWS_SECRET_ACCESS_KEY": keys.secret_access_key,
            "AWS_SESSION_TOKEN": "",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "NO_PROXY": HOST,
        }

    @property
    def secrets(self) -> tuple[str, ...]:
        """The keys of the bot's user, and those of every role that was assumed."""
        return (keys_of(MANAGEMENT_ACCOUNT, BOT_USER).secret_access_key, *secrets_of_roles())

    def client(self, account_id: str, service: str, region: str = "us-east-1") -> Any:
        """A botocore client of the account's administrator, which never retries. botocore makes its methods at run
        time, hence Any."""
        with self._lock:
            key = (account_id, service, region)
            if key not in self._clients:
                self._clients[key] = self._new_client(*key)
            return self._clients[key]

    def _new_client(self, account_id: str, service: str, region: str) -> Any:
        keys = keys_of(account_id, ADMINISTRATOR)
        return self._session.create_client(
            service,
            region_name=region,
            endpoint_url=self.s3_control_url if service == "s3control" else self.endpoint_url,
            aws_access_key_id=keys.access_key_id,
            aws_secret_access_key=keys.secret_access_key,
            config=Config(retries={"total_max_attempts": 1}, read_timeout=60),
        )

    @property
    def journal(self) -> Journal:
        """The last calls since the seeding, with their answers."""
        return self.gate.journal

    def calls(self) -> list[Call]:
        """The calls since the seeding, in order, those that were refused too: see Call.status and CallLog."""
        return self.gate.log.all()

    def trails(self, account_id: str) -> list[dict[str, Any]]:
        """Each trail that the account sees, once: DescribeTrails's keys, "Status" (GetTrailStatus) and selectors."""
        return [
            {
                **trail.description(include_region=True),
                "Status": trail.status_seen_from(account_id),
                **trail.selectors(),
            }
            for trail in all_visible(account_id)
        ]

    def stop(self) -> None:
        """Let held requests go, and free the port."""
        self.gate.closing.set()
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()
        for client in self._clients.values():
            client.close()


def start_aws(port: int = 0, seed: Callable[[RunningAws], SeededOrganization] | None = seed_organization) -> RunningAws:
    """Start an empty AWS and seed it. `port` 0 takes a free one. Raises OSError if the port is taken.

    moto keeps its state in this process: a second one started here would begin by emptying the first.
    """
    listening = socket.create_server((HOST, port))
    _forget_everything()
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    aws = _serve(listening)
    if seed is not None:
        aws.organization = seed(aws)
        aws.gate.seeded = True
        aws.gate.log.clear()
        aws.gate.journal.clear()
    return aws


def _serve(listening: socket.socket) -> RunningAws:
    """werkzeug duplicates the socket, so ours is closed."""
    gate = Gate()
    with listening:
        port: int = listening.getsockname()[1]
        handler, fd = _Handler, listening.fileno()
        server = make_server(HOST, port, gate, threaded=True, request_handler=handler, fd=fd)
    thread = Thread(target=server.serve_forever, args=(0.05,), name="pretend AWS", daemon=True)
    thread.start()
    return RunningAws(f"http://{HOST}:{port}", gate, server, thread)


def _forget_everything() -> None:
    """moto's own reset leaves two of its indexes as they were."""
    BackendDict.reset()
    reset_model_data()
    s3_backends.bucket_accounts.clear()
    organizations_backends.master_accounts.clear()
    Deliveries.interval = timedelta(minutes=5)
    NewRoles.refusals = 0
    NewRoles.met.clear()
