"""The `views.*` methods. Codes and shapes: docs.slack.dev/reference/methods."""

from bot.playground.slack.arguments import Arguments
from bot.playground.slack.blocks import checked_view
from bot.playground.slack.message import JsonObject, View
from bot.playground.slack.refusal import ApiError
from bot.playground.slack.setup import APP_ID, BOT_ID
from bot.playground.slack.world import World


def open_view(world: World, arguments: Arguments) -> JsonObject:
    body = _modal(arguments)
    with world.change():
        user = world.triggers.use(arguments.required("trigger_id"), world.clock())
        return _answer(world, world.views.open(user, body))


def push(world: World, arguments: Arguments) -> JsonObject:
    body = _modal(arguments)
    with world.change():
        user = world.triggers.use(arguments.required("trigger_id"), world.clock())
        return _answer(world, world.views.push(user, body))


def update(world: World, arguments: Arguments) -> JsonObject:
    body = _modal(arguments)
    name = arguments.text("view_id") or arguments.required("external_id")
    with world.change():
        return _answer(world, world.views.update(name, body, arguments.text("hash") or None))


def publish(world: World, arguments: Arguments) -> JsonObject:
    body = checked_view(arguments.nested("view", "invalid_arguments"))
    if body["type"] != "home":
        raise ApiError("invalid_arguments", messages=["must be home [json-pointer:/view/type]"])
    if not world.setup.home_tab:
        raise ApiError("not_enabled")
    user = world.person(arguments.required("user_id"))
    with world.change():
        return _answer(world, world.views.publish(user.id, body, arguments.text("hash") or None))


def view_json(world: World, view: View) -> JsonObject:
    """A view as the Web API and payloads show it."""
    empty = {"title": None, "close": None, "submit": None, "private_metadata": "", "callback_id": ""}
    return {
        **empty,
        "external_id": "",
        "clear_on_close": False,
        "notify_on_close": False,
        **view.body,
        "id": view.id,
        "team_id": world.setup.team_id,
        "app_installed_team_id": world.setup.team_id,
        "app_id": APP_ID,
        "bot_id": BOT_ID,
        "hash": view.hash,
        "state": {"values": view.state},
        "root_view_id": view.root_id,
        "previous_view_id": view.previous_id,
    }


def _modal(arguments: Arguments) -> JsonObject:
    body = checked_view(arguments.nested("view", "invalid_arguments"))
    if body["type"] != "modal":
        raise ApiError("invalid_arguments", messages=["must be modal [json-pointer:/view/type]"])
    return body


def _answer(world: World, view: View) -> JsonObject:
    return {"ok": True, "view": view_json(world, view)}
