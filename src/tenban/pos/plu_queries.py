"""All SQL of the PLU master."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, RowMapping

from tenban.pos.tables import plu_items as items
from tenban.pos.tables import plu_versions as versions

_SHOWN = (
    items.c.code,
    items.c.name,
    items.c.unit_price,
    items.c.unit,
    items.c.category,
    items.c.reading,
    items.c.minimum_age,
)


def version(connection: Connection, shop: str) -> int:
    """Return the newest version of a shop's master; 0 before the first import."""
    query = sa.select(sa.func.max(versions.c.version)).where(versions.c.shop == shop)
    return int(connection.execute(query).scalar() or 0)


def add_version(connection: Connection, **columns: Any) -> None:
    """Write down one import."""
    connection.execute(versions.insert().values(**columns))


def history(connection: Connection, shop: str, *, limit: int = 20) -> Sequence[RowMapping]:
    """Return the latest imports, newest first."""
    query = (
        sa.select(versions).where(versions.c.shop == shop).order_by(versions.c.version.desc()).limit(limit)
    )
    return connection.execute(query).mappings().all()


def current(connection: Connection, shop: str) -> Sequence[RowMapping]:
    """Return the articles on sale, by code."""
    query = sa.select(*_SHOWN).where(items.c.shop == shop, items.c.removed.is_(False)).order_by(items.c.code)
    return connection.execute(query).mappings().all()


def changed_since(connection: Connection, shop: str, version: int) -> Sequence[RowMapping]:
    """Return the articles that changed after a version, removed ones included, by code."""
    query = (
        sa.select(*_SHOWN, items.c.removed)
        .where(items.c.shop == shop, items.c.version > version)
        .order_by(items.c.code)
    )
    return connection.execute(query).mappings().all()


def find(connection: Connection, shop: str, code: str) -> RowMapping | None:
    """Return one article on sale, or None."""
    query = sa.select(*_SHOWN).where(items.c.shop == shop, items.c.code == code, items.c.removed.is_(False))
    return connection.execute(query).mappings().first()


def put(
    connection: Connection, shop: str, rows: Sequence[dict[str, Any]], codes_known: set[str], at_version: int
) -> None:
    """Insert or replace articles."""
    fresh = [{**row, "shop": shop, "version": at_version} for row in rows if row["code"] not in codes_known]
    known = [
        {f"to_{name}": value for name, value in row.items()} for row in rows if row["code"] in codes_known
    ]
    if fresh:
        connection.execute(items.insert(), fresh)
    if known:
        connection.execute(
            items.update()
            .where(items.c.shop == shop, items.c.code == sa.bindparam("to_code"))
            .values(
                name=sa.bindparam("to_name"),
                unit_price=sa.bindparam("to_unit_price"),
                unit=sa.bindparam("to_unit"),
                category=sa.bindparam("to_category"),
                reading=sa.bindparam("to_reading"),
                minimum_age=sa.bindparam("to_minimum_age"),
                version=at_version,
                removed=False,
            ),
            known,
        )


def all_codes(connection: Connection, shop: str) -> set[str]:
    """Return every code the shop has ever had, removed ones included."""
    return set(connection.execute(sa.select(items.c.code).where(items.c.shop == shop)).scalars())


def remove(connection: Connection, shop: str, codes: Sequence[str], at_version: int) -> None:
    """Mark articles as removed; their codes stay, so that deltas can tell."""
    if codes:
        connection.execute(
            items.update()
            .where(items.c.shop == shop, items.c.code == sa.bindparam("gone"))
            .values(removed=True, version=at_version),
            [{"gone": code} for code in codes],
        )
