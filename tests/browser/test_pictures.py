"""The pictures in README.md and docs/, made by the page as it is: `make screenshots` writes them there."""

from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.screen import Screen, Visit

LARGEST = 200_000
"""Bytes: a README should not be a download."""
ROOT = Path(__file__).parents[2]
TOP = "prod-payments prod-ledger dev-website security-vault prod-web"
EXCEPTION = "accept dev-tools log-file-validation until {day} because the account closes then"


@pytest.fixture
def sitting(visit: Visit, playground: str) -> Screen:
    """As Alice, without the tour; dates as most of the world writes them."""
    screen = visit(playground, locale="en-GB", timezone_id="UTC")
    screen.skips_the_tour()
    return screen


def answer(screen: Screen, asked: str, words: str) -> Locator:
    """The message with these words that comes of asking."""
    screen.types(f"/trail-audit {asked}")
    found = screen.messages.filter(has_text=words).last
    expect(found).to_be_visible()
    return found


def scrolled(message: Locator, block: str = "end") -> None:
    """So that it stands at the end of what is shown, or at its start."""
    message.evaluate("(node, block) => node.scrollIntoView({ block })", block)


def size(page: Page, width: int, height: int) -> None:
    page.set_viewport_size({"width": width, "height": height})


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_tour_on_a_phone(visit: Visit, playground: str, pictures: Path, scheme: str) -> None:
    screen = visit(playground, "phone", color_scheme=scheme, locale="en-GB", timezone_id="UTC")
    screen.on_step("1 of 6")
    screen.kept(pictures, f"tour-{scheme}")


def test_the_pictures(sitting: Screen, pictures: Path) -> None:
    page = sitting.page
    size(page, 1100, 1715)
    report = answer(sitting, TOP, "first run with this scope")
    sitting.button("Propose fix for prod-payments", report, exact=False).click()
    expect(sitting.button("Approve")).to_be_visible()
    scrolled(report, "start")
    sitting.kept(pictures, "playground")

    size(page, 1000, 860)
    answer(sitting, "digest 09:00 Europe/Paris weekdays", "D-1")
    answer(sitting, "digest now", "CloudTrail digest: 26 % pass")
    scrolled(answer(sitting, "digest now", "as before"))
    sitting.kept(pictures, "digest-unchanged")

    day = page.evaluate("new Date(Date.now() + 60 * 864e5).toISOString().slice(0, 10)")
    scrolled(answer(sitting, EXCEPTION.format(day=day), "APPROVAL NEEDED: Exception"))
    sitting.kept(pictures, "exception")

    sitting.becomes("Bob")
    sitting.opens_home()
    expect(page.get_by_role("region", name="App Home")).to_contain_text("Exception in dev-tools")
    sitting.kept(pictures, "home")


def test_every_picture_in_the_docs_is_made_here_and_small() -> None:
    made = {"playground", "digest-unchanged", "exception", "home", "tour-light", "tour-dark"}
    assert {each.stem for each in (ROOT / "docs").glob("*.png")} == made
    assert {
        each.name: each.stat().st_size for each in (ROOT / "docs").glob("*.png") if each.stat().st_size > LARGEST
    } == {}
