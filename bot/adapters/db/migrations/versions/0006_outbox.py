"""Messages are written down before they are sent. Where the cards are, and what they show, moves there."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

WHEN = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("key", sa.String(64), nullable=False, unique=True),
        sa.Column("subject", sa.String(128), nullable=False, unique=True),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("blocks", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("thread", sa.String(32), nullable=False),
        sa.Column("since", WHEN, nullable=False),
        sa.Column("not_before", WHEN, nullable=False),
        sa.Column("stage", sa.String(16), nullable=False, index=True),
        sa.Column("message", sa.String(32), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("owner", sa.String(64), nullable=False),
        sa.Column("in_doubt", sa.Boolean, nullable=False),
        sa.Column("error", sa.Text, nullable=False),
    )
    _move("changes", "'change:C-' || number", "number", "painted", "proposed_at")
    _move("runs", "'run:' || id", "0", "0", "started")
    op.drop_column("changes", "painted")
    op.drop_column("runs", "message")


def _move(table: str, subject: str, place: str, version: str, at: str) -> None:
    """Each message that is in a channel already, as one that was sent."""
    op.execute(
        "INSERT INTO outbox (key, subject, channel, place, text, blocks, version, thread, since, not_before, stage, "  # noqa: S608 - ours
        "message, revision, attempts, owner, in_doubt, error) "
        f"SELECT {subject}, {subject}, channel, {place}, '', '[]', {version}, '', {at}, {at}, 'sent', "
        f"message, 0, 0, '', false, '' FROM {table} WHERE message <> ''"
    )
