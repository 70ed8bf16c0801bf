"""The App Home: one for each person, published and pressed as in Slack."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError

from bot.playground.slack import DEFAULT_SETUP, RunningWorkspace, start_workspace
from tests.playground.slack_app import (
    Json,
    actions,
    bolt_app,
    button,
    client,
    modal,
    plain,
    running,
    section,
    text_input,
)


def home(*blocks: Json, **more: Any) -> Json:
    return {"type": "home", "blocks": list(blocks), **more}


def refused(workspace: RunningWorkspace, view: Json, user: str = "U0BOB") -> Any:
    with pytest.raises(SlackApiError) as caught:
        client(workspace).views_publish(user_id=user, view=view)
    return caught.value.response


def picker(block: str, **more: Any) -> Json:
    element = {"type": "timepicker", "action_id": "at", **more}
    return {"type": "actions", "block_id": block, "elements": [element]}


def choice(name: str) -> Json:
    return {"text": plain(name), "value": name}


ZONES = {
    "type": "static_select",
    "action_id": "zone",
    "option_groups": [
        {"label": plain("Europe"), "options": [choice("Europe/Paris"), choice("Europe/Oslo")]},
        {"label": plain("Asia"), "options": [choice("Asia/Tokyo")]},
    ],
}


class Seen:
    """An app that publishes these blocks when its Home is opened, and what it heard."""

    def __init__(self, workspace: RunningWorkspace, *blocks: Json) -> None:
        self.app = bolt_app(workspace)
        self.events: list[Json] = []
        self.presses: list[Json] = []
        self.submitted: list[Json] = []

        @self.app.event("app_home_opened")
        def opened(event: Any, client: Any) -> None:
            self.events.append(event)
            if event["tab"] == "home":
                client.views_publish(user_id=event["user"], view=home(*blocks))

        @self.app.action("open_form")
        def opens(ack: Any, body: Any, client: Any) -> None:
            ack()
            element = {"type": "timepicker", "action_id": "at", "timezone": "Europe/Paris"}
            at = {"type": "input", "block_id": "at", "label": plain("At"), "element": element}
            zone = {"type": "input", "block_id": "zone", "label": plain("Zone"), "element": ZONES}
            client.views_open(trigger_id=body["trigger_id"], view=modal(at, zone))

        @self.app.view("form")
        def sent(ack: Any, view: Any) -> None:
            ack()
            self.submitted.append(view["state"]["values"])

        @self.app.action({"action_id": "at"})
        @self.app.action({"action_id": "zone"})
        @self.app.action({"action_id": "press"})
        def pressed(ack: Any, body: Any) -> None:
            ack()
            self.presses.append(body)


@contextmanager
def an_app(workspace: RunningWorkspace, *blocks: Json) -> Iterator[Seen]:
    seen = Seen(workspace, *blocks)
    with running(seen.app, workspace):
        yield seen


def test_a_home_is_one_persons(workspace: RunningWorkspace) -> None:
    client(workspace).views_publish(user_id="U0BOB", view=home(section("Bob's")))
    shown = workspace.person("bob").home()
    assert shown
    assert "Bob's" in shown.all_text()
    assert workspace.person("alice").home() is None


def test_a_hash_that_is_not_the_newest_conflicts(workspace: RunningWorkspace) -> None:
    web = client(workspace)
    first = web.views_publish(user_id="U0BOB", view=home(section("1")))["view"]
    second = web.views_publish(user_id="U0BOB", view=home(section("2")), hash=first["hash"])["view"]
    with pytest.raises(SlackApiError, match="hash_conflict"):
        web.views_publish(user_id="U0BOB", view=home(section("3")), hash=first["hash"])
    assert (second["id"], second["type"], second["root_view_id"]) == (first["id"], "home", first["id"])
    web.views_publish(user_id="U0CAROL", view=home(section("hers")), hash=first["hash"])


@pytest.mark.parametrize(
    ("view", "pointer"),
    [
        (modal(section("x")), "/view/type"),
        (home(*[section("x")] * 101), "/view/blocks"),
        (home(section("x"), title=plain("No title here")), "/view/title"),
        (home(section("x"), submit=plain("Send")), "/view/submit"),
        (home({"type": "table", "rows": [[{"type": "raw_text", "text": "x"}]]}), "/view/blocks/0/type"),
        ({"type": "workflow_step", "blocks": []}, "/view/type"),
        ([], "/view"),
    ],
)
def test_what_is_no_home_is_refused(untouched: RunningWorkspace, view: Json, pointer: str) -> None:
    answer = refused(untouched, view)
    assert answer["error"] == "invalid_arguments"
    assert f"[json-pointer:{pointer}]" in answer["response_metadata"]["messages"][0]


def test_a_home_of_a_hundred_blocks_is_taken(workspace: RunningWorkspace) -> None:
    assert client(workspace).views_publish(user_id="U0BOB", view=home(*[section("x")] * 100))["ok"]


def test_a_home_larger_than_250_kilobytes_is_refused(untouched: RunningWorkspace) -> None:
    assert refused(untouched, home(*[section("é" * 1_500)] * 90))["error"] == "view_too_large"


def test_an_app_without_a_home_tab_publishes_none() -> None:
    workspace = start_workspace(replace(DEFAULT_SETUP, home_tab=False))
    try:
        assert refused(workspace, home(section("x")))["error"] == "not_enabled"
    finally:
        workspace.stop()


def test_an_external_id_is_taken_once(workspace: RunningWorkspace) -> None:
    mine = home(section("x"), external_id="mine")
    for _ in range(2):
        client(workspace).views_publish(user_id="U0BOB", view=mine)
    assert refused(workspace, mine, "U0CAROL")["error"] == "duplicate_external_id"


def test_a_home_of_nobody_is_refused(untouched: RunningWorkspace) -> None:
    assert refused(untouched, home(section("x")), "U0NOBODY")["error"] == "user_not_found"


def test_opening_the_home_tells_the_tab_and_what_was_published(workspace: RunningWorkspace) -> None:
    with an_app(workspace, section("Score 97")) as seen:
        for _ in range(2):
            workspace.person("alice").opens_home()
    first, second = seen.events
    assert (first["tab"], first["user"], first["channel"]) == ("home", "U0ALICE", "D0ALICE")
    assert "view" not in first
    assert second["view"]["type"] == "home"
    assert second["view"]["blocks"][0]["text"]["text"] == "Score 97"


def test_nobody_writes_in_a_messages_tab_that_only_tells(workspace: RunningWorkspace) -> None:
    alice = workspace.person("alice")
    for words in ("thank you", "/trail-audit"):
        with pytest.raises(ValueError, match="Sending messages to this app has been turned off"):
            alice.types("U0ALICE", words)
    assert alice.dms() == []


def test_the_messages_tab_tells_no_view(workspace: RunningWorkspace) -> None:
    with an_app(workspace, section("x")) as seen:
        alice = workspace.person("alice")
        alice.opens_home()
        alice.opens_messages()
        workspace.wait_for(lambda: len(seen.events) == 2)
    assert seen.events[1]["tab"] == "messages"
    assert "view" not in seen.events[1]


def test_a_press_in_the_home_comes_from_the_view_and_no_channel(workspace: RunningWorkspace) -> None:
    with an_app(workspace, actions(button("press", "C-1"))) as seen:
        shown = workspace.person("bob").opens_home()
        assert shown
        assert workspace.person("bob").clicks(shown, "press").acked
    (body,) = seen.presses
    assert body["container"] == {"type": "view", "view_id": shown.id}
    assert (body["view"]["type"], body["view"]["hash"]) == ("home", shown.hash)
    assert body["actions"][0]["value"] == "C-1"
    assert body["trigger_id"]
    assert {"channel", "message", "response_url"}.isdisjoint(body)


def test_what_is_entered_comes_with_the_next_press(workspace: RunningWorkspace) -> None:
    with an_app(workspace, text_input("why"), actions(button("press", "C-1"))) as seen:
        bob = workspace.person("bob")
        shown = bob.opens_home()
        assert shown
        bob.clicks(bob.fills(shown, {"why": "because"}), "press")
    assert seen.presses[0]["view"]["state"]["values"]["why"]["text"]["value"] == "because"


def test_a_pick_stays_when_the_home_is_published_again(workspace: RunningWorkspace) -> None:
    with an_app(workspace, picker("when"), actions(button("press", "x"))) as seen:
        bob = workspace.person("bob")
        shown = bob.opens_home()
        assert shown
        bob.picks(shown, "at", "09:30")
        again = bob.opens_home()
        assert again
        assert again.hash != shown.hash
        bob.clicks(again, "press")
    assert seen.presses[1]["view"]["state"]["values"]["when"]["at"]["selected_time"] == "09:30"


def test_a_time_picker_gives_a_time_and_its_zone(workspace: RunningWorkspace) -> None:
    with an_app(workspace, picker("when", initial_time="08:00", timezone="Europe/Paris")) as seen:
        bob = workspace.person("bob")
        shown = bob.opens_home()
        assert shown
        with pytest.raises(LookupError, match="'25:00' is nothing that a timepicker can give"):
            bob.picks(shown, "at", "25:00")
        bob.picks(shown, "at", "09:30")
    action = seen.presses[0]["actions"][0]
    assert (action["type"], action["selected_time"], action["timezone"]) == ("timepicker", "09:30", "Europe/Paris")


def test_a_select_with_groups_gives_one_option(workspace: RunningWorkspace) -> None:
    with an_app(workspace, actions(ZONES)) as seen:
        bob = workspace.person("bob")
        shown = bob.opens_home()
        assert shown
        with pytest.raises(LookupError, match="no option 'Mars/Olympus'"):
            bob.picks(shown, "zone", "Mars/Olympus")
        bob.picks(shown, "zone", "Asia/Tokyo")
    assert seen.presses[0]["actions"][0]["selected_option"] == choice("Asia/Tokyo")


def test_a_form_opened_from_the_home_takes_a_time_and_a_zone(workspace: RunningWorkspace) -> None:
    with an_app(workspace, actions(button("open_form", "digest"))) as seen:
        bob = workspace.person("bob")
        shown = bob.opens_home()
        assert shown
        bob.clicks(shown, "open_form")
        workspace.wait_for(bob.modal)
        assert bob.submits({"at": "09:00", "zone": "Europe/Oslo"}).error is None
    (values,) = seen.submitted
    assert values["at"]["at"] == {"type": "timepicker", "selected_time": "09:00", "timezone": "Europe/Paris"}
    assert values["zone"]["zone"]["selected_option"]["value"] == "Europe/Oslo"


@pytest.mark.parametrize(
    ("block", "pointer"),
    [
        (picker("a", initial_time="9:00"), "/elements/0/initial_time"),
        (picker("a", initial_time="24:00"), "/elements/0/initial_time"),
        (actions({"type": "datepicker", "action_id": "a", "initial_date": "2026-13-01"}), "/elements/0/initial_date"),
        (actions({**ZONES, "initial_option": choice("Mars/Olympus")}), "/elements/0/initial_option"),
        (actions({**ZONES, "options": [choice("x")]}), "/elements/0"),
        (actions({**ZONES, "option_groups": [{"label": plain("x"), "options": []}]}), "/elements/0/option_groups/0"),
    ],
)
def test_wrong_pickers_are_refused(untouched: RunningWorkspace, block: Json, pointer: str) -> None:
    assert f"[json-pointer:/view/blocks/0{pointer}" in str(refused(untouched, home(block))["response_metadata"])
