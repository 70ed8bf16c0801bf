"""Each call of Slack's Web API is told once a try, with what came of it; against the local Slack."""

from collections.abc import Iterator

import pytest
from slack_sdk.errors import SlackApiError

from bot.playground.slack import RunningWorkspace, start_workspace
from handlers.counted import CountedClient, CountedWait
from handlers.slack_errors import TROUBLE


@pytest.fixture(scope="module")
def workspace() -> Iterator[RunningWorkspace]:
    running = start_workspace()
    yield running
    running.stop()


def client(workspace: RunningWorkspace, told: list[tuple[str, str]], token: str = "") -> CountedClient:
    made = CountedClient(token or workspace.bot_token, workspace.api_url, retry_handlers=[])
    made.seen = lambda *what: told.append(what)
    return made


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("", "ok"),
        ("ratelimited", "rate_limited"),
        ("channel_not_found", "refused"),
        ("internal_error", "refused"),
        ("http_500", "no_answer"),
        ("no_answer", "no_answer"),
    ],
)
def test_a_call_is_told_with_what_came_of_it(workspace: RunningWorkspace, fault: str, told: str) -> None:
    found: list[tuple[str, str]] = []
    if fault:
        workspace.set_fault("auth.test", fault)
    try:
        client(workspace, found).auth_test()
        assert not fault
    except TROUBLE:
        assert fault
    assert found == [("auth.test", told)]


def test_a_wait_that_slack_sdk_sits_out_is_told_too(workspace: RunningWorkspace) -> None:
    found: list[tuple[str, str]] = []
    made = client(workspace, found)
    made.retry_handlers = [CountedWait(made.seen, max_retry_count=2)]
    workspace.set_fault("auth.test", "ratelimited", retry_after=0)
    assert made.auth_test()["ok"]
    assert found == [("auth.test", "rate_limited"), ("auth.test", "ok")]


def test_without_anybody_to_tell_it_works(workspace: RunningWorkspace) -> None:
    with pytest.raises(SlackApiError, match="invalid_auth"):
        CountedClient("xoxb-wrong", workspace.api_url, retry_handlers=[]).auth_test()
