"""Fifty changes, ten racing clicks on each, over two processes on PostgreSQL: each decided and applied exactly once."""

from pathlib import Path

from tests.bench.race import race
from tests.postgres import Postgres


def test_fifty_changes_that_are_clicked_at_once_in_two_processes_are_each_decided_and_applied_once(
    postgres: Postgres, postgres_url: str, tmp_path: Path
) -> None:
    outcome = race(postgres, postgres_url, tmp_path, changes=50, clicks=5)
    assert outcome.wrong == ()
    assert outcome.decided == 50
    assert outcome.applied == outcome.approved > 0
    assert outcome.clicks == 500
