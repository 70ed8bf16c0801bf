"""What others wrote is text on the page: it runs nothing, leads nowhere odd, and loads nothing."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import expect

from bot.playground.slack import DEFAULT_SETUP, RunningWorkspace, start_workspace
from tests.browser.screen import Screen, Visit
from tests.playground.slack_app import client, section

MARKUP = "<img src=x onerror=window.hit=1><script>window.hit=2</script>"
CONTROL = "one\u202etwo\u0007\u200bthree"
ODD = (
    "javascript:window.hit=3",
    "JaVaScRiPt:window.hit=4",
    "data:text/html,<script>window.hit=5</script>",
    "vbscript:x",
)
ESCAPED = MARKUP.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
PEOPLE = (replace(DEFAULT_SETUP.people[0], real_name=MARKUP), *DEFAULT_SETUP.people[1:])
CHANNELS = (replace(DEFAULT_SETUP.channels[0], name=f"cloud {MARKUP}"), *DEFAULT_SETUP.channels[1:])
ADDRESSES = """() => [...document.querySelectorAll('body [href], body [src]')]
    .map((each) => each.href?.baseVal ?? each.href ?? each.src)"""
OURS = ("#", "blob:")


@pytest.fixture
def workspace() -> Iterator[RunningWorkspace]:
    running = start_workspace(replace(DEFAULT_SETUP, people=PEOPLE, channels=CHANNELS, rate_limit=False))
    yield running
    running.stop()


@pytest.fixture
def shown(workspace: RunningWorkspace, visit: Visit, size: str) -> Screen:
    return visit(workspace.url, size, path="?as=alice")


def says(workspace: RunningWorkspace, text: str, blocks: list[dict[str, Any]] | None = None) -> None:
    client(workspace).chat_postMessage(channel="C0CLOUDSEC", text=text, blocks=blocks)


def table(*cells: str) -> dict[str, Any]:
    return {"type": "table", "rows": [[{"type": "raw_text", "text": cell} for cell in cells]] * 2}


def rich(*pieces: dict[str, Any]) -> dict[str, Any]:
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": list(pieces)}]}


def nothing_ran(screen: Screen) -> None:
    assert screen.page.evaluate("window.hit") is None
    odd = [
        each for each in screen.page.evaluate(ADDRESSES) if not each.startswith((*OURS, screen.page.url.split("?")[0]))
    ]
    assert odd == []


def test_names_and_words_with_markup_are_text(shown: Screen, workspace: RunningWorkspace) -> None:
    says(workspace, ESCAPED)
    workspace.person("alice").types("C0CLOUDSEC", MARKUP)
    says(workspace, "blocks", [section(ESCAPED), table(MARKUP, CONTROL), rich({"type": "text", "text": MARKUP})])
    expect(shown.messages).to_have_count(3)
    expect(shown.messages.nth(0)).to_contain_text(MARKUP)
    expect(shown.messages.nth(1).locator("header strong")).to_have_text(MARKUP)
    expect(shown.messages.nth(1).locator(".message-body")).to_contain_text(MARKUP)
    expect(shown.messages.nth(2).get_by_role("cell").first).to_have_text(MARKUP)
    expect(shown.page.locator("#place-name")).to_contain_text(MARKUP)
    assert shown.page.locator("#messages img, #messages script").count() == 0
    nothing_ran(shown)
    assert shown.fits()


def test_an_address_with_an_odd_scheme_is_no_link(shown: Screen, workspace: RunningWorkspace) -> None:
    for odd in ODD:
        says(workspace, f"<{odd}|press me>", [section(f"<{odd}|press me>"), rich({"type": "link", "url": odd})])
    expect(shown.messages).to_have_count(len(ODD))
    expect(shown.messages.last).to_contain_text("press me")
    assert shown.messages.get_by_role("link").count() == 0
    nothing_ran(shown)


def test_control_characters_stay_where_they_were_written(shown: Screen, workspace: RunningWorkspace) -> None:
    says(workspace, CONTROL, [section(CONTROL), section("the next")])
    expect(shown.messages.last).to_contain_text("the next")
    assert shown.messages.last.locator(".b-text").first.text_content() == CONTROL
    nothing_ran(shown)


def test_a_picture_from_elsewhere_is_its_description(shown: Screen, workspace: RunningWorkspace) -> None:
    asked: list[str] = []
    shown.page.on("request", lambda request: asked.append(request.url))
    picture = {"type": "image", "image_url": "https://example.com/a.png", "alt_text": MARKUP}
    says(workspace, "picture", [picture, section("the next")])
    expect(shown.messages.last).to_contain_text(MARKUP)
    nothing_ran(shown)
    assert [url for url in asked if not url.startswith(workspace.url)] == []
