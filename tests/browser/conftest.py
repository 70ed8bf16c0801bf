"""A real browser, and the real `trailwarden playground` behind the page."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser.chromium import CHROMIUM, FLAGS
from tests.browser.screen import SIZES, Screen, Visit, visitor

PATIENCE = 40_000
"""Milliseconds: the machine may be busy, and what works takes no part of it."""

expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Gone before the next file's tests: as long as it is there, asyncio takes its loop for theirs."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield running
        running.close()


@pytest.fixture(scope="module")
def playground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the page, once the bot is connected."""
    log = tmp_path_factory.mktemp("playground") / "log"
    with log.open("w") as told:
        command = [sys.executable, "-m", "bot", "playground", "--port", "0"]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=told, text=True)
    assert process.stdout
    words = iter(process.stdout.readline, "")
    yield next((found[0] for line in words if (found := re.search(r"http://\S+", line))), log.read_text())
    process.terminate()
    process.wait(timeout=30)
    process.stdout.close()


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visit]:
    """Opens a page as a person would, in a tab of its own; what goes wrong in it, the test's end tells."""
    with visitor(browser, PATIENCE) as visiting:
        yield visiting


@pytest.fixture(params=SIZES)
def size(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def screen(visit: Visit, playground: str, size: str) -> Screen:
    """The playground's page at both sizes."""
    return visit(playground, size)


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the pictures go: into the folder that PICTURES names (`make screenshots`: docs), else a passing one."""
    named = os.environ.get("PICTURES")
    return Path(named) if named else tmp_path_factory.mktemp("pictures")
