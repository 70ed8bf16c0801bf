"""The evidence: entries that each carry the hash of the one before, so that none can be altered or taken out."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

GENESIS = "0" * 64
"""What stands for the predecessor of the first entry."""
BOT = "trailwarden"
"""The actor of what no person did."""


@dataclass(frozen=True)
class Entry:
    """One fact about a change: `at` in UTC, `actor` a user id or "trailwarden", `facts` JSON values."""

    seq: int
    at: datetime
    change: str
    what: str
    actor: str
    facts: Mapping[str, object]
    previous: str
    hash: str


@dataclass(frozen=True)
class Fact:
    """What is to be recorded; the chain gives it its place."""

    at: datetime
    change: str
    what: str
    actor: str
    facts: Mapping[str, object]


def chained(fact: Fact, seq: int, previous: str) -> Entry:
    """The fact as the entry that follows the one with hash `previous`."""
    digest = _digest(fact, seq, previous)
    return Entry(seq, fact.at, fact.change, fact.what, fact.actor, fact.facts, previous, digest)


def _digest(fact: Fact, seq: int, previous: str) -> str:
    at = fact.at.astimezone(UTC).isoformat()
    content = [seq, at, fact.change, fact.what, fact.actor, fact.facts, previous]
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def broken(entries: Iterable[Entry]) -> str:
    """What is wrong with the chain, naming the first entry that does not fit; "" where it holds."""
    return broken_after(None, entries)


def broken_after(before: Entry | None, entries: Iterable[Entry]) -> str:
    """The same of the entries that follow that one; None where there is none before them."""
    previous = before.hash if before else GENESIS
    for seq, entry in enumerate(entries, start=before.seq + 1 if before else 1):
        if entry.seq != seq or entry.previous != previous:
            return f"entry {seq} is missing, moved or inserted: found entry {entry.seq} in its place"
        fact = Fact(entry.at, entry.change, entry.what, entry.actor, entry.facts)
        if _digest(fact, entry.seq, previous) != entry.hash:
            return f"entry {entry.seq} was altered"
        previous = entry.hash
    return ""


def place_of(head: str, entries: Iterable[Entry]) -> int:
    """The number of the entry with that hash, or 0. Its first characters are enough, as a digest prints them.

    A chain whose newest entries were cut off holds: only a head that was seen elsewhere shows that they are gone.
    """
    return next((e.seq for e in entries if e.hash.startswith(head.lower())), 0)
