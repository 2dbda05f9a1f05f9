"""Flags (マーキング) on the timeline of footage: those that tills make, and those that people set."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy import Connection

from tenban.access.audit import AuditEvent, write_down
from tenban.access.model import Actor, Function
from tenban.base.clock import Instant
from tenban.base.errors import BadInput, NotFound
from tenban.base.ids import new_id
from tenban.base.span import Span
from tenban.pos.model import SaleEventType
from tenban.pos.tables import flags

LONGEST_NAME, LONGEST_NOTE = 100, 1000
MOST = 2_000
"""Flags of one answer at most; a day of a shop has some dozens."""


class Mark(StrEnum):
    """What a till's event marks on the timeline by itself."""

    PAID = "paid"
    CHANGED = "changed"
    """A line was taken back."""
    CANCELLED = "cancelled"
    VOIDED = "voided"
    REFUNDED = "refunded"
    DRAWER_OPENED = "drawer_opened"


MARK_OF = {
    SaleEventType.PAID: Mark.PAID,
    SaleEventType.ITEM_VOIDED: Mark.CHANGED,
    SaleEventType.SALE_CANCELLED: Mark.CANCELLED,
    SaleEventType.SALE_VOIDED: Mark.VOIDED,
    SaleEventType.REFUNDED: Mark.REFUNDED,
    SaleEventType.DRAWER_OPENED: Mark.DRAWER_OPENED,
}


@dataclass(frozen=True, slots=True)
class Flag:
    """A moment that somebody marked.

    Attributes:
        register: the register it is about, or None.
        camera: the camera it is about, or None.
        removed_at: since when it is not shown; None while it is.
    """

    id: str
    shop: str
    register: str | None
    camera: str | None
    at: Instant
    name: str
    note: str
    made_by: str
    made_by_name: str
    made_at: Instant
    changed_at: Instant
    removed_at: Instant | None


def set_flag(
    connection: Connection,
    actor: Actor,
    now_at: Instant,
    *,
    shop: str,
    at: Instant,
    name: str,
    note: str = "",
    register: str | None = None,
    camera: str | None = None,
) -> Flag:
    """Mark a moment of a shop.

    Raises:
        Forbidden: the actor may not.
        BadInput: it has no name, or too long words.
    """
    actor.must(Function.FLAGS_SET, shop=shop)
    name, note = _words(name, note)
    flag = Flag(
        new_id(now_at), shop, register, camera, at, name, note, actor.id, actor.name, now_at, now_at, None
    )
    connection.execute(flags.insert().values({name: getattr(flag, name) for name in Flag.__slots__}))
    _write_down(connection, AuditEvent.FLAG_SET, actor, now_at, flag)
    return flag


def change_flag(
    connection: Connection, actor: Actor, now_at: Instant, flag_id: str, *, name: str, note: str
) -> Flag:
    """Name a flag otherwise, or say more about it.

    Raises:
        NotFound: there is no such flag.
        BadInput: it has no name, or too long words.
    """
    name, note = _words(name, note)
    return _changed(connection, actor, now_at, flag_id, AuditEvent.FLAG_CHANGED, name=name, note=note)


def remove_flag(connection: Connection, actor: Actor, now_at: Instant, flag_id: str) -> Flag:
    """Take a flag off the timeline; it can be put back."""
    return _changed(connection, actor, now_at, flag_id, AuditEvent.FLAG_REMOVED, removed_at=now_at)


def put_back_flag(connection: Connection, actor: Actor, now_at: Instant, flag_id: str) -> Flag:
    """Undo the removal of a flag."""
    return _changed(connection, actor, now_at, flag_id, AuditEvent.FLAG_SET, removed_at=None)


def flags_of(
    connection: Connection,
    actor: Actor,
    shop: str,
    span: Span,
    *,
    registers: Collection[str],
    cameras: Collection[str],
) -> list[Flag]:
    """Return the flags of a span about one of the registers or cameras, or about none, by time."""
    actor.must(Function.MEDIA_VIEW, shop=shop)
    about = sa.or_(
        flags.c.register.in_(registers),
        flags.c.camera.in_(cameras),
        flags.c.register.is_(None) & flags.c.camera.is_(None),
    )
    query = (
        sa.select(flags)
        .where(flags.c.shop == shop, flags.c.at >= span.start_at, flags.c.at < span.end_at)
        .where(flags.c.removed_at.is_(None), about)
        .order_by(flags.c.at, flags.c.id)
        .limit(MOST)
    )
    return [Flag(**row) for row in connection.execute(query).mappings()]


def _changed(
    connection: Connection,
    actor: Actor,
    now_at: Instant,
    flag_id: str,
    event: AuditEvent,
    **values: str | Instant | None,
) -> Flag:
    row = connection.execute(sa.select(flags).where(flags.c.id == flag_id)).mappings().first()
    if row is None:
        raise NotFound(f"there is no flag {flag_id[:60]!r}")
    actor.must(Function.FLAGS_SET, shop=row["shop"])
    values["changed_at"] = now_at
    connection.execute(flags.update().where(flags.c.id == flag_id).values(**values))
    flag = Flag(**{**row, **values})
    _write_down(connection, event, actor, now_at, flag)
    return flag


def _words(name: str, note: str) -> tuple[str, str]:
    name, note = " ".join(name.split()), note.strip()
    if not 0 < len(name) <= LONGEST_NAME:
        raise BadInput("name", expected=f"1 to {LONGEST_NAME} characters", came=len(name))
    if len(note) > LONGEST_NOTE:
        raise BadInput("note", expected=f"at most {LONGEST_NOTE} characters", came=len(note))
    return name, note


def _write_down(connection: Connection, event: AuditEvent, actor: Actor, now_at: Instant, flag: Flag) -> None:
    place = flag.register or flag.camera
    write_down(connection, event, actor, now_at, flag.id, shop=flag.shop, place=place, name=flag.name)
