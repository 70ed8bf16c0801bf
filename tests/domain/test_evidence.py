"""The chain: whatever was altered, taken out, moved or put in is found."""

from dataclasses import replace
from datetime import timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.evidence import GENESIS, Entry, Fact, broken, chained, place_of
from tests.builders import NOW


def chain(length: int = 4) -> list[Entry]:
    entries: list[Entry] = []
    for n in range(length):
        fact = Fact(NOW + timedelta(minutes=n), f"C-{n}", "proposed", "U1", {"step": n, "diff": ["- a", "+ b"]})
        entries.append(chained(fact, n + 1, entries[-1].hash if entries else GENESIS))
    return entries


@pytest.mark.parametrize("length", [0, 1, 4])
def test_an_untouched_chain_holds(length: int) -> None:
    assert broken(chain(length)) == ""


ALTERATIONS = [
    ("the time", {"at": NOW + timedelta(hours=1)}),
    ("the change", {"change": "C-99"}),
    ("what", {"what": "denied"}),
    ("who", {"actor": "U2"}),
    ("the facts", {"facts": {"step": 99}}),
    ("the hash", {"hash": "0" * 64}),
]


@pytest.mark.parametrize("field", [a[1] for a in ALTERATIONS], ids=[a[0] for a in ALTERATIONS])
@pytest.mark.parametrize("index", [0, 1, 3])
def test_an_altered_entry_is_named(index: int, field: dict[str, object]) -> None:
    entries = chain()
    entries[index] = replace(entries[index], **field)  # type: ignore[arg-type]  # an Entry's field
    assert broken(entries) == f"entry {index + 1} was altered"


def test_an_altered_entry_with_a_hash_made_anew_breaks_the_next_one() -> None:
    entries = chain()
    forged = Fact(entries[1].at, "C-1", "approved", "U1", {})
    entries[1] = chained(forged, 2, entries[0].hash)
    assert broken(entries).startswith("entry 3")


@pytest.mark.parametrize("index", [0, 1, 2])
def test_a_removed_entry_is_found(index: int) -> None:
    entries = chain()
    del entries[index]
    assert broken(entries) == f"entry {index + 1} is missing, moved or inserted: found entry {index + 2} in its place"


def test_a_predecessor_that_was_rewritten_is_found() -> None:
    entries = chain()
    entries[2] = replace(entries[2], previous="f" * 64)
    assert broken(entries).startswith("entry 3 is missing, moved or inserted")


def test_a_removed_entry_whose_successors_were_renumbered_is_found() -> None:
    first, _, *rest = chain()
    assert broken([first, *(replace(e, seq=e.seq - 1) for e in rest)])


def test_reordered_entries_are_found() -> None:
    first, second, third, fourth = chain()
    assert broken([first, third, second, fourth])


@pytest.mark.parametrize("index", range(4))
def test_an_inserted_entry_is_found(index: int) -> None:
    entries = chain()
    previous = entries[index - 1].hash if index else GENESIS
    entries.insert(index, chained(Fact(NOW, "C-7", "approved", "UEVIL", {}), index + 1, previous))
    assert broken(entries)


def test_an_entry_that_was_repeated_is_found() -> None:
    first, *rest = chain()
    assert broken([first, first, *rest])


def test_a_cut_off_tail_can_only_be_seen_by_its_last_hash_so_heads_differ() -> None:
    """The chain alone cannot know what came after; that is why each digest carries its head."""
    entries = chain()
    assert broken(entries[:-1]) == ""
    assert entries[-1].hash != entries[-2].hash


def test_a_head_that_was_seen_elsewhere_is_found_by_its_first_characters_or_not_at_all() -> None:
    entries = chain()
    assert place_of(entries[2].hash[:12].upper(), entries) == 3
    assert place_of(entries[-1].hash, entries[:-1]) == 0


def test_the_same_moment_in_another_zone_is_the_same_entry() -> None:
    (entry,) = chain(1)
    paris = replace(entry, at=entry.at.astimezone(timezone(timedelta(hours=1))))
    assert broken([paris]) == ""


def test_the_order_of_facts_keys_plays_no_part() -> None:
    one = chained(Fact(NOW, "C-1", "x", "U1", {"a": 1, "b": (1, 2)}), 1, GENESIS)
    other = chained(Fact(NOW, "C-1", "x", "U1", {"b": [1, 2], "a": 1}), 1, GENESIS)
    assert one.hash == other.hash


text = st.text(max_size=5)


@given(st.tuples(text, text, text), st.tuples(text, text, text))
def test_no_two_different_facts_share_a_hash(one: tuple[str, str, str], other: tuple[str, str, str]) -> None:
    """No field can run over into its neighbour."""
    hashes = [chained(Fact(NOW, *words, {}), 1, GENESIS).hash for words in (one, other)]
    assert (hashes[0] == hashes[1]) == (one == other)
