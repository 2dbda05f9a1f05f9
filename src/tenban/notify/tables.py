"""The outbox: what people are told, numbered in the order of commit."""

import sqlalchemy as sa

from tenban.db import JsonText, metadata

notices = sa.Table(
    "notices",
    metadata,
    sa.Column("n", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("shop", sa.String(64), nullable=False),
    sa.Column("group", sa.String(64), comment="null: everybody of the shop"),
    sa.Column("kind", sa.String(32), nullable=False),
    sa.Column("subject", sa.String(64), nullable=False, comment="what it is about, e.g. an incident's id"),
    sa.Column("body", JsonText, nullable=False),
    sa.Column(
        "audience", sa.String(100), comment="a person's id, or a function; null: all who watch the group"
    ),
    sa.Column("place", sa.String(64), comment="where, e.g. a register's id; null: nowhere in particular"),
)
