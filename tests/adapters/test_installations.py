"""Where the app is installed: tokens are sealed, keys can be exchanged, and what was installed anew is not removed."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import Engine, select, update

from bot.adapters.db.engine import connect
from bot.adapters.db.inbox import InboxTable
from bot.adapters.db.installations import CANNOT_OPEN, InstallationsTable, SealedStates
from bot.adapters.db.tables import installations as table
from bot.adapters.seal import STATE_LIVES, Seal
from bot.ports import Installation, Locked
from tests.fakes import FakeClock

NEW, OLD = Fernet.generate_key().decode(), Fernet.generate_key().decode()
ACME = Installation("T0ACME", "A1", "xoxb-acme", "Acme", "U0ALICE")
ALLOWED = frozenset({"T0ACME", "T0BETA"})
MOMENT = timedelta(seconds=1)


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    made = connect(url)
    yield made
    made.dispose()


def store(engine: Engine, *keys: str, clock: FakeClock | None = None) -> InstallationsTable:
    return InstallationsTable(engine, Seal(keys or (NEW,)), clock or FakeClock(), ALLOWED)


def locked(team: str) -> Locked:
    return Locked(team, CANNOT_OPEN.format(team=team))


def sealed(engine: Engine) -> str:
    with engine.connect() as connection:
        return connection.execute(select(table.c.sealed)).scalar_one()


def test_an_installation_comes_back_as_it_was_saved(engine: Engine) -> None:
    kept = store(engine)
    kept.save(ACME)
    kept.save(replace(ACME, team="T0BETA", token="xoxb-beta"))
    acme, beta = kept.all()
    assert acme == replace(ACME, at=acme.at, revision=1)
    assert (beta.team, beta.token) == ("T0BETA", "xoxb-beta")


def test_no_token_stands_in_the_database_nor_in_what_is_printed(engine: Engine) -> None:
    kept = store(engine)
    kept.save(ACME)
    with engine.connect() as connection:
        row = str(connection.execute(select(table)).one())
    assert "xoxb" not in row
    assert "xoxb" not in repr(kept.all())


def test_one_that_is_installed_again_takes_the_place_of_the_one_before(engine: Engine) -> None:
    kept = store(engine)
    kept.save(ACME)
    kept.save(replace(ACME, token="xoxb-newer"))
    (found,) = kept.all()
    assert (found.token, found.revision) == ("xoxb-newer", 2)


def test_a_workspace_that_may_not_have_the_app_any_more_has_it_no_more(engine: Engine) -> None:
    store(engine).save(replace(ACME, team="T0GAMMA"))
    assert store(engine).all() == ()


def test_of_two_who_install_at_once_one_stays(engine: Engine) -> None:
    kept = store(engine)
    with ThreadPoolExecutor(4) as many:
        list(many.map(lambda _: kept.save(ACME), range(8)))
    assert [i.revision for i in kept.all()] == [8]


def test_what_was_installed_anew_since_is_not_removed(engine: Engine) -> None:
    clock = FakeClock()
    kept = store(engine, clock=clock)
    kept.save(ACME)
    (seen,) = kept.all()
    kept.save(ACME)
    assert not kept.remove(seen)
    (newer,) = kept.all()
    assert kept.remove(newer)
    assert not kept.remove(newer)
    clock.sleep(5)
    kept.save(ACME)
    assert not kept.remove(newer), "its first installation after a removal is another one"
    assert len(kept.all()) == 1


# Keys


def test_a_new_key_in_front_opens_what_the_old_one_sealed_and_seals_it_anew(engine: Engine) -> None:
    store(engine, OLD).save(ACME)
    both = store(engine, NEW, OLD)
    assert [i.token for i in both.all()] == ["xoxb-acme"]
    assert both.reseal() == 1
    assert both.reseal() == 0
    assert [i.token for i in store(engine, NEW).all()] == ["xoxb-acme"]
    assert store(engine, OLD).all() == (locked("T0ACME"),)


def test_a_key_at_the_end_opens_and_seals_nothing(engine: Engine) -> None:
    """So that all processes know it before one of them seals with it."""
    store(engine, OLD).save(ACME)
    before = sealed(engine)
    assert store(engine, OLD, NEW).reseal() == 0
    assert sealed(engine) == before


def test_without_its_key_a_token_is_one_sentence_and_is_left_as_it_is(engine: Engine) -> None:
    store(engine, OLD).save(ACME)
    before = sealed(engine)
    kept = store(engine, NEW)
    assert kept.reseal() == 0
    (found,) = kept.all()
    assert found == locked("T0ACME")
    assert "The token of the workspace T0ACME cannot be opened by any of TRAILWARDEN_TOKEN_KEYS" in found.why
    assert sealed(engine) == before


def test_one_token_that_cannot_be_opened_hides_no_other(engine: Engine) -> None:
    store(engine, OLD).save(ACME)
    kept = store(engine, NEW)
    kept.save(replace(ACME, team="T0BETA", token="xoxb-beta"))
    acme, beta = kept.all()
    assert acme == locked("T0ACME")
    assert isinstance(beta, Installation)
    assert beta.token == "xoxb-beta"


def test_where_it_is_installed_again_its_token_opens(engine: Engine) -> None:
    store(engine, OLD).save(ACME)
    kept = store(engine, NEW)
    kept.save(replace(ACME, token="xoxb-newer"))
    (found,) = kept.all()
    assert isinstance(found, Installation)
    assert (found.token, found.revision) == ("xoxb-newer", 2)


@pytest.mark.parametrize("harm", ["another's", "cut off", "altered", "empty"])
def test_a_token_that_somebody_put_there_does_not_open(engine: Engine, harm: str) -> None:
    kept = store(engine)
    kept.save(ACME)
    good = sealed(engine)
    put = {
        "another's": Seal((NEW,)).sealed("T0BETA", "xoxb-beta"),
        "cut off": good[:-8],
        "altered": good[:30] + ("A" if good[30] != "A" else "B") + good[31:],
        "empty": "",
    }[harm]
    with engine.begin() as connection:
        connection.execute(update(table).values(sealed=put))
    assert kept.all() == (locked("T0ACME"),)


# States


def states(engine: Engine, clock: FakeClock, *keys: str) -> SealedStates:
    return SealedStates(Seal(keys or (NEW,)), InboxTable(engine), clock)


def test_a_state_is_good_once_in_any_process(engine: Engine) -> None:
    clock = FakeClock()
    state = states(engine, clock).issue()
    assert states(engine, clock).consume(state)
    assert not states(engine, clock).consume(state)


def test_a_state_that_was_used_is_not_good_again_in_another_spelling(engine: Engine) -> None:
    one = states(engine, FakeClock())
    state = one.issue()
    assert one.consume(state)
    assert not one.consume(f"{state[:5]}!!!!{state[5:]}")


def test_of_many_who_use_a_state_at_once_one_may(engine: Engine) -> None:
    one = states(engine, FakeClock())
    state = one.issue()
    with ThreadPoolExecutor(8) as many:
        assert sum(many.map(lambda _: one.consume(state), range(8))) == 1


def test_no_two_states_are_the_same_and_each_fits_into_a_cookie_and_an_address(engine: Engine) -> None:
    made = {states(engine, FakeClock()).issue() for _ in range(50)}
    assert len(made) == 50
    assert all(set(state) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-") for state in made)


@pytest.mark.parametrize(("later", "good"), [(timedelta(0), True), (STATE_LIVES, True), (STATE_LIVES + MOMENT, False)])
def test_a_state_is_good_for_ten_minutes(engine: Engine, later: timedelta, good: bool) -> None:
    clock = FakeClock()
    state = states(engine, clock).issue()
    clock.sleep(later.total_seconds())
    assert states(engine, clock).consume(state) is good


@pytest.mark.parametrize("state", ["", "x", "deleted", "é" * 20, "A" * 99, "=" * 4, "a b"])
def test_what_is_no_state_of_ours_is_none(engine: Engine, state: str) -> None:
    assert not states(engine, FakeClock()).consume(state)


def test_another_keys_state_is_none_and_an_old_keys_still_is(engine: Engine) -> None:
    clock = FakeClock()
    state = states(engine, clock, OLD).issue()
    assert not states(engine, clock, NEW).consume(state)
    assert states(engine, clock, NEW, OLD).consume(state)
