"""The guided tour, walked to its end: by its own button, and by hand."""

from playwright.sync_api import expect

from tests.browser.screen import Screen

STEPS = ("Break a trail", "Audit", "Propose the repair", "Be refused", "Approve as somebody else", "Read the digest")


def test_the_tour_goes_from_step_to_step_as_they_really_happen(screen: Screen) -> None:
    for number, title in enumerate(STEPS, 1):
        screen.on_step(f"{number} of 6: {title}")
        assert screen.fits()
        screen.button("Do it for me").click()
    screen.on_step("All 6 done")
    expect(screen.page.locator("#messages")).to_contain_text("VERIFIED")
    expect(screen.page.locator("#messages")).to_contain_text("CloudTrail digest")
    screen.button("Finish").click()
    expect(screen.tour).to_be_hidden()
