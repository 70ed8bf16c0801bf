"""How the workspace reaches the app; what the app answers is the same on every way."""

from dataclasses import dataclass
from typing import Protocol

from bot.playground.exchanges import Began, Journal
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

    def still_twice(self) -> int:
        """How many of the next envelopes come twice."""

    def count(self) -> int:
        """How many ways to the app are open at this moment."""


class Recorded:
    """A transport whose envelopes are written down."""

    def __init__(self, transport: Transport, journal: Journal) -> None:
        self._transport, self._journal = transport, journal
        self.deliver_twice, self.still_twice = transport.deliver_twice, transport.still_twice
        self.count = transport.count

    def deliver(self, envelope: JsonObject) -> Delivery:
        began = Began()
        delivery = self._transport.deliver(envelope)
        outcome = "ack" if delivery.acked else str(delivery.error)
        kind, payload = envelope["type"], envelope["payload"]
        name, about = f"{kind} {_name(kind, payload)}", _about(payload)
        self._journal.add(began, "envelope", name, about, envelope, delivery.payload, outcome)
        return delivery


def _name(kind: str, payload: JsonObject) -> str:
    """What happened: "/trail-audit fix dev", "block_actions approve", "view_submission deny_change", …"""
    if kind == "slash_commands":
        return f"{payload['command']} {payload['text']}".strip()
    if kind == "events_api":
        return str(payload["event"]["type"])
    what = payload["actions"][0]["action_id"] if payload.get("actions") else payload["view"]["callback_id"]
    return f"{payload['type']} {what}"


def _about(payload: JsonObject) -> str:
    """Who did it, by name where Slack tells it."""
    user = payload.get("user") or {}
    event = payload.get("event") or {}
    return str(payload.get("user_name") or user.get("username") or user.get("name") or event.get("user") or "")
