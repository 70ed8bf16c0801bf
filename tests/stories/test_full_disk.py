"""A disk without room: it is said, nothing is corrupted, and with room again all goes on.

The kernel refuses the bot's writes to files (RLIMIT_FSIZE), as it does where the disk is full. Python would write half
of its compiled modules then, and believe them later, so it writes none here.
"""

import resource
import subprocess
import sys
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from sqlalchemy import create_engine, text

from bot.playground.command import environment
from tests.forked import ran
from tests.stories.stage import Stage

PAYMENTS = "111122223333"
NO_LIMIT = resource.RLIM_INFINITY
NO_BYTECODE = {"PYTHONDONTWRITEBYTECODE": "1"}


def limit(process: ForkServerProcess, size: int) -> None:
    """In bytes, for each file that the process writes."""
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (size, NO_LIMIT))


def is_whole(folder: Path) -> bool:
    engine = create_engine(f"sqlite:///{folder / 'trailwarden.sqlite'}")
    with engine.connect() as connection:
        found = connection.execute(text("PRAGMA integrity_check")).scalars().all()
    engine.dispose()
    return found == ["ok"]


def test_the_start_says_so_and_goes_well_once_there_is_room(empty_stage: Stage, tmp_path: Path) -> None:
    told = {**environment(empty_stage.slack, empty_stage.aws.environment(), tmp_path), **NO_BYTECODE}
    command = ["sh", "-c", f"ulimit -f 16; exec {sys.executable} -m bot serve"]
    done = subprocess.run(command, env=told, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 3, done.stderr
    assert "The database cannot be opened: disk I/O error." in done.stderr
    assert "that its disk has room" in done.stderr
    assert is_whole(tmp_path)
    with Stage(empty_stage.aws, empty_stage.slack, tmp_path).bot():
        assert is_whole(tmp_path)


def test_who_asks_meanwhile_is_told_and_afterwards_gets_what_was_asked_for(empty_stage: Stage) -> None:
    stage = empty_stage
    with stage.bot(**NO_BYTECODE) as process:
        limit(process, 0)
        stage.types(stage.alice, f"fix {PAYMENTS}")
        stage.told(stage.alice, "Something broke")
        limit(process, NO_LIMIT)
        card = stage.proposal(lambda: stage.types(stage.alice, f"fix {PAYMENTS}"))
        stage.bob.clicks(card, "approve")
        stage.becomes(card, "VERIFIED")
    assert is_whole(stage.folder)
    done = ran(("verify",), environment(stage.slack, stage.aws.environment(), stage.folder), stage.folder)
    assert (done.returncode, done.stdout.startswith("The chain holds")) == (0, True)
