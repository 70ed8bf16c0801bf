"""A change remembers that its approvers were reminded, and that its requester was told how it ended."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

ENDED = ("verified", "failed", "denied", "expired", "superseded", "cancelled")


def upgrade() -> None:
    """Nobody is told now of what ended under a release that told nobody."""
    for name in ("reminded", "told"):
        op.add_column("changes", sa.Column(name, sa.Boolean, nullable=False, server_default=sa.false()))
    changes = sa.table("changes", sa.column("state", sa.String), sa.column("told", sa.Boolean))
    op.execute(sa.update(changes).where(changes.c.state.in_(ENDED)).values(told=True))
