"""Work as spans, one within the other, for whoever looks where the time goes. Unless somebody does, there are none."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

Facts = Mapping[str, str | int]
"""By OpenTelemetry's names of attributes."""
End = Callable[[Facts, str], object]
"""Called once with what is known at the end, and what kind of error it was ("" for none)."""


class Traces(Protocol):
    """Safe to call from any thread. No words of an error are told, for they may hold anything."""

    def span(self, name: str) -> AbstractContextManager[object]:
        """Around work on this thread; what `working_on` knows at its end belongs to it."""

    def call(self, name: str, facts: Facts) -> End | None:
        """A call of another system begins. None outside of a span, where it belongs to nothing."""

    def stop(self) -> None:
        """Send what is left, within seconds."""


class Untraced:
    def span(self, name: str) -> AbstractContextManager[object]:  # noqa: ARG002 - the port's
        return nullcontext()

    def call(self, name: str, facts: Facts) -> End | None:  # noqa: ARG002 - the port's
        return None

    def stop(self) -> None:
        pass


UNTRACED = Untraced()
