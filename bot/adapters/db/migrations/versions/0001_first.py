"""The first schema: changes, votes, evidence, runs, subscriptions, digests."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

WHEN = sa.DateTime(timezone=True)


def upgrade() -> None:
    _changes()
    _evidence()
    _audits()


def _changes() -> None:
    op.create_table(
        "changes",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("state", sa.String(16), nullable=False, index=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("plan", sa.Text, nullable=False),
        sa.Column("requester", sa.String(32), nullable=False),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("message", sa.String(32), nullable=False),
        sa.Column("painted", sa.Integer, nullable=False),
        sa.Column("proposed_at", WHEN, nullable=False),
        sa.Column("expires_at", WHEN, nullable=False),
        sa.Column("decided_at", WHEN),
        sa.Column("quorum", sa.Integer, nullable=False),
        sa.Column("done", sa.Integer, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "votes",
        sa.Column("change", sa.Integer, primary_key=True),
        sa.Column("user", sa.String(32), primary_key=True),
        sa.Column("approve", sa.Boolean, nullable=False),
        sa.Column("at", WHEN, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
    )


def _evidence() -> None:
    """Append-only: SQLite refuses to alter or remove a row."""
    op.create_table(
        "evidence",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", WHEN, nullable=False),
        sa.Column("change", sa.String(16), nullable=False, index=True),
        sa.Column("what", sa.String(32), nullable=False),
        sa.Column("actor", sa.String(32), nullable=False),
        sa.Column("facts", sa.Text, nullable=False),
        sa.Column("previous", sa.String(64), nullable=False, unique=True),
        sa.Column("hash", sa.String(64), nullable=False),
    )
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER evidence_no_{verb.lower()} BEFORE {verb} ON evidence "
                "BEGIN SELECT RAISE(ABORT, 'evidence is append-only'); END"
            )
        op.execute(  # INSERT OR REPLACE removes a row without asking the trigger on DELETE
            "CREATE TRIGGER evidence_no_replace BEFORE INSERT ON evidence "
            "WHEN EXISTS (SELECT 1 FROM evidence WHERE seq = NEW.seq OR previous = NEW.previous) "
            "BEGIN SELECT RAISE(ABORT, 'evidence is append-only'); END"
        )


def _audits() -> None:
    op.create_table(
        "runs",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("channel", sa.String(32), nullable=False, index=True),
        sa.Column("requester", sa.String(32), nullable=False),
        sa.Column("scope", sa.Text, nullable=False),
        sa.Column("started", WHEN, nullable=False),
        sa.Column("message", sa.String(32), nullable=False),
        sa.Column("finished", WHEN, index=True),
        sa.Column("report", sa.Text),
    )
    op.create_table(
        "subscriptions",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("channel", sa.String(32), nullable=False, unique=True),
        sa.Column("at", sa.String(5), nullable=False),
        sa.Column("zone", sa.String(64), nullable=False),
        sa.Column("weekdays", sa.Boolean, nullable=False),
        sa.Column("owner", sa.String(32), nullable=False),
        sa.Column("since", WHEN, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "digests",
        sa.Column("channel", sa.String(32), primary_key=True),
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("at", WHEN, nullable=False, index=True),
        sa.Column("report", sa.Text, nullable=False),
    )
