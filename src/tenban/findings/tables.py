"""Findings as they were concluded; incidents grow out of them."""

import sqlalchemy as sa

from tenban.db import JsonText, metadata

findings = sa.Table(
    "findings",
    metadata,
    sa.Column("key", sa.String(300), primary_key=True, comment="the same facts give the same key"),
    sa.Column("fold", sa.String(200), nullable=False, comment="one incident per fold"),
    sa.Column("rule", sa.String(64), nullable=False),
    sa.Column("register", sa.String(64), nullable=False),
    sa.Column("sale", sa.String(200), nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("decidable_at", sa.BigInteger, nullable=False, comment="the facts sufficed from here on"),
    sa.Column("found_at", sa.BigInteger, nullable=False, comment="when it was concluded"),
    sa.Column("withdrawn_at", sa.BigInteger, comment="null while it stands"),
    sa.Column("withdrawn_why", sa.String(64), comment="null while it stands"),
    sa.Column("body", JsonText, nullable=False),
    sa.Index("ix_findings_register_at", "register", "at"),
)

operator_stills = sa.Table(
    "operator_stills",
    metadata,
    sa.Column("register", sa.String(64), primary_key=True),
    sa.Column("sale", sa.String(200), primary_key=True),
    sa.Column("blob", sa.String(80), nullable=False),
    sa.Column("captured_at", sa.BigInteger, nullable=False),
    comment="the person at the register when the sale began",
)
