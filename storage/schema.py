"""Bring a database to today's schema, and say whether it is there. Alembic runs inside our own transactions."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect

from storage.session import Database

HERE = Path(__file__).parent / "migrations"


def config(connection: Connection | None = None) -> Config:
    settings = Config()
    settings.set_main_option("script_location", str(HERE))
    settings.attributes["connection"] = connection
    return settings


def upgrade(database: Database, revision: str = "head") -> None:
    """Migrate in one transaction: after a crash the schema is the old one or the new one, never half of it."""
    with database.begin() as c:
        if c.dialect.name == "postgresql":
            c.exec_driver_sql("SELECT pg_advisory_xact_lock(7326)")
            c.exec_driver_sql("SET LOCAL statement_timeout = 0")
        command.upgrade(config(c), revision)


def downgrade(database: Database, revision: str) -> None:
    with database.begin() as c:
        command.downgrade(config(c), revision)


def head() -> str:
    """The newest revision this code knows."""
    return str(ScriptDirectory.from_config(config()).get_current_head())


def current(c: Connection) -> str | None:
    """The revision of this database, or None for one that was never migrated."""
    if not inspect(c).has_table("alembic_version"):
        return None
    return MigrationContext.configure(c).get_current_revision()
