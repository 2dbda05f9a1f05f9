"""Legal holds, the ends of pictures, and what was destroyed."""

import sqlalchemy as sa

from tenban.db import metadata

holds = sa.Table(
    "holds",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("shop", sa.String(64), nullable=False),
    sa.Column("incident", sa.String(36), nullable=False),
    sa.Column("owner", sa.String(100), nullable=False, comment="who answers for it, in words"),
    sa.Column("reason", sa.String(500), nullable=False),
    sa.Column("placed_at", sa.BigInteger, nullable=False),
    sa.Column("placed_by", sa.String(100), nullable=False, comment="actor id"),
    sa.Column("placed_by_name", sa.String(100), nullable=False),
    sa.Column("released_at", sa.BigInteger, comment="null: in force"),
    sa.Column("released_by", sa.String(100)),
    sa.Column("released_by_name", sa.String(100)),
    sa.Column("release_reason", sa.String(500)),
    sa.Index(None, "incident"),
    comment="nothing of these incidents is destroyed while one is in force",
)

picture_ends = sa.Table(
    "picture_ends",
    metadata,
    sa.Column("incident", sa.String(36), primary_key=True),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("why", sa.String(16), nullable=False, comment="period or erased"),
    comment="incidents whose stills and clips were destroyed",
)

deletions = sa.Table(
    "deletions",
    metadata,
    sa.Column("n", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
    sa.Column("run", sa.String(36), nullable=False, comment="what was destroyed in one go"),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("shop", sa.String(64), nullable=False, comment="empty: of no shop in particular"),
    sa.Column("kind", sa.String(32), nullable=False),
    sa.Column("count", sa.BigInteger, nullable=False),
    sa.Column("bytes", sa.BigInteger, nullable=False),
    sa.Column("from_at", sa.BigInteger, nullable=False, comment="of the oldest"),
    sa.Column("to_at", sa.BigInteger, nullable=False, comment="of the newest"),
    sa.Column("period_days", sa.Integer, comment="the class it fell under; null: by request"),
    sa.Column("why", sa.String(500), nullable=False, comment="period, or the reason of a request"),
    sa.Column("actor", sa.String(100), nullable=False),
    sa.Index(None, "shop", "at"),
    comment="the proof of what was destroyed; each row has its own in the audit log",
)
