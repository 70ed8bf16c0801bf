"""Audit, propose, a refused self-approval, an approval by somebody else, VERIFIED: over the real websocket."""

from tests.stories.stage import Stage, change_id

PAYMENTS, LEDGER, DATA, API, TOOLS, SEARCH = (
    "111122223333",
    "567890123456",
    "678901234567",
    "901234567890",
    "210987654321",
    "789012345678",
)


def test_a_failing_account_is_found_repaired_with_consent_and_proved(stage: Stage) -> None:
    report = stage.audit(stage.alice)
    assert "FAIL" in report.all_text()
    assert "prod-payments (111122223333)" in report.all_text()

    card = stage.proposal(lambda: stage.alice.clicks(report, "propose_fix", PAYMENTS))
    assert "+ IsMultiRegionTrail: true" in card.all_text()
    approve = next(b for b in card.buttons() if b[0] == "approve")
    assert approve[1].startswith(change_id(card))

    stage.alice.clicks(card, "approve")
    assert "somebody else must approve it" in stage.told(stage.alice, "You asked for")
    stage.dave.clicks(card, "approve")
    assert "You are not an approver" in stage.told(stage.dave, "not an approver")
    assert stage.writes(PAYMENTS) == []

    stage.bob.clicks(card, "approve")
    verified = stage.becomes(card, "VERIFIED")
    assert "Approved by <@U0BOB>" in verified.all_text()
    assert [b[0] for b in verified.buttons()] == ["full_plan", "propose_undo"]
    assert stage.writes(PAYMENTS) == ["UpdateTrail"]
    assert stage.effective(PAYMENTS)[0].session == f"{change_id(card)}-U0BOB"

    again = stage.audit(stage.alice, PAYMENTS)
    assert "PASS: CloudTrail is on in 1 of 1 account." in again.text


def test_a_stopped_trail_is_started_in_its_home_region(stage: Stage) -> None:
    card = stage.proposal(lambda: stage.types(stage.alice, "fix prod-ledger"))
    stage.carol.clicks(card, "approve")
    stage.becomes(card, "VERIFIED")
    assert [(c.operation, c.region) for c in stage.effective(LEDGER)] == [("StartLogging", "eu-central-1")]


def test_narrow_selectors_are_widened_and_the_data_events_survive(stage: Stage) -> None:
    card = stage.proposal(lambda: stage.types(stage.alice, f"fix {DATA}"))
    stage.bob.clicks(card, "approve")
    stage.becomes(card, "VERIFIED")
    [trail] = [t for t in stage.aws.trails(DATA) if t["Name"] == "data-trail"]
    text = str(trail)
    assert "AWS::S3::Object" in text
    assert "Management events selector" in text


def test_basic_selectors_are_widened(stage: Stage) -> None:
    card = stage.proposal(lambda: stage.types(stage.alice, "fix dev-api"))
    stage.bob.clicks(card, "approve")
    stage.becomes(card, "VERIFIED")
    assert stage.writes(API) == ["PutEventSelectors"]


def test_validation_is_turned_on(stage: Stage) -> None:
    card = stage.proposal(lambda: stage.types(stage.alice, "fix dev-tools"))
    stage.bob.clicks(card, "approve")
    stage.becomes(card, "VERIFIED")
    assert stage.writes(TOOLS) == ["UpdateTrail"]


def test_a_bucket_that_lost_its_policy_gets_it_back_and_a_log_file_proves_it(stage: Stage) -> None:
    stage.aws.deliver_every(seconds=1)
    card = stage.proposal(lambda: stage.types(stage.alice, f"fix {SEARCH}"))
    stage.bob.clicks(card, "approve")
    stage.becomes(card, "VERIFIED")
    assert stage.writes(SEARCH) == ["PutBucketPolicy"]


def test_a_denied_change_changes_nothing_and_keeps_its_reason(stage: Stage) -> None:
    card = stage.proposal(lambda: stage.types(stage.alice, "fix sandbox-split"))
    stage.bob.clicks(card, "deny")
    stage.until(stage.bob.modal)
    assert stage.bob.submits({"reason": "next week, please"}).errors == {}
    denied = stage.becomes(card, "DENIED")
    assert "next week, please" in denied.all_text()
    stage.carol.clicks(card, "approve")
    assert "<@U0BOB>" in stage.told(stage.carol, "was already denied")
    assert stage.writes("543210987654") == []


def test_names_full_of_markup_stay_text(stage: Stage) -> None:
    card = stage.proposal(lambda: stage.types(stage.alice, "fix 654321098765"))
    shown = card.all_text()
    assert "<!channel>" not in card.text
    assert "&lt;!channel&gt;" in card.text
    assert "*lab*" not in card.text
    assert "∗lab∗" in card.text
    stage.alice.clicks(card, "cancel")
    stage.becomes(card, "CANCELLED")
    assert "R&D" in shown


def test_an_account_that_does_not_let_us_in_is_unknown_and_says_what_is_missing(stage: Stage) -> None:
    report = stage.audit(stage.alice, "security-vault")
    assert "UNKNOWN" in report.text
    assert "sts:AssumeRole" in report.all_text()
    assert "…" not in report.all_text()
    stage.types(stage.alice, "fix security-vault")
    assert "Nothing was proposed" in stage.told(stage.alice, "Could not look into")


def test_a_member_of_the_organization_trail_is_sent_to_its_owner(stage: Stage) -> None:
    stage.types(stage.alice, "fix prod-orders")
    assert "Nothing fails" in stage.told(stage.alice, "prod-orders")
    report = stage.audit(stage.alice, "prod-orders")
    assert "verify in the management account" in report.all_text()
    assert "…" not in report.all_text()


def test_each_command_answers(stage: Stage) -> None:
    for text, word in (
        ("help", "/trail-audit fix 111122223333"),
        ("fix", "Say which account to fix"),
        ("digest 25:00 Europe/Paris", "no time of day"),
        ("digest 09:00 Mars/Olympus", "no time zone"),
        ("no-such-account", "No account in scope is called no-such-account"),
        ("prod-paymants", "Did you mean prod-payments?"),
        ("change C-9999", "There is no change C-9999"),
        ("changes", "open"),
        ("accept 111122223333", "Say until when: an exception has an end."),
    ):
        stage.types(stage.dave, text)
        stage.told(stage.dave, word)


def test_an_organizational_unit_is_audited_whole(stage: Stage) -> None:
    report = stage.audit(stage.alice, "ou:Dev")
    assert "dev-website" in report.all_text()
    assert "prod-web" not in report.all_text()


def test_the_story_of_a_change_is_told_from_the_evidence(stage: Stage) -> None:
    card = stage.created(stage.alice, "dev-website", {})
    stage.bob.clicks(card, "deny")
    stage.until(stage.bob.modal)
    stage.bob.submits({"reason": "not needed"})
    stage.becomes(card, "DENIED")
    stage.types(stage.carol, f"change {change_id(card)}")
    story = stage.told(stage.carol, "is DENIED")
    assert "not needed" in story
    assert "*proposed*" in story


def test_a_channel_without_the_bot_is_told_how_to_invite_it(stage: Stage) -> None:
    stage.alice.types("C0RANDOM", "/trail-audit")
    stage.until(
        lambda: [m for m in stage.alice.ephemerals("C0RANDOM") if "/invite @Trailwarden" in m.all_text()] or None
    )
    assert stage.slack.messages("C0RANDOM") == []
