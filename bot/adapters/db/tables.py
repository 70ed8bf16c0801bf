"""The tables as the code sees them; the migrations make them."""

from datetime import UTC, datetime

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    Dialect,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    false,
    true,
)


class Moment(TypeDecorator[datetime]):
    """A time in UTC. SQLite forgets the zone, so it is put back; PostgreSQL answers in its session's zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - theirs
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - theirs
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


metadata = MetaData()


def _team() -> Column[str]:
    """The workspace that the row belongs to; "" until the first start that knows it (`teams.adopt`)."""
    return Column("team", String(32), nullable=False, server_default="")


changes = Table(
    "changes",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("state", String(16), nullable=False, index=True),
    Column("version", Integer, nullable=False),
    Column("plan", Text, nullable=False),
    Column("requester", String(32), nullable=False),
    Column("channel", String(32), nullable=False),
    Column("message", String(32), nullable=False),
    Column("proposed_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("decided_at", Moment),
    Column("quorum", Integer, nullable=False),
    Column("done", Integer, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("delivery", String(8), nullable=False, server_default=""),
    Column("reminded", Boolean, nullable=False, server_default=false()),
    Column("told", Boolean, nullable=False, server_default=false()),
    Column("ended_by", String(32), nullable=False, server_default=""),
    Column("reviewed", Integer, nullable=False, server_default="0"),
    _team(),
)

votes = Table(
    "votes",
    metadata,
    Column("change", Integer, primary_key=True),
    Column("user", String(32), primary_key=True),
    Column("approve", Boolean, nullable=False),
    Column("at", Moment, nullable=False),
    Column("reason", Text, nullable=False),
)

evidence = Table(
    "evidence",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False),
    Column("change", String(16), nullable=False, index=True),
    Column("what", String(32), nullable=False),
    Column("actor", String(32), nullable=False),
    Column("facts", Text, nullable=False),
    Column("previous", String(64), nullable=False, unique=True),
    Column("hash", String(64), nullable=False),
)

runs = Table(
    "runs",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("channel", String(32), nullable=False, index=True),
    Column("requester", String(32), nullable=False),
    Column("scope", Text, nullable=False),
    Column("started", Moment, nullable=False),
    Column("finished", Moment, index=True),
    Column("packed", LargeBinary),
    Column("owner", String(64), nullable=False, server_default=""),
    _team(),
)

subscriptions = Table(
    "subscriptions",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("channel", String(32), nullable=False, index=True),
    Column("at", String(5), nullable=False),
    Column("zone", String(64), nullable=False),
    Column("rhythm", String(16), nullable=False),
    Column("scope", Text, nullable=False),
    Column("controls", Text, nullable=False),
    Column("only_changes", Boolean, nullable=False),
    Column("paused", Text, nullable=False),
    Column("owner", String(32), nullable=False),
    Column("since", Moment, nullable=False),
    _team(),
    sqlite_autoincrement=True,
)

digests = Table(
    "digests",
    metadata,
    Column("channel", String(32), primary_key=True),
    Column("key", String(64), primary_key=True),
    Column("at", Moment, nullable=False, index=True),
    Column("subscription", Integer, nullable=False, server_default="0"),
    Column("whole", Boolean, nullable=False, server_default=true()),
    Column("score", Integer, nullable=False, server_default="0"),
    Column("packed", LargeBinary),
    _team(),
    Index("ix_digests_line", "channel", "subscription", "at"),
)

inbox = Table(
    "inbox",
    metadata,
    Column("team", String(32), primary_key=True, server_default=""),
    Column("id", String(255), primary_key=True),
    Column("at", Moment, nullable=False, index=True),
)

installations = Table(
    "installations",
    metadata,
    Column("team", String(32), primary_key=True),
    Column("app", String(32), nullable=False),
    Column("name", Text, nullable=False),
    Column("installer", String(32), nullable=False),
    Column("at", Moment, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("sealed", Text, nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("key", String(64), nullable=False, unique=True),
    Column("subject", String(128), nullable=False, unique=True),
    Column("channel", String(32), nullable=False),
    Column("place", Integer, nullable=False),
    Column("text", Text, nullable=False),
    Column("blocks", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("thread", String(128), nullable=False),
    Column("since", Moment, nullable=False),
    Column("not_before", Moment, nullable=False),
    Column("stage", String(16), nullable=False, index=True),
    Column("message", String(32), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("owner", String(64), nullable=False),
    Column("in_doubt", Boolean, nullable=False),
    Column("error", Text, nullable=False),
    _team(),
)
