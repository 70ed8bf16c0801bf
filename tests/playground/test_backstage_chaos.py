"""The tab "Chaos" where no bot is needed to see it; with the bot: tests/stories/test_chaos.py."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.playground.aws import RunningAws
from bot.playground.backstage.chaos import Chaos
from bot.playground.backstage.open_card import OpenCard, plain
from bot.playground.clock import MovableClock
from bot.playground.process import BotProcess
from bot.playground.slack import Message, RunningWorkspace, start_workspace
from tests.playground.slack_app import actions, bolt_app, button, client, running, section

CARD = "C-{number} APPROVAL NEEDED: {title} in prod (111122223333), asked by <@{asker}>. It needs 1 approval."


@pytest.fixture
def process(tmp_path: Path) -> Iterator[BotProcess]:
    """One that is told of no Slack, and so ends by itself."""
    made = BotProcess({"PATH": "/usr/bin:/bin"}, tmp_path, tmp_path / "clock")
    yield made
    made.stop()


def post(workspace: RunningWorkspace, number: int, asker: str = "U0ALICE", title: str = "Fix CloudTrail") -> Message:
    text = CARD.format(number=number, title=title, asker=asker)
    blocks = [section(text), actions(button("approve", f"C-{number}:1"), button("deny", f"C-{number}:1"))]
    posted = client(workspace).chat_postMessage(channel="C0CLOUDSEC", text=text, blocks=blocks)
    return workspace.message("C0CLOUDSEC", posted["ts"])


def test_the_newest_open_card_is_taken_and_deletes_are_left_alone(workspace: RunningWorkspace) -> None:
    post(workspace, 1)
    newest = post(workspace, 2)
    post(workspace, 3, title="Delete a trail")
    client(workspace).chat_postMessage(channel="C0CLOUDSEC", text="C-4 DENIED: no buttons any more")
    assert OpenCard(workspace).message == newest


def test_a_double_click_is_two_real_clicks_of_somebody_who_did_not_ask(workspace: RunningWorkspace) -> None:
    app = bolt_app(workspace)
    clicks: list[tuple[str, str]] = []

    @app.action("approve")
    def approve(ack, body) -> None:  # type: ignore[no-untyped-def]  # Bolt's own
        ack()
        clicks.append((body["user"]["id"], body["actions"][0]["value"]))

    with running(app, workspace):
        post(workspace, 5, asker="U0BOB")
        OpenCard(workspace).double_click()
        workspace.wait_for(lambda: len(clicks) == 2)
    assert clicks == [("U0CAROL", "C-5:1")] * 2


def test_a_bot_that_opens_no_form_is_told(workspace: RunningWorkspace) -> None:
    app = bolt_app(workspace)
    app.action("deny")(lambda ack: ack())
    with running(app, workspace):
        post(workspace, 6)
        with pytest.raises(LookupError, match="opened no form"):
            OpenCard(workspace).approve_and_deny(patience=0.2)


def test_slacks_markup_is_told_as_words() -> None:
    told = "<@U0BOB> approved *it* <!date^1795549266^{date}|on 24 November> &amp; <https://x.example/|read `this`>"
    assert plain(told, {"U0BOB": "bob"}.__getitem__) == "@bob approved it on 24 November & read this"


def test_over_http_there_is_no_websocket_to_drop(aws: RunningAws, process: BotProcess, tmp_path: Path) -> None:
    slack = start_workspace(delivery="http")
    chaos = Chaos(slack, aws, process, MovableClock(tmp_path / "clock"))
    assert chaos.shown()["way"] == "http"
    with pytest.raises(ValueError, match="no websocket to drop"):
        chaos.deeds["drop"]({})
    slack.stop()


def test_a_bot_that_was_stopped_is_not_started_again(process: BotProcess) -> None:
    process.stop()
    process.restart()
    assert process.has_ended()
