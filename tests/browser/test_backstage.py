"""Backstage on the page: AWS and Traffic change before one's eyes, and every button of Chaos says what it did."""

from playwright.sync_api import Locator, expect

from tests.browser import looks
from tests.browser.screen import Screen, Visit

ALL_WELL = "All is well again"


def chaos_buttons(panel: Locator) -> list[str]:
    expect(panel.get_by_role("button").first).to_be_visible()
    return [name for name in panel.get_by_role("button").all_inner_texts() if name != ALL_WELL]


def press(screen: Screen, button: Locator) -> None:
    """Until the page has told what came of it."""
    screen.page.evaluate("document.getElementById('toasts').replaceChildren()")
    button.click()
    expect(screen.page.locator("#toasts")).not_to_be_empty()


def test_an_approved_change_is_seen_on_aws_as_it_happens(visit: Visit, playground: str) -> None:
    screen = visit(playground, path="?as=alice")
    screen.types("/trail-audit fix prod-payments")
    expect(screen.button("Approve")).to_be_visible()
    screen.becomes("Bob")
    panel = screen.opens_backstage("AWS")
    payments = panel.locator("section").filter(has_text="111122223333")
    expect(payments).to_contain_text("us-east-1 only")
    expect(payments).not_to_contain_text("changed just now")
    screen.button("Approve").click()
    expect(payments.locator(".aws-trail")).to_contain_text("changed just now")
    expect(payments.locator(".fact.news")).to_have_text("all regions")
    expect(panel.get_by_role("status")).to_contain_text("Changed just now: prod-payments")
    expect(payments).not_to_contain_text("us-east-1 only")


def test_traffic_goes_on_by_itself_is_sifted_and_can_be_paused(visit: Visit, playground: str) -> None:
    screen = visit(playground, path="?as=carol")
    panel = screen.opens_backstage("Traffic")
    rows, asked = panel.get_by_role("listitem"), panel.get_by_text("slash_commands /trail-audit help")
    screen.types("/trail-audit help")
    expect(asked).to_have_count(1)
    panel.get_by_role("searchbox").fill("carol help")
    expect(rows).to_have_count(1)
    screen.button("To the bot", panel).click()
    expect(rows).to_have_count(0)
    screen.button("To the bot", panel).click()
    screen.button("Pause", panel).click()
    screen.types("/trail-audit help")
    expect(screen.messages.filter(has_text="Trailwarden keeps CloudTrail on")).to_have_count(2)
    with screen.page.expect_response("**/backstage/traffic"):
        expect(rows).to_have_count(1)
    screen.button("Pause", panel).click()
    expect(rows).to_have_count(2)
    rows.first.get_by_text("slash_commands").click()
    expect(rows.first.locator("pre")).to_contain_text('"command": "/trail-audit"')
    expect(rows.first.locator("pre")).not_to_contain_text("xox")


def test_on_a_phone_a_notice_covers_nothing_that_can_be_pressed(visit: Visit, playground: str) -> None:
    screen = visit(playground, "phone")
    screen.skips_the_tour()
    panel, notices = screen.opens_backstage("Chaos"), "#toasts .toast"
    for name, said in (
        ("Deliver twice", "come twice"),
        ("Slack answers 429", "posts and repaints"),
        ("Kill in mid-change", "Armed"),
        (ALL_WELL, "All is well again"),
    ):
        screen.button(name, panel).click()
        expect(screen.page.locator(notices).last).to_contain_text(said)
        assert looks.covered(screen.page, notices) == []
    screen.page.locator("#backstage-close").click()
    assert looks.covered(screen.page, notices) == []


def test_every_button_says_what_it_did_and_the_bot_lives_on(screen: Screen) -> None:
    screen.skips_the_tour()
    screen.types("/trail-audit fix prod-ledger")
    expect(screen.page.locator("#messages")).to_contain_text("prod-ledger (567890123456)")
    panel = screen.opens_backstage("Chaos")
    for name in chaos_buttons(panel):
        press(screen, screen.button(name, panel))
        assert screen.fits()
    if screen.button(ALL_WELL, panel).is_visible():
        press(screen, screen.button(ALL_WELL, panel))
    screen.page.locator("#backstage-close").click()
    expect(screen.page.locator("#link-state")).to_contain_text("Trailwarden is connected")
    screen.answers()
