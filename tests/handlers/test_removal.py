"""Whether the app was removed is what Slack says when it is asked, not what an event says."""

import pytest
from slack_sdk.errors import SlackApiError

from handlers.removal import LOOKS, Removal
from tests.builders import NOW
from tests.fakes_bot import bot
from tests.handlers.fake_slack import CHANNEL, TEAM, FakeSlack, TalkAtOnce, refusal


class Slack:
    """Answers auth.test with this."""

    def __init__(self, trouble: Exception | None = None) -> None:
        self.trouble = trouble

    def auth_test(self) -> dict[str, object]:
        if self.trouble:
            raise self.trouble
        return {"ok": True}


ANSWERS: list[tuple[Exception | None, bool]] = [
    (None, False),
    (refusal("account_inactive"), True),
    (refusal("token_revoked"), True),
    (refusal("invalid_auth"), False),
    (refusal("ratelimited"), False),
    (refusal("internal_error"), False),
    (OSError("no network"), False),
]


@pytest.mark.parametrize(("trouble", "gone"), ANSWERS, ids=lambda a: str(a) if not isinstance(a, SlackApiError) else "")
def test_only_a_token_that_has_ended_is_gone(trouble: Exception | None, gone: bool) -> None:
    assert Removal(Slack(trouble)).is_gone() is gone  # type: ignore[arg-type]  # our stand-in


def test_after_an_event_it_is_asked_some_times_and_then_no_more() -> None:
    removal = Removal(Slack())  # type: ignore[arg-type]  # our stand-in
    assert not removal.is_due()
    removal.suspect()
    assert [removal.is_due() for _ in range(LOOKS + 1)] == [*[True] * LOOKS, False]


def test_an_event_of_another_app_is_no_occasion() -> None:
    talk, heard = TalkAtOnce(bot().world, FakeSlack(), TEAM, frozenset({CHANNEL}), "A1"), []  # type: ignore[arg-type]  # our stand-in
    talk.app_removed = lambda: heard.append(NOW)
    for app in ("A2", None, "A1"):
        talk.removal({"api_app_id": app, "event": {"type": "app_uninstalled"}})
    assert heard == [NOW]
