"""From what Slack sends to one service and one answer: commands, buttons, forms."""

from collections.abc import Callable
from typing import Any

import pytest
from slack_sdk.models.views import View

from bot.domain.change import State
from bot.domain.refusal import Refused
from handlers.actions import Actions, change_number
from handlers.commands import Commands
from handlers.digests import Digests
from handlers.modals import Modals
from handlers.trail_form import TrailForms
from handlers.views.card import value_of
from tests.builders import ACCOUNT, entitled, surveyed, trail
from tests.fakes_bot import Bot, bot
from tests.handlers.fake_slack import CHANNEL, TEAM, Acks, FakeSlack, TalkAtOnce, click, command, refusal, submission
from tests.services.crashing import Durable


class Desk:
    """A bot with its listeners."""

    def __init__(self, made: Bot) -> None:
        self.bot, self.slack, self.acks = made, FakeSlack(), Acks()
        self.talk = TalkAtOnce(made.world, self.slack, TEAM, frozenset())  # type: ignore[arg-type]  # our stand-in
        self.commands, self.actions, self.modals = Commands(self.talk), Actions(self.talk), Modals(self.talk)
        self.trails = TrailForms(self.talk)
        self.digests = Digests(self.talk)

    def types(self, text: str, user: str = "UREQUESTER", channel: str = CHANNEL) -> None:
        body = command(text, user) | {"channel_id": channel}
        self.commands.trail_audit(self.acks, body)  # type: ignore[arg-type]  # our stand-in

    def presses(self, button: str, value: str, user: str = "UALICE") -> None:
        getattr(self.actions, button)(self.acks, click(value, user))

    def submits(self, form: str, private: str, user: str = "UALICE", **values: Any) -> None:
        getattr(self.modals, form)(self.acks, submission(private, values, user))

    def fills(self, step: str, view: Any, user: str = "UREQUESTER", **values: Any) -> None:
        """A step of the form of a trail comes back, as it was shown or with this private data."""
        shown = view.to_dict() if isinstance(view, View) else {"private_metadata": view}
        body = submission(shown["private_metadata"], values, user)
        body["view"]["callback_id"] = shown.get("callback_id", "")
        getattr(self.trails, step)(self.acks, body)

    @property
    def shown(self) -> Any:
        """The view that the last acknowledgement or update put there."""
        return self.slack.of("views_update")[-1]["view"]

    @property
    def told(self) -> list[str]:
        return self.slack.told()


@pytest.fixture
def desk() -> Desk:
    return Desk(bot())


@pytest.fixture
def with_change(desk: Desk) -> Desk:
    desk.types(f"fix {ACCOUNT}")
    return desk


@pytest.fixture
def with_delete() -> Desk:
    made = Desk(bot(surveyed(trail("main"), trail("spare"))))
    made.types(f"delete spare {ACCOUNT}")
    return made


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "audit finished"),
        ("all", "audit finished"),
        (ACCOUNT, "audit finished"),
        (f"fix {ACCOUNT}", "card"),
        (f"delete main {ACCOUNT}", "card"),
        (f"accept {ACCOUNT} until 2027-01-31 because it is closed then", "card"),
        ("digest now", "digest"),
    ],
)
def test_a_command_is_acknowledged_and_said_in_the_channel(desk: Desk, text: str, said: str) -> None:
    desk.types(text)
    assert desk.acks.said == [{}]
    assert len(desk.bot.announcer.of(said)) == 1
    assert desk.told == []


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("help", "Type `/trail-audit help` for examples."),
        ("fix", "Say which account to fix"),
        ("changes", "No change is open."),
        ("change C-9", "There is no change C-9."),
        ("accept", "Name one account, and one control of it or none. For example: `/trail-audit accept 111122223333"),
        (f"accept {ACCOUNT}", "Say until when: an exception has an end. For example:"),
        (f"accept {ACCOUNT} until 2027-02-30 because it is", "There is no day 2027-02-30. For example:"),
        (f"accept {ACCOUNT} until 2026-11-22 because it is", "2026-11-22 is over. For example:"),
        (f"accept {ACCOUNT} until 2027-11-24 because it is", "2027-11-24 is more than a year away;"),
        (f"accept {ACCOUNT} until 2027-01-31 because x", "Say why in a few words: others will decide by it."),
        (f"accept {ACCOUNT} nonsense until 2027-01-31 because it is", "There is no control nonsense."),
        (f"accept {ACCOUNT} kms-encryption until 2027-01-31 because it is", "kms-encryption is not audited here"),
        (f"accept {ACCOUNT} log-file-validation until 2027-01-31 because it is", "there is nothing to accept"),
        ("accept 999999999999 until 2027-01-31 because it is", "No account in scope is called 999999999999."),
        ("exceptions", "No exception waits, is active, or has ended in the last 30 days."),
        ("undo C-9", "There is no change C-9."),
        ("digest", "This channel has no digest."),
        ("digest off", "This channel has no digest."),
        ("digest off D-7", "This channel has no digest."),
        ("digest 09:00 UTC nosuch", "No account in scope is called nosuch."),
        ("fix 999999999999", "No account in scope is called 999999999999."),
        ("nonsense", "No account in scope is called nonsense."),
        ("nonsense", "`/trail-audit help` shows examples."),
        ("chnages", "If you meant the command: `/trail-audit changes`."),
        ("fx prod-web", "If you meant the command: `/trail-audit fix`."),
    ],
)
def test_a_command_is_answered_only_to_who_typed_it(desk: Desk, text: str, answer: str) -> None:
    desk.types(text)
    assert desk.acks.said == [{}]
    assert len(desk.told) == 1
    assert answer in desk.told[0]
    assert desk.bot.announcer.said == []


def test_changes_are_listed_and_told(with_change: Desk) -> None:
    with_change.types("changes")
    with_change.types("change C-1")
    assert with_change.told[0] == "1 change is open."
    assert with_change.told[1].startswith("C-1: Fix CloudTrail in 111122223333 is PROPOSED")


def test_propose_fix_on_a_report_asks_in_the_name_of_who_pressed(desk: Desk) -> None:
    desk.presses("propose_fix", ACCOUNT, "UBOB")
    assert desk.bot.change().requester == "UBOB"
    assert desk.bot.change().channel == CHANNEL


def test_approve_starts_the_work(with_change: Desk) -> None:
    with_change.presses("approve", "C-1:0")
    assert with_change.bot.change().state is State.APPROVED
    assert with_change.bot.changes.started == [1]
    assert with_change.told == []


@pytest.mark.parametrize("button", ["approve", "deny", "cancel"])
def test_a_card_of_another_plan_decides_nothing(with_change: Desk, button: str) -> None:
    """As after a restore from a backup, which gives a number again: even where the new card is not out yet."""
    with_change.presses(button, "C-1:0:0123456789abcdef", "UREQUESTER" if button == "cancel" else "UBOB")
    assert "C-1 has another plan than this card shows, so nothing was decided." in with_change.told[0]
    assert with_change.bot.change().state is State.PROPOSED


def test_its_own_card_is_painted_then_for_another_release_may_reckon_the_same_plan_otherwise(with_change: Desk) -> None:
    """Else nobody could decide on what is open during an upgrade: the card's buttons would stay as they were."""
    with_change.presses("approve", "C-1:0:0123456789abcdef")
    assert [said.id for (said,) in with_change.bot.announcer.of("repaint")] == ["C-1"]


@pytest.mark.parametrize("button", ["full_plan", "propose_undo"])
def test_a_card_of_another_plan_neither_shows_this_one_nor_takes_it_back(with_undoable: Desk, button: str) -> None:
    """Who reads the full plan of one change and presses Approve on it must not have read another one's."""
    with_undoable.presses(button, "C-1:0:0123456789abcdef")
    assert "C-1 has another plan than this card shows" in with_undoable.told[-1]
    assert with_undoable.slack.of("views_open") == []
    assert with_undoable.bot.changes.get(2) is None


def test_a_form_of_another_plan_decides_nothing(with_change: Desk) -> None:
    with_change.submits("deny", f"C-1:0:0123456789abcdef {CHANNEL}", reason="not this one")
    assert "another plan" in with_change.told[0]
    assert with_change.bot.change().state is State.PROPOSED


def test_the_cards_own_button_approves_its_plan(with_change: Desk) -> None:
    with_change.presses("approve", value_of(with_change.bot.change()))
    assert with_change.bot.change().state is State.APPROVED


BROUGHT_AGAIN = [
    ("commands", "trail_audit", command("digest now")),
    ("actions", "propose_fix", click("222233334444")),
    ("actions", "propose_undo", click("C-1")),
    ("trails", "review", submission("{}", {})),
]


@pytest.mark.parametrize(("part", "listener", "body"), BROUGHT_AGAIN, ids=[each[1] for each in BROUGHT_AGAIN])
def test_what_is_brought_again_is_acknowledged_and_not_done_again(
    with_change: Desk, part: str, listener: str, body: dict[str, Any]
) -> None:
    done = lambda: len(with_change.slack.calls) + len(with_change.bot.announcer.said)  # noqa: E731 - read anew
    bring, before = getattr(getattr(with_change, part), listener), done()
    bring(with_change.acks, body)
    once, acknowledged = done(), len(with_change.acks.said)
    bring(with_change.acks, body)
    assert done() == once > before
    assert len(with_change.acks.said) == acknowledged + 1


def test_who_asked_may_not_approve(with_change: Desk) -> None:
    with_change.presses("approve", "C-1:0", "UREQUESTER")
    assert "somebody else must approve" in with_change.told[0]
    assert with_change.bot.changes.started == []


@pytest.mark.parametrize("button", ["approve", "deny", "cancel"])
def test_a_late_press_is_told_and_the_card_is_painted_again(with_change: Desk, button: str) -> None:
    with_change.presses("approve", "C-1:0")
    painted = len(with_change.bot.announcer.of("repaint"))
    with_change.presses(button, "C-1:0", "UREQUESTER" if button == "cancel" else "UBOB")
    assert "C-1 was already approved by <@UALICE>" in with_change.told[0]
    assert len(with_change.bot.announcer.of("repaint")) == painted + 1
    assert with_change.bot.changes.started == [1]


def test_deny_opens_a_form_and_the_form_denies(with_change: Desk) -> None:
    with_change.presses("deny", "C-1:0")
    (opened,) = with_change.slack.of("views_open")
    private = opened["view"].private_metadata
    assert with_change.bot.change().state is State.PROPOSED
    with_change.submits("deny", private, reason={"value": "not now"})
    assert with_change.bot.change().state is State.DENIED
    assert with_change.bot.change().outcome == "not now"


def test_a_form_is_not_opened_for_who_may_not(with_change: Desk) -> None:
    for user in ("UREQUESTER", "UMALLORY"):
        with_change.presses("deny", "C-1:0", user)
    assert with_change.slack.of("views_open") == []
    assert len(with_change.told) == 2


def test_approving_a_delete_asks_for_the_name_and_counts_the_form(with_delete: Desk) -> None:
    with_delete.bot.directory.may_approve = entitled("UALICE")
    with_delete.presses("approve", "C-1:0")
    assert with_delete.bot.changes.started == []
    private = with_delete.slack.of("views_open")[0]["view"].private_metadata
    with_delete.submits("delete", private, typed={"value": "sparse"})
    wrong = {"typed": "That is not the trail's name. Type spare to delete it."}
    assert with_delete.acks.said[-1] == {"response_action": "errors", "errors": wrong}
    assert with_delete.told == []
    with_delete.submits("delete", private, typed={"value": " spare "})
    assert with_delete.bot.changes.started == [1]


def test_a_delete_form_of_another_release_that_carries_no_name_is_answered_in_the_channel(with_delete: Desk) -> None:
    with_delete.submits("delete", f"C-1 {CHANNEL}", typed={"value": "sparse"})
    assert with_delete.acks.said[-1] == {}
    assert "Type spare to delete it" in with_delete.told[0]
    assert with_delete.slack.of("chat_postEphemeral")[0]["channel"] == CHANNEL


def test_a_name_that_was_changed_in_the_form_deletes_nothing(with_delete: Desk) -> None:
    with_delete.submits("delete", f"C-1 {CHANNEL} main", typed={"value": "main"})
    assert "Type spare to delete it" in with_delete.told[0]
    assert with_delete.bot.change().votes == ()


def test_a_form_sent_by_somebody_else_counts_as_theirs(with_delete: Desk) -> None:
    with_delete.submits("delete", f"C-1 {CHANNEL}", "UMALLORY", typed={"value": "spare"})
    assert with_delete.bot.change().votes == ()
    assert "You are not an approver" in with_delete.told[0]


def test_cancel_takes_it_back(with_change: Desk) -> None:
    with_change.presses("cancel", "C-1:0", "UREQUESTER")
    assert with_change.bot.change().state is State.CANCELLED


@pytest.fixture
def with_undoable(with_change: Desk) -> Desk:
    with_change.presses("approve", "C-1:0")
    Durable().apply(with_change.bot.world, 1)
    assert with_change.bot.change().state is State.VERIFIED
    return with_change


def test_propose_undo_asks_for_an_approval_of_its_own(with_undoable: Desk) -> None:
    with_undoable.presses("propose_undo", "C-1:9", "UBOB")
    undo = with_undoable.bot.change(2)
    assert (undo.state, undo.requester, undo.plan.kind, undo.plan.undoes) == (State.PROPOSED, "UBOB", "undo", 1)
    assert [s.call for s in undo.plan.steps] == ["cloudtrail:StopLogging"]


def test_undo_may_be_typed_too(with_undoable: Desk) -> None:
    with_undoable.types("undo C-1")
    assert with_undoable.bot.change(2).plan.undoes == 1


def test_what_was_not_carried_out_cannot_be_undone(with_change: Desk) -> None:
    with_change.types("undo C-1")
    assert "there is nothing to undo" in with_change.told[0]


def test_an_undo_that_was_superseded_is_planned_anew(with_undoable: Desk) -> None:
    with_undoable.types("undo C-1")
    with_undoable.presses("approve", "C-2:0")
    with_undoable.bot.aws.becomes(surveyed(trail(validation=False)))
    Durable().apply(with_undoable.bot.world, 2)
    assert with_undoable.bot.change(2).state is State.SUPERSEDED
    assert with_undoable.bot.change(3).plan.undoes == 1


@pytest.fixture
def with_exception(desk: Desk) -> Desk:
    desk.types(f"accept {ACCOUNT} log-delivery until 2027-01-31 because it is closed then")
    desk.presses("approve", "C-1:0")
    assert desk.bot.change().state is State.ACTIVE
    return desk


def test_an_exception_is_listed(with_exception: Desk) -> None:
    with_exception.types("exceptions", "UMALLORY")
    assert with_exception.told == ["Exceptions: 0 waiting, 1 active, 0 ended in the last 30 days."]


@pytest.mark.parametrize("user", ["UREQUESTER", "UBOB"])
def test_an_exception_is_ended_by_its_button(with_exception: Desk, user: str) -> None:
    with_exception.presses("end_now", "C-1:1", user)
    assert (with_exception.bot.change().state, with_exception.bot.change().ended_by) == (State.ENDED, user)
    assert with_exception.told == []


def test_undo_ends_an_exception_and_says_so(with_exception: Desk) -> None:
    with_exception.types("undo C-1", "UBOB")
    assert with_exception.bot.change().ended_by == "UBOB"
    assert with_exception.told[0].startswith("C-1, Exception in 111122223333, was ENDED early by <@UBOB>.")
    assert with_exception.bot.changes.get(2) is None


def test_nobody_else_ends_an_exception(with_exception: Desk) -> None:
    with_exception.types("undo C-1", "UMALLORY")
    with_exception.presses("end_now", "C-1:1", "UMALLORY")
    assert all("You are not an approver, so you cannot end C-1" in told for told in with_exception.told)
    assert len(with_exception.told) == 2
    assert with_exception.bot.change().state is State.ACTIVE


def test_a_change_is_not_ended_as_an_exception(with_change: Desk) -> None:
    with_change.presses("end_now", "C-1:0")
    assert "C-1 waits for approval" in with_change.told[0]
    with_change.presses("approve", "C-1:0")
    with_change.presses("end_now", "C-1:0")
    assert "C-1 is approved, so there is nothing to end" in with_change.told[1]
    assert with_change.bot.change().state is State.APPROVED


def test_an_undo_of_an_exception_by_the_button_of_a_change_does_nothing(with_exception: Desk) -> None:
    with_exception.presses("propose_undo", "C-1:1")
    assert "C-1 is active and has changed nothing" in with_exception.told[0]


def test_the_full_plan_is_for_everybody(with_change: Desk) -> None:
    with_change.presses("full_plan", "C-1:0", "UMALLORY")
    assert with_change.slack.of("views_open")[0]["view"].title.text == "Plan of C-1"


@pytest.mark.parametrize("button", ["approve", "deny", "cancel", "full_plan", "propose_undo", "end_now"])
@pytest.mark.parametrize(
    "value", ["", "C-", "C-1;2", "1", "C-1:x", "C-9999999999999", "C-1\n", "c-1", "C-2:0", "../C-1", "C--1:0"]
)
def test_a_tampered_value_does_nothing(with_change: Desk, button: str, value: str) -> None:
    before = with_change.bot.change()
    with_change.presses(button, value)
    assert len(with_change.told) == 1
    assert "change" in with_change.told[0]
    assert with_change.bot.change() == before


@pytest.mark.parametrize(("value", "number"), [("C-42:7:0a1b", 42), ("C-42:7", 42), ("C-42", 42), ("C-1:0", 1)])
def test_the_number_is_read_from_the_value(value: str, number: int) -> None:
    assert change_number(value) == number


def test_a_value_that_is_no_change_is_refused() -> None:
    with pytest.raises(Refused, match="names no change"):
        change_number("C-42:7:8:9")


def test_a_form_that_slack_does_not_open_is_told(with_change: Desk) -> None:
    with_change.slack.refuses["views_open"] = [refusal("expired_trigger_id")]
    with_change.presses("deny", "C-1:0")
    assert with_change.told == ["Slack waited too long for the form. Try again."]


PRESSES: dict[str, Callable[[Desk], None]] = {
    "a command": lambda d: d.types("fix 111122223333"),
    "a press": lambda d: d.presses("approve", "C-1:0"),
    "a form": lambda d: d.submits("deny", f"C-1 {CHANNEL}", reason={"value": "x"}),
}


@pytest.mark.parametrize("act", PRESSES.values(), ids=PRESSES)
def test_a_store_that_breaks_is_an_answer_and_no_silence(
    with_change: Desk, act: Callable[[Desk], None], caplog: pytest.LogCaptureFixture
) -> None:
    with_change.bot.changes.broken = ZeroDivisionError("the disk is full")
    act(with_change)
    assert "Something broke." in with_change.told[-1]
    assert "ZeroDivisionError" in caplog.text
