"""Starting, stopping and watching the workspace."""

import json
import secrets
import socket
import threading
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from functools import partial
from typing import Literal, TypeVar

import uvicorn

from bot.playground.exchanges import Journal
from bot.playground.slack.actor import Actor
from bot.playground.slack.backstage import Part
from bot.playground.slack.faults import Fault, Faults
from bot.playground.slack.message import File, Message
from bot.playground.slack.page_api import Page
from bot.playground.slack.posts import HERE, Address, Posts
from bot.playground.slack.server import application
from bot.playground.slack.setup import DEFAULT_SETUP, WorkspaceSetup
from bot.playground.slack.sockets import Sockets
from bot.playground.slack.tickets import TRIGGER_SECONDS
from bot.playground.slack.transport import Recorded
from bot.playground.slack.web_api import Call, WebApi
from bot.playground.slack.world import Clock, World

T = TypeVar("T")
Way = Literal["socket", "http"]

ACK_SECONDS = 3.0
LOOK_EVERY = 0.05  # for what changes outside of the workspace


def start_workspace(
    setup: WorkspaceSetup = DEFAULT_SETUP,
    port: int = 0,
    *,
    delivery: Way = "socket",
    app: Address | None = None,
    clock: Clock = time.time,
    ack_seconds: float = ACK_SECONDS,
    trigger_seconds: float = TRIGGER_SECONDS,
) -> "RunningWorkspace":
    """Serves on 127.0.0.1 from a daemon thread until `stop()`; port 0 chooses a free one.

    `delivery` is how the app is reached: by Socket Mode, or by signed HTTP on a port that `settings` names, or
    at `app`, where several workspaces have the same one. `clock` gives epoch seconds, for everything that expires;
    `ack_seconds` is how long an envelope waits for its ack, `trigger_seconds` how long a form may be opened: more than
    Slack's three where the machine is too busy to be timed.
    Raises OSError when the port is taken.
    """
    listener = _listen(port)
    address = (app or Address(_free_port(), secrets.token_hex(16))) if delivery == "http" else None
    return RunningWorkspace(World(setup, clock, trigger_seconds), ack_seconds, listener, address)


class RunningWorkspace:
    """A workspace that listens. Messages are values: ask again to see what became of one."""

    def __init__(self, world: World, ack_seconds: float, listener: socket.socket, app: Address | None = None) -> None:
        """`app` is the address of one that takes signed HTTP."""
        port = listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}/"
        self.api_url = self.url + "api/"
        world.url = self.url
        self.journal = Journal()
        self._world, self._sockets, self._faults = world, Sockets(ack_seconds), Faults()
        self._app = app
        self._posts = Posts(app, ack_seconds, world.clock) if app else None
        self._transport = Recorded(self._posts or self._sockets, self.journal)
        self._api = WebApi(world, self._sockets, self._faults, self.journal)
        self._page = Page(world, self._transport)
        self._server = _server(application(world, self._api, self._sockets, self._page, self.journal, port))
        self._listener = listener
        self._thread = threading.Thread(target=self._server.run, args=([listener],), daemon=True)
        self._thread.start()
        self.wait_for(lambda: self._server.started or None)

    @property
    def team_id(self) -> str:
        return self._world.setup.team_id

    @property
    def bot_token(self) -> str:
        return self._api.bot_token

    @property
    def app_token(self) -> str:
        return self._api.app_token

    @property
    def way(self) -> Way:
        """How the app is reached."""
        return "http" if self._posts else "socket"

    @property
    def settings(self) -> dict[str, str]:
        """What the bot's environment must say to be reached."""
        if self._app is None:
            return {"SLACK_APP_TOKEN": self.app_token}
        return {"SLACK_SIGNING_SECRET": self._app.secret, "PORT": str(self._app.port), "TRAILWARDEN_HOST": HERE}

    @property
    def posts(self) -> Posts:
        """The signed requests. Raises LookupError in Socket Mode, where there are none."""
        if self._posts is None:
            raise LookupError("Socket Mode posts nothing")
        return self._posts

    @property
    def page_token(self) -> str:
        return self._page.token

    @property
    def secrets(self) -> tuple[str, ...]:
        """What nobody but the app may know: its tokens, and every trigger id and response URL that it was given."""
        signing = (self._app.secret,) if self._app else ()
        return (self.bot_token, self.app_token, *signing, *self._world.triggers.all(), *self._world.response_urls.all())

    @property
    def calls(self) -> list[Call]:
        """The last Web API calls, thousands of them, as (method, args, response), oldest first."""
        return self._api.calls()

    def forget_calls(self) -> None:
        """Each is kept with its answer, which may be a channel's whole history: too much for a long run."""
        self._api.forget_calls()

    def open_backstage(self, parts: Mapping[str, Part]) -> None:
        """What the page shows beside the workspace, by name."""
        self._page.backstage = parts

    def tell_the_pages(self) -> None:
        """Something that they show has changed outside of the workspace, as the time of day."""
        with self._world.change():
            pass

    def stop(self) -> None:
        """Tells the app, closes the sockets and waits for the server's thread."""
        self._sockets.ask_to_reconnect("link_disabled")
        if self._posts:
            self._posts.stop()
        self._page.closing = True
        self._server.should_exit = True
        self._thread.join(timeout=10)
        self._listener.close()

    def connected(self) -> bool:
        """At least one socket is open, or the app says that it is ready."""
        return self._transport.count() > 0

    def person(self, user_id_or_name: str) -> Actor:
        """Raises ApiError `user_not_found`."""
        return Actor(self._world, self._transport, self._world.person(user_id_or_name))

    def deactivate(self, user_id_or_name: str) -> None:
        """The account is closed; who it was stays readable, and its DM with the bot too, as in Slack."""
        person = self._world.person(user_id_or_name)
        self._world.replace_person(replace(person, deactivated=True))

    def messages(self, channel: str) -> list[Message]:
        """Public messages, replies included, oldest first. `channel`: id, name, or user id for a DM."""
        return self._world.public(self._world.channel(channel).id)

    def everywhere(self) -> list[Message]:
        """The public messages of every channel and of every DM with the bot."""
        return [each for place in self._world.known_channels() for each in place if each.ephemeral_to is None]

    def message(self, channel: str, ts: str) -> Message:
        """The message as it is now. Raises ApiError `message_not_found`."""
        return self._world.message(self._world.channel(channel).id, ts)

    def files(self, channel: str) -> list[File]:
        """What was uploaded there and is still to be seen, oldest first."""
        return [file for message in self.messages(channel) for file in self._world.files_of(message)]

    def wait_for(self, predicate: Callable[[], T | None], timeout: float = 10) -> T:
        """The first result of the predicate that is true; a LookupError inside counts as not yet.

        Raises TimeoutError, with the last messages, after `timeout` seconds.
        """
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            with self._world.changed:
                version = self._world.version
            found = _attempt(predicate)
            if found:
                return found
            with self._world.changed:
                self._world.changed.wait_for(partial(self._moved_on_from, version), LOOK_EVERY)
        raise TimeoutError(f"nothing after {timeout} s; {self._last_words()}")

    def _moved_on_from(self, version: int) -> bool:
        return self._world.version != version

    def set_fault(
        self, method: str, error: str, *, times: int = 1, retry_after: int = 1, carried_out: bool = False
    ) -> None:
        """The next calls of a Web API method fail. `error`: Slack's code, "ratelimited", "http_500" or "no_answer".

        With `carried_out` the call is done and only the answer is lost. `retry_after` in seconds.
        """
        self._faults.plan((method,), Fault(error, carried_out, retry_after), times)

    def limit(self, methods: Collection[str], times: int, retry_after: int = 1) -> None:
        """The next calls of any of these Web API methods, so many together, are answered 429."""
        self._faults.plan(methods, Fault("ratelimited", retry_after=retry_after), times)

    def faults_left(self) -> int:
        """Calls that will still fail."""
        return self._faults.left()

    def slow_down(self, method: str, seconds: float, *, times: int = 1) -> None:
        """The next calls of a Web API method are carried out at once and answered so much later."""
        self._faults.plan((method,), Fault("slow", carried_out=True, seconds=seconds), times)

    def clear_faults(self) -> None:
        """All goes well from now on."""
        self._faults.clear()

    def drop_sockets(self) -> None:
        """Ends every open socket without a closing frame, as when a network breaks."""
        self._sockets.drop()

    def ask_to_reconnect(self, reason: str = "refresh_requested") -> None:
        """Sends a `disconnect` envelope to every socket and ends it soon after; no envelope uses it any more."""
        self._sockets.ask_to_reconnect(reason)

    def deliver_twice(self, times: int = 1) -> None:
        """The next `times` envelopes come twice."""
        self._transport.deliver_twice(times)

    def still_twice(self) -> int:
        """How many of the next envelopes come twice."""
        return self._transport.still_twice()

    def _last_words(self) -> str:
        lines = [_line(message) for channel in self._world.known_channels() for message in channel[-5:]]
        calls = [f"{call.method} -> {call.response.get('error', 'ok')}" for call in self.calls[-8:]]
        return "\n".join([f"connected: {self.connected()}; last calls: {calls}; last messages:", *lines])


def _attempt(predicate: Callable[[], T | None]) -> T | None:
    try:
        return predicate()
    except LookupError:
        return None


def _line(message: Message) -> str:
    reader = f" (only to {message.ephemeral_to})" if message.ephemeral_to else ""
    return f"  {message.channel} {message.ts} {message.user}{reader}: {json.dumps(message.all_text()[:300])}"


def _listen(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen(128)
    except OSError:
        listener.close()
        raise
    return listener


def _free_port() -> int:
    with socket.create_server((HERE, 0)) as found:
        return int(found.getsockname()[1])


def _server(app: object) -> uvicorn.Server:
    return uvicorn.Server(
        uvicorn.Config(
            app,  # type: ignore[arg-type]  # starlette's own type
            log_config=None,
            access_log=False,
            lifespan="off",
            ws="websockets-sansio",
            ws_ping_interval=10,
            timeout_graceful_shutdown=1,
        )
    )
