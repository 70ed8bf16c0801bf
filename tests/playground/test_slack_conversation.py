"""A real Bolt app in Socket Mode, and people who type, click and fill in forms."""

from typing import Any

import pytest
from slack_sdk.errors import SlackApiError

from bot.playground.slack import RunningWorkspace
from tests.playground.conftest import MovableClock
from tests.playground.slack_app import (
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


def test_a_command_is_acked_and_answered_to_its_user_alone(workspace: RunningWorkspace) -> None:
    app = bolt_app(workspace)

    @app.command("/trail-audit")
    def audit(ack: Any, command: Any, respond: Any) -> None:
        ack()
        respond(text=f"Working on {command['text']} for <@{command['user_id']}>")

    with running(app, workspace):
        result = workspace.person("alice").types("cloud-security", "/trail-audit all")
        seen = workspace.wait_for(lambda: workspace.person("alice").ephemerals("#cloud-security"))

    assert result.acked
    assert seen[0].text == "Working on all for <@U0ALICE>"
    assert workspace.person("bob").ephemerals("cloud-security") == []
    assert workspace.messages("cloud-security") == []


def test_text_in_the_ack_is_an_ephemeral_message(workspace: RunningWorkspace) -> None:
    app = bolt_app(workspace)

    @app.command("/trail-audit")
    def audit(ack: Any) -> None:
        ack("Try `/trail-audit help`")

    with running(app, workspace):
        workspace.person("dave").types("cloud-security", "/trail-audit")

    assert [each.text for each in workspace.person("dave").ephemerals("cloud-security")] == ["Try `/trail-audit help`"]


def test_a_click_reaches_the_listener_with_the_chosen_value(workspace: RunningWorkspace) -> None:
    app = bolt_app(workspace)
    seen: list[Any] = []

    @app.action("propose_fix")
    def fix(ack: Any, body: Any, respond: Any) -> None:
        ack()
        seen.append(body)
        respond(text="Proposed", replace_original=True)

    blocks = [actions(button("propose_fix", "111")), actions(button("propose_fix", "222"))]
    client(workspace).chat_postMessage(channel="C0CLOUDSEC", text="Report", blocks=blocks)
    report = workspace.messages("cloud-security")[0]
    with running(app, workspace):
        result = workspace.person("bob").clicks(report, "propose_fix", "222")
        workspace.wait_for(lambda: workspace.message(report.channel, report.ts).text == "Proposed")

    assert result.acked
    assert seen[0]["actions"][0]["value"] == "222"
    assert seen[0]["user"] == {
        "id": "U0BOB",
        "username": "bob",
        "name": "bob",
        "team_id": "T0TRAIL",
    }
    assert seen[0]["message"]["ts"] == seen[0]["container"]["message_ts"] == report.ts


def test_one_of_several_equal_buttons_must_be_chosen(workspace: RunningWorkspace) -> None:
    blocks = [actions(button("fix", "1")), actions(button("fix", "2"))]
    client(workspace).chat_postMessage(channel="C0CLOUDSEC", text="Report", blocks=blocks)
    report = workspace.messages("cloud-security")[0]

    with pytest.raises(LookupError, match="2 elements"):
        workspace.person("bob").clicks(report, "fix")


def test_a_modal_opens_shows_errors_and_closes(workspace: RunningWorkspace) -> None:
    app = bolt_app(workspace)

    @app.action("deny")
    def ask(ack: Any, body: Any, client: Any) -> None:
        ack()
        client.views_open(trigger_id=body["trigger_id"], view=modal(text_input("reason"), private_metadata="C-1"))

    @app.view("form")
    def decide(ack: Any, view: Any) -> None:
        reason = view["state"]["values"]["reason"]["text"]["value"]
        if reason == "no":
            ack(response_action="errors", errors={"reason": "Say more."})
        else:
            ack()

    client(workspace).chat_postMessage(channel="C0CLOUDSEC", text="C", blocks=[actions(button("deny", "C-1"))])
    bob = workspace.person("bob")
    with running(app, workspace):
        bob.clicks(workspace.messages("cloud-security")[0], "deny")
        view = workspace.wait_for(bob.modal)
        assert (view.title, view.private_metadata) == ("A form", "C-1")
        assert bob.submits({}).errors == {"reason": "Please complete this required field."}
        assert bob.submits({"reason": "no"}).errors == {"reason": "Say more."}
        assert bob.modal() is not None
        assert bob.submits({"text": "Not today"}).errors == {}
    assert bob.modal() is None
    assert workspace.person("carol").modal() is None


def test_a_submission_can_update_and_push_views_up_to_three(workspace: RunningWorkspace) -> None:
    app = bolt_app(workspace)

    @app.command("/trail-audit")
    def start(ack: Any, body: Any, client: Any) -> None:
        ack()
        client.views_open(trigger_id=body["trigger_id"], view=modal(text_input("a")))

    @app.view("form")
    def next_step(ack: Any, view: Any) -> None:
        step = view["state"]["values"]["a"]["text"]["value"]
        ack(response_action=step, view=modal(text_input("a"), title=f"After {step}"))

    carol = workspace.person("carol")
    with running(app, workspace):
        carol.types("cloud-security", "/trail-audit create")
        first = workspace.wait_for(carol.modal)
        carol.submits({"a": "update"})
        updated = workspace.wait_for(carol.modal)
        assert (updated.id, updated.title, updated.hash == first.hash) == (first.id, "After update", False)
        carol.submits({"a": "push"})
        pushed = workspace.wait_for(carol.modal)
        assert (pushed.root_id, pushed.previous_id) == (first.id, first.id)
        carol.submits({"a": "push"})
        assert "push_limit_reached" in str(carol.submits({"a": "push"}).error)
        carol.closes()
        top = carol.modal()
    assert top is not None
    assert top.id == pushed.id


def test_a_view_is_found_by_its_own_name_once_the_acknowledgement_has_put_it_there(
    workspace: RunningWorkspace,
) -> None:
    app = bolt_app(workspace)

    @app.command("/trail-audit")
    def start(ack: Any, body: Any, client: Any) -> None:
        ack()
        client.views_open(trigger_id=body["trigger_id"], view=modal(text_input("a")))

    @app.view("form")
    def looking(ack: Any) -> None:
        ack(response_action="update", view=modal(section("Looking…"), external_id="mine", callback_id="wait"))

    @app.view("wait")
    def nonsense(ack: Any) -> None:
        ack(response_action="replace")

    web, carol, bob = client(workspace), workspace.person("carol"), workspace.person("bob")
    with running(app, workspace):
        carol.types("cloud-security", "/trail-audit create")
        first = workspace.wait_for(carol.modal)
        with pytest.raises(SlackApiError, match="not_found"):
            web.views_update(external_id="mine", view=modal(section("Too early")))
        carol.submits({"a": "x"})
        bob.types("cloud-security", "/trail-audit create")
        other = workspace.wait_for(bob.modal)
        with pytest.raises(SlackApiError, match="duplicate_external_id"):
            web.views_update(view_id=other.id, view=modal(section("Not mine"), external_id="mine"))
        with pytest.raises(SlackApiError, match="hash_conflict"):
            web.views_update(view_id=first.id, hash=first.hash, view=modal(section("Too late")))
        assert "response_action replace" in str(carol.submits({}).error)
        web.views_update(external_id="mine", view=modal(section("Ready"), title="The review"))
        shown = carol.modal()
    assert shown is not None
    assert (shown.id, shown.title) == (first.id, "The review")


def test_the_home_is_published_when_it_is_opened(workspace: RunningWorkspace) -> None:
    app = bolt_app(workspace)

    @app.event("app_home_opened")
    def paint(event: Any, client: Any) -> None:
        client.views_publish(user_id=event["user"], view={"type": "home", "blocks": [section("Score 97")]})

    with running(app, workspace):
        home = workspace.person("alice").opens_home()

    assert home is not None
    assert "Score 97" in home.all_text()
    assert workspace.person("bob").home() is None


def test_a_pick_from_a_menu_carries_the_option(workspace: RunningWorkspace) -> None:
    app = bolt_app(workspace)
    seen: list[str] = []

    @app.action("more")
    def more(ack: Any, action: Any) -> None:
        ack()
        seen.append(action["selected_option"]["value"])

    option = {"text": plain("Cancel"), "value": "cancel"}
    overflow = {"type": "overflow", "action_id": "more", "options": [option]}
    client(workspace).chat_postMessage(channel="C0CLOUDSEC", text="C", blocks=[actions(overflow)])
    with running(app, workspace):
        workspace.person("bob").picks(workspace.messages("cloud-security")[0], "more", "cancel")
        workspace.wait_for(lambda: seen)

    assert seen == ["cancel"]


def test_a_trigger_id_works_once_and_for_three_seconds(workspace: RunningWorkspace, clock: MovableClock) -> None:
    payload = workspace.person("alice").types("cloud-security", "/trail-audit").payload
    other = workspace.person("alice").types("cloud-security", "/trail-audit").payload
    assert payload is not None
    assert other is not None
    web = client(workspace)
    web.views_open(trigger_id=payload["trigger_id"], view=modal(section("Hello")))
    clock.jump(4)

    with pytest.raises(SlackApiError, match="exchanged_trigger_id"):
        web.views_open(trigger_id=payload["trigger_id"], view=modal(section("Hello")))
    with pytest.raises(SlackApiError, match="expired_trigger_id"):
        web.views_open(trigger_id=other["trigger_id"], view=modal(section("Hello")))
    with pytest.raises(SlackApiError, match="invalid_trigger_id"):
        web.views_open(trigger_id="1.2.3", view=modal(section("Hello")))


def test_the_bot_is_invited_into_a_channel_and_is_in_it_from_then_on(workspace: RunningWorkspace) -> None:
    web, alice = client(workspace), workspace.person("alice")
    with pytest.raises(SlackApiError, match="not_in_channel"):
        web.chat_postMessage(channel="C0RANDOM", text="Hello")
    for asked in ("@bob", "@Trailwarden", "@Trailwarden"):
        alice.types("random", f"/invite {asked}")
    web.chat_postMessage(channel="C0RANDOM", text="Hello")
    assert [each.text for each in workspace.messages("random")] == ["<@U0TRAILBOT> has joined the channel", "Hello"]
    assert [each.text for each in alice.ephemerals("random")] == [
        "Here only the app can be invited: /invite @Trailwarden",
        "Trailwarden is already in this channel.",
    ]


def test_without_a_bot_the_person_sees_the_command_fail(workspace: RunningWorkspace) -> None:
    result = workspace.person("alice").types("cloud-security", "/trail-audit")

    assert result.timed_out
    told = workspace.person("alice").ephemerals("cloud-security")[0]
    assert told.text == '/trail-audit failed with the error "dispatch_failed"'
