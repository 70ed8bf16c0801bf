"""`python -m bot`, the same as `trailwarden`."""

import sys

from bot.cli import main as run


def main() -> None:
    sys.exit(run())


if __name__ == "__main__":
    main()
