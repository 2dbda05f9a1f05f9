"""All SQL of cases."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, RowMapping

from tenban.base.clock import Instant
from tenban.cases.model import Case, Form, Item, Package, PackageState, State
from tenban.cases.tables import case_history, case_items, case_packages, cases
from tenban.video.tables import footage_locks


def add_case(connection: Connection, case: Case) -> None:
    """Insert a case."""
    connection.execute(cases.insert().values(**asdict(case)))


def case_by_id(connection: Connection, case_id: str) -> Case | None:
    """Return a case, deleted ones too; locked for update where the database has row locks."""
    query = sa.select(cases).where(cases.c.id == case_id).with_for_update()
    row = connection.execute(query).mappings().first()
    return None if row is None else _case(row)


def change_case(connection: Connection, case_id: str, **columns: Any) -> None:
    """Change a case."""
    connection.execute(cases.update().where(cases.c.id == case_id).values(**columns))


def last_reference(connection: Connection, shop: str, year: str) -> str | None:
    """Return the highest reference of a shop's year, deleted cases' too."""
    query = sa.select(sa.func.max(cases.c.reference)).where(
        cases.c.shop == shop, cases.c.reference.startswith(f"{year}-", autoescape=True)
    )
    found: str | None = connection.execute(query).scalar()
    return found


def find_cases(
    connection: Connection,
    shops: Collection[str] | None,
    *,
    text: str | None,
    state: str | None,
    before: tuple[Instant, str] | None,
    limit: int,
) -> list[tuple[Case, int, int]]:
    """Return cases with how many items and finished packages each has, newest first; none that is deleted."""
    items = (
        sa.select(sa.func.count())
        .select_from(case_items)
        .where(case_items.c.case_id == cases.c.id)
        .correlate(cases)
        .scalar_subquery()
    )
    ready = case_packages.c.state == PackageState.READY.value
    packages = (
        sa.select(sa.func.count())
        .select_from(case_packages)
        .where(case_packages.c.case_id == cases.c.id, ready)
        .correlate(cases)
        .scalar_subquery()
    )
    query = sa.select(cases, items.label("item_count"), packages.label("package_count"))
    query = query.where(cases.c.state != State.DELETED.value)
    if shops is not None:
        query = query.where(cases.c.shop.in_(shops))
    if state is not None:
        query = query.where(cases.c.state == state)
    if text:
        fits = sa.func.lower(cases.c.title).contains(text.lower(), autoescape=True)
        query = query.where(sa.or_(fits, cases.c.reference.contains(text, autoescape=True)))
    if before is not None:
        query = query.where(sa.tuple_(cases.c.opened_at, cases.c.id) < sa.tuple_(*map(sa.literal, before)))
    query = query.order_by(cases.c.opened_at.desc(), cases.c.id.desc()).limit(limit)
    found = []
    for row in connection.execute(query).mappings():
        columns = dict(row)
        counts = columns.pop("item_count"), columns.pop("package_count")
        found.append((_case(columns), *counts))
    return found


def cases_of_incident(connection: Connection, incident: str) -> list[Case]:
    """Return the cases an incident is in."""
    query = sa.select(cases).join(case_items, case_items.c.case_id == cases.c.id)
    query = query.where(case_items.c.incident == incident).distinct().order_by(cases.c.opened_at)
    return [_case(row) for row in connection.execute(query).mappings()]


def add_item(connection: Connection, item: Item) -> None:
    """Insert an item."""
    connection.execute(case_items.insert().values(**{**asdict(item), "cameras": list(item.cameras)}))


def items_of(connection: Connection, case_id: str) -> list[Item]:
    """Return what a case contains, in the order it was added."""
    query = sa.select(case_items).where(case_items.c.case_id == case_id)
    query = query.order_by(case_items.c.added_at, case_items.c.id)
    return [_item(row) for row in connection.execute(query).mappings()]


def drop_items(connection: Connection, case_id: str, item_id: str | None = None) -> None:
    """Take one item out of a case, or all."""
    query = case_items.delete().where(case_items.c.case_id == case_id)
    connection.execute(query if item_id is None else query.where(case_items.c.id == item_id))


def lock_footage(connection: Connection, held_for: str, item: Item, cameras: Collection[str]) -> None:
    """Keep the footage of an item, of the cameras that record it."""
    for camera in cameras:
        span = {"camera": camera, "start_at": item.start_at, "end_at": item.end_at}
        connection.execute(footage_locks.insert().values(held_for=held_for, **span))


def unlock_footage(connection: Connection, held_for: str) -> None:
    """Let go of the footage of an item."""
    connection.execute(footage_locks.delete().where(footage_locks.c.held_for == held_for))


def add_history(connection: Connection, **columns: Any) -> None:
    """Write down what was done with a case."""
    connection.execute(case_history.insert().values(**columns))


def history(connection: Connection, case_id: str) -> list[RowMapping]:
    """Return what was done with a case, oldest first."""
    query = sa.select(case_history).where(case_history.c.case_id == case_id).order_by(case_history.c.n)
    return list(connection.execute(query).mappings())


def add_package(connection: Connection, package: Package) -> None:
    """Insert a package."""
    connection.execute(case_packages.insert().values(**asdict(package)))


def packages_of(connection: Connection, case_id: str) -> list[Package]:
    """Return a case's packages, newest first; deleted ones too."""
    query = sa.select(case_packages).where(case_packages.c.case_id == case_id)
    query = query.order_by(case_packages.c.number.desc())
    return [_package(row) for row in connection.execute(query).mappings()]


def package_by_id(connection: Connection, package_id: str) -> Package | None:
    """Return a package, deleted ones too; locked for update where the database has row locks."""
    query = sa.select(case_packages).where(case_packages.c.id == package_id).with_for_update()
    row = connection.execute(query).mappings().first()
    return None if row is None else _package(row)


def next_package(connection: Connection, now_at: Instant) -> Package | None:
    """Return the package that waits longest and that nobody makes."""
    free = sa.or_(case_packages.c.lease_at.is_(None), case_packages.c.lease_at <= now_at)
    query = sa.select(case_packages).where(case_packages.c.state == PackageState.WAITING.value, free)
    row = connection.execute(query.order_by(case_packages.c.ordered_at).limit(1)).mappings().first()
    return None if row is None else _package(row)


def change_package(
    connection: Connection, package_id: str, *, held_at: Instant | None, **columns: Any
) -> bool:
    """Change a package that waits, for whoever holds this lease; False where it is held no longer."""
    query = case_packages.update().where(
        case_packages.c.id == package_id,
        case_packages.c.state == PackageState.WAITING.value,
        case_packages.c.lease_at.is_(None) if held_at is None else case_packages.c.lease_at == held_at,
    )
    return connection.execute(query.values(**columns)).rowcount == 1


def delete_packages(connection: Connection, ids: Collection[str]) -> None:
    """Mark packages as deleted, whatever became of them."""
    query = case_packages.update().where(case_packages.c.id.in_(ids))
    connection.execute(query.values(state=PackageState.DELETED.value, lease_at=None, purpose="", receiver=""))


def kept_packages(connection: Connection) -> set[str]:
    """Return the ids of packages whose files are kept, or made."""
    kept = (PackageState.WAITING.value, PackageState.READY.value)
    query = sa.select(case_packages.c.id).where(case_packages.c.state.in_(kept))
    return set(connection.execute(query).scalars())


def _case(row: Any) -> Case:
    return Case(**{**row, "state": State(row["state"])})


def _item(row: RowMapping) -> Item:
    columns: dict[str, Any] = dict(row)
    return Item(**{**columns, "cameras": tuple(columns["cameras"])})


def _package(row: RowMapping) -> Package:
    columns: dict[str, Any] = dict(row)
    columns |= {"state": PackageState(columns["state"]), "form": Form(columns["form"])}
    return Package(**columns)
