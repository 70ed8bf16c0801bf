"""The routes: Web API, response URLs, Socket Mode, and the page."""

from dataclasses import replace

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.playground.exchanges import Began, Journal
from bot.playground.slack.arguments import Arguments, read_arguments
from bot.playground.slack.blocks import checked_blocks
from bot.playground.slack.files import LARGEST, receive
from bot.playground.slack.guard import Guard
from bot.playground.slack.message import JsonObject, Message
from bot.playground.slack.page_api import Page
from bot.playground.slack.refusal import ApiError, RateLimitError
from bot.playground.slack.setup import BOT
from bot.playground.slack.sockets import Sockets
from bot.playground.slack.tickets import Reply
from bot.playground.slack.web_api import METHODS, WebApi
from bot.playground.slack.world import World


def application(world: World, api: WebApi, sockets: Sockets, page: Page, journal: Journal, port: int) -> ASGIApp:
    """The whole server as one ASGI app."""
    front = Front(world, api, journal)
    routes = [
        Route("/api/{method}", front.web_api, methods=["GET", "POST"]),
        Route("/response/{secret}", front.response_url, methods=["POST"]),
        Route("/upload/v1/{secret}", front.upload, methods=["POST"]),
        WebSocketRoute("/link/", sockets.serve),
        *page.routes(),
    ]
    return Guard(Starlette(routes=routes), port)


class Front:
    """HTTP on the outside, the world on the inside."""

    def __init__(self, world: World, api: WebApi, journal: Journal) -> None:
        self._world = world
        self._api = api
        self._journal = journal

    async def web_api(self, request: Request) -> Response:
        """Slack answers 200 to nearly everything; `ok` tells. 429 carries Retry-After in seconds."""
        name, body = request.path_params["method"], await request.body()
        try:
            arguments = read_arguments(request.headers.get("content-type", ""), body, request.url.query)
            answer = await run_in_threadpool(self._api.answer, name, _token(request, arguments), arguments)
        except RateLimitError as refusal:
            return JSONResponse(refusal.as_json(), status_code=429, headers={"Retry-After": str(refusal.retry_after)})
        except ApiError as refusal:
            if refusal.error == "http_500":
                return PlainTextResponse("Internal Server Error", status_code=500)
            if refusal.error == "no_answer":
                return CutOff()
            return JSONResponse(refusal.as_json(), headers=self._scope_headers(name))
        return JSONResponse(answer, headers=self._scope_headers(name))

    async def response_url(self, request: Request) -> Response:
        """Docs: docs.slack.dev/interactivity/handling-user-interaction, "Message responses"."""
        began, body = Began(), await request.body()
        asked: JsonObject = {}
        try:
            arguments = read_arguments(request.headers.get("content-type", ""), body, "")
            asked = dict(arguments.values)
            await run_in_threadpool(respond, self._world, request.path_params["secret"], arguments)
        except ApiError as refusal:
            self._journal.add(began, "reply", "response_url", "", asked, refusal.as_json(), refusal.error)
            status = 404 if refusal.error in ("used_url", "expired_url") else 400
            return JSONResponse(refusal.as_json(), status_code=status)
        self._journal.add(began, "reply", "response_url", "", asked, "ok", "ok")
        return PlainTextResponse("ok")

    async def upload(self, request: Request) -> Response:
        """The bytes of a file as they are; forms of several parts are not played. 200, or something else went wrong."""
        if request.headers.get("content-type", "").startswith("multipart/"):
            return PlainTextResponse("Send the bytes alone.", status_code=415)
        try:
            size = receive(self._world, request.path_params["secret"], await _limited(request))
        except ApiError as refusal:
            return PlainTextResponse(refusal.error, status_code=404 if refusal.error == "not_found" else 413)
        return PlainTextResponse(f"OK - {size}")

    def _scope_headers(self, name: str) -> dict[str, str]:
        method = METHODS.get(name)
        return {
            "X-OAuth-Scopes": ",".join(sorted(self._world.setup.scopes)),
            "X-Accepted-OAuth-Scopes": (method and method.scope) or "",
        }


async def _limited(request: Request) -> bytes:
    """The body, as long as it is no larger than any file may be. Raises ApiError."""
    content = b""
    async for part in request.stream():
        content += part
        if len(content) > LARGEST:
            raise ApiError("file_upload_size_restricted")
    return content


class CutOff(Response):
    """An answer that ends after its headers; the server closes the connection then."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI's own
        headers = [(b"content-length", b"1000")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})


def respond(world: World, secret: str, arguments: Arguments) -> None:
    """Uses a response URL: a new message, or a change to the one it came from. Raises ApiError."""
    with world.change():
        reply = world.response_urls.use(secret, world.clock())
        if arguments.flag("delete_original"):
            world.remove(_original(world, reply))
            return
        said = _said(reply, arguments)
        if arguments.flag("replace_original") and reply.message_ts:
            world.put(replace(_original(world, reply), text=said.text, blocks=said.blocks, edited=True))
        else:
            world.post(said)


def _said(reply: Reply, arguments: Arguments) -> Message:
    """The message for a response URL; ephemeral unless it says `in_channel`. Raises ApiError."""
    blocks = checked_blocks(arguments.nested("blocks", "invalid_blocks_format"))
    text = arguments.text("text")
    if not text and not blocks:
        raise ApiError("no_text")
    public = arguments.text("response_type") == "in_channel"
    return Message(
        ts="",
        channel=reply.channel,
        user=BOT.id,
        text=text,
        blocks=blocks,
        thread_ts=arguments.text("thread_ts") or None,
        ephemeral_to=None if public else reply.user,
    )


def _original(world: World, reply: Reply) -> Message:
    if reply.message_ts is None:
        raise ApiError("message_not_found")
    return world.message(reply.channel, reply.message_ts)


def _token(request: Request, arguments: Arguments) -> str:
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    return token if kind == "Bearer" and token else arguments.text("token")
