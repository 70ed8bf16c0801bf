"""Many slash commands at once: how long until each is acknowledged? `python -m tests.bench.commands [N [http]]`.

200 over Socket Mode by default. The real bot in its own process, the local Slack workspace and the pretend AWS, on
loopback.
Slack shows "operation timed out" to whoever is not acknowledged within 3 seconds.
"""

import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.playground.aws import start_aws
from bot.playground.slack import DEFAULT_SETUP, Way, start_workspace
from tests.stories.stage import CHANNEL, Stage


@contextmanager
def staged(delivery: Way) -> Iterator[Stage]:
    aws, slack = start_aws(), start_workspace(DEFAULT_SETUP, delivery=delivery)
    with tempfile.TemporaryDirectory() as folder:
        stage = Stage(aws, slack, Path(folder))
        try:
            with stage.bot(TRAILWARDEN_COMMAND_RATE="0"):
                yield stage
        finally:
            slack.stop()
            aws.stop()


def acknowledged(stage: Stage, number: int) -> tuple[list[float], int]:
    """The seconds of each that was acknowledged, and how many were not."""
    seconds: list[float] = []
    missed: list[int] = []
    together = threading.Barrier(number)

    def typing(n: int) -> None:
        together.wait()
        begun = time.perf_counter()
        result = stage.alice.types(CHANNEL, "/trail-audit changes")
        (seconds.append(time.perf_counter() - begun) if result.acked else missed.append(n))

    threads = [threading.Thread(target=typing, args=(n,)) for n in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(seconds), len(missed)


def main() -> None:
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    delivery: Way = "http" if sys.argv[2:] == ["http"] else "socket"
    with staged(delivery) as stage:
        stage.types(stage.alice, "help")
        seconds, missed = acknowledged(stage, number)
    median, slowest = seconds[len(seconds) // 2], seconds[-1]
    print(f"{number} commands at once: {missed} not acknowledged, median {median:.2f} s, slowest {slowest:.2f} s")


if __name__ == "__main__":
    main()
