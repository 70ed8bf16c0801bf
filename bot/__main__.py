"""`python -m bot`, the same as `trailwarden`."""

import sys

from bot.cli import drop_stdout
from bot.cli import main as run

EXIT_BROKEN_PIPE = 141
"""What a shell calls a program that SIGPIPE ended."""


def main() -> None:
    try:
        sys.exit(run())
    except BrokenPipeError:  # the reader of a pipe, such as `head`, has seen enough
        drop_stdout()
        sys.exit(EXIT_BROKEN_PIPE)


if __name__ == "__main__":
    main()
