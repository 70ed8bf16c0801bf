"""The port Subscriptions: who gets a digest when, and what the last one said."""

from datetime import datetime, time

from sqlalchemy import Engine, Row, delete, insert, select

from bot.adapters.db import codec
from bot.adapters.db.engine import for_reading
from bot.adapters.db.tables import digests, subscriptions
from bot.domain.digest import Subscription
from bot.domain.finding import Report


class SubscriptionsTable:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._reading = for_reading(engine)

    def put(self, subscription: Subscription) -> Subscription:
        """The channel's one subscription; its id is new, since its digests' keys start anew with it."""
        values = {name: getattr(subscription, name) for name in ("channel", "zone", "weekdays", "owner", "since")}
        with self._engine.begin() as connection:
            connection.execute(delete(subscriptions).where(subscriptions.c.channel == subscription.channel))
            connection.execute(insert(subscriptions).values(**values, at=f"{subscription.at:%H:%M}"))
            row = connection.execute(select(subscriptions).where(subscriptions.c.channel == subscription.channel))
            return _subscription(row.one())

    def remove(self, channel: str) -> bool:
        with self._engine.begin() as connection:
            return connection.execute(delete(subscriptions).where(subscriptions.c.channel == channel)).rowcount > 0

    def get(self, id: int) -> Subscription | None:
        return next((s for s in self.all() if s.id == id), None)

    def of(self, channel: str) -> Subscription | None:
        return next((s for s in self.all() if s.channel == channel), None)

    def all(self) -> tuple[Subscription, ...]:
        with self._reading.connect() as connection:
            return tuple(_subscription(row) for row in connection.execute(select(subscriptions)))

    def last_report(self, channel: str) -> Report | None:
        newest = select(digests.c.report).where(digests.c.channel == channel).order_by(digests.c.at.desc()).limit(1)
        with self._reading.connect() as connection:
            text = connection.execute(newest).scalar()
        return codec.load_any_report(text)

    def newest(self, after: datetime | None = None) -> tuple[str, Report] | None:
        last = select(digests.c.channel, digests.c.report).order_by(digests.c.at.desc()).limit(1)
        last = last.where(digests.c.at > after) if after else last
        with self._reading.connect() as connection:
            row = connection.execute(last).first()
        report = codec.load_any_report(row.report) if row else None
        return (row.channel, report) if row and report else None

    def posted(self, channel: str, key: str, report: Report, at: datetime) -> None:
        values = {"channel": channel, "key": key, "at": at, "report": codec.dump_report(report)}
        with self._engine.begin() as connection:
            connection.execute(insert(digests).values(**values))

    def was_posted(self, channel: str, key: str) -> bool:
        same = (digests.c.channel == channel) & (digests.c.key == key)
        with self._reading.connect() as connection:
            return connection.execute(select(digests.c.key).where(same)).first() is not None


def _subscription(row: Row[tuple[object, ...]]) -> Subscription:
    at = time.fromisoformat(row.at)
    return Subscription(row.channel, at, row.zone, row.weekdays, row.owner, row.since, row.id)
