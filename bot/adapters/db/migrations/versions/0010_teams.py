"""Every row belongs to a workspace; those that are there get it at the next start."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    for table in ("changes", "runs", "subscriptions", "digests", "outbox"):
        op.add_column(table, sa.Column("team", sa.String(32), nullable=False, server_default=""))
    op.rename_table("inbox", "former_inbox")
    op.drop_index("ix_inbox_at", "former_inbox")
    op.create_table(
        "inbox",
        sa.Column("team", sa.String(32), primary_key=True, server_default=""),
        sa.Column("id", sa.String(255), primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, index=True),
    )
    op.execute("INSERT INTO inbox (id, at) SELECT id, at FROM former_inbox")
    op.drop_table("former_inbox")
