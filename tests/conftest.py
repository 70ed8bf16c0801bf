"""How hypothesis runs here (a busy machine is no failure), the order of tests, and the databases that they may have."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from bot.adapters.db.engine import connect
from tests.browser.chromium import CHROMIUM, FOLDER, WANTED
from tests.postgres import Postgres

settings.register_profile("trailwarden", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("trailwarden")

DATABASES = ("SQLite", "PostgreSQL")
WITH_PROCESSES = ("stories", "adapters", "browser")
"""The folders whose tests start processes and wait for them: they take longest, so workers begin with them."""


def pytest_xdist_auto_num_workers() -> int:
    """`-n auto` is two a core: half of the time of a worker is waiting for processes."""
    return 2 * (os.cpu_count() or 1)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: not set(WITH_PROCESSES) & set(item.path.parts))
    if not CHROMIUM:
        _deselect(config, items, [item for item in items if FOLDER in item.path.parents])


def _deselect(config: pytest.Config, items: list[pytest.Item], some: list[pytest.Item]) -> None:
    items[:] = [item for item in items if item not in some]
    config.hook.pytest_deselected(items=some)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The only tests that a machine may be too poor for; CI installs the browser."""
    if not CHROMIUM:
        terminalreporter.write_line(WANTED, yellow=True)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """The one server of the session, started where a test asks for it."""
    running = Postgres()
    yield running
    running.remove()


@pytest.fixture(scope="session")
def migrated(postgres: Postgres) -> str:
    """A database with our tables, to be copied: quicker than the migrations."""
    name = postgres.new_database()
    connect(postgres.url(name)).dispose()
    return name


@pytest.fixture(scope="session")
def new_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], str]:
    """The address of a new database with our tables, by its kind."""

    def make(kind: str) -> str:
        if kind == "SQLite":
            folder: Path = tmp_path_factory.mktemp("database")
            return f"sqlite:///{folder / 'bot.sqlite'}"
        postgres: Postgres = request.getfixturevalue("postgres")
        return postgres.url(postgres.new_database(request.getfixturevalue("migrated")))

    return make


@pytest.fixture(params=DATABASES)
def url(request: pytest.FixtureRequest, new_url: Callable[[str], str]) -> str:
    """A database for one test, which runs on each kind."""
    return new_url(request.param)


@pytest.fixture
def postgres_url(new_url: Callable[[str], str]) -> str:
    return new_url("PostgreSQL")
