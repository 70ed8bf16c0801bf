"""A change remembers whether the first log file of the trail that it started was seen."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("changes", sa.Column("delivery", sa.String(8), nullable=False, server_default=""))
