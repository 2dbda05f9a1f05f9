"""Write the next migration from the difference between the migrated schema and the tables in code.

Usage: ``python scripts/new_migration.py "what changes"``. Read what it wrote before committing it.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
import sys
import tempfile
from pathlib import Path

from alembic import command

import tenban
from tenban.db.engine import open_engine, sqlite_url
from tenban.db.migrate import migration_config, upgrade


def import_all_tables() -> None:
    """Import every ``tables`` module, so that the metadata is whole."""
    for package in pkgutil.iter_modules(tenban.__path__):
        if package.ispkg and (Path(tenban.__path__[0]) / package.name / "tables.py").exists():
            importlib.import_module(f"tenban.{package.name}.tables")


def main() -> None:
    """Write one revision file."""
    import_all_tables()
    message = sys.argv[1]
    with tempfile.TemporaryDirectory() as folder:
        url = sqlite_url(Path(folder) / "now.db")
        upgrade(url)
        engine = open_engine(url, writes=True)
        with engine.begin() as connection:
            config = migration_config()
            config.attributes["connection"] = connection
            revision = command.revision(config, message, autogenerate=True)
        engine.dispose()
    path = Path(revision.path)  # type: ignore[union-attr]  # one revision was asked for
    text = re.sub(r"\n *# ###.*###", "", path.read_text(encoding="utf-8"))
    # SQLite reports a false default as 0, which PostgreSQL refuses for a boolean.
    text = text.replace(
        "sa.Boolean(), server_default=sa.text('0')", "sa.Boolean(), server_default=sa.false()"
    )
    path.write_text(text, encoding="utf-8")
    print(path)


if __name__ == "__main__":
    main()
