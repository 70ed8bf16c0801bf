"""Several digests a channel, each of its own scope and rhythm; reports are kept compressed, with their failures' ages.

A subscription's id is never given again (AUTOINCREMENT on SQLite): its digests are known by it for ever.
"""

import json
import zlib
from collections.abc import Callable

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

WHEN = sa.DateTime(timezone=True)


def upgrade() -> None:
    _subscriptions()
    _digests()
    _packed("runs", ("id",), "report", lambda text: text)
    with op.batch_alter_table("outbox") as outbox:  # a thread may be named by its first message's subject
        outbox.alter_column("thread", type_=sa.String(128))


def _subscriptions() -> None:
    op.rename_table("subscriptions", "subscriptions_before")
    op.create_table(
        "subscriptions",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("channel", sa.String(32), nullable=False, index=True),
        sa.Column("at", sa.String(5), nullable=False),
        sa.Column("zone", sa.String(64), nullable=False),
        sa.Column("rhythm", sa.String(16), nullable=False),
        sa.Column("scope", sa.Text, nullable=False),
        sa.Column("controls", sa.Text, nullable=False),
        sa.Column("only_changes", sa.Boolean, nullable=False),
        sa.Column("paused", sa.Text, nullable=False),
        sa.Column("owner", sa.String(32), nullable=False),
        sa.Column("since", WHEN, nullable=False),
        sqlite_autoincrement=True,
    )
    op.execute(
        "INSERT INTO subscriptions "
        "(id, channel, at, zone, rhythm, scope, controls, only_changes, paused, owner, since) "
        "SELECT id, channel, at, zone, CASE WHEN weekdays THEN 'weekdays' ELSE 'daily' END, '[]', '[]', false, '', "
        "owner, since FROM subscriptions_before"
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "SELECT setval(pg_get_serial_sequence('subscriptions', 'id'), COALESCE(last_value, 1), "
            "last_value IS NOT NULL) FROM pg_sequences WHERE sequencename = 'subscriptions_id_seq'"
        )
    op.drop_table("subscriptions_before")


def _digests() -> None:
    """What was posted so far, of everything, is the history of the one that the channel has."""
    op.add_column("digests", sa.Column("subscription", sa.Integer, nullable=False, server_default="0"))
    op.add_column("digests", sa.Column("whole", sa.Boolean, nullable=False, server_default=sa.true()))
    op.add_column("digests", sa.Column("score", sa.Integer, nullable=False, server_default="0"))
    op.execute(
        "UPDATE digests SET subscription = COALESCE("
        "(SELECT id FROM subscriptions WHERE subscriptions.channel = digests.channel), 0)"
    )
    _name_times()
    _packed("digests", ("channel", "key"), "report", _with_ages)
    op.create_index("ix_digests_line", "digests", ["channel", "subscription", "at"])


def _name_times() -> None:
    """A digest is kept under its date and time from now on; otherwise today's would be posted again."""
    there, posted = sa.table("subscriptions", sa.column("id"), sa.column("at")), sa.table("digests", sa.column("key"))
    connection = op.get_bind()
    for id, at in connection.execute(sa.select(there.c.id, there.c.at)).all():
        named = posted.c.key.like(f"digest:{id}:%")
        connection.execute(sa.update(posted).where(named).values(key=posted.c.key + f"T{at.replace(':', '')}"))


def _with_ages(text: str) -> str:
    """Since when it failed before its first digest nobody knows."""
    (report,) = json.loads(text)
    failures = [
        [account["account"]["id"], finding["control"], report["started"]]
        for account in report["accounts"]
        for finding in account["findings"]
        if finding["verdict"] == "FAIL"
    ]
    return json.dumps({"report": [report], "since": failures})


def _packed(table: str, key: tuple[str, ...], name: str, made: Callable[[str], str]) -> None:
    """The texts of a column as compressed bytes, row by row; what cannot be read is left to its reader."""
    op.add_column(table, sa.Column("packed", sa.LargeBinary))
    columns = sa.table(table, *(sa.column(k) for k in (*key, name, "packed")))
    connection = op.get_bind()
    ids = connection.execute(sa.select(*(columns.c[k] for k in key)).where(columns.c[name].is_not(None))).all()
    for id in ids:
        here = sa.and_(*(columns.c[k] == value for k, value in zip(key, id, strict=True)))
        text = connection.execute(sa.select(columns.c[name]).where(here)).scalar_one()
        connection.execute(sa.update(columns).where(here).values(packed=zlib.compress(_tried(made, text).encode(), 9)))
    op.drop_column(table, name)


def _tried(made: Callable[[str], str], text: str) -> str:
    try:
        return made(text)
    except (ValueError, LookupError, TypeError):
        return text
