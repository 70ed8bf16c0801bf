"""The app's manifest agrees with the code, for either delivery: every command and scope, nothing that Slack lacks."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.domain.doctor import slack as doctor
from bot.playground.slack import DEFAULT_SETUP
from handlers import parse, register
from handlers.home import Homes
from handlers.installing import REDIRECT
from handlers.installing import SCOPES as SCOPES_ASKED
from handlers.signed_doorway import PATH
from handlers.views import ids
from tests.fakes_bot import bot
from tests.handlers.fake_slack import TEAM, FakeSlack, TalkAtOnce

ROOT = Path(__file__).parents[2]
MANIFEST = ROOT / "config" / "slack_manifest.yml"

HISTORY = {"channels:history", "groups:history"}
SCOPES = {
    "chat_postMessage": {"chat:write"},
    "chat_update": {"chat:write"},
    "chat_postEphemeral": {"chat:write"},
    "conversations_history": HISTORY,
    "conversations_replies": HISTORY,
    "files_upload_v2": {"files:write"},
    "usergroups_list": {"usergroups:read"},
    "usergroups_users_list": {"usergroups:read"},
    "users_info": {"users:read"},
    "bots_info": {"users:read"},
    "views_open": set(),
    "views_update": set(),
    "views_publish": set(),
    "auth_test": set(),
    "auth_revoke": set(),
    "apps_connections_open": set(),
}
"""Of each Web API method that we call; none where a token is enough."""

SOCKET = ("is_connected", "send_socket_mode_response")
"""No Web API methods."""

FIELDS = {
    "display_information": {"name", "description", "background_color", "long_description"},
    "features": {"bot_user", "slash_commands", "app_home", "shortcuts", "unfurl_domains"},
    "oauth_config": {"scopes", "redirect_urls"},
    "settings": {
        "allowed_ip_address_ranges",
        "event_subscriptions",
        "interactivity",
        "org_deploy_enabled",
        "socket_mode_enabled",
        "token_rotation_enabled",
    },
}
"""docs.slack.dev/reference/app-manifest."""


ADDRESS = f"https://trailwarden.example.com{PATH}"


@pytest.fixture(scope="module", params=["Socket Mode", "HTTP"])
def manifest(request: pytest.FixtureRequest) -> dict[str, Any]:
    """The file as it is, and as its first lines say for HTTP."""
    text = MANIFEST.read_text()
    if request.param == "HTTP":
        text = re.sub(r"^( +)# (?=\w*url: )", r"\1", text, flags=re.MULTILINE)
        text = text.replace("socket_mode_enabled: true", "socket_mode_enabled: false")
    read: dict[str, Any] = yaml.safe_load(text)
    return read


class Registered:
    """Bolt's App, as far as `register` knows it: the ids by kind."""

    def __init__(self) -> None:
        self.ids: dict[str, list[str]] = {"command": [], "action": [], "view": [], "event": [], "shortcut": []}
        self.fallbacks: list[str] = []

    def __getattr__(self, kind: str) -> Any:
        def connect(id: str) -> Any:
            if id is ids.ANY:  # nothing that a view uses
                self.fallbacks.append(kind)
            else:
                self.ids[kind].append(id)
            return lambda listener: listener

        return connect


@pytest.fixture(scope="module")
def registered() -> dict[str, list[str]]:
    app = Registered()
    talk = TalkAtOnce(bot().world, FakeSlack(), TEAM, frozenset())  # type: ignore[arg-type]  # our stand-in
    register(app, talk, Homes(talk))  # type: ignore[arg-type]  # our stand-in
    return app.ids


def called() -> set[str]:
    """Every method of a Slack client that the code calls."""
    sources = [*ROOT.glob("handlers/**/*.py"), ROOT / "bot" / "app.py"]
    found = (re.findall(r"client\.(\w+_\w+)\(", source.read_text()) for source in sources)
    return {method for methods in found for method in methods if method not in SOCKET}


def test_every_command_is_in_the_manifest_and_no_other(
    manifest: dict[str, Any], registered: dict[str, list[str]]
) -> None:
    commands = manifest["features"]["slash_commands"]
    assert [c["command"] for c in commands] == registered["command"]


def test_the_scopes_are_those_that_the_calls_need(manifest: dict[str, Any]) -> None:
    assert called() <= SCOPES.keys(), "a method whose scope this test does not know"
    needed = {scope for method in called() for scope in SCOPES[method]} | {"commands"}
    assert set(manifest["oauth_config"]["scopes"]["bot"]) == needed
    assert set(manifest["oauth_config"]["scopes"]) == {"bot"}
    assert manifest["oauth_config"]["scopes"]["bot"] == list(SCOPES_ASKED), "what an installation asks for"


def test_the_address_for_installations_is_the_page_that_is_served() -> None:
    (line,) = re.findall(r"^  # (redirect_urls: .*)$", MANIFEST.read_text(), flags=re.MULTILINE)
    assert yaml.safe_load(line) == {"redirect_urls": [ADDRESS.replace(PATH, REDIRECT)]}


def test_the_doctor_knows_what_is_lost_without_each_scope(manifest: dict[str, Any]) -> None:
    assert doctor.SCOPES.keys() == set(manifest["oauth_config"]["scopes"]["bot"])


def test_every_id_that_a_view_uses_is_registered(registered: dict[str, list[str]]) -> None:
    card = {ids.APPROVE, ids.DENY, ids.CANCEL, ids.FULL_PLAN, ids.PROPOSE_UNDO, ids.END_NOW}
    report = {ids.PROPOSE_FIX, ids.CREATE}
    turning = {ids.ACCOUNTS_UNIT, ids.ACCOUNTS_VERDICT, ids.ACCOUNTS_PREVIOUS, ids.ACCOUNTS_NEXT}
    home = {ids.AUDIT_NOW, ids.ACCOUNTS, *turning}
    digests = {ids.DIGEST_ADD, ids.DIGEST_CHANGE, ids.DIGEST_OFF}
    buttons = {*card, *report, *home, *digests, ids.TRAIL_BACK_1, ids.TRAIL_BACK_2}
    assert set(registered["action"]) == buttons
    steps = {ids.TRAIL_FORM, ids.TRAIL_EVENTS, ids.TRAIL_REVIEW}
    assert set(registered["view"]) == {*steps, ids.DELETE_FORM, ids.DENY_FORM, ids.DIGEST_FORM}
    assert all(len(found) == len(set(found)) for found in registered.values())


def test_events_need_a_subscription(manifest: dict[str, Any], registered: dict[str, list[str]]) -> None:
    wanted = manifest["settings"].get("event_subscriptions", {}).get("bot_events", [])
    assert sorted(wanted) == sorted(registered["event"])


def test_either_socket_mode_is_on_or_everything_has_our_address(manifest: dict[str, Any]) -> None:
    settings, commands = manifest["settings"], manifest["features"]["slash_commands"]
    parts = [settings["interactivity"], *commands]
    parts += [settings["event_subscriptions"]] if "event_subscriptions" in settings else []
    addresses = [part.get("request_url") or part.get("url") for part in parts]
    assert addresses == [None if settings["socket_mode_enabled"] else ADDRESS] * len(parts)
    assert settings["interactivity"]["is_enabled"] is True


def test_a_home_needs_its_tab(manifest: dict[str, Any], registered: dict[str, list[str]]) -> None:
    """Otherwise views.publish answers not_enabled."""
    assert "app_home_opened" in registered["event"]
    assert manifest["features"]["app_home"]["home_tab_enabled"] is True


def test_telling_a_requester_needs_the_messages_tab(manifest: dict[str, Any]) -> None:
    """Otherwise chat.postMessage to a person answers messages_tab_disabled."""
    assert manifest["features"]["app_home"]["messages_tab_enabled"] is True


def test_the_local_slack_grants_what_the_manifest_asks_for(manifest: dict[str, Any]) -> None:
    """What works in the playground and in the stories works with these scopes and tabs."""
    features, home = manifest["features"], manifest["features"]["app_home"]
    assert DEFAULT_SETUP.scopes == set(manifest["oauth_config"]["scopes"]["bot"])
    assert [DEFAULT_SETUP.command] == [one["command"] for one in features["slash_commands"]]
    tabs = (home["home_tab_enabled"], home["messages_tab_read_only_enabled"])
    assert (DEFAULT_SETUP.home_tab, DEFAULT_SETUP.read_only) == tabs


def test_the_manifest_has_known_fields_only(manifest: dict[str, Any]) -> None:
    assert set(manifest) <= {"_metadata", *FIELDS}
    for part, known in FIELDS.items():
        assert set(manifest[part]) <= known, part
    for one in manifest["features"]["slash_commands"]:
        assert set(one) <= {"command", "description", "usage_hint", "should_escape", "url"}
    tabs = {"home_tab_enabled", "messages_tab_enabled", "messages_tab_read_only_enabled"}
    assert set(manifest["features"]["app_home"]) <= tabs
    assert set(manifest["features"]["bot_user"]) <= {"display_name", "always_online"}


def test_the_manifest_keeps_slacks_limits(manifest: dict[str, Any]) -> None:
    display, bot_user = manifest["display_information"], manifest["features"]["bot_user"]
    assert 1 <= len(display["name"]) <= 35
    assert len(display["description"]) <= 140
    assert re.fullmatch(r"#([0-9a-f]{3}){1,2}", display["background_color"])
    assert re.fullmatch(r"[A-Za-z0-9._-]{1,80}", bot_user["display_name"])
    for one in manifest["features"]["slash_commands"]:
        assert re.fullmatch(r"/[a-z0-9_-]{1,31}", one["command"])
        assert len(one["description"]) <= 2_000
        assert len(one["usage_hint"]) <= 1_000


def test_the_hint_names_every_command(manifest: dict[str, Any]) -> None:
    (command,) = manifest["features"]["slash_commands"]
    assert parse.VERBS.keys() - {"all", "change"} <= set(re.findall(r"\w+", command["usage_hint"]))


def test_what_is_typed_reaches_us_as_it_was_typed(manifest: dict[str, Any]) -> None:
    """With should_escape Slack would turn names into mentions and links."""
    assert all(c["should_escape"] is False for c in manifest["features"]["slash_commands"])
