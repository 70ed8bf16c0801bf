"""What is being worked on, as ids by name, for whoever writes a line about it. Bound at the edges where work begins."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

_ids: ContextVar[Mapping[str, str]] = ContextVar("ids")


def known() -> Mapping[str, str]:
    """Those of this thread, at this moment."""
    return _ids.get({})


@contextmanager
def working_on(**ids: str) -> Iterator[None]:
    """Within it, on this thread, these are known too. What is "" is not known."""
    token = _ids.set({**known(), **{name: id for name, id in ids.items() if id}})
    try:
        yield
    finally:
        _ids.reset(token)


def note(**ids: str) -> None:
    """Known from here on, until the `working_on` around it ends; without one there is nothing that they belong to."""
    if (before := _ids.get(None)) is not None:
        _ids.set({**before, **ids})
