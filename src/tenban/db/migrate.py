"""Bringing a database to the schema of this version; data keeps moving forward."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from tenban.base.errors import Unavailable
from tenban.db.engine import open_engine

_SCRIPTS = Path(__file__).parent / "migrations"


def migration_config() -> Config:
    """Return where the migrations lie."""
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    return config


def upgrade(url: str, *, to: str = "head") -> None:
    """Apply every migration that the database lacks; several processes may call this at once.

    Raises:
        Unavailable: the database was written by a newer version of Tenban.
    """
    engine = open_engine(url, writes=True)
    try:
        with engine.begin() as connection:
            current = MigrationContext.configure(connection).get_current_revision()
            scripts = ScriptDirectory.from_config(migration_config())
            known = {script.revision for script in scripts.walk_revisions()}
            if current is not None and current not in known:
                raise Unavailable(
                    f"expected a database of this version of Tenban or older, got revision {current}, "
                    "which a newer version wrote; start that version instead"
                )
            config = migration_config()
            config.attributes["connection"] = connection
            command.upgrade(config, to)
    finally:
        engine.dispose()
