"""The Web API says no where Slack says no."""

from collections.abc import Iterator
from dataclasses import replace
from http.client import IncompleteRead
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.webhook import WebhookClient

from bot.playground.slack import DEFAULT_SETUP, RunningWorkspace, start_workspace
from bot.playground.slack.setup import Person
from bot.playground.slack.tickets import MESSAGES_IN_A_BURST
from tests.playground.conftest import MovableClock
from tests.playground.slack_app import actions, button, client, modal, section, text_input

CHANNEL = "C0CLOUDSEC"


def refusal(web: WebClient, method: str, **arguments: Any) -> Any:
    """The body of an answer that must not be ok."""
    with pytest.raises(SlackApiError) as caught:
        web.api_call(method, json=arguments)
    return caught.value.response


@pytest.mark.parametrize(
    ("token", "method", "error"),
    [
        ("xoxb-wrong", "auth.test", "invalid_auth"),
        ("", "chat.postMessage", "not_authed"),
        ("app", "chat.postMessage", "not_allowed_token_type"),
        ("bot", "apps.connections.open", "not_allowed_token_type"),
        ("bot", "admin.users.list", "unknown_method"),
    ],
)
def test_a_wrong_token_or_method(untouched: RunningWorkspace, token: str, method: str, error: str) -> None:
    known = {"app": untouched.app_token, "bot": untouched.bot_token}
    web = WebClient(token=known.get(token, token), base_url=untouched.api_url)

    assert refusal(web, method)["error"] == error


@pytest.mark.parametrize(
    ("method", "arguments", "error"),
    [
        ("chat.postMessage", {"channel": "C0RANDOM", "text": "x"}, "not_in_channel"),
        ("chat.postMessage", {"channel": "C0NOWHERE", "text": "x"}, "channel_not_found"),
        ("chat.postMessage", {"channel": CHANNEL}, "no_text"),
        ("chat.postMessage", {"channel": CHANNEL, "text": "x" * 40_001}, "msg_too_long"),
        ("chat.postMessage", {"channel": CHANNEL, "blocks": "[{"}, "invalid_blocks_format"),
        ("chat.postMessage", {"channel": CHANNEL, "text": "x", "thread_ts": "1.2"}, "thread_not_found"),
        ("chat.postEphemeral", {"channel": "C0RANDOM", "user": "U0BOB", "text": "x"}, "not_in_channel"),
        ("chat.postEphemeral", {"channel": CHANNEL, "user": "USLACKBOT", "text": "x"}, "user_not_in_channel"),
        ("chat.update", {"channel": CHANNEL, "ts": "1.2", "text": "x"}, "message_not_found"),
        ("conversations.history", {"channel": "C0RANDOM"}, "not_in_channel"),
        ("conversations.history", {"channel": CHANNEL, "cursor": "2"}, "invalid_cursor"),
        ("conversations.history", {"channel": CHANNEL, "cursor": "bm9uZQ=="}, "invalid_cursor"),
        ("conversations.history", {"channel": CHANNEL, "limit": 0}, "invalid_limit"),
        ("conversations.history", {"channel": CHANNEL, "limit": 1_000}, "invalid_limit"),
        ("users.info", {"user": "U0NOBODY"}, "user_not_found"),
        ("usergroups.users.list", {"usergroup": "S0NONE"}, "no_such_subteam"),
        ("views.update", {"view_id": "V0", "view": modal(section("x"))}, "not_found"),
        ("views.open", {"trigger_id": "1.2.3", "view": {"type": "modal", "blocks": []}}, "invalid_arguments"),
        ("chat.postMessage", {"text": "x"}, "invalid_arguments"),
    ],
)
def test_refusals(untouched: RunningWorkspace, method: str, arguments: dict[str, Any], error: str) -> None:
    assert refusal(client(untouched), method, **arguments)["error"] == error


def test_invalid_blocks_name_the_place(untouched: RunningWorkspace) -> None:
    blocks = [actions(button("a", "v", "x" * 76))]

    answer = refusal(client(untouched), "chat.postMessage", channel=CHANNEL, blocks=blocks)

    assert answer["error"] == "invalid_blocks"
    assert answer["response_metadata"]["messages"] == [
        "[ERROR] must be less than 76 characters [json-pointer:/blocks/0/elements/0/text/text]"
    ]


def test_an_invalid_view_names_the_place(untouched: RunningWorkspace) -> None:
    view = modal(text_input("a"), title="x" * 25)

    answer = refusal(client(untouched), "views.open", trigger_id="1.2.3", view=view)

    assert answer["response_metadata"]["messages"] == [
        "[ERROR] must be less than 25 characters [json-pointer:/view/title/text]"
    ]


def test_a_missing_scope_is_named() -> None:
    workspace = start_workspace(replace(DEFAULT_SETUP, scopes=frozenset({"commands", "chat:write"})))
    try:
        web = client(workspace)
        group = refusal(web, "usergroups.users.list", usergroup="S0APPROVERS")
        history = refusal(web, "conversations.history", channel=CHANNEL)
        scopes = web.chat_postMessage(channel=CHANNEL, text="x").headers["x-oauth-scopes"]
    finally:
        workspace.stop()
    assert (group["error"], group["needed"], group["provided"]) == (
        "missing_scope",
        "usergroups:read",
        "chat:write,commands",
    )
    assert history["needed"] == "channels:history"
    assert scopes == "chat:write,commands"


@pytest.mark.parametrize(
    ("method", "arguments"), [("users.info", {"user": "U0BOB"}), ("bots.info", {"bot": "B0TRAIL"})]
)
def test_people_and_bots_are_told_of_only_with_the_scope(method: str, arguments: dict[str, str]) -> None:
    workspace = start_workspace(replace(DEFAULT_SETUP, scopes=DEFAULT_SETUP.scopes - {"users:read"}))
    try:
        answer = refusal(client(workspace), method, **arguments)
    finally:
        workspace.stop()
    assert (answer["error"], answer["needed"]) == ("missing_scope", "users:read")


def test_what_became_of_somebodys_account_is_told() -> None:
    guest = Person("U0EVE", "eve", "Eve", guest=True)
    stranger = Person("U0MAX", "max", "Max", team_id="T0OTHER")
    workspace = start_workspace(replace(DEFAULT_SETUP, people=(*DEFAULT_SETUP.people, guest, stranger)))
    try:
        web = client(workspace)
        before = web.users_info(user="U0BOB")["user"]["deleted"]
        workspace.deactivate("bob")
        found = {name: web.users_info(user=f"U0{name}")["user"] for name in ("BOB", "EVE", "MAX", "TRAILBOT")}
        nobody = refusal(web, "users.info", user="U0NOBODY")["error"]
        app = web.bots_info(bot=web.auth_test()["bot_id"])["bot"]["app_id"]
        unknown = refusal(web, "bots.info", bot="B0OTHER")["error"]
    finally:
        workspace.stop()
    assert (before, found["BOB"]["deleted"]) == (False, True)
    assert (found["EVE"]["is_restricted"], found["BOB"]["is_restricted"]) == (True, False)
    assert (found["MAX"]["is_stranger"], found["MAX"]["team_id"]) == (True, "T0OTHER")
    assert found["TRAILBOT"]["is_bot"]
    assert (nobody, app, unknown) == ("user_not_found", "A0TRAIL", "bot_not_found")


def test_markup_is_kept_as_text(workspace: RunningWorkspace) -> None:
    hostile = "<script>alert(1)</script> & <@U0BOB>"

    client(workspace).chat_postMessage(channel="#cloud-security", text=hostile, blocks=[section(hostile)])

    message = workspace.messages("cloud-security")[0]
    assert message.all_text() == f"{hostile}\n{hostile}"


def test_an_update_keeps_the_blocks_and_metadata_it_does_not_name(workspace: RunningWorkspace) -> None:
    web = client(workspace)
    metadata = {"event_type": "change", "event_payload": {"id": "C-1"}}
    posted = web.chat_postMessage(channel=CHANNEL, text="Open", blocks=[section("Open")], metadata=metadata)

    web.chat_update(channel=CHANNEL, ts=posted["ts"], text="Approved")

    message = workspace.message(CHANNEL, posted["ts"])
    assert (message.text, message.edited, message.metadata) == ("Approved", True, metadata)
    assert message.blocks[0]["text"]["text"] == "Open"
    web.chat_update(channel=CHANNEL, ts=posted["ts"], text="Approved", blocks=[])
    assert workspace.message(CHANNEL, posted["ts"]).blocks == []


@pytest.mark.parametrize(
    ("metadata", "error"),
    [
        ("[1", "invalid_metadata_format"),
        ([], "invalid_metadata_schema"),
        ({"event_type": "change"}, "invalid_metadata_schema"),
        ({"type": "change", "payload": {}}, "invalid_metadata_schema"),
    ],
)
def test_metadata_is_a_type_with_a_payload(untouched: RunningWorkspace, metadata: Any, error: str) -> None:
    arguments = {"channel": CHANNEL, "text": "x", "metadata": metadata}
    assert refusal(client(untouched), "chat.postMessage", **arguments)["error"] == error


def test_only_the_bots_own_public_messages_can_be_changed(workspace: RunningWorkspace) -> None:
    web = client(workspace)
    workspace.person("alice").types("cloud-security", "Good morning")
    hers = workspace.messages("cloud-security")[0]
    ephemeral = web.chat_postEphemeral(channel=CHANNEL, user="U0BOB", text="Not you")["message_ts"]

    assert refusal(web, "chat.update", channel=CHANNEL, ts=hers.ts, text="x")["error"] == "cant_update_message"
    assert refusal(web, "chat.delete", channel=CHANNEL, ts=hers.ts)["error"] == "cant_delete_message"
    assert refusal(web, "chat.update", channel=CHANNEL, ts=ephemeral, text="x")["error"] == "message_not_found"


def test_history_and_replies_with_metadata_on_demand(workspace: RunningWorkspace) -> None:
    web = client(workspace)
    metadata = {"event_type": "change", "event_payload": {"id": "C-1"}}
    parent = web.chat_postMessage(channel=CHANNEL, text="Card", metadata=metadata)["ts"]
    web.chat_postMessage(channel=CHANNEL, text="Reply", thread_ts=parent)
    web.chat_postEphemeral(channel=CHANNEL, user="U0BOB", text="Psst")

    history = web.conversations_history(channel=CHANNEL)["messages"]
    replies = web.conversations_replies(channel=CHANNEL, ts=parent, include_all_metadata=True)["messages"]

    assert [(each["text"], each.get("metadata")) for each in history] == [("Card", None)]
    assert [(each["text"], each.get("metadata")) for each in replies] == [("Card", metadata), ("Reply", None)]


def test_a_long_history_comes_in_pages(workspace: RunningWorkspace, clock: MovableClock) -> None:
    web = client(workspace)
    for number in range(5):
        web.chat_postMessage(channel=CHANNEL, text=str(number))
        clock.jump(1)
    pages = [[m["text"] for m in page["messages"]] for page in web.conversations_history(channel=CHANNEL, limit=2)]

    assert pages == [["4", "3"], ["2", "1"], ["0"]]


@pytest.fixture
def permitted() -> Iterator[RunningWorkspace]:
    """Of an app that asks for more than ours."""
    more = {"channels:read", "im:history", "im:read", "im:write"}
    running = start_workspace(replace(DEFAULT_SETUP, scopes=DEFAULT_SETUP.scopes | more))
    yield running
    running.stop()


def test_people_groups_and_direct_messages(permitted: RunningWorkspace) -> None:
    web = client(permitted)

    assert web.usergroups_users_list(usergroup="S0APPROVERS")["users"] == ["U0BOB", "U0CAROL"]
    assert web.users_info(user="U0ALICE")["user"]["deleted"] is False
    assert "U0TRAILBOT" in web.conversations_members(channel=CHANNEL)["members"]
    direct = web.conversations_open(users="U0ALICE")["channel"]["id"]
    web.chat_postMessage(channel=direct, text="Your change is done")
    assert [each.text for each in permitted.person("alice").dms()] == ["Your change is done"]
    assert permitted.person("bob").dms() == []


def test_more_than_a_message_a_second_is_refused_after_a_burst(
    workspace: RunningWorkspace, clock: MovableClock
) -> None:
    web = client(workspace)
    for _ in range(MESSAGES_IN_A_BURST):
        web.chat_postMessage(channel=CHANNEL, text="x")

    answer = refusal(web, "chat.postMessage", channel=CHANNEL, text="x")

    assert (answer.status_code, answer["error"], answer.headers["Retry-After"]) == (429, "ratelimited", "1")
    clock.jump(1)
    assert web.chat_postMessage(channel=CHANNEL, text="x")["ok"]
    assert web.chat_postMessage(channel="U0ALICE", text="another channel")["ok"]


def test_a_response_url_has_five_uses_in_thirty_minutes(workspace: RunningWorkspace, clock: MovableClock) -> None:
    dave = workspace.person("dave")
    urls = [dave.types("random", "/trail-audit").payload or {} for _ in range(2)]
    first, second = (WebhookClient(url["response_url"]) for url in urls)

    answers = [first.send(text=f"{number}", response_type="in_channel") for number in range(6)]
    clock.jump(31 * 60)

    assert [answer.status_code for answer in answers] == [200] * 5 + [404]
    assert "used_url" in answers[-1].body
    assert "expired_url" in second.send(text="late").body
    assert [each.text for each in workspace.messages("random")] == ["0", "1", "2", "3", "4"]


def test_planned_faults(workspace: RunningWorkspace) -> None:
    web = client(workspace)
    workspace.set_fault("chat.postMessage", "ratelimited", retry_after=7)
    assert refusal(web, "chat.postMessage", channel=CHANNEL, text="a").headers["Retry-After"] == "7"
    workspace.set_fault("chat.postMessage", "http_500")
    assert refusal(web, "chat.postMessage", channel=CHANNEL, text="a").status_code == 500
    workspace.set_fault("chat.postMessage", "fatal_error", carried_out=True)
    assert refusal(web, "chat.postMessage", channel=CHANNEL, text="b")["error"] == "fatal_error"
    web.chat_postMessage(channel=CHANNEL, text="c")

    assert [each.text for each in workspace.messages(CHANNEL)] == ["b", "c"]
    assert [(call.method, call.args["text"]) for call in workspace.calls[-1:]] == [("chat.postMessage", "c")]


def test_a_limit_counts_the_calls_of_all_its_methods_together(workspace: RunningWorkspace) -> None:
    web = client(workspace)
    post = web.chat_postMessage(channel=CHANNEL, text="a")
    workspace.limit(("chat.postMessage", "chat.update"), times=2)
    assert refusal(web, "chat.update", channel=CHANNEL, ts=post["ts"], text="b")["error"] == "ratelimited"
    assert workspace.faults_left() == 1
    assert refusal(web, "chat.postMessage", channel=CHANNEL, text="c").headers["Retry-After"] == "1"
    web.chat_update(channel=CHANNEL, ts=post["ts"], text="d")

    assert [each.text for each in workspace.messages(CHANNEL)] == ["d"]
    assert workspace.faults_left() == 0


def test_an_answer_may_break_off_or_take_long(workspace: RunningWorkspace) -> None:
    web = client(workspace)
    web.timeout = 1
    workspace.set_fault("chat.postMessage", "no_answer", carried_out=True)
    workspace.slow_down("chat.postMessage", seconds=2)
    with pytest.raises(IncompleteRead):
        web.chat_postMessage(channel=CHANNEL, text="a")
    with pytest.raises(TimeoutError):
        web.chat_postMessage(channel=CHANNEL, text="b")
    workspace.set_fault("chat.postMessage", "http_500", times=9)
    workspace.clear_faults()
    web.chat_postMessage(channel=CHANNEL, text="c")

    assert [each.text for each in workspace.messages(CHANNEL)] == ["a", "b", "c"]


def test_a_taken_port_is_an_os_error(workspace: RunningWorkspace) -> None:
    with pytest.raises(OSError, match="in use"):
        start_workspace(port=int(workspace.url.rstrip("/").rsplit(":", 1)[1]))


def test_waiting_in_vain_shows_the_last_messages(workspace: RunningWorkspace) -> None:
    client(workspace).chat_postMessage(channel=CHANNEL, text="The only one")

    with pytest.raises(TimeoutError, match="The only one"):
        workspace.wait_for(lambda: workspace.messages(CHANNEL)[5], timeout=0.1)
