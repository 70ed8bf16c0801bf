"""The bot's own process, which the playground starts, ends and kills."""

import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from threading import RLock

ENDS_WITHIN = 10


def serve(environment: Mapping[str, str], folder: Path, clock: Path) -> subprocess.Popen[bytes]:
    """`trailwarden serve` in that folder (so that no `.env` is read), its log beside the database.

    `clock` is the file of a MovableClock.
    """
    with (folder / "bot.log").open("ab") as log:
        command = [sys.executable, "-m", "bot.playground.bot", str(clock), "serve"]
        return subprocess.Popen(command, env=dict(environment), cwd=folder, stderr=log)  # noqa: S603 - our own program


class BotProcess:
    """One that may be started anew; thread-safe."""

    def __init__(self, environment: Mapping[str, str], folder: Path, clock: Path) -> None:
        self.log = folder / "bot.log"
        self._start: Callable[[], subprocess.Popen[bytes]] = lambda: serve(environment, folder, clock)
        self._lock = RLock()
        self._over = False
        self._process = self._start()

    def has_ended(self) -> bool:
        """By itself: while it is being restarted, it has not."""
        with self._lock:
            return self._process.poll() is not None

    def restart(self) -> None:
        """Kill it where it stands (SIGKILL: it cannot tidy up), and start another; nothing after `stop`."""
        with self._lock:
            if self._over:
                return
            self._process.kill()
            self._process.wait()
            self._process = self._start()

    def stop(self) -> None:
        with self._lock:
            self._over = True
            self._process.terminate()
            try:
                self._process.wait(timeout=ENDS_WITHIN)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
