"""What SQLite keeps in memory of what it has read: bounded for the process, not for each connection."""

import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from bot.adapters.db.engine import opened
from tests.bench.gauges import memory_of

CONNECTIONS = 20
FOUR_MEGABYTES = """
CREATE TABLE read AS
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 8000) SELECT randomblob(500) AS bytes FROM n"""
LIMIT_AND_MORE = 8 + 8
"""MB: what is free in the heap counts too. Without a limit it is 2 MB a connection, and 40 in all."""


def _grown(file: Path) -> float:
    """MB by which a process grows when each of its connections has read four."""
    engines = [opened(f"sqlite:///{file}") for _ in range(CONNECTIONS)]
    with engines[0].begin() as connection:
        connection.exec_driver_sql(FOUR_MEGABYTES)
    before = memory_of(os.getpid())
    for engine in engines:
        with engine.connect() as connection:
            connection.exec_driver_sql("SELECT sum(length(bytes)) FROM read").one()
    return memory_of(os.getpid()) - before


def test_many_connections_that_have_read_much_keep_little(tmp_path: Path) -> None:
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as fresh:
        assert fresh.submit(_grown, tmp_path / "read.sqlite").result() < LIMIT_AND_MORE
