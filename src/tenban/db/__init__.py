"""Engine, migrations, group-commit writer, wake-ups and blobs. Knows no shop word.

Every package keeps its tables in ``tables.py`` on :data:`metadata` and all its SQL in ``queries.py``.
"""

from sqlalchemy import Connection

from tenban.db.database import Database
from tenban.db.schema import JsonText, metadata

__all__ = ["Connection", "Database", "JsonText", "metadata"]
