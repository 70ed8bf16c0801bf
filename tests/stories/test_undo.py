"""A change that was carried out can be taken back, as a change of its own; and its first log file is told."""

from tests.stories.stage import Stage, change_id

LEDGER, PAYMENTS = "567890123456", "111122223333"


def test_a_verified_repair_is_undone_after_an_approval_of_its_own(stage: Stage) -> None:
    card = stage.proposal(lambda: stage.types(stage.alice, "fix prod-payments"))
    stage.bob.clicks(card, "approve")
    verified = stage.becomes(card, "VERIFIED")

    undo = stage.proposal(lambda: stage.alice.clicks(verified, "propose_undo"))
    assert f"Takes back what {change_id(card)} did." in undo.all_text()
    assert "- IsMultiRegionTrail: true\n+ IsMultiRegionTrail: false" in undo.all_text()
    assert stage.writes(PAYMENTS) == ["UpdateTrail"]

    stage.alice.clicks(undo, "approve")
    assert "somebody else must approve it" in stage.told(stage.alice, f"You asked for {change_id(undo)}")
    stage.carol.clicks(undo, "approve")
    stage.becomes(undo, "VERIFIED")
    [trail] = stage.aws.trails(PAYMENTS)
    assert not trail["IsMultiRegionTrail"]

    stage.alice.clicks(verified, "propose_undo")
    assert "can be undone is undone already" in stage.told(stage.alice, f"What of {change_id(card)}")


def test_what_was_never_carried_out_cannot_be_undone(stage: Stage) -> None:
    card = stage.proposal(lambda: stage.types(stage.alice, f"fix {LEDGER}"))
    stage.alice.clicks(card, "cancel")
    stage.becomes(card, "CANCELLED")
    stage.types(stage.alice, f"undo {change_id(card)}")
    assert "there is nothing to undo" in stage.told(stage.alice, "has changed nothing")


def test_the_card_says_when_the_first_log_file_came(stage: Stage) -> None:
    stage.aws.deliver_every(seconds=1)
    card = stage.proposal(lambda: stage.types(stage.alice, f"fix {LEDGER}"))
    stage.bob.clicks(card, "approve")
    stage.becomes(card, "VERIFIED")
    stage.until(lambda: "First log file seen at" in stage.now(card).all_text() or None)
