"""The two pages by which a workspace installs the app: Bolt's OAuth flow, with our store, our states and our words.

Source: docs.slack.dev/authentication/installing-with-oauth. A state is bound to the browser by a cookie, is good once,
and for ten minutes. What may not be installed is refused after Slack has made a token, since only then its workspace is
known; the token is revoked at once.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from slack_bolt import BoltResponse
from slack_bolt.adapter.starlette.handler import to_bolt_request, to_starlette_response
from slack_bolt.oauth import OAuthFlow
from slack_bolt.oauth.callback_options import CallbackOptions, FailureArgs, SuccessArgs
from slack_bolt.oauth.oauth_settings import OAuthSettings
from slack_sdk import WebClient
from slack_sdk.oauth.installation_store import Installation as Installed
from slack_sdk.oauth.installation_store import InstallationStore
from slack_sdk.oauth.state_store import OAuthStateStore
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from bot.ports import Installation, States
from handlers.slack_errors import TROUBLE

log = logging.getLogger(__name__)

INSTALL, REDIRECT = "/slack/install", "/slack/oauth_redirect"
SCOPES = (
    *("commands", "chat:write", "channels:history", "groups:history"),
    *("files:write", "usergroups:read", "users:read"),
)
"""Those of config/slack_manifest.yml, which says of each what it is for."""
WORDS = {
    "access_denied": "It was not allowed, so nothing is installed.",
    "invalid_browser": "This was begun in another browser, or too long ago.",
    "invalid_state": "This was begun too long ago, or has been used.",
    "missing_code": "Slack sent no code.",
    "invalid_code": "Slack does not accept the code, or SLACK_CLIENT_ID and SLACK_CLIENT_SECRET are not this app's.",
}
AGAIN = f"Begin again at {INSTALL}."
PRIVATE = {"cache-control": "no-store", "referrer-policy": "no-referrer", "x-content-type-options": "nosniff"}
"""The address has a code in it."""


class RefusedError(Exception):
    """The workspace may not have the app. The text says why."""


@dataclass(frozen=True)
class Credentials:
    """The app's own. `authorize_url` is Slack's page on which somebody agrees."""

    client_id: str
    client_secret: str = field(repr=False)
    authorize_url: str


class Installing:
    """`save` keeps an installation and lets it begin; `allowed` are the teams that may have one."""

    def __init__(
        self,
        client: WebClient,
        credentials: Credentials,
        states: States,
        allowed: frozenset[str],
        save: Callable[[Installation], object],
    ) -> None:
        self._flow = OAuthFlow(
            client=client,
            settings=OAuthSettings(
                client_id=credentials.client_id,
                client_secret=credentials.client_secret,
                authorization_url=credentials.authorize_url,
                scopes=SCOPES,
                user_scopes=(),
                install_page_rendering_enabled=False,
                callback_options=CallbackOptions(success=_installed, failure=_failed),
                installation_store=_Store(client, allowed, save),
                state_store=_States(states),
            ),
        )
        self.pages: Mapping[str, Callable[[Request], Awaitable[Response]]] = {INSTALL: self.begin, REDIRECT: self.end}

    async def begin(self, request: Request) -> Response:
        """On to Slack's page."""
        answer = await run_in_threadpool(self._flow.handle_installation, to_bolt_request(request, b""))
        return _private(to_starlette_response(answer))

    async def end(self, request: Request) -> Response:
        """Back from it."""
        try:
            answer = await run_in_threadpool(self._flow.handle_callback, to_bolt_request(request, b""))
        except RefusedError as refused:
            log.warning("installation refused: %s", refused)
            return _private(PlainTextResponse(f"{refused}\n", 403))
        except TROUBLE as failed:
            log.error("installation failed: %r", failed)
            return _private(PlainTextResponse(f"Slack cannot be reached. {AGAIN}\n", 502))
        return _private(to_starlette_response(answer))


def _private(answer: Response) -> Response:
    answer.headers.update(PRIVATE)
    return answer


class _States(OAuthStateStore):
    def __init__(self, states: States) -> None:
        self._states = states

    def issue(self, *_args: object, **_kwargs: object) -> str:
        return self._states.issue()

    def consume(self, state: str) -> bool:
        return self._states.consume(state)


class _Store(InstallationStore):
    def __init__(self, client: WebClient, allowed: frozenset[str], save: Callable[[Installation], object]) -> None:
        self._client = client
        self._allowed = allowed
        self._save = save

    def save(self, installation: Installed) -> None:
        """Raises RefusedError."""
        if why := _objection(installation, self._allowed):
            with suppress(*TROUBLE):
                self._client.auth_revoke(token=installation.bot_token)
            raise RefusedError(why)
        made = Installation(
            team=installation.team_id or "",
            app=installation.app_id or "",
            token=installation.bot_token or "",
            name=installation.team_name or "",
            installer=installation.user_id,
        )
        self._save(made)
        log.info("installed in %s by %s", made.team, made.installer)


def _objection(installation: Installed, allowed: frozenset[str]) -> str:
    if installation.is_enterprise_install or not installation.team_id:
        return "The app is for workspaces, not for a whole organization: install it in each workspace."
    if installation.team_id not in allowed:
        return f"The workspace {installation.team_id} is not among TRAILWARDEN_WORKSPACES, so it may not have this app."
    if not (installation.bot_token and installation.app_id):
        return "Slack sent no bot token. Compare the app with config/slack_manifest.yml."
    if installation.bot_refresh_token:
        return "The app's tokens expire: switch token rotation off, as config/slack_manifest.yml says."
    return ""


def _installed(args: SuccessArgs) -> BoltResponse:
    cookie = args.settings.state_utils.build_set_cookie_for_deletion()
    return _said(200, "Trailwarden is installed. Type /invite @Trailwarden in a channel, then /trail-audit.", cookie)


def _failed(args: FailureArgs) -> BoltResponse:
    """`reason` may be anything that a stranger wrote into the address, so only ours have words."""
    cookie = args.settings.state_utils.build_set_cookie_for_deletion()
    words = WORDS.get(args.reason, "Slack refused it.")
    return _said(args.suggested_status_code, f"{words} {AGAIN}", cookie)


def _said(status: int, words: str, cookie: str) -> BoltResponse:
    return BoltResponse(
        status=status,
        body=f"{words}\n",
        headers={"content-type": "text/plain; charset=utf-8", "set-cookie": cookie},
    )
