"""PostgreSQL refuses to alter, remove or truncate evidence, as SQLite has done from the first schema on.

One trigger a statement, so that it also speaks where no row would match; ALWAYS, so that no session setting turns it
off. `INSERT … ON CONFLICT DO UPDATE` and `MERGE` ask the trigger on UPDATE too.
"""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute(
        "CREATE FUNCTION evidence_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'evidence is append-only'; END $$"
    )
    op.execute(
        "CREATE TRIGGER evidence_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON evidence "
        "FOR EACH STATEMENT EXECUTE FUNCTION evidence_is_append_only()"
    )
    op.execute("ALTER TABLE evidence ENABLE ALWAYS TRIGGER evidence_no_change")
