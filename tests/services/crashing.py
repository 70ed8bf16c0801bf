"""A process that dies at any moment, and the runner that takes its work up again."""

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any, TypeVar

from bot.ports import World
from bot.services import applying, settling
from tests.fakes_bot import Crash

T = TypeVar("T")
STORES = ("changes", "evidence", "runs", "subscriptions", "history", "inbox")
PORTS = ("cloud", "writer", "clock", *STORES, "announcer", "directory")


class Fuse:
    """Blows at the calls with these numbers (from 1), `before` they are carried out or after. Counts all calls."""

    def __init__(self, *blows_at: int, before: bool = True) -> None:
        self._blows_at = frozenset(blows_at)
        self._before = before
        self.calls = 0
        self.blown: list[str] = []

    def spend(self, name: str, call: Callable[[], Any]) -> Any:
        self.calls += 1
        blows = self.calls in self._blows_at
        if blows and self._before:
            self._blow(f"before {name}")
        answer = call()
        if blows:
            self._blow(f"after {name}")
        return answer

    def _blow(self, where: str) -> None:
        self.blown.append(where)
        raise Crash(f"call {self.calls}, {where}")


class DiesIn(Fuse):
    """Blows before the first call of that name."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name

    def spend(self, name: str, call: Callable[[], Any]) -> Any:
        if name == self._name:
            self._blow(f"before {name}")
        return super().spend(name, call)


class Fused:
    """A port of which every call spends the fuse."""

    def __init__(self, name: str, port: object, fuse: Fuse) -> None:
        self._name, self._port, self._fuse = name, port, fuse

    def __getattr__(self, method: str) -> Callable[..., Any]:
        call = getattr(self._port, method)
        return lambda *a, **k: self._fuse.spend(f"{self._name}.{method}", lambda: call(*a, **k))


def fused(world: World, fuse: Fuse) -> World:
    assert {f.name for f in fields(World)} == {*PORTS, "rules"}
    return replace(world, **{name: Fused(name, getattr(world, name), fuse) for name in PORTS})


class Durable:
    """As DBOS: the result of a completed step is kept; the one in flight at a crash is run again."""

    def __init__(self) -> None:
        self._results: dict[str, Any] = {}

    def step(self, name: str, function: Callable[[], T]) -> T:
        if name not in self._results:
            self._results[name] = function()
        result: T = self._results[name]
        return result

    def apply(self, world: World, number: int) -> None:
        """The workflow of `bot.adapters.runner`."""
        for index in range(self.step("begin", lambda: applying.begin(world, number))):
            if not self.step(f"perform {index}", lambda i=index: applying.perform(world, number, i)):  # type: ignore[misc]  # a lambda with a default
                break
        self.step("settle", lambda: settling.settle(world, number))


def until_done(work: Callable[[], None]) -> None:
    """Started again after each crash."""
    while True:
        try:
            return work()
        except Crash:
            continue
