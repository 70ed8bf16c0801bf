"""The reminder and the notice: whole sentences with who, what, id and where, that call nobody who need not act."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from bot.domain.change import TOLD, State, Vote
from bot.domain.exceptions import Review
from bot.domain.plan import Plan
from bot.domain.refusal import Group, Person
from handlers.views import notice
from tests.builders import HOUR, NOW, account, active, change, entitled, plan, surveyed, trail
from tests.fakes_bot import FakeDirectory
from tests.handlers.fake_slack import CHANNEL
from tests.handlers.test_announcer import Announcing
from tests.handlers.test_views import PLANS, accept_plan, assert_fine, in_state

APPROVED = (Vote("UBOB", True, NOW),)
PINGED = replace(entitled(), ping=(Person("UALICE"), Group("S9"), Person("UREQUESTER")))
PROD = plan(before=surveyed(trail(logging=False), account=account(name="prod")))


@pytest.mark.parametrize("state", sorted(TOLD))
@pytest.mark.parametrize("made", PLANS.values(), ids=PLANS)
def test_a_notice_of_any_end_is_accepted(made: Callable[[], Plan], state: State) -> None:
    assert_fine(notice.ended(in_state(made(), state)))


@pytest.mark.parametrize("made", PLANS.values(), ids=PLANS)
def test_a_reminder_is_accepted(made: Callable[[], Plan]) -> None:
    for who in (None, entitled(), PINGED):
        assert_fine(notice.reminder(in_state(made(), State.PROPOSED), who))


ENDS = [
    (State.VERIFIED, APPROVED, "As planned.", "was approved by <@UBOB>, and is VERIFIED. As planned."),
    (State.FAILED, APPROVED, "X was refused.", "was approved by <@UBOB>, and is FAILED. X was refused."),
    (State.SUPERSEDED, APPROVED, "C-43 follows.", "was approved by <@UBOB>, and is SUPERSEDED. C-43 follows."),
    (State.DENIED, (Vote("UBOB", False, NOW, "no"),), "no", "was DENIED by <@UBOB>. Why: no"),
    (State.ENDED, APPROVED, "Its last day is over.", "has ENDED. Its last day is over."),
    (State.EXPIRED, (), "", "has EXPIRED: nobody decided until <!date"),
]


@pytest.mark.parametrize(("state", "votes", "outcome", "words"), ENDS, ids=[e[0].value for e in ENDS])
def test_a_notice_says_who_what_why_and_where(state: State, votes: tuple[Vote, ...], outcome: str, words: str) -> None:
    made = change(plan=PROD, state=state, votes=votes, outcome=outcome, decided_at=NOW)
    text = notice.ended(made).text
    assert text.startswith("C-42, Fix CloudTrail in prod (111122223333), ")
    assert words in text
    assert text.endswith("The card is in <#C1>.")


def test_a_notice_of_an_expired_change_says_how_to_ask_again() -> None:
    assert "ask anew: `/trail-audit fix 111122223333`" in notice.ended(change(state=State.EXPIRED)).text


def test_a_reminder_calls_the_ping_list_without_who_asked_or_voted() -> None:
    assert notice.reminder(change(), PINGED).text.startswith("<@UALICE>, <!subteam^S9>: C-42, Fix CloudTrail")
    voted = change(votes=(Vote("UALICE", True, NOW),), quorum=2)
    assert notice.reminder(voted, PINGED).text.startswith("<!subteam^S9>: C-42")
    assert "still waits for 1 approval, until <!date" in notice.reminder(voted, PINGED).text


def test_without_a_ping_list_a_reminder_calls_nobody() -> None:
    text = notice.reminder(change(quorum=2), entitled()).text
    assert text.startswith("C-42, Fix CloudTrail")
    assert "still waits for 2 approvals" in text
    assert "<@" not in text


# Of an exception


@pytest.mark.parametrize("review", Review)
def test_a_review_of_any_exception_is_accepted(review: Review) -> None:
    assert_fine(notice.review(in_state(accept_plan(), State.ACTIVE), review))


def test_a_review_says_what_holds_how_long_and_what_to_do() -> None:
    begun, week, day = (notice.review(active(outcome="Accepted."), review).text for review in Review)
    assert begun.startswith("C-42, Exception in 111122223333, was approved by <@UALICE>, and is ACTIVE. Accepted.")
    assert "ends within 7 days: until the end of 2027-01-31 (UTC)" in week
    assert "ends within a day: until the end of 2027-01-31 (UTC)" in day
    assert "`/trail-audit fix 111122223333`" in day
    assert day.endswith("The card is in <#C1>.")


# How they are sent


def test_each_review_goes_to_the_owner_alone_and_once() -> None:
    announcing = Announcing()
    for review in (Review.WEEK, Review.WEEK, Review.DAY):
        announcing.review(active(), review)
    announcing.sender.drain()
    assert [sent["channel"] for sent in announcing.slack.messages] == ["UREQUESTER", "UREQUESTER"]


def test_a_reminder_goes_into_the_thread_of_the_card_and_once() -> None:
    announcing = Announcing(directory=FakeDirectory(PINGED))
    for _ in range(2):
        announcing.remind(change(message="9.0", expires_at=NOW + HOUR))
    announcing.sender.drain()
    (sent,) = announcing.slack.messages
    assert (sent["channel"], sent["thread_ts"]) == (CHANNEL, "9.0")
    assert sent["text"].startswith("<@UALICE>")


def test_a_notice_goes_to_the_requester_alone_and_once() -> None:
    announcing = Announcing()
    for _ in range(2):
        announcing.tell(change(state=State.VERIFIED, votes=APPROVED, message="9.0"))
    announcing.sender.drain()
    (sent,) = announcing.slack.messages
    assert sent["channel"] == "UREQUESTER"
