"""How the workspace reaches the app; what the app answers is the same on every way."""

from dataclasses import dataclass
from typing import Protocol

from bot.playground.slack.message import JsonObject


@dataclass(frozen=True)
class Delivery:
    """How an envelope fared. `payload` is what the ack carried; `error` is what Slack shows, None after an ack."""

    acked: bool
    payload: JsonObject | None = None
    error: str | None = None


class Transport(Protocol):
    def deliver(self, envelope: JsonObject) -> Delivery:
        """Waits for the ack, or until Slack's patience is over. `envelope` has type and payload."""

    def deliver_twice(self, times: int) -> None:
        """The next envelopes come twice, as they may after a lost ack."""

    def count(self) -> int:
        """How many ways to the app are open at this moment."""
