"""The process dies at any call, Slack fails in any way: each message arrives once, in order, as it is in the end."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from slack_sdk.errors import SlackClientError

from bot.adapters.db.engine import connect
from bot.adapters.db.outbox import OutboxTable
from bot.domain.outgoing import Draft
from bot.ports import Outbox
from tests.fakes import FakeClock
from tests.fakes_bot import Crash, InMemoryOutbox
from tests.handlers.fake_slack import FakeSlack, SenderByHand, refusal, slow_down
from tests.services.crashing import Fuse, Fused

METHODS = ("chat_postMessage", "chat_update", "conversations_history")
NO_ANSWER: tuple[Callable[[], Exception], ...] = (
    TimeoutError,
    ConnectionResetError,
    lambda: SlackClientError("odd"),
    lambda: refusal("fatal_error"),
)


@dataclass(frozen=True)
class Put:
    """A message of a channel; put again it is repainted."""

    number: int

    @property
    def subject(self) -> str:
        return f"change:C-{self.number}"

    @property
    def channel(self) -> str:
        return f"C{self.number % 3}"


@dataclass(frozen=True)
class Pass:
    seconds: int


class Play:
    """A process that is started again after each crash, with what was put so far."""

    def __init__(self, outbox: Outbox, slack: FakeSlack, fuse: Fuse) -> None:
        self.slack, self.clock = slack, FakeClock()
        self._ports = (Fused("outbox", outbox, fuse), Fused("slack", slack, fuse), self.clock)
        self.outbox = outbox
        self.versions: dict[str, int] = {}
        self.order: list[Put] = []
        self._begin()

    def _begin(self) -> None:
        self._sender = SenderByHand(*self._ports)  # type: ignore[arg-type]  # our stand-ins
        self._until_alive(self._sender.start)

    def _until_alive(self, work: Callable[[], object]) -> None:
        """What was asked for is asked for again after a crash, as the sweep does."""
        try:
            work()
        except Crash:
            self._begin()
            self._until_alive(work)

    def play(self, event: Put | Pass) -> None:
        if isinstance(event, Pass):
            self.clock.move(seconds=event.seconds)
        else:
            self._put(event)
        self._until_alive(lambda: self._sender.drain())

    def _put(self, put: Put) -> None:
        if put.subject not in self.versions:
            self.order.append(put)
        version = self.versions[put.subject] = self.versions.get(put.subject, -1) + 1
        draft = Draft(put.subject, put.channel, f"{put.subject} {version}", "[]", version)
        self._until_alive(lambda: self._sender.put(draft))

    def ends(self) -> None:
        """Slack recovers, and time passes."""
        for _ in range(60):
            self.play(Pass(600))
            if not self.outbox.depth():
                return
        raise AssertionError(self.outbox.depth())

    def assert_everything_arrived_once_and_in_order(self) -> None:
        for channel in ("C0", "C1", "C2"):
            put = [f"{p.subject} {self.versions[p.subject]}" for p in self.order if p.channel == channel]
            assert [m["text"] for m in self.slack.messages if m["channel"] == channel] == put


events = st.lists(st.builds(Put, st.integers(0, 7)) | st.builds(Pass, st.integers(0, 20)), max_size=20)


def by_method(*errors: Callable[[], Exception]) -> st.SearchStrategy[dict[str, list[Exception | None]]]:
    made = st.sampled_from(errors).map(lambda make: make())
    return st.fixed_dictionaries(dict.fromkeys(METHODS, st.lists(st.none() | made, max_size=8)))


crashes = st.sets(st.integers(1, 150), max_size=8)


@settings(max_examples=150, deadline=None)
@given(events, by_method(slow_down, *NO_ANSWER), by_method(*NO_ANSWER), crashes, st.booleans())
def test_whatever_happens_each_message_arrives_once_in_order_and_as_it_is_in_the_end(
    story: list[Put | Pass],
    refuses: dict[str, list[Exception | None]],
    loses: dict[str, list[Exception | None]],
    blows_at: set[int],
    before: bool,
) -> None:
    play = Play(InMemoryOutbox(), FakeSlack(refuses=refuses, loses=loses), Fuse(*blows_at, before=before))
    for event in story:
        play.play(event)
    play.ends()
    play.assert_everything_arrived_once_and_in_order()


STORY: list[Put | Pass] = [Put(0), Put(3), Put(0), Put(1), Pass(8), Put(3)]


def told(outbox: Outbox, fuse: Fuse) -> Play:
    """A post whose answer is lost, one that must wait, and repaints."""
    slack = FakeSlack(
        refuses={"chat_postMessage": [None, slow_down()]}, loses={"chat_postMessage": [ConnectionResetError()]}
    )
    play = Play(outbox, slack, fuse)
    for event in STORY:
        play.play(event)
    play.ends()
    return play


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
def test_a_crash_at_any_call_loses_and_doubles_nothing_on_a_real_database(tmp_path: Path, before: bool) -> None:
    whole = Fuse()
    told(InMemoryOutbox(), whole)
    assert whole.calls > 20
    for at in range(1, whole.calls + 1):
        engine = connect(f"sqlite:///{tmp_path / f'{at}.sqlite'}")
        play = told(OutboxTable(engine), Fuse(at, before=before))
        engine.dispose()
        play.assert_everything_arrived_once_and_in_order()
