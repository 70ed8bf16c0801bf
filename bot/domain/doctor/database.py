"""Is the database there, of this release, writable, with enough rights and room, and does the evidence end well?"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bot.domain.doctor import Diagnosis, ok, unknown, wrong

ROOM = 100_000_000
"""Bytes that should be free where a SQLite file lies: reports are kept for months, and its log is written first."""


@dataclass(frozen=True)
class DatabaseFacts:
    """`shown` is DATABASE_URL without its password. The facts below `trouble` are only there where it is "".

    `trouble`: why it could not be opened. `exists`: a SQLite file that is not there yet is made by `serve`.
    `revision` is that of the tables, "" for none; `revisions` those that this release knows, the oldest first.
    `unwritable`: why nothing can be written. `lacking`: rights that the database user has not, as "UPDATE on runs".
    `tail`: what is wrong with the newest entries of the evidence, of which `looked` were read. `free` in bytes.
    """

    shown: str
    trouble: str = ""
    exists: bool = True
    revision: str = ""
    revisions: tuple[str, ...] = ()
    unwritable: str = ""
    lacking: tuple[str, ...] = ()
    tail: str = ""
    looked: int = 0
    free: int | None = None

    @property
    def is_current(self) -> bool:
        return bool(self.revisions) and self.revision == self.revisions[-1]


def opened(facts: DatabaseFacts) -> Iterator[Diagnosis]:
    if facts.trouble:
        mend = "See that DATABASE_URL is right, that its server runs or its folder exists, and that it may be written."
        yield wrong("database", f"{facts.shown} cannot be opened: {facts.trouble}.", mend)
    elif not facts.exists:
        yield ok("database", f"{facts.shown} is not there yet; `trailwarden serve` makes it.")
    else:
        yield ok("database", f"{facts.shown} can be opened.")


def tables(facts: DatabaseFacts) -> Iterator[Diagnosis]:
    if facts.trouble or not facts.exists:
        return
    if not facts.revision:
        yield ok("tables", "The database is empty; `trailwarden serve` makes its tables.")
    elif facts.is_current:
        yield ok("tables", f"The tables are those of this release ({facts.revision}).")
    elif facts.revision in facts.revisions:
        newest = facts.revisions[-1]
        sentence = (
            f"The tables are an earlier release's ({facts.revision}): `trailwarden serve` brings them to {newest}."
        )
        yield ok("tables", f"{sentence} Make a copy of the database before.")
    else:
        mend = "Install that release, or go back to a copy of the database from before; nothing was changed."
        yield wrong(
            "tables", f"The tables are a newer release's ({facts.revision}), which this one does not know.", mend
        )


def writable(facts: DatabaseFacts) -> Iterator[Diagnosis]:
    if facts.trouble:
        return
    if facts.unwritable:
        mend = "Let the user that runs Trailwarden write there: the file and, for SQLite, its folder too."
        yield wrong("writing", f"Nothing can be written: {facts.unwritable}.", mend)
    elif facts.free is not None and facts.free < ROOM:
        mend = f"Make room: {ROOM // 1_000_000} MB or more should be free."
        yield wrong("writing", f"Only {facts.free // 1_000_000} MB are free where the database lies.", mend)
    else:
        yield ok("writing", "It can be written.")


def rights(facts: DatabaseFacts) -> Iterator[Diagnosis]:
    if facts.lacking:
        mend = "Let the user of DATABASE_URL own the tables, or grant it these; DBOS makes a schema of its own."
        yield wrong("rights", f"The database user lacks {', '.join(facts.lacking)}.", mend)


def evidence(facts: DatabaseFacts) -> Iterator[Diagnosis]:
    if facts.trouble or not facts.is_current:
        return
    if facts.tail:
        mend = "Run `trailwarden verify`, and compare with a copy of the database and the heads that digests printed."
        yield wrong("evidence", f"The evidence was altered: {facts.tail}.", mend)
    elif facts.looked:
        yield ok("evidence", f"Its newest {facts.looked} entries hold; `trailwarden verify` looks at all.")
    else:
        yield ok("evidence", "There is no evidence yet.")


def lost(facts: DatabaseFacts) -> Iterator[Diagnosis]:
    """What was not looked at is never left out silently."""
    if facts.trouble:
        yield unknown("digests", "Which digests there are is not known without the database.", "Mend it first.")


CHECKS: tuple[Callable[[DatabaseFacts], Iterator[Diagnosis]], ...] = (opened, tables, writable, rights, evidence, lost)
