"""Who is alive: seen by a lock that dies with its process, on a SQLite file by one process, on PostgreSQL by many."""

import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from threading import Event

import pytest

from bot.adapters.presence import OneOfMany, Presence, TheOnly, present
from bot.adapters.replicas import Watch
from bot.ports import CannotRunError
from tests.forked import forked
from tests.postgres import Postgres
from tests.waiting import PATIENCE


def hold(url: str, told: Connection) -> None:
    """Alive until it is killed."""
    here = present(url)
    here.hold()
    told.send(here.id)
    Event().wait()


@contextmanager
def another_process(url: str) -> Iterator[tuple[ForkServerProcess, str]]:
    """One that is alive on this database, and its id."""
    told, tells = multiprocessing.Pipe(duplex=False)
    with told, tells:
        process = forked(hold, url, tells)
        try:
            assert told.poll(PATIENCE)
            yield process, told.recv()
        finally:
            process.kill()
            process.join()


@contextmanager
def held(url: str) -> Iterator[Presence]:
    here = present(url)
    here.hold()
    yield here
    here.release()


@dataclass
class Left:
    """What is unfinished, by its owner; `taken` is what was taken over, in order."""

    owners: set[str] = field(default_factory=set)
    taken: list[str] = field(default_factory=list)

    def watch(self, here: Presence) -> Watch:
        return Watch(here, lambda: frozenset(self.owners), self._take_over)

    def _take_over(self, owner: str) -> None:
        self.owners.discard(owner)
        self.taken.append(owner)


# A SQLite file


@pytest.fixture
def file_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'bot.sqlite'}"


def test_a_second_process_on_the_same_file_is_refused_and_told_which_one_is_there(file_url: str) -> None:
    with another_process(file_url) as (process, _):
        with pytest.raises(CannotRunError, match=rf"process {process.pid}\).*SQLite is for one") as refused:
            present(file_url)
        assert "\n" not in str(refused.value)


def test_a_second_name_of_the_file_does_not_deceive(file_url: str, tmp_path: Path) -> None:
    (tmp_path / "other.sqlite").symlink_to(tmp_path / "bot.sqlite")
    with held(file_url), pytest.raises(CannotRunError):
        present(f"sqlite:///{tmp_path / 'other.sqlite'}")


def test_the_lock_dies_with_its_process(file_url: str) -> None:
    with another_process(file_url) as (process, _):
        process.kill()
        process.join()
        with held(file_url) as here:
            assert isinstance(here, TheOnly)


def test_a_released_file_may_be_taken(file_url: str) -> None:
    for _ in range(2):
        with held(file_url):
            pass


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "nonsense", "sqlite:////none/such/bot.sqlite"])
def test_where_there_is_no_file_there_is_no_lock(url: str) -> None:
    with held(url), held(url):
        pass


def test_whatever_another_life_left_on_a_file_is_taken_over_at_the_first_look(file_url: str) -> None:
    with held(file_url) as here:
        left = Left({"trailwarden-1", "", here.id})
        left.watch(here).look()
    assert sorted(left.taken) == ["", "trailwarden-1"]


# PostgreSQL


def test_any_number_of_processes_are_alive_at_once(postgres_url: str) -> None:
    with held(postgres_url) as one, held(postgres_url) as other, another_process(postgres_url) as (_, third):
        assert isinstance(one, OneOfMany)
        assert one.id != other.id
        assert one.missing(frozenset({one.id, other.id, third, "nobody"})) == {"nobody"}


def test_the_living_are_left_alone(postgres_url: str) -> None:
    with held(postgres_url) as here, another_process(postgres_url) as (_, other):
        left = Left({here.id, other})
        watch = left.watch(here)
        for _ in range(here.looks * 2):
            watch.look()
    assert left.taken == []


def test_a_killed_process_is_taken_over_after_three_looks(postgres_url: str) -> None:
    with held(postgres_url) as here, another_process(postgres_url) as (process, other):
        left = Left({other})
        watch = left.watch(here)
        process.kill()
        process.join()
        looks = 0
        while not left.taken:
            watch.look()
            looks += 1
    assert left.taken == [other]
    assert looks >= here.looks


def test_of_two_who_notice_one_takes_over_at_a_time(postgres_url: str) -> None:
    with held(postgres_url) as one, held(postgres_url) as other:
        with one.claim("dead") as first, other.claim("dead") as second:
            assert (first, second) == (True, False)
        with other.claim("dead") as again:
            assert again


def test_who_is_alive_cannot_be_claimed(postgres_url: str) -> None:
    with held(postgres_url) as one, held(postgres_url) as other, one.claim(other.id) as ours:
        assert not ours


def test_a_lock_in_another_database_of_the_server_means_nothing(postgres: Postgres, migrated: str) -> None:
    here, there = (postgres.url(postgres.new_database(migrated)) for _ in range(2))
    with held(here) as one, held(there) as other:
        assert one.missing(frozenset({other.id})) == {other.id}


def test_after_the_database_was_away_everybody_is_seen_again_and_nobody_is_buried() -> None:
    server = Postgres()
    with held(server.url()) as one, held(server.url()) as other:
        left = Left({one.id, other.id})
        watches = [left.watch(one), left.watch(other)]
        server.stop()
        for watch in watches:
            watch.look()
        server.start()
        for watch in [*watches, *watches, *watches, *watches]:
            watch.look()
        assert one.missing(frozenset({one.id, other.id})) == frozenset()
    server.remove()
    assert left.taken == []
