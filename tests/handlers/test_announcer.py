"""What the bot says first: posted, painted again, and never lost for a block that Slack does not like."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from slack_sdk.errors import SlackClientError

from bot.domain.change import State
from bot.domain.digest import Comparison
from bot.domain.refusal import Refused
from bot.ports import CannotAnnounceError, Digest, Run
from handlers.announcer import SlackAnnouncer, _sent
from handlers.slack_errors import SENTENCES
from handlers.views.message import Message, context, section
from tests.builders import NOW, account_report, change, report
from tests.fakes_bot import FakeDirectory
from tests.handlers.fake_slack import CHANNEL, FakeSlack, refusal

RUN = Run("run-1", CHANNEL, "UALICE", (), NOW, "1.0")
DIGEST = Digest(report(account_report()), Comparison((), (), (), ()), None, (), None, "f" * 64)
POSTED = change(message="9.0")


def announcing(slack: FakeSlack, directory: FakeDirectory | None = None) -> SlackAnnouncer:
    return SlackAnnouncer(slack, directory or FakeDirectory())  # type: ignore[arg-type]  # our stand-in


SPEAKING: dict[str, tuple[Callable[[SlackAnnouncer], object], str]] = {
    "audit started": (lambda a: a.audit_started(RUN), "chat_postMessage"),
    "audit progress": (lambda a: a.audit_progress(RUN, 1, 2), "chat_update"),
    "audit finished": (lambda a: a.audit_finished(RUN, report(account_report()), None), "chat_update"),
    "audit failed": (lambda a: a.audit_failed(RUN, "No AWS credentials."), "chat_update"),
    "card": (lambda a: a.card(change()), "chat_postMessage"),
    "repaint": (lambda a: a.repaint(POSTED), "chat_update"),
    "digest": (lambda a: a.digest(CHANNEL, DIGEST), "chat_postMessage"),
}
ALL = pytest.mark.parametrize(("speak", "method"), SPEAKING.values(), ids=SPEAKING)


@ALL
def test_each_message_is_one_call_with_text_and_blocks(speak: Callable[[SlackAnnouncer], object], method: str) -> None:
    slack = FakeSlack()
    speak(announcing(slack))
    ((name, told),) = slack.calls
    assert (name, told["channel"]) == (method, CHANNEL)
    assert told["text"]
    assert told["blocks"]


@ALL
@pytest.mark.parametrize("code", ["invalid_blocks", "invalid_attachments"])
def test_blocks_that_slack_refuses_are_sent_again_plainly(
    speak: Callable[[SlackAnnouncer], object], method: str, code: str
) -> None:
    slack = FakeSlack(refuses={method: [refusal(code)]})
    speak(announcing(slack))
    first, second = slack.of(method)
    assert [b["type"] for b in second["blocks"]] in (["section"], ["section", "actions"])
    assert second["text"] == first["text"]


def test_a_plain_card_still_has_its_buttons() -> None:
    slack = FakeSlack(refuses={"chat_postMessage": [refusal("invalid_blocks")]})
    assert announcing(slack).card(change()) == "1.0"
    blocks = slack.calls[1][1]["blocks"]
    assert [e["action_id"] for e in blocks[1]["elements"]] == ["approve", "deny", "full_plan", "cancel"]


def test_blocks_that_slack_sdk_refuses_are_sent_plainly_too() -> None:
    too_many = Message("hello", (context(*["x"] * 10), section("x")))
    too_many.blocks[0].elements *= 2  # type: ignore[attr-defined]  # a context
    sent: list[list[str]] = []
    _sent(too_many, lambda _, blocks: sent.append([b["type"] for b in blocks]))
    assert sent == [["section"]]


@ALL
@pytest.mark.parametrize("code", [*SENTENCES, "some_new_error"])
def test_what_slack_refuses_is_a_sentence(speak: Callable[[SlackAnnouncer], object], method: str, code: str) -> None:
    slack = FakeSlack(refuses={method: [refusal(code)]})
    with pytest.raises(CannotAnnounceError) as why:
        speak(announcing(slack))
    assert str(why.value) == SENTENCES.get(
        code, "Slack answered some_new_error. Whoever runs Trailwarden finds more in its log."
    )
    assert len(slack.calls) == 1


@ALL
@pytest.mark.parametrize(
    "error", [SlackClientError("odd"), ConnectionResetError(), TimeoutError()], ids=lambda e: type(e).__name__
)
def test_a_slack_that_is_away_is_a_sentence(
    speak: Callable[[SlackAnnouncer], object], method: str, error: Exception
) -> None:
    with pytest.raises(CannotAnnounceError, match="Slack cannot be reached"):
        speak(announcing(FakeSlack(refuses={method: [error]})))


def test_plain_blocks_that_slack_refuses_too_are_an_error() -> None:
    slack = FakeSlack(refuses={"chat_postMessage": [refusal("invalid_blocks"), refusal("ratelimited")]})
    with pytest.raises(CannotAnnounceError, match="slow down"):
        announcing(slack).card(change())


def test_a_post_carries_our_id_and_unfurls_nothing() -> None:
    slack = FakeSlack()
    assert announcing(slack).card(change(7)) == "1.0"
    told = slack.calls[0][1]
    assert told["metadata"] == {"event_type": "trailwarden_change", "event_payload": {"id": "C-7"}}
    assert told["unfurl_links"] is told["unfurl_media"] is False


def test_a_repaint_goes_to_the_message_of_the_card() -> None:
    slack = FakeSlack()
    announcing(slack).repaint(replace(POSTED, state=State.EXPIRED))
    assert slack.calls[0][1]["ts"] == "9.0"


def test_a_card_is_posted_even_where_the_approvers_cannot_be_read() -> None:
    slack, directory = FakeSlack(), FakeDirectory()
    directory.unreadable = Refused("not now")
    announcing(slack, directory).card(change())
    assert "could not be read just now" in str(slack.calls[0][1]["blocks"])
