"""The Web API: who may call what. The table METHODS is the whole of it."""

import secrets
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from bot.playground.exchanges import Began, Journal
from bot.playground.slack import chat, conversations, directory, files, views
from bot.playground.slack.arguments import Arguments
from bot.playground.slack.faults import Faults
from bot.playground.slack.message import JsonObject
from bot.playground.slack.refusal import ApiError
from bot.playground.slack.sockets import Sockets
from bot.playground.slack.world import World

MOST_CALLS = 2_000
BOT_TOKEN, APP_TOKEN, ANY_TOKEN, NO_TOKEN = "bot", "app", "any", "none"


@dataclass(frozen=True)
class Method:
    """One API method. `scope` is None where none is needed, or where the method asks by kind of channel."""

    run: Callable[[World, Arguments], JsonObject]
    scope: str | None = None
    token: str = BOT_TOKEN


METHODS: dict[str, Method] = {
    "api.test": Method(directory.api_test, token=NO_TOKEN),
    "auth.test": Method(directory.auth_test, token=ANY_TOKEN),
    "bots.info": Method(directory.bot_info, "users:read"),
    "chat.delete": Method(chat.delete, "chat:write"),
    "chat.getPermalink": Method(chat.get_permalink),
    "chat.postEphemeral": Method(chat.post_ephemeral, "chat:write"),
    "chat.postMessage": Method(chat.post_message, "chat:write"),
    "chat.update": Method(chat.update, "chat:write"),
    "conversations.history": Method(conversations.history),
    "conversations.info": Method(conversations.info),
    "conversations.list": Method(conversations.list_channels, "channels:read"),
    "conversations.members": Method(conversations.members),
    "conversations.open": Method(conversations.open_direct, "im:write"),
    "conversations.replies": Method(conversations.replies),
    "files.completeUploadExternal": Method(files.complete_upload, "files:write"),
    "files.getUploadURLExternal": Method(files.get_upload_url, "files:write"),
    "usergroups.list": Method(directory.list_groups, "usergroups:read"),
    "usergroups.users.list": Method(directory.list_group_users, "usergroups:read"),
    "users.info": Method(directory.user_info, "users:read"),
    "users.list": Method(directory.list_users, "users:read"),
    "views.open": Method(views.open_view),
    "views.publish": Method(views.publish),
    "views.push": Method(views.push),
    "views.update": Method(views.update),
}


class Call(NamedTuple):
    """One call as it was answered; `args` without the token."""

    method: str
    args: JsonObject
    response: JsonObject


class WebApi:
    """Answers calls and remembers the last MOST_CALLS. Tokens are new for each run."""

    def __init__(self, world: World, sockets: Sockets, faults: Faults, journal: Journal) -> None:
        self.bot_token = f"xoxb-{secrets.randbelow(10**12)}-{secrets.token_hex(12)}"
        self.app_token = f"xapp-1-A0TRAIL-{secrets.randbelow(10**12)}-{secrets.token_hex(24)}"
        self._world = world
        self._faults = faults
        self._journal = journal
        self._calls: deque[Call] = deque(maxlen=MOST_CALLS)
        opening = Method(lambda _world, _arguments: sockets.invitation(world.url), token=APP_TOKEN)
        self._methods = {**METHODS, "apps.connections.open": opening}

    def calls(self) -> list[Call]:
        with self._world.changed:
            return list(self._calls)

    def forget_calls(self) -> None:
        with self._world.changed:
            self._calls.clear()

    def answer(self, name: str, token: str, arguments: Arguments) -> JsonObject:
        """The answer of a call that worked. Raises ApiError."""
        shown = {key: value for key, value in arguments.values.items() if key != "token"}
        began = Began()
        try:
            response = self._run(name, token, arguments)
        except ApiError as refusal:
            self._remember(began, Call(name, shown, refusal.as_json()))
            raise
        self._remember(began, Call(name, shown, response))
        return response

    def _run(self, name: str, token: str, arguments: Arguments) -> JsonObject:
        method = self._methods.get(name)
        if method is None:
            raise ApiError("unknown_method", req_method=name)
        self._check_token(method, token)
        self._check_scope(method)
        fault = self._faults.next_for(name)
        if fault and not fault.carried_out:
            raise fault.refusal()
        response = method.run(self._world, arguments)
        if fault:
            time.sleep(fault.seconds)
        if fault and fault.error != "slow":
            raise fault.refusal()
        return response

    def _check_token(self, method: Method, token: str) -> None:
        kinds = {self.bot_token: BOT_TOKEN, self.app_token: APP_TOKEN}
        if method.token == NO_TOKEN:
            return
        if not token:
            raise ApiError("not_authed")
        if token not in kinds:
            raise ApiError("invalid_auth")
        if method.token not in (ANY_TOKEN, kinds[token]):
            raise ApiError("not_allowed_token_type")

    def _check_scope(self, method: Method) -> None:
        provided = self._world.setup.scopes
        if method.scope and method.scope not in provided:
            raise ApiError("missing_scope", needed=method.scope, provided=",".join(sorted(provided)))

    def _remember(self, began: Began, call: Call) -> None:
        about = str(call.args.get("channel") or call.args.get("user") or call.args.get("user_id") or "")
        outcome = str(call.response.get("error", "ok"))
        self._journal.add(began, "web", call.method, about, call.args, call.response, outcome)
        with self._world.change():
            self._calls.append(call)
