"""A flood of forged requests while people work: `python -m tests.bench.forged [SECONDS]`, default 10.

The real bot takes signed HTTP on loopback. Eight strangers send a command with another one's signature as fast as they
can; one person types commands meanwhile.
"""

import sys
import threading
import time
from dataclasses import replace

from bot.playground.slack.posts import Posts, Request
from tests.bench.commands import staged
from tests.stories.stage import CHANNEL, Stage

STRANGERS = 8


def flooding(posts: Posts, forged: Request, over: threading.Event, counts: list[int]) -> None:
    number = 0
    while not over.is_set():
        assert not posts.post(forged).acked
        number += 1
    counts.append(number)


def working(stage: Stage, seconds: float) -> list[float]:
    """The seconds until each command was acknowledged."""
    end, took = time.monotonic() + seconds, []
    while time.monotonic() < end:
        begun = time.perf_counter()
        assert stage.alice.types(CHANNEL, "/trail-audit changes").acked
        took.append(time.perf_counter() - begun)
        time.sleep(0.1)
    return took


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 10.0
    over, counts = threading.Event(), list[int]()
    with staged("http") as stage:
        stage.types(stage.alice, "help")
        posts = stage.slack.posts
        forged = replace(posts.requests[-1], body=posts.requests[-1].body + b"&text=digest+off")
        strangers = [threading.Thread(target=flooding, args=(posts, forged, over, counts)) for _ in range(STRANGERS)]
        for stranger in strangers:
            stranger.start()
        took = working(stage, seconds)
        over.set()
        for stranger in strangers:
            stranger.join()
        lines = stage.log().count("refused with 401")
    print(f"{sum(counts)} forged, {lines} lines in the log; {len(took)} genuine, slowest {max(took):.2f} s")


if __name__ == "__main__":
    main()
