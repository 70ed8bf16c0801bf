"""The Home: a card waits, Bob finds it there and approves it, and everybody's Home says how it ended."""

from bot.domain.change import State
from bot.playground.slack import Actor, View
from tests.stories.stage import Stage

LEDGER = "567890123456"
DECIDING = {"approve", "deny"}


def home(stage: Stage, who: Actor, word: str) -> View:
    """This person's Home once it has that word in it, opened or kept up to date."""
    return stage.until(lambda: view if (view := who.home()) and word in view.all_text() else None)


def buttons(view: View) -> set[str]:
    return {action for action, _, _ in view.buttons()}


def reads(stage: Stage) -> int:
    return len(stage.aws.calls())


def test_what_waits_for_me_is_in_my_home_and_can_be_approved_there(stage: Stage) -> None:
    stage.audit(stage.alice)
    card = stage.proposal(lambda: stage.types(stage.alice, "fix prod-ledger"))
    asked = reads(stage)

    bobs, alices, daves = (who.opens_home() for who in (stage.bob, stage.alice, stage.dave))
    assert bobs
    assert alices
    assert daves
    assert reads(stage) == asked, "a Home asks AWS nothing"
    assert f"prod-ledger ({LEDGER})" in bobs.all_text()
    assert buttons(bobs) >= DECIDING
    assert buttons(alices) >= {"cancel"}
    assert buttons(alices).isdisjoint(DECIDING)
    assert buttons(daves) == {"audit_now", "accounts"}
    assert stage.carol.home() is None

    assert stage.bob.clicks(bobs, "approve").acked
    stage.becomes(card, "VERIFIED")
    for who in (stage.bob, stage.alice, stage.dave):
        assert buttons(home(stage, who, State.VERIFIED.upper())) == {"audit_now", "accounts"}
    assert stage.writes(LEDGER) == ["StartLogging"]


def test_a_press_that_comes_too_late_is_told_in_a_window(stage: Stage) -> None:
    stage.proposal(lambda: stage.types(stage.alice, "fix prod-payments"))
    late = stage.carol.opens_home()
    assert late
    mine = stage.alice.opens_home()
    assert mine
    stage.alice.clicks(mine, "cancel")
    home(stage, stage.alice, "CANCELLED")
    stage.carol.clicks(late, "approve")
    window = stage.until(stage.carol.modal)
    assert "was already cancelled by <@U0ALICE>" in window.all_text()
    stage.carol.closes()


def test_audit_now_reports_where_the_last_one_was_said(stage: Stage) -> None:
    before = len(stage.slack.messages("C0CLOUDSEC"))
    shown = stage.dave.opens_home()
    assert shown
    stage.dave.clicks(shown, "audit_now")
    stage.until(lambda: [m for m in stage.slack.messages("C0CLOUDSEC")[before:] if " Run " in m.text])
    home(stage, stage.dave, "asked by <@U0DAVE>")


def test_the_accounts_are_looked_at_by_verdict(stage: Stage) -> None:
    shown = stage.carol.opens_home()
    assert shown
    stage.carol.clicks(shown, "accounts")
    listed = stage.until(stage.carol.modal)
    assert "<!channel>" not in listed.all_text()
    stage.carol.picks(listed, "accounts_verdict", "UNKNOWN")
    unknown = stage.until(lambda: v if (v := stage.carol.modal()) and v.hash != listed.hash else None)
    rows = [b["text"]["text"] for b in unknown.blocks if b["type"] == "section"]
    assert rows
    assert all(row.startswith("*UNKNOWN*") for row in rows)
