"""The card says before anybody approves what would fail, and what could not be checked, on a whole pretend AWS."""

from tests.stories.stage import Stage

LEDGER, WEBSITE = "567890123456", "890123456789"


def test_a_plan_that_can_be_carried_out_is_ready(stage: Stage) -> None:
    card = stage.proposal(lambda: stage.types(stage.alice, f"fix {WEBSITE}"))
    assert "*Preflight:* ready" in card.all_text()
    stage.alice.clicks(card, "cancel")


def test_a_denied_step_is_said_beforehand_and_a_denied_simulation_is_not_a_denial(empty_stage: Stage) -> None:
    stage = empty_stage
    stage.aws.deny(LEDGER, "cloudtrail:StartLogging")
    stage.aws.deny(WEBSITE, "iam:SimulatePrincipalPolicy")
    with stage.bot():
        failing = stage.proposal(lambda: stage.types(stage.alice, "fix prod-ledger"))
        assert "*Would fail:* The change role lacks cloudtrail:StartLogging on arn:aws:" in failing.all_text()
        unchecked = stage.proposal(lambda: stage.types(stage.alice, f"fix {WEBSITE}"))
        assert "*Not checked:* What the change role may do could not be simulated" in unchecked.all_text()
        assert "it needs iam:SimulatePrincipalPolicy" in unchecked.all_text()


def test_an_organization_that_does_not_trust_cloudtrail_is_said_on_the_card(stage: Stage) -> None:
    organizations = stage.aws.client("111111111111", "organizations")
    organizations.disable_aws_service_access(ServicePrincipal="cloudtrail.amazonaws.com")
    card = stage.created(stage.alice, "management", {"name": "whole", "organization": ["on"]})
    assert "does not give CloudTrail trusted access. Turn it on in AWS Organizations" in card.all_text()
    organizations.enable_aws_service_access(ServicePrincipal="cloudtrail.amazonaws.com")
