"""Alembic's entry: runs the migrations on the connection it is handed."""

from typing import Any, Literal

from alembic import context

from tenban.db.schema import JsonText, metadata


def as_plain_type(kind: str, item: Any, _autogenerate: Any) -> str | Literal[False]:
    """Write our own column types as what the database sees, so that migrations need no product code."""
    return "sa.Text()" if kind == "type" and isinstance(item, JsonText) else False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
    render_item=as_plain_type,
)
context.run_migrations()
