"""The chain of evidence, looked through from time to time, so that the Home can say when it held."""

from collections.abc import Iterator

from bot.domain.evidence import Entry, broken
from bot.domain.home import Chain
from bot.ports import Clock, Evidence


class ChainWatch:
    """Remembers the last look until this process ends."""

    def __init__(self, evidence: Evidence, clock: Clock) -> None:
        """`evidence` is all of it: a part is no chain."""
        self._evidence = evidence
        self._clock = clock
        self.last: Chain | None = None

    def look(self) -> None:
        """Reads every entry: some seconds for a hundred thousand."""
        seen: list[int] = []
        problem = broken(self._counted(seen))
        self.last = Chain(self._clock.now(), len(seen), problem)

    def _counted(self, seen: list[int]) -> Iterator[Entry]:
        for entry in self._evidence.entries():
            seen.append(entry.seq)
            yield entry
