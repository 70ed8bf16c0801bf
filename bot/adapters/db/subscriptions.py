"""The port Subscriptions: who gets a digest, when, and of what."""

import json
from dataclasses import replace
from datetime import time
from typing import Any

from sqlalchemy import Connection, Engine, Row, delete, insert, select, update

from bot.adapters.db import locks
from bot.adapters.db.engine import for_reading
from bot.adapters.db.tables import digests, subscriptions
from bot.domain.subscription import Subscription


class SubscriptionsTable:
    """Those of one workspace; their ids are counted over all of them."""

    def __init__(self, engine: Engine, team: str = "") -> None:
        self._engine = engine
        self._team = team
        self._ours = subscriptions.c.team == team
        self._reading = for_reading(engine)

    def put(self, subscription: Subscription) -> Subscription:
        with self._engine.begin() as connection:
            locks.until_commit(connection, f"digests:{subscription.channel}")
            before = self._replaced(connection, subscription)
            if before is None:
                made = connection.execute(insert(subscriptions).values(**_values(subscription), team=self._team))
                (id,) = made.inserted_primary_key or (0,)
                return replace(subscription, id=id)
            here = subscriptions.c.id == before.id
            connection.execute(update(subscriptions).where(here).values(**_values(subscription)))
            if before.is_of != subscription.is_of:
                line = (digests.c.team == self._team) & (digests.c.subscription == before.id)
                connection.execute(update(digests).where(line).values(subscription=-before.id))
            return replace(subscription, id=before.id)

    def remove(self, id: int) -> bool:
        with self._engine.begin() as connection:
            return connection.execute(delete(subscriptions).where(self._ours, subscriptions.c.id == id)).rowcount > 0

    def pause(self, id: int, why: str) -> bool:
        here = (subscriptions.c.id == id) & (subscriptions.c.paused != why)
        with self._engine.begin() as connection:
            return connection.execute(update(subscriptions).where(self._ours, here).values(paused=why)).rowcount > 0

    def get(self, id: int) -> Subscription | None:
        return next((s for s in self.all() if s.id == id), None)

    def of(self, channel: str) -> tuple[Subscription, ...]:
        return tuple(s for s in self.all() if s.channel == channel)

    def all(self) -> tuple[Subscription, ...]:
        with self._reading.connect() as connection:
            rows = connection.execute(select(subscriptions).where(self._ours).order_by(subscriptions.c.id))
            return tuple(_subscription(row) for row in rows)

    def _replaced(self, connection: Connection, wanted: Subscription) -> Subscription | None:
        """The one with its id, or, of a new one, the channel's that is of the same: two may ask at once."""
        there = connection.execute(select(subscriptions).where(self._ours, subscriptions.c.channel == wanted.channel))
        found = [_subscription(row) for row in there]
        return next((s for s in found if s.id == wanted.id or (not wanted.id and s.is_of == wanted.is_of)), None)


PLAIN = ("channel", "zone", "owner", "since", "rhythm", "only_changes", "paused")
"""Kept as they are."""


def _values(subscription: Subscription) -> dict[str, object]:
    lists = {name: json.dumps(getattr(subscription, name)) for name in ("scope", "controls")}
    return {name: getattr(subscription, name) for name in PLAIN} | lists | {"at": f"{subscription.at:%H:%M}"}


def _subscription(row: Row[tuple[object, ...]]) -> Subscription:
    kept = row._mapping
    lists: dict[str, Any] = {name: tuple(json.loads(kept[name])) for name in ("scope", "controls")}
    plain: dict[str, Any] = {name: kept[name] for name in PLAIN}
    return Subscription(at=time.fromisoformat(kept["at"]), id=kept["id"], **plain, **lists)
