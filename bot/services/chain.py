"""The chain of evidence, looked through from time to time, so that the Home can say when it held."""

from collections.abc import Iterator

from bot.domain.evidence import Entry, broken
from bot.domain.home import Chain
from bot.ports import World


class ChainWatch:
    """Remembers the last look until this process ends."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.last: Chain | None = None

    def look(self) -> None:
        """Reads every entry: some seconds for a hundred thousand."""
        seen: list[int] = []
        problem = broken(self._counted(seen))
        self.last = Chain(self._world.clock.now(), len(seen), problem)

    def _counted(self, seen: list[int]) -> Iterator[Entry]:
        for entry in self._world.evidence.entries():
            seen.append(entry.seq)
            yield entry
