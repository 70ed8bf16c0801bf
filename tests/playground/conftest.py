"""An AWS for each file, an account of it for each test; a workspace for each test, whose clock can be moved."""

import time
from collections.abc import Iterator

import pytest

from bot.playground.aws import RunningAws, start_aws
from bot.playground.slack import RunningWorkspace, start_workspace
from tests.playground.aws_steps import new_account


@pytest.fixture(scope="module")
def aws() -> Iterator[RunningAws]:
    """Nothing has happened in it."""
    running = start_aws(seed=None)
    yield running
    running.stop()


@pytest.fixture
def account() -> str:
    return new_account()


class MovableClock:
    """Epoch seconds that go on by themselves and jump on demand."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead

    def jump(self, seconds: float) -> None:
        self.ahead += seconds


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
def workspace(clock: MovableClock) -> Iterator[RunningWorkspace]:
    running = start_workspace(clock=clock, ack_seconds=1.0)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def untouched() -> Iterator[RunningWorkspace]:
    """One workspace for the tests of a module that leave nothing behind."""
    running = start_workspace(ack_seconds=1.0)
    yield running
    running.stop()
