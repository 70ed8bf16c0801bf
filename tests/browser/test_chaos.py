"""Every button of the tab "Chaos", pressed on the page: each says what it did, and afterwards the bot still answers."""

from playwright.sync_api import Locator, expect

from tests.browser.screen import Screen

ALL_WELL = "All is well again"


def chaos_buttons(panel: Locator) -> list[str]:
    expect(panel.get_by_role("button").first).to_be_visible()
    return [name for name in panel.get_by_role("button").all_inner_texts() if name != ALL_WELL]


def press(screen: Screen, button: Locator) -> None:
    """Until the page has told what came of it."""
    screen.page.evaluate("document.getElementById('toasts').replaceChildren()")
    button.click()
    expect(screen.page.locator("#toasts")).not_to_be_empty()


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
