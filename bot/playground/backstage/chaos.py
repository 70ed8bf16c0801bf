"""What goes wrong in a company's life, done to the real bot at the press of a button."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from bot.playground.clock import MovableClock
from bot.playground.process import BotProcess
from bot.playground.slack import JsonObject

MORNING = 9


class Chaos:
    def __init__(self, bot: BotProcess, clock: MovableClock) -> None:
        self._bot, self._clock = bot, clock
        self.deeds: Mapping[str, Callable[[JsonObject], str]] = {
            "restart": self._restart,
            "tomorrow": self._tomorrow,
        }

    def shown(self) -> JsonObject:
        return {"now": datetime.now(UTC).isoformat()}

    def _restart(self, _: JsonObject) -> str:
        self._bot.restart()
        return "The bot was killed and started again."

    def _tomorrow(self, _: JsonObject) -> str:
        """For AWS, Slack and the bot alike."""
        tomorrow = datetime.now(UTC) + timedelta(days=1)
        self._clock.move_to(tomorrow.replace(hour=MORNING, minute=0, second=0, microsecond=0))
        return f"It is {tomorrow:%A}, 09:00 UTC, here, on AWS and for the bot."
