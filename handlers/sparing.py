"""A log for what strangers may cause as often as they like."""

import logging
import threading
import time
from collections.abc import Callable

EVERY = 60.0


class SparingLog:
    """Of each sentence one line in `EVERY` seconds, the first at once; the next line says how many it stands for.

    `clock` in seconds. The sentences are ours, so there are few.
    """

    def __init__(self, log: logging.Logger, clock: Callable[[], float] = time.monotonic) -> None:
        self._log = log
        self._clock = clock
        self._lock = threading.Lock()
        self._said: dict[str, float] = {}
        self._unsaid: dict[str, int] = {}

    def warning(self, sentence: str) -> None:
        with self._lock:
            now = self._clock()
            if sentence in self._said and now - self._said[sentence] < EVERY:
                self._unsaid[sentence] = self._unsaid.get(sentence, 0) + 1
                return
            self._said[sentence] = now
            kept_back = self._unsaid.pop(sentence, 0)
        self._log.warning("%s%s", sentence, f" (and {kept_back} more since the last such line)" if kept_back else "")
