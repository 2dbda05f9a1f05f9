"""The outbox: what people are told, numbered in the order of commit; and what goes out to webhooks."""

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

webhooks = sa.Table(
    "webhooks",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("shop", sa.String(64), nullable=False),
    sa.Column("name", sa.String(100), nullable=False),
    sa.Column("url", sa.String(2000), nullable=False),
    sa.Column("events", JsonText, nullable=False, comment="list of event types"),
    sa.Column("secret", sa.String(500), nullable=False, comment="sealed; it signs"),
    sa.Column("previous_secret", sa.String(500), comment="sealed; signs beside it"),
    sa.Column("previous_until_at", sa.BigInteger),
    sa.Column("on", sa.Boolean, nullable=False, server_default=sa.true()),
    sa.Column("after_n", sa.BigInteger, nullable=False, comment="the last notice it was told of"),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("made_by_name", sa.String(100)),
    sa.Column("delivered_at", sa.BigInteger, comment="when it last took something"),
    sa.Column("failing_since_at", sa.BigInteger, comment="null: it answers"),
)

webhook_deliveries = sa.Table(
    "webhook_deliveries",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("webhook_id", sa.String(36), nullable=False, index=True),
    sa.Column("event", sa.String(32), nullable=False),
    sa.Column("body", sa.Text, nullable=False, comment="as it is signed and sent"),
    sa.Column("state", sa.String(16), nullable=False, comment="waiting, delivered or dead"),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("next_at", sa.BigInteger, index=True, comment="null: not waiting"),
    sa.Column("last_at", sa.BigInteger),
    sa.Column("last_error", sa.String(300)),
)
