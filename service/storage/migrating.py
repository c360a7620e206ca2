"""Bringing a database up to the newest schema."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, text

_LOCK = 7_264_921
"""Key of the advisory lock that lets one server at a time migrate a PostgreSQL database."""


def migrate(engine: Engine, revision: str = "head") -> None:
    """Up to `revision`; nothing happens where the database is there already.

    Raises
    ------
    alembic.util.CommandError
        The database was written by a newer version.
    """
    with engine.connect().execution_options(writing=True) as db, db.begin():
        if engine.dialect.name == "postgresql":
            db.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        command.upgrade(config_for(db), revision)


def config_for(db: Connection) -> Config:
    """Alembic's settings for an open connection."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = db
    return config
