"""The page for everybody: by keyboard and screen reader, on a phone, magnified, in the dark, for several at once."""

import pytest
from playwright.sync_api import expect

from tests.browser import looks
from tests.browser.screen import Screen, Visit

FOCUSED = "document.activeElement.getAttribute('aria-label') ?? document.activeElement.innerText"
SHOWS_FOCUS = """() => {
    const style = (node) => getComputedStyle(node);
    const now = document.activeElement;
    const outlined = style(now).outlineStyle !== 'none' && parseFloat(style(now).outlineWidth) >= 2;
    return outlined || Boolean(now.closest('.composer:focus-within'));
}"""
IN_THE_FORM = (
    "document.activeElement === document.body || document.querySelector('#modal').contains(document.activeElement)"
)


SHOWN_IN = {"Chaos": "Tomorrow, 09:00", "Traffic": "403 AccessDenied"}


def asks_about_an_account(screen: Screen) -> None:
    screen.types("/trail-audit prod-payments security-vault")
    expect(screen.messages.last).to_contain_text("FAIL")
    expect(screen.button("Propose fix for", screen.messages.last, exact=False)).to_be_visible()


def opens_the_form(screen: Screen) -> None:
    screen.types("/trail-audit create dev-website")
    expect(screen.page.get_by_role("dialog").get_by_label("Trail name")).to_be_focused()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everything_has_a_name_room_and_contrast(visit: Visit, playground: str, size: str, scheme: str) -> None:
    screen = visit(playground, size, color_scheme=scheme, reduced_motion="reduce")
    asks_about_an_account(screen)

    def is_well() -> None:
        page = screen.page
        page.mouse.move(0, 0)
        wrong = (looks.nameless(page), looks.twice(page), looks.small(page), looks.faint(page))
        assert wrong == ([], [], [], [])
        assert screen.fits()

    is_well()
    screen.skips_the_tour()
    screen.opens_backstage("AWS")
    is_well()
    for tab in ("Chaos", "Traffic"):
        screen.button(tab, screen.page.locator("#backstage-tabs")).click()
        expect(screen.page.locator("#backstage-part")).to_contain_text(SHOWN_IN[tab])
        is_well()
    screen.page.locator("#backstage-close").click()
    opens_the_form(screen)
    is_well()
    screen.page.get_by_label("Trail name").fill("")
    screen.button("Next").click()
    expect(screen.page.get_by_text("Please complete this required field.")).to_be_visible()
    is_well()
    screen.page.keyboard.press("Escape")
    screen.opens_home()
    is_well()


def test_the_tab_key_goes_through_the_page_in_reading_order(visit: Visit, playground: str) -> None:
    screen = visit(playground)
    screen.skips_the_tour()
    screen.page.reload()
    expect(screen.page.locator("#link-state")).to_contain_text("connected")
    seen: list[str] = []
    while "Send" not in seen and len(seen) < 60:
        screen.page.keyboard.press("Tab")
        seen.append(" ".join(screen.page.evaluate(FOCUSED).split()))
        assert screen.page.evaluate(SHOWS_FOCUS), seen
    names = ("You are Alice Moreau", "cloud-security", "Trailwarden", "Guided tour", "Backstage", "Send")
    places = [next(place for place, each in enumerate(seen) if name in each) for name in names]
    assert places == sorted(places)


def test_a_form_keeps_the_focus_until_escape_closes_it_and_gives_it_back(visit: Visit, playground: str) -> None:
    screen = visit(playground)
    opens_the_form(screen)
    for _ in range(40):
        screen.page.keyboard.press("Tab")
        assert screen.page.evaluate(IN_THE_FORM)
    screen.page.keyboard.press("Escape")
    expect(screen.page.get_by_role("dialog")).to_be_hidden()
    expect(screen.page.locator("#draft")).to_be_focused()


def test_the_composer_offers_commands_and_lets_the_focus_go(visit: Visit, playground: str) -> None:
    screen = visit(playground)
    draft, offered = screen.page.locator("#draft"), screen.page.get_by_role("listbox", name="Commands")
    draft.fill("/trail-audit di")
    screen.page.keyboard.press("ArrowDown")
    expect(offered.get_by_role("option", selected=True)).to_contain_text("/trail-audit digest 09:00")
    screen.page.keyboard.press("Tab")
    expect(draft).to_have_value("/trail-audit digest 09:00 Europe/Paris weekdays")
    draft.fill("/trail-audit di")
    screen.page.keyboard.press("Escape")
    screen.page.keyboard.press("Tab")
    expect(screen.button("Send")).to_be_focused()


@pytest.mark.parametrize("key", ["Enter", "Escape"])
def test_the_keyboard_goes_on_where_the_people_were_opened(screen: Screen, key: str) -> None:
    screen.skips_the_tour()
    opener = screen.page.locator("#switcher")
    if screen.size == "phone":
        opener = screen.button("Channels and people")
        opener.press("Enter")
        expect(screen.page.locator("#switcher")).to_be_focused()
    screen.page.locator("#switcher").click()
    screen.page.locator("#people").get_by_role("button", name="Bob").press(key)
    expect(screen.page.locator("#people")).to_be_hidden()
    expect(opener).to_be_focused()


def test_magnified_to_200_percent_all_is_still_there(visit: Visit, playground: str) -> None:
    """Twice as large is half as many pixels."""
    screen = visit(playground)
    screen.page.set_viewport_size({"width": 640, "height": 400})
    asks_about_an_account(screen)
    assert screen.fits()
    for name in ("Channels and people", "Backstage", "Do it for me", "Send"):
        expect(screen.button(name)).to_be_in_viewport(ratio=1)
    assert screen.page.locator("#scroll").bounding_box()["height"] > 60


def test_where_the_app_only_tells_there_is_nothing_to_write_into(visit: Visit, playground: str) -> None:
    screen = visit(playground, path="?as=alice")
    screen.opens_home()
    screen.button("Messages").click()
    expect(screen.page.get_by_text("Sending messages to this app has been turned off.")).to_be_visible()
    expect(screen.page.get_by_role("textbox")).to_have_count(0)
    screen.goes("cloud-security")
    expect(screen.page.get_by_role("textbox", name="Message")).to_be_visible()


def test_whoever_asks_for_less_motion_gets_none(visit: Visit, playground: str) -> None:
    screen = visit(playground, reduced_motion="reduce")
    asks_about_an_account(screen)
    assert screen.page.evaluate("document.getAnimations().length") == 0


def test_two_tabs_are_two_people(visit: Visit, playground: str) -> None:
    alice = visit(playground)
    alice.skips_the_tour()
    alice.page.locator("#switcher").click()
    with alice.page.context.expect_page() as opened:
        alice.page.get_by_role("link", name="Be Bob Lindqvist in another tab").click()
    bob = Screen(opened.value, "desktop")
    expect(bob.page.locator("#switcher")).to_contain_text("Bob Lindqvist")
    expect(bob.tour).to_be_hidden()
    for tab, name in ((alice, "Alice Moreau"), (bob, "Bob Lindqvist")):
        tab.page.reload()
        expect(tab.page.locator("#switcher")).to_contain_text(name)
    assert bob.page.url == playground


def test_a_tab_for_nobody_says_so(visit: Visit, playground: str) -> None:
    screen = visit(playground, path="?as=mallory")
    expect(screen.page.locator("#toasts")).to_contain_text("Nobody here is called mallory.")
    expect(screen.page.locator("#switcher")).to_contain_text("Alice Moreau")
