"""The clients: few, kept, and shared by all accounts, because a client costs as much as two calls, and TLS anew.

Whose keys sign a call is decided call by call: `before-sign` puts the keys of the current `signing_with` into the
request's own signing context, where botocore's RequestSigner prefers them to the client's; botocore's own functional
test of that is TestContextCredentials. They are kept in a ContextVar, so no thread sees another's; and a call outside
of `signing_with` is never signed.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import boto3
import botocore
import botocore.session
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import NoCredentialsError

from bot.adapters.aws import guard, retries, traced, watch

CONNECT_SECONDS = 5
READ_SECONDS = 10
AT_ONCE = 96
"""Accounts that are read at the same time, one a thread, and so the connections that a client may keep; measured in
docs/performance.md. A connection is opened only when it is needed: a client of a rare region has few."""
CALLED = f"Trailwarden Botocore/{botocore.__version__}"
"""What CloudTrail shows as the user agent. Botocore's own is put together anew for each call: an eighth of its CPU."""
READING = Config(
    user_agent=CALLED,
    retries={"mode": "standard", "total_max_attempts": 4},
    connect_timeout=CONNECT_SECONDS,
    read_timeout=READ_SECONDS,
    max_pool_connections=AT_ONCE,
)
WRITING = Config(user_agent=CALLED, retries={"total_max_attempts": 1}, connect_timeout=CONNECT_SECONDS, read_timeout=60)
"""A write is sent once: an answer that is lost leads to a read, not to a second write."""

NOBODY = Credentials("NOBODY", "nobody")
"""What a shared client holds itself, so that nothing of it could ever be signed by the bot's own keys."""

_signer: ContextVar[Credentials] = ContextVar("signer")


@contextmanager
def signing_with(keys: Credentials) -> Iterator[None]:
    """Within it, on this thread, shared clients sign with these keys."""
    token = _signer.set(keys)
    try:
        yield
    finally:
        _signer.reset(token)


def _sign_for_whom_it_is_sent(request: AWSRequest, **_: object) -> None:
    """Raises LookupError outside of `signing_with`."""
    signing = request.context.get("signing", {})
    request.context["signing"] = {**signing, "request_credentials": _signer.get()}


class Clients:
    """Clients of one session, each with the guard. Safe to share between threads; boto3 makes one at a time."""

    def __init__(self, boto: boto3.session.Session, reading: Config) -> None:
        self._boto = boto
        self._reading = reading
        self._making = threading.Lock()
        self._own: dict[tuple[str, str], Any] = {}
        self._shared: dict[tuple[str, str], Any] = {}

    def own(self, service: str, region: str) -> Any:
        """The client that reads with the bot's own credentials. Raises NoCredentialsError; next time it looks anew."""
        with self._making:
            if (service, region) not in self._own:
                if self._boto.get_credentials() is None:
                    raise NoCredentialsError
                self._own[service, region] = self._made_to_read(service, region)
            return self._own[service, region]

    def shared(self, service: str, region: str) -> Any:
        """The client that reads in any account, within `signing_with`."""
        with self._making:
            if (service, region) not in self._shared:
                self._shared[service, region] = self._made_for_all(service, region)
            return self._shared[service, region]

    def writing(self, service: str, region: str, keys: Credentials) -> Any:
        """A client of its own with these keys and no others, which sends each request once."""
        with self._making:
            return self._made(service, region, WRITING, keys)

    def _made_for_all(self, service: str, region: str) -> Any:
        client = self._made_to_read(service, region, NOBODY)
        client.meta.events.register_first("before-sign", _sign_for_whom_it_is_sent)
        return client

    def _made_to_read(self, service: str, region: str, keys: Credentials | None = None) -> Any:
        client = self._made(service, region, self._reading, keys)
        retries.without_a_common_quota(client)
        return client

    def _made(self, service: str, region: str, config: Config, keys: Credentials | None = None) -> Any:
        client: Any = self._boto.client(  # type: ignore[call-overload]  # by name
            service,
            region_name=region,
            config=config,
            aws_access_key_id=keys and keys.access_key,
            aws_secret_access_key=keys and keys.secret_key,
            aws_session_token=keys and keys.token,
        )
        return client


def guarded(seen: watch.Seen | None = None, call: traced.Call | None = None) -> boto3.session.Session:
    """The process's one session. Raises ProfileNotFound."""
    core = botocore.session.Session()
    events = core.get_component("event_emitter")
    guard.install(events)
    if seen:
        watch.install(events, seen)
    if call:
        traced.install(events, call)
    return boto3.session.Session(botocore_session=core)
