"""What the page asks for: the workspace as one person sees it, and to act as that person."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from importlib.resources import files
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from bot.playground.slack.actor import Actor
from bot.playground.slack.backstage import Part
from bot.playground.slack.interactions import act
from bot.playground.slack.message import JsonObject, View
from bot.playground.slack.page_state import element_at, file_for, state_for
from bot.playground.slack.refusal import ApiError
from bot.playground.slack.transport import Transport
from bot.playground.slack.world import World

TOKEN_HEADER = "X-Page-Token"  # noqa: S105 - a header's name
LONGEST_WAIT = 20.0  # seconds that a page waits for news before it asks again
LOOK_EVERY = 0.05
MEDIA_TYPES = {".css": "text/css", ".js": "text/javascript"}
PAGE = files("bot.playground.slack").joinpath("page")
ASSETS = frozenset(each.name for each in PAGE.iterdir() if Path(each.name).suffix in MEDIA_TYPES)

Handler = Callable[[Request], Awaitable[Response]]


class Page:
    """The static page and its small API. The token is new for each run and only in the served page."""

    def __init__(self, world: World, transport: Transport) -> None:
        self.token = secrets.token_urlsafe(24)
        self.closing = False
        self.backstage: Mapping[str, Part] = {}
        self._world = world
        self._transport = transport

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/", self.index),
            Route("/archives/{channel}/{message}", self.index),
            Route("/page/{name}", self.asset, methods=["GET"]),
            Route("/page/file/{user}/{file}", self._guarded(self.file), methods=["GET"]),
            Route("/page/state/{user}", self._guarded(self.state), methods=["GET"]),
            Route("/page/backstage/{part}", self._guarded(self.behind), methods=["GET"]),
            Route("/page/backstage/{part}/{deed}", self._guarded(self.deed_behind), methods=["POST"]),
            Route("/page/{deed}/{user}", self._guarded(self.deed), methods=["POST"]),
        ]

    async def index(self, _request: Request) -> Response:
        page = _read("index.html").replace("%PAGE_TOKEN%", self.token)
        return Response(page, media_type="text/html")

    async def asset(self, request: Request) -> Response:
        """Of the folder's own files only: the name leads to no other place."""
        name = request.path_params["name"]
        if name not in ASSETS:
            return PlainTextResponse("Not found.", status_code=404)
        return Response(_read(name), media_type=MEDIA_TYPES[Path(name).suffix])

    async def state(self, request: Request) -> Response:
        """The workspace for one person; with `?seen=VERSION` it waits for something newer."""
        await self._news(request.query_params.get("seen", ""))
        person = self._world.person(request.path_params["user"])
        state = await run_in_threadpool(state_for, self._world, person)
        return JSONResponse(state | {"connected": self._transport.count() > 0, "sockets": self._transport.count()})

    async def file(self, request: Request) -> Response:
        """A picture as what it is, everything else as bytes to be kept: never as something that a browser would run."""
        person = self._world.person(request.path_params["user"])
        file = file_for(self._world, person, request.path_params["file"])
        kept = {} if file.is_image else {"Content-Disposition": "attachment"}
        return Response(file.content, media_type=file.mimetype, headers=kept)

    async def deed(self, request: Request) -> Response:
        """One thing that a person does; see DEEDS. Answers what that person sees of it."""
        run = DEEDS.get(request.path_params["deed"])
        if run is None:
            return PlainTextResponse("Not found.", status_code=404)
        actor = Actor(self._world, self._transport, self._world.person(request.path_params["user"]))
        return JSONResponse(await run_in_threadpool(run, actor, await request.json()))

    async def behind(self, request: Request) -> Response:
        return JSONResponse(await run_in_threadpool(self._part(request).shown))

    async def deed_behind(self, request: Request) -> Response:
        """Answers what came of it, as a sentence."""
        deed = self._part(request).deeds.get(request.path_params["deed"])
        if deed is None:
            return PlainTextResponse("Not found.", status_code=404)
        return JSONResponse({"said": await run_in_threadpool(deed, await request.json())})

    def _part(self, request: Request) -> Part:
        return self.backstage[request.path_params["part"]]

    def _guarded(self, handler: Handler) -> Handler:
        """Wants the token; answers 400 with Slack's code to what makes no sense."""

        async def guarded(request: Request) -> Response:
            if not secrets.compare_digest(request.headers.get(TOKEN_HEADER, ""), self.token):
                return PlainTextResponse("Wrong page token: load the page again.", status_code=403)
            try:
                return await handler(request)
            except (ApiError, LookupError, ValueError) as problem:
                return JSONResponse({"error": str(problem)}, status_code=400)

        return guarded

    async def _news(self, seen: str) -> None:
        for _ in range(int(LONGEST_WAIT / LOOK_EVERY)):
            if seen != f"{self._world.version}.{self._transport.count()}" or self.closing:
                return
            await asyncio.sleep(LOOK_EVERY)


def _types(actor: Actor, said: JsonObject) -> JsonObject:
    return _seen(actor.types(said["channel"], said["text"]))


def _acts(actor: Actor, done: JsonObject) -> JsonObject:
    """`values` is what stands in the fields of the form around it, by block."""
    source, element = element_at(actor, done)
    if done.get("values") and isinstance(source, View):
        source = actor.fills(source, done["values"])
    return _seen(act(actor.hands, source, done["block_id"], element, done.get("value")))


def _submits(actor: Actor, done: JsonObject) -> JsonObject:
    return _seen(actor.submits(done["values"]))


def _closes(actor: Actor, _done: JsonObject) -> JsonObject:
    actor.closes()
    return {}


def _opens_app(actor: Actor, done: JsonObject) -> JsonObject:
    """Its `tab`: "home" or "messages"."""
    if done["tab"] == "home":
        actor.opens_home()
    else:
        actor.opens_messages()
    return {}


DEEDS: dict[str, Callable[[Actor, JsonObject], JsonObject]] = {
    "type": _types,
    "act": _acts,
    "submit": _submits,
    "close": _closes,
    "open": _opens_app,
}


def _seen(result: Any) -> JsonObject:
    """A result without the payload, which is the app's alone."""
    return {key: value for key, value in asdict(result).items() if key != "payload"}


def _read(name: str) -> str:
    return PAGE.joinpath(name).read_text("utf-8")
