"""The methods `auth.test`, `users.*` and `usergroups.*`. Shapes: docs.slack.dev/reference/methods."""

from bot.playground.slack.arguments import Arguments
from bot.playground.slack.message import JsonObject
from bot.playground.slack.refusal import ApiError
from bot.playground.slack.setup import APP_ID, BOT, BOT_ID, Group, Person
from bot.playground.slack.world import World


def auth_test(world: World, _arguments: Arguments) -> JsonObject:
    return {
        "ok": True,
        "url": world.url,
        "team": "Trailwarden",
        "team_id": world.setup.team_id,
        "user": BOT.name,
        "user_id": BOT.id,
        "bot_id": BOT_ID,
        "is_enterprise_install": False,
    }


def api_test(_world: World, arguments: Arguments) -> JsonObject:
    return {"ok": True, "args": arguments.values}


def user_info(world: World, arguments: Arguments) -> JsonObject:
    return {"ok": True, "user": _user_json(world, world.person(arguments.required("user")))}


def bot_info(_world: World, arguments: Arguments) -> JsonObject:
    """Which app a bot belongs to. Only ours is here."""
    if arguments.required("bot") != BOT_ID:
        raise ApiError("bot_not_found")
    bot = {"id": BOT_ID, "deleted": False, "name": BOT.name, "app_id": APP_ID, "user_id": BOT.id}
    return {"ok": True, "bot": bot}


def list_users(world: World, _arguments: Arguments) -> JsonObject:
    """One page."""
    members = [_user_json(world, person) for person in world.people()]
    return {"ok": True, "members": members, "response_metadata": {"next_cursor": ""}}


def list_groups(world: World, arguments: Arguments) -> JsonObject:
    include = arguments.flag("include_users")
    return {"ok": True, "usergroups": [_group_json(world, group, include) for group in world.setup.groups]}


def list_group_users(world: World, arguments: Arguments) -> JsonObject:
    return {"ok": True, "users": list(world.group(arguments.required("usergroup")).members)}


def _user_json(world: World, person: Person) -> JsonObject:
    return {
        "id": person.id,
        "team_id": person.team_id or world.setup.team_id,
        "name": person.name,
        "real_name": person.real_name,
        "deleted": person.deactivated,
        "is_bot": person.is_bot,
        "is_app_user": False,
        "is_stranger": person.team_id not in (None, world.setup.team_id),
        "is_restricted": person.guest,
        "is_ultra_restricted": False,
        "tz": "Europe/Paris",
        "profile": {"real_name": person.real_name, "display_name": person.name},
    }


def _group_json(world: World, group: Group, include_users: bool) -> JsonObject:
    shown: JsonObject = {
        "id": group.id,
        "team_id": world.setup.team_id,
        "is_usergroup": True,
        "name": group.handle,
        "handle": group.handle,
        "date_delete": 0,
        "user_count": len(group.members),
    }
    return {**shown, "users": list(group.members)} if include_users else shown
