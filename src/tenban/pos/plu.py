"""The PLU master of a shop: imported, versioned, served whole or as a delta, announced to the tills."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection

from tenban.access.model import Actor, Function
from tenban.base.clock import Instant
from tenban.base.errors import BadInput
from tenban.pos import plu_queries as queries
from tenban.pos.codes import DEFAULT_LAYOUTS, Layout, read_code
from tenban.pos.link import issue_command
from tenban.pos.plu_file import BadLine, PluFile, PluItem
from tenban.sites.model import Shop


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did; the version stays what it was where nothing changed."""

    shop: str
    version: int
    added: int
    changed: int
    unchanged: int
    removed: int
    bad: tuple[BadLine, ...]


@dataclass(frozen=True, slots=True)
class Delta:
    """What differs between a version and the newest one."""

    version: int
    changed: tuple[PluItem, ...]
    removed: tuple[str, ...]


def import_plu(
    connection: Connection,
    actor: Actor,
    now_at: Instant,
    shop: Shop,
    file: PluFile,
    *,
    source: str,
    replace: bool = False,
) -> Imported:
    """Bring a shop's master to what a file says, and tell its registers ``plu_changed``.

    With ``replace``, articles that the file does not name are removed; but a file of which lines were set
    aside does not remove anything: a misread line must not take an article off sale.

    Raises:
        BadInput: ``replace`` with a file of which lines were set aside.
    """
    actor.must(Function.PLU_WRITE, shop=shop.id)
    if replace and file.bad:
        raise BadInput(
            source,
            expected="a file without bad lines, because articles it does not name are to be removed",
            came=f"{len(file.bad)} bad lines, the first at line {file.bad[0].line}",
        )
    before = {row["code"]: PluItem(**row) for row in queries.current(connection, shop.id)}
    ever = queries.all_codes(connection, shop.id)
    added = [item for item in file.items if item.code not in before]
    changed = [item for item in file.items if item.code in before and before[item.code] != item]
    named = {item.code for item in file.items}
    removed = sorted(before.keys() - named) if replace else []
    version = queries.version(connection, shop.id)
    if added or changed or removed:
        version += 1
        queries.put(connection, shop.id, [asdict(item) for item in (*added, *changed)], ever, version)
        queries.remove(connection, shop.id, removed, version)
        queries.add_version(
            connection,
            shop=shop.id,
            version=version,
            imported_at=now_at,
            imported_by=actor.id,
            source=source,
            changed=len(added) + len(changed),
            removed=len(removed),
        )
        for register in shop.registers:
            issue_command(connection, register.id, "plu_changed", {"version": version}, now_at, actor=actor)
    return Imported(
        shop.id,
        version,
        len(added),
        len(changed),
        len(file.items) - len(added) - len(changed),
        len(removed),
        file.bad,
    )


def plu_version(connection: Connection, actor: Actor, shop: str) -> int:
    """Return the newest version of a shop's master; 0 before the first import."""
    actor.must(Function.PLU_READ, shop=shop)
    return queries.version(connection, shop)


def plu_master(connection: Connection, actor: Actor, shop: str) -> tuple[int, list[PluItem]]:
    """Return the newest version and all its articles, by code."""
    version = plu_version(connection, actor, shop)
    return version, [PluItem(**row) for row in queries.current(connection, shop)]


def plu_delta(connection: Connection, actor: Actor, shop: str, since: int) -> Delta:
    """Return what changed after a version.

    Raises:
        BadInput: a version that has not been yet; the asker should fetch the whole.
    """
    version = plu_version(connection, actor, shop)
    if not 0 <= since <= version:
        raise BadInput("since", expected=f"a version from 0 to {version}", came=since)
    rows: list[dict[str, Any]] = [dict(row) for row in queries.changed_since(connection, shop, since)]
    gone = tuple(row["code"] for row in rows if row["removed"])
    kept = [row for row in rows if not row.pop("removed")]
    return Delta(version, tuple(PluItem(**row) for row in kept), gone)


def look_up(
    connection: Connection, actor: Actor, shop: str, text: str, layouts: Sequence[Layout] = DEFAULT_LAYOUTS
) -> PluItem | None:
    """Return the article that a scanned code means, or None.

    Raises:
        BadInput: the code's check digit is wrong.
    """
    actor.must(Function.PLU_READ, shop=shop)
    row = queries.find(connection, shop, read_code(text, layouts).key)
    return None if row is None else PluItem(**row)


def imports(connection: Connection, actor: Actor, shop: str) -> list[dict[str, Any]]:
    """Return the latest imports of a shop, newest first."""
    actor.must(Function.PLU_READ, shop=shop)
    return [dict(row) for row in queries.history(connection, shop)]
