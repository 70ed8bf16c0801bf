"""What is put into the outbox arrives: in order, once, as it is by then; and a Slack that says no is told apart."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from http.client import IncompleteRead
from threading import Event
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.domain.outgoing import LEASE, Draft, Outgoing, Stage
from bot.ports import CannotAnnounceError
from bot.ports.context import known
from handlers.sender import FIRST_TRY, LONGEST_BACK_OFF, PICTURE_TRIES, TRIED_FOR, Sender
from tests.builders import NOW
from tests.fakes import FakeClock
from tests.fakes_bot import InMemoryOutbox
from tests.handlers.fake_slack import FakeSlack, SenderByHand, refusal, slow_down, unprocessed

BLOCKS = '[{"type": "header"}, {"type": "actions"}]'
POST, UPDATE = "chat_postMessage", "chat_update"


def draft(subject: str = "change:C-1", **different: object) -> Draft:
    return replace(Draft(subject, "C1", f"text of {subject}", BLOCKS), **different)  # type: ignore[arg-type]  # its own


class Office:
    """A sender with its outbox and its Slack. `dies` is another process after this one was killed."""

    def __init__(self, slack: FakeSlack | None = None) -> None:
        self.slack, self.outbox, self.clock = slack or FakeSlack(), InMemoryOutbox(), FakeClock()
        self.sender = self._sender()

    def _sender(self) -> SenderByHand:
        return SenderByHand(self.outbox, self.slack, self.clock)  # type: ignore[arg-type]  # our stand-in

    def put(self, *drafts: Draft) -> None:
        for one in drafts:
            self.sender.put(one)

    def sends(self, *drafts: Draft) -> None:
        self.put(*drafts)
        self.sender.drain()

    def dies(self) -> None:
        self.sender = self._sender()
        self.sender.start()

    def later(self, **by: float) -> None:
        self.clock.move(**by)
        self.sender.drain()

    @property
    def said(self) -> list[str]:
        return [message["text"] for message in self.slack.messages]

    @property
    def did(self) -> list[str]:
        return [name for name, _ in self.slack.calls]

    def stage(self, subject: str = "change:C-1") -> Stage:
        found = self.outbox.get(subject)
        assert found
        return found.stage


def test_a_post_and_its_repaint_carry_the_key_and_unfurl_nothing() -> None:
    office = Office()
    office.sends(draft("change:C-7"))
    office.sends(draft("change:C-7", version=1))
    (_, told), (_, repainted) = office.slack.calls
    row = office.outbox.get("change:C-7")
    assert row
    assert told["metadata"] == {"event_type": "trailwarden_change", "event_payload": {"id": "C-7", "key": row.key}}
    assert repainted["metadata"] == told["metadata"]
    assert told["unfurl_links"] is told["unfurl_media"] is False
    assert (row.stage, row.message) == (Stage.SENT, "1.0")


def test_what_was_sent_is_kept_in_slack_alone() -> None:
    office = Office()
    office.sends(draft())
    row = office.outbox.get("change:C-1")
    assert row
    assert (row.draft.text, row.draft.blocks) == ("", "[]")


def test_a_channel_gets_its_messages_in_the_order_in_which_they_were_put() -> None:
    office = Office()
    office.sends(*(draft(f"change:C-{n}", channel=f"C{n % 2}") for n in range(6)))
    for channel in ("C0", "C1"):
        said = [m["text"] for m in office.slack.messages if m["channel"] == channel]
        assert said == sorted(said)
        assert len(said) == 3


def test_of_many_repaints_only_the_newest_is_sent() -> None:
    office = Office()
    office.sends(draft())
    office.sends(*(draft(text=f"version {n}", version=n) for n in (1, 3, 2)))
    assert office.did == [POST, UPDATE]
    assert office.said == ["version 3"]


def test_what_changes_before_it_was_posted_is_posted_as_it_is_by_then() -> None:
    office = Office()
    office.sends(draft(), draft("change:C-2"), draft(text="denied", version=1))
    assert office.did == [POST, POST]
    assert office.said == ["denied", "text of change:C-2"]


def test_a_reply_hangs_under_its_message_and_is_found_there() -> None:
    office = Office(FakeSlack(loses={POST: [None, ConnectionResetError()]}))
    office.sends(draft())
    office.sends(draft("reminder:C-1", thread="1.0"))
    office.later(seconds=1)
    assert office.did == [POST, POST, "conversations_replies", UPDATE]
    assert [m["thread_ts"] for m in office.slack.messages] == [None, "1.0"]


# A Slack that wants us to wait


def test_a_channel_waits_as_long_as_slack_asks_and_loses_nothing() -> None:
    office = Office(FakeSlack(refuses={POST: [slow_down()]}))
    office.sends(draft(), draft("change:C-2"))
    office.later(seconds=6.9)
    assert office.said == []
    office.later(seconds=0.1)
    assert office.said == ["text of change:C-1", "text of change:C-2"]
    assert "conversations_history" not in office.did, "429 means that nothing was done"


def test_another_channel_does_not_wait_for_it() -> None:
    office = Office(FakeSlack(refuses={POST: [slow_down()]}))
    office.sends(draft(), draft("change:C-2"), draft("change:C-3", channel="C2"))
    assert office.said == ["text of change:C-3"]


def test_a_broken_slack_is_asked_more_and_more_seldom() -> None:
    office = Office(FakeSlack(refuses={UPDATE: [refusal("internal_error")] * 20}))
    office.sends(draft())
    office.sends(draft(version=1))
    waits = []
    for _ in range(12):
        row = office.outbox.get("change:C-1")
        assert row
        waits.append(row.not_before - office.clock.now())
        office.later(seconds=waits[-1].total_seconds())
    assert waits[:4] == [timedelta(seconds=s) for s in (1, 2, 4, 8)]
    assert waits[-1] == LONGEST_BACK_OFF


def test_a_message_without_luck_for_a_day_lets_the_others_pass() -> None:
    office = Office(FakeSlack(refuses={POST: [refusal("fatal_error")] * 2}))
    office.sends(draft())
    office.clock.move(seconds=TRIED_FOR.total_seconds() + 1)
    office.sends(draft("change:C-2"))
    assert office.stage() is Stage.GIVEN_UP
    assert office.said == ["text of change:C-2"]


def test_a_clock_that_was_set_back_holds_up_nothing() -> None:
    office = Office(FakeSlack(refuses={POST: [slow_down()]}))
    office.sends(draft())
    office.later(hours=-3)
    assert office.said == ["text of change:C-1"]


# Nothing twice

LOST = [
    SlackClientError("odd"),
    ConnectionResetError(),
    TimeoutError(),
    IncompleteRead(b""),
    refusal("fatal_error"),
    SlackApiError("500", {"ok": False, "error": "Received a response in a non-JSON format: Internal…"}),  # type: ignore[no-untyped-call]  # theirs
]


@pytest.mark.parametrize("error", LOST, ids=lambda e: type(e).__name__)
def test_a_post_whose_answer_was_lost_is_found_and_not_sent_again(error: Exception) -> None:
    office = Office(FakeSlack(loses={POST: [error]}))
    office.sends(draft())
    assert office.stage() is Stage.WAITING
    office.later(seconds=1)
    assert office.did == [POST, "conversations_history", UPDATE]
    assert office.said == ["text of change:C-1"]


@pytest.mark.parametrize("error", LOST, ids=lambda e: type(e).__name__)
def test_a_post_that_never_arrived_is_looked_for_and_sent_again(error: Exception) -> None:
    office = Office(FakeSlack(refuses={POST: [error]}))
    office.sends(draft())
    office.later(seconds=1)
    assert office.did == [POST, "conversations_history", POST]
    assert office.said == ["text of change:C-1"]


def test_it_is_found_however_many_others_wrote_since() -> None:
    office = Office(FakeSlack(loses={POST: [ConnectionResetError()]}))
    office.sends(draft())
    stranger = {"channel": "C1", "thread_ts": None, "metadata": {"event_type": "trailwarden_change"}, "text": "hi"}
    office.slack.messages += [{**stranger, "ts": f"9.{n}"} for n in range(5)]
    office.later(seconds=1)
    assert office.said == ["text of change:C-1", *["hi"] * 5]
    assert office.stage() is Stage.SENT


def test_a_post_that_is_found_shows_what_was_put_meanwhile() -> None:
    office = Office(FakeSlack(loses={POST: [ConnectionResetError()]}))
    office.sends(draft())
    office.put(draft(text="denied", version=1))
    office.later(seconds=1)
    assert office.said == ["denied"]


def test_nobody_guesses_while_the_history_is_away() -> None:
    history = [refusal("ratelimited"), ConnectionResetError(), refusal("internal_error")]
    office = Office(FakeSlack(loses={POST: [ConnectionResetError()]}, refuses={"conversations_history": [*history]}))
    office.sends(draft())
    for _ in history:
        office.later(minutes=5)
        assert office.did.count(POST) == 1
    office.later(minutes=5)
    assert office.said == ["text of change:C-1"]


@pytest.mark.parametrize("code", ["missing_scope", "channel_not_found"])
def test_without_the_right_to_look_it_is_sent_again_and_that_is_logged(
    code: str, caplog: pytest.LogCaptureFixture
) -> None:
    lost = FakeSlack(loses={POST: [ConnectionResetError()]}, refuses={"conversations_history": [refusal(code)]})
    office = Office(lost)
    office.sends(draft())
    office.later(seconds=1)
    assert office.said == ["text of change:C-1"] * 2
    assert "may be posted twice" in caplog.text
    assert code in caplog.text


def test_a_process_that_dies_while_it_posts_is_followed_by_one_that_looks_first() -> None:
    office = Office()
    office.put(draft())
    claim = office.outbox.claim("the dead one", office.clock.now())
    assert claim
    assert not claim.in_doubt
    office.dies()
    office.sender.drain()
    assert office.did == ["conversations_history", POST]


def test_a_claim_that_has_ended_settles_nothing() -> None:
    office = Office()
    office.put(draft())
    late = office.outbox.claim("slow", office.clock.now())
    assert late
    assert not office.sender.send_one(), "nobody else gets it meanwhile"
    office.later(seconds=LEASE.total_seconds())
    office.outbox.sent(late, "another message")
    office.outbox.put_off(late, office.clock.now(), "late", in_doubt=True)
    office.outbox.give_up(late, "late")
    found = office.outbox.get("change:C-1")
    assert found
    assert (found.stage, found.message) == (Stage.SENT, office.slack.messages[0]["ts"])


# A Slack that says no


@pytest.mark.parametrize("code", ["invalid_blocks", "invalid_attachments"])
@pytest.mark.parametrize("method", [POST, UPDATE])
def test_blocks_that_slack_refuses_are_sent_again_plainly(method: str, code: str) -> None:
    office = Office(FakeSlack(refuses={method: [refusal(code)]}))
    office.sends(draft())
    office.sends(draft(version=1))
    first, second = office.slack.of(method)[:2]
    assert [b["type"] for b in second["blocks"]] == ["section", "actions"]
    assert second["text"] == first["text"]
    assert len(office.slack.messages) == 1


def test_a_picture_that_is_not_processed_yet_is_waited_for() -> None:
    office = Office(FakeSlack(refuses={POST: [unprocessed(), unprocessed()]}))
    office.sends(draft())
    assert office.stage() is Stage.WAITING
    office.later(seconds=1)
    office.later(seconds=2)
    (message,) = office.slack.messages
    assert [b["type"] for b in message["blocks"]] == ["header", "actions"], "as it was put"


def test_a_picture_that_is_never_processed_is_said_in_words() -> None:
    office = Office(FakeSlack(refuses={POST: [unprocessed()] * PICTURE_TRIES}))
    office.sends(draft())
    for wait in range(PICTURE_TRIES):
        office.later(seconds=2**wait)
    (message,) = office.slack.messages
    assert [b["type"] for b in message["blocks"]] == ["section", "actions"]
    assert office.stage() is Stage.SENT


def test_what_is_refused_for_good_is_given_up_and_the_next_one_is_sent() -> None:
    office = Office(FakeSlack(refuses={POST: [refusal("msg_too_long")]}))
    office.sends(draft(), draft("change:C-2"))
    assert office.stage() is Stage.GIVEN_UP
    assert office.said == ["text of change:C-2"]
    office.sends(draft(version=1))
    office.dies()
    office.sender.drain()
    assert office.said == ["text of change:C-2"], "what nobody saw is not shown later"


def test_a_refused_repaint_is_tried_again_at_the_next_start() -> None:
    office = Office(FakeSlack(refuses={UPDATE: [refusal("is_archived")]}))
    office.sends(draft())
    office.sends(draft(text="denied", version=1))
    office.later(hours=1)
    assert office.said == ["text of change:C-1"]
    office.dies()
    office.sender.drain()
    assert office.said == ["denied"]


@pytest.mark.parametrize("code", ["token_revoked", "invalid_auth", "account_inactive", "token_expired"])
def test_a_token_that_slack_does_not_accept_loses_nothing(code: str) -> None:
    office = Office(FakeSlack(refuses={POST: [refusal(code)] * 3}))
    office.sends(draft())
    for _ in range(3):
        assert office.stage() is Stage.WAITING
        office.later(minutes=5)
    assert office.said == ["text of change:C-1"]


def test_what_was_said_to_a_person_is_said_once() -> None:
    office = Office(FakeSlack())
    for _ in range(2):
        office.sends(draft("notice:C-1", channel="UALICE"))
    assert office.said == ["text of notice:C-1"]
    assert office.did == [POST]


def test_whoever_asks_now_is_told_at_once_what_is_refused() -> None:
    office = Office(FakeSlack(refuses={POST: [refusal("not_in_channel")]}))
    with pytest.raises(CannotAnnounceError, match="I am not in this channel"):
        office.sender.put_now(draft())
    assert office.clock.slept == []


def test_whoever_asks_now_waits_for_those_before() -> None:
    office = Office()
    office.put(draft("change:C-0"), draft("change:C-9", channel="C2"))
    office.sender.put_now(draft())
    assert office.said == ["text of change:C-0", "text of change:C-1"]


def test_whoever_asks_now_does_not_wait_long_for_a_slack_that_is_away() -> None:
    office = Office(FakeSlack(refuses={POST: [TimeoutError()] * 9}))
    before = office.clock.now()
    office.sender.put_now(draft())
    assert FIRST_TRY <= office.clock.now() - before <= FIRST_TRY * 2
    assert office.outbox.depth() == 1


def test_the_depth_is_what_is_unsent() -> None:
    office = Office(FakeSlack(refuses={POST: [refusal("is_archived")]}))
    office.put(draft(), draft("change:C-2"), draft("change:C-3"))
    assert office.outbox.depth() == 3
    office.sender.send_one()
    assert office.outbox.depth() == 2
    office.sender.drain()
    assert office.outbox.depth() == 0


# On threads of its own


class Fragile(InMemoryOutbox):
    """A database that is away for the first claim."""

    away = True

    def claim(self, owner: str, now: datetime, channel: str = "") -> Outgoing | None:
        if self.away:
            self.away = False
            raise RuntimeError("the database is away")
        return super().claim(owner, now, channel)


def until(true: Callable[[], bool]) -> None:
    for _ in range(1_000):
        if true():
            return
        Event().wait(0.02)
    raise AssertionError("nothing happened")


def test_what_is_put_is_sent_at_once_and_after_the_end_it_is_kept() -> None:
    slack, outbox = FakeSlack(), InMemoryOutbox()
    outbox.put(draft(), NOW)
    sender = Sender(outbox, slack, FakeClock())  # type: ignore[arg-type]  # our stand-in
    sender.start()
    sender.put(draft("change:C-2"))
    until(lambda: outbox.depth() == 0)
    sender.stop()
    sender.put(draft("change:C-3"))
    assert [m["text"] for m in slack.messages] == ["text of change:C-1", "text of change:C-2"]
    assert outbox.depth() == 1


@pytest.mark.parametrize(
    ("subject", "change"),
    [
        ("change:C-7", "C-7"),
        ("reminder:C-42", "C-42"),
        ("review:C-42:week", "C-42"),
        ("digest:C1:digest:3:2026-11-23T0900", ""),
        ("run:C-7a", ""),
    ],
)
def test_each_line_on_a_message_names_it_and_its_change(subject: str, change: str) -> None:
    found: list[dict[str, str]] = []

    class Curious(FakeSlack):
        def chat_postMessage(self, **told: Any) -> dict[str, Any]:  # noqa: N802 - Slack's name
            found.append(dict(known()))
            return super().chat_postMessage(**told)

    Office(Curious()).sends(draft(subject))
    assert found == [{"subject": subject, **({"change": change} if change else {})}]
    assert known() == {}


def test_a_database_that_is_away_is_logged_and_asked_again(caplog: pytest.LogCaptureFixture) -> None:
    slack, outbox = FakeSlack(), Fragile()
    sender = Sender(outbox, slack, FakeClock())  # type: ignore[arg-type]  # our stand-in
    sender.put(draft())
    until(lambda: "the database is away" in caplog.text)
    sender.tend()
    until(lambda: outbox.depth() == 0)
    sender.stop()
    assert len(slack.messages) == 1
