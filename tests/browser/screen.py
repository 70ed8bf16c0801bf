"""A person at the page: what is on the screen, by role and name, as somebody with a screen reader would find it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, expect

SIZES = {"desktop": (1280, 800), "phone": (390, 844)}
Visit = Callable[..., "Screen"]
"""Takes the address, a size, and what Playwright's `new_context` knows besides."""


@contextmanager
def visitor(browser: Browser, patience: float) -> Iterator[Visit]:
    """At the end every page is closed, and none may have had an error of its own."""
    screens: list[Screen] = []

    def visit(address: str, size: str = "desktop", path: str = "", **more: Any) -> "Screen":
        width, height = SIZES[size]
        context = browser.new_context(viewport={"width": width, "height": height}, **more)
        context.set_default_timeout(patience)
        screen = Screen(context.new_page(), size)
        screens.append(screen)
        screen.page.goto(address.rstrip("/") + "/" + path)
        expect(screen.page.locator("#place-name")).not_to_be_empty()
        return screen

    yield visit
    for screen in screens:
        screen.page.context.close()
    errors = [error for screen in screens for error in screen.errors]
    assert errors == [], errors


class Screen:
    def __init__(self, page: Page, size: str) -> None:
        self.page, self.size = page, size
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", self._note)

    def _note(self, said: ConsoleMessage) -> None:
        refused = "status of 400" in said.text  # which the page tells the person
        if said.type == "error" and not refused:
            self.errors.append(f"{said.text} {said.location}")

    def button(self, name: str, within: Locator | None = None, exact: bool = True) -> Locator:
        return (within or self.page).get_by_role("button", name=name, exact=exact)

    @property
    def tour(self) -> Locator:
        return self.page.locator("#tour")

    @property
    def messages(self) -> Locator:
        return self.page.locator("#messages > .message")

    def on_step(self, title: str) -> None:
        expect(self.page.locator("#tour-title")).to_contain_text(title)

    def types(self, text: str) -> None:
        self.page.get_by_role("textbox", name="Message").fill(text)
        self.page.keyboard.press("Enter")

    def becomes(self, name: str) -> None:
        """By the switch at the top left, which a phone has in its drawer."""
        if self.size == "phone":
            self.button("Channels and people").click()
        self.page.locator("#switcher").click()
        self.page.locator("#people").get_by_role("button", name=name).click()
        expect(self.page.locator("#switcher")).to_contain_text(name)

    def answers(self) -> None:
        """The bot audits what it is asked for."""
        before = self.page.get_by_text("PASS: CloudTrail is on in 1 of 1 account.").count()
        self.types("/trail-audit security-log-archive")
        expect(self.page.get_by_text("PASS: CloudTrail is on in 1 of 1 account.")).to_have_count(before + 1)

    def goes(self, place: str) -> None:
        """To a channel or app in the sidebar."""
        if self.size == "phone":
            self.button("Channels and people").click()
        self.page.get_by_role("navigation").get_by_role("button", name=place).click()

    def opens_home(self) -> None:
        self.goes("Trailwarden")
        self.button("Home").click()
        expect(self.page.get_by_role("region", name="App Home")).to_contain_text("own health")

    def skips_the_tour(self) -> None:
        self.button("Skip the tour").click()
        expect(self.tour).to_be_hidden()

    def opens_backstage(self, tab: str) -> Locator:
        self.button("Backstage").click()
        self.button(tab, self.page.locator("#backstage-tabs")).click()
        return self.page.locator("#backstage-part")

    def fits(self) -> bool:
        """Nothing makes the page wider than the window."""
        return bool(self.page.evaluate("document.documentElement.scrollWidth <= innerWidth"))

    def kept(self, folder: Path, name: str) -> None:
        """A picture of what is on the screen; 256 colours are enough for it, and a third of the bytes."""
        self.page.mouse.move(0, 0)
        shot = self.page.screenshot(animations="disabled", caret="hide")
        Image.open(BytesIO(shot)).quantize(256, dither=Image.Dither.NONE).save(folder / f"{name}.png", optimize=True)
