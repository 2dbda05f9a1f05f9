"""All SQL of findings."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from tenban.base.clock import Instant
from tenban.base.span import Span
from tenban.findings.model import Finding
from tenban.findings.tables import findings, operator_stills


def others_of_sale(connection: Connection, finding: Finding) -> int:
    """Return how many other findings were told of the sale, withdrawn ones included."""
    query = sa.select(sa.func.count()).where(
        findings.c.register == finding.register,
        findings.c.sale == finding.sale,
        findings.c.key != finding.key,
    )
    return int(connection.execute(query).scalar() or 0)


def keep_finding(connection: Connection, finding: Finding, found_at: Instant, body: dict[str, Any]) -> bool:
    """Write a finding that stands (again); False when it is standing already."""
    known = connection.execute(
        sa.select(findings.c.withdrawn_at).where(findings.c.key == finding.key)
    ).first()
    if known is not None and known.withdrawn_at is None:
        return False
    values = {
        "fold": finding.fold,
        "rule": finding.rule,
        "register": finding.register,
        "sale": finding.sale,
        "at": finding.at,
        "decidable_at": finding.decidable_at,
        "found_at": found_at,
        "withdrawn_at": None,
        "withdrawn_why": None,
        "body": body,
    }
    if known is None:
        connection.execute(findings.insert().values(key=finding.key, **values))
    else:
        connection.execute(findings.update().where(findings.c.key == finding.key).values(**values))
    return True


def standing(connection: Connection, key: str) -> sa.RowMapping | None:
    """Return a finding that has not been withdrawn."""
    query = sa.select(findings).where(findings.c.key == key, findings.c.withdrawn_at.is_(None))
    return connection.execute(query).mappings().first()


def findings_between(
    connection: Connection, registers: Collection[str], span: Span, limit: int
) -> list[sa.RowMapping]:
    """Return what was found at some registers in a span, withdrawn ones included, by time."""
    query = (
        sa.select(*[findings.c[name] for name in ("key", "rule", "register", "sale", "at", "withdrawn_at")])
        .where(findings.c.register.in_(registers))
        .where(findings.c.at >= span.start_at, findings.c.at < span.end_at)
        .order_by(findings.c.at, findings.c.key)
        .limit(limit)
    )
    return list(connection.execute(query).mappings())


def standing_keys(connection: Connection, since_at: Instant) -> frozenset[str]:
    """Return the keys of findings concluded since then that stand."""
    query = sa.select(findings.c.key).where(
        findings.c.found_at >= since_at, findings.c.withdrawn_at.is_(None)
    )
    return frozenset(connection.execute(query).scalars())


def withdraw_finding(connection: Connection, key: str, at: Instant, why: str) -> None:
    """Write down that a finding does not stand any more."""
    connection.execute(
        findings.update()
        .where(findings.c.key == key, findings.c.withdrawn_at.is_(None))
        .values(withdrawn_at=at, withdrawn_why=why)
    )


def keep_operator_still(
    connection: Connection, register: str, sale: str, blob: str, captured_at: Instant
) -> None:
    """Keep the first still of the person at a register in a sale; later ones change nothing."""
    if operator_still(connection, register, sale) is None:
        connection.execute(
            operator_stills.insert().values(register=register, sale=sale, blob=blob, captured_at=captured_at)
        )


def operator_still(connection: Connection, register: str, sale: str) -> str | None:
    """Return the blob of the person at a register in a sale, or None."""
    query = sa.select(operator_stills.c.blob).where(
        operator_stills.c.register == register, operator_stills.c.sale == sale
    )
    return connection.execute(query).scalar()
