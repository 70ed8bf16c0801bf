"""Alembic's entry: runs on the connection that `bot.adapters.db.engine.migrate` hands over."""

from alembic import context

from bot.adapters.db.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
