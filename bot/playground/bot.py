"""`trailwarden serve` with the playground's clock: `python -m bot.playground.bot CLOCK_FILE`."""

import sys
from pathlib import Path

from bot.__main__ import main
from bot.playground.clock import follow

if __name__ == "__main__":
    follow(Path(sys.argv.pop()))
    sys.argv.append("serve")
    main()
