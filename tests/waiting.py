"""Waiting for what becomes true, and not for time to pass."""

import time
from collections.abc import Callable

PATIENCE = 20.0
"""Seconds after which it is not thought to come; nothing that works takes so long."""


def until(true: Callable[[], object], told: object = "", patience: float = PATIENCE) -> None:
    """Looks fifty times a second. `told` is what a failure shows."""
    deadline = time.monotonic() + patience
    while not true():
        assert time.monotonic() < deadline, told
        time.sleep(0.02)
