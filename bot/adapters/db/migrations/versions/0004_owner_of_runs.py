"""An audit remembers which process runs it, so that another one's start does not close it.

Audits from before have no owner; nobody holds the lock of that name, so they count as left by the dead.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("runs", sa.Column("owner", sa.String(64), nullable=False, server_default=""))
