"""One AWS and one workspace for a file of stories, each story with accounts of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.playground.aws import RunningAws, start_aws
from bot.playground.slack import DEFAULT_SETUP, WorkspaceSetup, start_workspace
from tests.stories.stage import UNHURRIED, Stage, log_is_fit_for_machines_and_tells_no_secret


@pytest.fixture(scope="module")
def aws() -> Iterator[RunningAws]:
    running = start_aws()
    running.deliver_every(1)
    yield running
    running.stop()


@contextmanager
def set_up(aws: RunningAws, folder: Path, setup: WorkspaceSetup = DEFAULT_SETUP) -> Iterator[Stage]:
    """A workspace and a clock of its own. At its end the log that its bots left is read."""
    slack = start_workspace(setup, **UNHURRIED)
    made = Stage(aws, slack, folder)
    yield made
    slack.stop()
    made.clock.stop()
    log_is_fit_for_machines_and_tells_no_secret(made)


@pytest.fixture(scope="module")
def empty_stage(aws: RunningAws, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Without a bot: the story starts, stops and kills its own."""
    with set_up(aws, tmp_path_factory.mktemp("story")) as made:
        yield made


@pytest.fixture(scope="module")
def stage(empty_stage: Stage) -> Iterator[Stage]:
    with empty_stage.bot():
        yield empty_stage
