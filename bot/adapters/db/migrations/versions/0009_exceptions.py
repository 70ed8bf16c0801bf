"""A change that is an exception remembers who ended it early, and which notices its owner had."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.add_column("changes", sa.Column("ended_by", sa.String(32), nullable=False, server_default=""))
    op.add_column("changes", sa.Column("reviewed", sa.Integer, nullable=False, server_default="0"))
