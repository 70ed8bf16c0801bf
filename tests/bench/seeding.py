"""How long the pretend AWS takes to start and to seed its organization: `python -m tests.bench.seeding [TIMES]`.

Whoever types `make demo` waits for it. The default is 3 times; the first also loads moto's and botocore's models.
"""

import sys
import time

from bot.playground.aws import start_aws


def seconds() -> float:
    begun = time.perf_counter()
    aws = start_aws()
    took = time.perf_counter() - begun
    aws.stop()
    return took


def main() -> None:
    times = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    print("started and seeded in", ", ".join(f"{seconds():.2f} s" for _ in range(times)))


if __name__ == "__main__":
    main()
