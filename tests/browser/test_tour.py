"""The guided tour, walked to its end: by its own button, and by hand."""

from playwright.sync_api import expect

from tests.browser.screen import Screen, Visit

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


def test_it_begins_at_the_first_visit_only_and_can_be_begun_again(visit: Visit, playground: str) -> None:
    screen = visit(playground)
    screen.on_step("1 of 6")
    screen.page.reload()
    screen.on_step("1 of 6")
    screen.skips_the_tour()
    screen.page.reload()
    expect(screen.page.locator("#place-name")).to_have_text("# cloud-security")
    expect(screen.page.locator("#link-state")).to_contain_text("connected")
    expect(screen.tour).to_be_hidden()
    screen.button("Guided tour").click()
    screen.on_step("1 of 6")
    expect(screen.tour).to_be_focused()


def test_escape_skips_it_and_gives_the_focus_back(visit: Visit, playground: str) -> None:
    screen = visit(playground)
    screen.button("Guided tour").click()
    expect(screen.tour).to_be_focused()
    screen.page.keyboard.press("Escape")
    expect(screen.tour).to_be_hidden()
    expect(screen.button("Guided tour")).to_be_focused()


def test_escape_in_a_form_of_the_page_skips_nothing(visit: Visit, playground: str) -> None:
    screen = visit(playground)
    screen.on_step("1 of 6")
    screen.page.locator("#draft").fill("/trail")
    screen.page.keyboard.press("Escape")
    expect(screen.page.locator("#suggestions")).to_be_hidden()
    expect(screen.tour).to_be_visible()


def test_what_a_person_does_by_hand_counts_in_any_order(visit: Visit, playground: str) -> None:
    """Somebody who proposes without having asked for the audit is not sent back."""
    screen = visit(playground)
    screen.on_step("1 of 6")
    panel = screen.opens_backstage("AWS")
    expect(screen.button("Backstage")).to_have_attribute("aria-expanded", "true")
    stop = panel.locator("section").filter(has_text="456789012345")
    stop.get_by_text("Break or mend").click()
    screen.button("Stop", stop).click()
    screen.on_step("2 of 6")
    expect(screen.page.locator("#backstage-close")).to_have_class("icon-button pointed")
    screen.page.keyboard.press("Escape")
    expect(screen.page.locator("#composer")).to_have_class("composer pointed")
    screen.types("/trail-audit fix prod-web")
    screen.on_step("4 of 6")
    screen.button("Back").click()
    screen.on_step("3 of 6: Propose the repair ✓")
    screen.button("Next").click()
    screen.becomes("Bob")
    screen.button("Approve").click()
    screen.on_step("6 of 6")


def test_who_comes_for_something_else_is_not_led(visit: Visit, playground: str) -> None:
    bob = visit(playground, path="?as=bob")
    expect(bob.page.locator("#switcher")).to_contain_text("Bob Lindqvist")
    expect(bob.tour).to_be_hidden()
    alice = visit(playground)
    expect(alice.page.locator("#switcher")).to_contain_text("Alice Moreau")
    alice.on_step("1 of 6")
    bob.page.reload()
    expect(bob.page.locator("#switcher")).to_contain_text("Bob Lindqvist")
