"""How the parts of this process are, for whoever restarts it or watches it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine

from bot.adapters.db.figures import FiguresTable
from bot.adapters.in_time import InTime


@dataclass(frozen=True)
class Part:
    """`says` is for a person, and holds nothing of anybody's. One that does not matter makes nothing unready."""

    name: str
    ok: bool
    says: str
    matters: bool = True


class Health:
    """`slack` and `scheduler` tell whether these are well, `waiting` how many workspaces cannot begin."""

    def __init__(
        self, engine: Engine, slack: Callable[[], bool], scheduler: Callable[[], bool], waiting: Callable[[], int]
    ) -> None:
        figures = FiguresTable(engine)
        self._slack = slack
        self._scheduler = scheduler
        self._waiting = waiting
        self._database = InTime(figures.ping)
        self._last_run = InTime(lambda: (figures.last_run(),))

    def parts(self) -> tuple[Part, ...]:
        """Where the database does not answer, nothing else is asked of it."""
        database = bool(self._database())
        return (
            _part("slack", self._slack(), "Slack can reach the bot", "Slack cannot reach the bot"),
            _part("database", database, "it answers", "it does not answer in time"),
            _part("scheduler", self._scheduler(), "its jobs run", "no job has run for a while"),
            _workspaces(self._waiting()),
            _audit(self._last_run() if database else None),
        )


def _part(name: str, ok: bool, well: str, ill: str) -> Part:
    return Part(name, ok, well if ok else ill)


def _workspaces(waiting: int) -> Part:
    """The others are served, so it makes nothing unready."""
    says = f"{waiting} cannot begin: the log says why" if waiting else "each that is installed is served"
    return Part("workspaces", not waiting, says, matters=False)


def _audit(answer: tuple[tuple[datetime, bool] | None] | None) -> Part:
    if answer is None:
        return Part("audit", False, "unknown", matters=False)
    last = answer[0]
    if last is None:
        return Part("audit", True, "nobody has asked for one yet", matters=False)
    ended, reported = last
    how = "with a report" if reported else "without a report"
    return Part(
        "audit", reported, f"the last one that was asked for ended {ended:%Y-%m-%dT%H:%M:%SZ} {how}", matters=False
    )
