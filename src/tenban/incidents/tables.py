"""Incidents, their histories, and who looks after which place."""

import sqlalchemy as sa

from tenban.db import JsonText, metadata

incidents = sa.Table(
    "incidents",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("shop", sa.String(64), nullable=False),
    sa.Column("group", sa.String(64), comment="who is told; null: everybody of the shop"),
    sa.Column("kind", sa.String(64), nullable=False, comment="what opened it, e.g. a rule's name"),
    sa.Column("place", sa.String(64), nullable=False, comment="where, e.g. a register's id"),
    sa.Column("about", sa.String(200), comment="reference, e.g. sale:…; null: about nothing else"),
    sa.Column("fold_key", sa.String(200), nullable=False, unique=True, comment="repeats share it"),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("outcome", sa.String(16), comment="true, false_alarm or unclear; null: not labelled"),
    sa.Column("reason", sa.String(500)),
    sa.Column("owner", sa.String(100), comment="actor id; null: nobody has it"),
    sa.Column("owner_name", sa.String(100)),
    sa.Column("occurred_at", sa.BigInteger, nullable=False, comment="of the latest cause"),
    sa.Column("opened_at", sa.BigInteger, nullable=False),
    sa.Column("changed_at", sa.BigInteger, nullable=False),
    sa.Column(
        "causes", JsonText, nullable=False, comment="one entry per cause: key, sentence, evidence, clip"
    ),
    sa.Column("operator_still", sa.String(100), comment="reference blob:…; null: not found (yet)"),
    sa.Column("pass_on_ms", sa.BigInteger, comment="unanswered this long it goes on; null: never"),
    sa.Column("pass_on_due_at", sa.BigInteger, comment="when it goes on; null: answered, or gone on"),
    sa.Column("passed_on_at", sa.BigInteger, comment="when supervisors were last told; null: never"),
    sa.Index("ix_incidents_shop_opened_at", "shop", "opened_at"),
    sa.Index("ix_incidents_kind_place", "kind", "place"),
    sa.Index("ix_incidents_pass_on_due_at", "pass_on_due_at"),
)

incident_history = sa.Table(
    "incident_history",
    metadata,
    sa.Column("n", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
    sa.Column("incident", sa.String(36), sa.ForeignKey("incidents.id"), nullable=False, index=True),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("actor", sa.String(100), nullable=False),
    sa.Column("actor_name", sa.String(100), nullable=False),
    sa.Column("what", sa.String(32), nullable=False),
    sa.Column("detail", JsonText, nullable=False),
)

place_keepers = sa.Table(
    "place_keepers",
    metadata,
    sa.Column("place", sa.String(64), primary_key=True, comment="e.g. a register's id"),
    sa.Column("shop", sa.String(64), nullable=False),
    sa.Column("keeper", sa.String(100), nullable=False, comment="actor id"),
    sa.Column("keeper_name", sa.String(100), nullable=False),
    sa.Column("since_at", sa.BigInteger, nullable=False),
)
