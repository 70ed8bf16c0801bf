"""`trailwarden` with the playground's clock: `python -m bot.playground.bot CLOCK_FILE serve`, or any other command."""

import sys
from pathlib import Path

from bot.__main__ import main
from bot.playground.clock import follow

if __name__ == "__main__":
    follow(Path(sys.argv.pop(1)))
    main()
