"""All SQL of commands to registers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, RowMapping

from tenban.pos.tables import register_commands as commands

_SHOWN = (
    commands.c.n,
    commands.c.id,
    commands.c.register,
    commands.c.type,
    commands.c.body,
    commands.c.issued_at,
    commands.c.expires_at,
)


def add(connection: Connection, *, replaces: Sequence[str], **columns: Any) -> None:
    """Append a command; those of the ``replaces`` types that still wait at its register expire now."""
    connection.execute(
        commands.update()
        .where(
            commands.c.register == columns["register"],
            commands.c.type.in_(replaces),
            commands.c.acked_at.is_(None),
            commands.c.expires_at > columns["issued_at"],
        )
        .values(expires_at=columns["issued_at"])
    )
    connection.execute(commands.insert().values(**columns))


def waiting(connection: Connection, registers: Sequence[str], now_at: int) -> Sequence[RowMapping]:
    """Return commands neither acknowledged nor expired, in the order of issue."""
    query = (
        sa.select(*_SHOWN)
        .where(
            commands.c.register.in_(registers), commands.c.acked_at.is_(None), commands.c.expires_at > now_at
        )
        .order_by(commands.c.n)
    )
    return connection.execute(query).mappings().all()


def since(connection: Connection, n: int, now_at: int) -> Sequence[RowMapping]:
    """Return unexpired commands after a number, in the order of issue."""
    query = sa.select(*_SHOWN).where(commands.c.n > n, commands.c.expires_at > now_at).order_by(commands.c.n)
    return connection.execute(query).mappings().all()


def last_number(connection: Connection) -> int:
    """Return the number of the newest command; 0 where there is none."""
    return int(connection.execute(sa.select(sa.func.max(commands.c.n))).scalar() or 0)


def last_of_type(connection: Connection, type_: str) -> Sequence[RowMapping]:
    """Return the newest command of a type for each register."""
    newest = (
        sa.select(sa.func.max(commands.c.n)).where(commands.c.type == type_).group_by(commands.c.register)
    )
    return connection.execute(sa.select(*_SHOWN).where(commands.c.n.in_(newest))).mappings().all()


def newest_of(
    connection: Connection, types: Sequence[str], registers: Sequence[str], *, obeyed: bool = False
) -> dict[str, RowMapping]:
    """Return by register the newest command of these types; ``obeyed``: that the till carried out."""
    wanted = commands.c.type.in_(types) & commands.c.register.in_(registers)
    if obeyed:
        wanted &= commands.c.result == "done"
    newest = sa.select(sa.func.max(commands.c.n)).where(wanted).group_by(commands.c.register)
    found = connection.execute(sa.select(commands).where(commands.c.n.in_(newest))).mappings()
    return {row["register"]: row for row in found}


def one(connection: Connection, register: str, command_id: str) -> RowMapping | None:
    """Return a command of a register, done or not."""
    query = sa.select(*_SHOWN).where(commands.c.id == command_id, commands.c.register == register)
    return connection.execute(query).mappings().first()


def mark_sent(connection: Connection, command_ids: Sequence[str], now_at: int) -> None:
    """Set when commands were first sent."""
    connection.execute(
        commands.update()
        .where(commands.c.id.in_(command_ids), commands.c.sent_at.is_(None))
        .values(sent_at=now_at)
    )


def acknowledge(
    connection: Connection, register: str, command_id: str, result: str, reason: str | None, now_at: int
) -> bool:
    """Set a command's outcome unless it has one; tell whether the register has such a command."""
    mine = (commands.c.id == command_id) & (commands.c.register == register)
    if connection.execute(sa.select(commands.c.n).where(mine)).first() is None:
        return False
    connection.execute(
        commands.update()
        .where(mine, commands.c.acked_at.is_(None))
        .values(acked_at=now_at, result=result, reason=reason)
    )
    return True
