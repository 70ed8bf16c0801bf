"""An answer that says no: why, and what to do next. Shown as written, to the person who asked and to nobody else."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class Person:
    """A member of the workspace, by id; each front end has its own way of showing one. `name` is "" where not read."""

    id: str
    name: str = field(default="", compare=False)


@dataclass(frozen=True)
class Group:
    """A user group of the workspace, by id; its name is the handle."""

    id: str
    name: str = field(default="", compare=False)


@dataclass(frozen=True)
class Channel:
    """A channel of the workspace, by id."""

    id: str


Part = str | Person | Group | Channel | datetime


class Refused(Exception):  # noqa: N818 - an answer, not an error
    """What was asked will not be done. `parts` are words, people and times (UTC), in reading order."""

    def __init__(self, *parts: Part) -> None:
        super().__init__(*parts)
        self.parts = parts

    def __str__(self) -> str:
        return "".join(_plain(part) for part in self.parts)


def not_looked_at(what: str) -> Refused:
    """Of what is not among the facts: never taken for "not there"."""
    return Refused(f"{what} was not looked at. Ask anew, and it will be.")


def _plain(part: Part) -> str:
    match part:
        case Person(id=id) | Group(id=id):
            return f"@{id}"
        case Channel(id=id):
            return f"#{id}"
        case datetime():
            return f"{part:%Y-%m-%d %H:%M} UTC"
        case _:
            return part


def listed(people: tuple[Person | Group | Channel, ...]) -> tuple[Part, ...]:
    """The people or channels with commas between them."""
    return tuple(part for person in people for part in (", ", person))[1:]
