"""A failure is accepted for a time: asked for, approved by somebody else, shown as accepted, and over."""

from datetime import UTC, datetime, timedelta

from bot.playground.slack import Message
from tests.stories.stage import CHANNEL, Stage, change_id

PAYMENTS = "111122223333"
WHY = "the new trail comes in spring"


def in_days(days: int) -> str:
    return str((datetime.now(UTC) + timedelta(days=days)).date())


def asks(stage: Stage, text: str) -> Message:
    return stage.proposal(lambda: stage.types(stage.alice, text))


def accepted(stage: Stage, text: str) -> Message:
    card = asks(stage, text)
    stage.bob.clicks(card, "approve")
    return stage.becomes(card, "ACTIVE")


def days_before(stage: Stage, day: str, days: int) -> None:
    stage.clock.move_to(datetime.fromisoformat(f"{day}T12:00:00+00:00") - timedelta(days=days))


def private(stage: Stage, id: str) -> list[str]:
    return [m.text for m in stage.alice.dms() if m.text.startswith(f"{id}, Exception in ")]


def test_a_failure_is_accepted_by_a_second_person_shown_as_accepted_and_over_after_its_last_day(stage: Stage) -> None:
    before = stage.audit(stage.carol, "prod-payments")
    assert before.text.startswith("FAIL: 1 of 1 account needs a repair.")

    last = in_days(90)
    card = asks(stage, f"accept prod-payments until {last} because {WHY}")
    assert f"*Because* {WHY}" in card.all_text()
    stage.alice.clicks(card, "approve")
    assert "somebody else must approve it" in stage.told(stage.alice, f"You asked for {change_id(card)}")
    assert "APPROVAL NEEDED" in stage.now(card).text
    stage.bob.clicks(card, "approve")
    assert [label for _, _, label in stage.becomes(card, "ACTIVE").buttons()] == ["End now"]

    report = stage.audit(stage.carol, "prod-payments")
    assert report.text.startswith("ACCEPTED: nothing fails but what is accepted (1 of 1 account).")
    assert (
        f"accepted until {last} ({change_id(card)}, asked by Alice Moreau): There are only single-region trails"
        in report.all_text()
    )
    assert report.buttons() == []
    stage.types(stage.dave, "exceptions")
    assert WHY in stage.told(stage.dave, "Exceptions: 0 waiting, 1 active")

    told = ("is ACTIVE", "ends within 7 days", "ends within a day", "has ENDED")
    for days, word in zip((90, 6, 0, -1), told, strict=True):
        if days < 90:
            days_before(stage, last, days)
        stage.until(lambda word=word: [t for t in private(stage, change_id(card)) if word in t] or None)  # type: ignore[misc]  # its own
    stage.becomes(card, "ENDED")
    assert [[word for word in told if word in text] for text in private(stage, change_id(card))] == [[w] for w in told]
    again = stage.audit(stage.carol, "prod-payments")
    assert again.text.startswith("FAIL: 1 of 1 account needs a repair.")
    stage.types(stage.dave, "exceptions")
    stage.told(stage.dave, "Exceptions: 0 waiting, 0 active, 1 ended in the last 30 days.")
    assert stage.writes(PAYMENTS) == []


def test_an_exception_is_in_nobodys_way_and_ended_by_an_approver(stage: Stage) -> None:
    card = accepted(stage, f"accept {PAYMENTS} multi-region-trail until {in_days(30)} because {WHY}")
    repair = asks(stage, f"fix {PAYMENTS}")
    stage.alice.clicks(repair, "cancel")
    stage.becomes(repair, "CANCELLED")
    stage.dave.clicks(card, "end_now")
    assert "Ask" in stage.told(stage.dave, f"you cannot end {change_id(card)}")
    stage.carol.types(CHANNEL, f"/trail-audit undo {change_id(card)}")
    assert "was ENDED early by <@U0CAROL>" in stage.told(stage.carol, f"{change_id(card)}, Exception in prod-payments")
    stage.becomes(card, "ENDED")
    stage.types(stage.alice, f"change {change_id(card)}")
    assert "*ended* by <@U0CAROL>" in stage.told(stage.alice, f"{change_id(card)}: Exception in")


def test_what_may_not_be_accepted_is_said_to_who_asked_with_what_would_do(stage: Stage) -> None:
    for text, word in (
        ("accept", "Name one account"),
        (f"accept {PAYMENTS} until {in_days(30)} because x", "Say why in a few words"),
        (f"accept {PAYMENTS} until {in_days(-1)} because {WHY}", "is over."),
        (f"accept {PAYMENTS} until 2027-02-30 because {WHY}", "There is no day 2027-02-30."),
        (f"accept {PAYMENTS} until {in_days(400)} because {WHY}", "more than a year away"),
        (f"accept {PAYMENTS} no-control until {in_days(30)} because {WHY}", "There is no control no-control."),
        (f"accept 999999999999 until {in_days(30)} because {WHY}", "No account in scope is called 999999999999."),
    ):
        stage.types(stage.dave, text)
        assert "`/trail-audit accept " in stage.told(stage.dave, word)
    stage.types(stage.dave, f"accept security-vault until {in_days(30)} because {WHY}")
    stage.told(stage.dave, "Could not look into")
