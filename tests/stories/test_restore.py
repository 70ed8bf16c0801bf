"""A copy of the SQLite file is taken while the bot runs, and put back later: it is as docs/operations.md tells."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bot.playground.slack import Message
from tests.stories.stage import Stage, change_id

PAGE = (Path(__file__).parents[2] / "docs" / "operations.md").read_text()
(BACKUP,) = (line.removeprefix("$ python ") for line in PAGE.splitlines() if line.startswith("$ python -c"))
LEDGER, TOOLS = "567890123456", "210987654321"
FILE, COPY = "trailwarden.sqlite", "copy.sqlite"


def copy(stage: Stage) -> None:
    """By the page's own command, in the folder of the database."""
    subprocess.run(["sh", "-c", f"exec {sys.executable} {BACKUP}"], cwd=stage.folder, check=True)


def put_back(stage: Stage) -> None:
    for name in (FILE, f"{FILE}-wal", f"{FILE}-shm"):
        (stage.folder / name).unlink(missing_ok=True)
    (stage.folder / COPY).rename(stage.folder / FILE)


def message_of(stage: Stage, card: Message) -> bool:
    """Whether the bot has written down where its card is."""
    with closing(sqlite3.connect(stage.folder / FILE)) as database:
        return bool(database.execute("SELECT 1 FROM changes WHERE message = ?", (card.ts,)).fetchone())


class Restored:
    """`old` waited when the copy was taken and is VERIFIED since; `lost` was asked for after it. The bot runs on it."""

    def __init__(self, stage: Stage, old: Message, lost: Message) -> None:
        self.stage, self.old, self.lost = stage, old, lost


@pytest.fixture(scope="module")
def restored(empty_stage: Stage) -> Iterator[Restored]:
    stage = empty_stage
    with stage.bot():
        old = stage.proposal(lambda: stage.types(stage.alice, "fix prod-ledger"))
        copy(stage)
        stage.bob.clicks(old, "approve")
        stage.becomes(old, "VERIFIED")
        lost = stage.proposal(lambda: stage.types(stage.alice, "fix dev-tools"))
    put_back(stage)
    with stage.bot():
        yield Restored(stage, old, lost)


def test_the_copy_that_was_taken_while_the_bot_ran_is_whole(restored: Restored) -> None:
    told = {**os.environ, "DATABASE_URL": f"sqlite:///{restored.stage.folder / FILE}"}
    command = [sys.executable, "-m", "bot", "verify"]
    done = subprocess.run(command, env=told, capture_output=True, text=True, check=True)
    assert "The chain holds: 1 entries" in done.stdout


def test_a_click_on_the_card_of_a_change_that_is_not_in_the_copy_is_refused(restored: Restored) -> None:
    stage = restored.stage
    stage.bob.clicks(restored.lost, "approve")
    assert "There is no change C-2" in stage.told(stage.bob, change_id(restored.lost))


def test_so_is_one_where_its_number_was_given_out_again(restored: Restored) -> None:
    stage = restored.stage
    again = stage.proposal(lambda: stage.types(stage.alice, "fix dev-tools"))
    stage.until(lambda: message_of(stage, again))
    assert change_id(again) == change_id(restored.lost)
    stage.bob.clicks(restored.lost, "approve")
    assert "This button is not on C-2's card" in stage.told(stage.bob, "This button")
    assert stage.writes(TOOLS) == []


def test_what_was_done_since_waits_again_and_is_not_done_twice(restored: Restored) -> None:
    stage, id = restored.stage, change_id(restored.old)
    home = stage.bob.opens_home()
    assert home
    (approve,) = (value for action, value, _ in home.buttons() if action == "approve" and value.startswith(f"{id}:"))
    stage.bob.clicks(home, "approve", approve)
    stage.becomes(restored.old, "SUPERSEDED")
    assert stage.writes(LEDGER) == ["StartLogging"]
