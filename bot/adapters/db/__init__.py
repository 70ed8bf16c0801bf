"""The database: SQLAlchemy Core, Alembic migrations; SQLite by default."""
