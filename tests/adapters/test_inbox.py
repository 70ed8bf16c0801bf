"""The inbox on SQLite and on PostgreSQL: of those who take the same id one gets it, and it is kept for an hour."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import Engine, func, select

from bot.adapters.db.engine import connect
from bot.adapters.db.inbox import InboxTable
from bot.adapters.db.tables import inbox
from tests.builders import HOUR, NOW


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    made = connect(url)
    yield made
    made.dispose()


def test_an_id_is_taken_once(engine: Engine) -> None:
    table = InboxTable(engine)
    assert [table.take(id, NOW) for id in ("1.2.a", "1.2.b", "1.2.a", "x" * 255)] == [True, True, False, True]


def test_another_process_and_a_restart_know_it_too(engine: Engine, url: str) -> None:
    assert InboxTable(engine).take("1.2.a", NOW)
    another = connect(url)
    assert not InboxTable(another).take("1.2.a", NOW)
    another.dispose()


def test_of_many_at_once_one_gets_it(engine: Engine) -> None:
    table = InboxTable(engine)
    with ThreadPoolExecutor(8) as many:
        assert sum(many.map(lambda _: table.take("1.2.a", NOW), range(8))) == 1


def test_it_outlasts_every_signature_and_does_not_grow(engine: Engine) -> None:
    table = InboxTable(engine)
    table.take("1.2.a", NOW)
    assert not table.take("1.2.a", NOW + timedelta(minutes=59))
    assert table.take("1.2.a", NOW + HOUR + timedelta(minutes=1))
    with engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(inbox)).scalar() == 1
