"""Tables of pos. ``*_at`` columns hold microseconds since 1970 (UTC); money is in minor units."""

from __future__ import annotations

import sqlalchemy as sa

from tenban.db import JsonText, metadata

# SQLite numbers rows only in a column declared INTEGER PRIMARY KEY.
_LogNumber = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

sale_events = sa.Table(
    "sale_events",
    metadata,
    sa.Column("n", _LogNumber, primary_key=True, autoincrement=True),  # order of commit
    sa.Column("event_id", sa.Text, nullable=False, unique=True),
    sa.Column("shop", sa.Text, nullable=False),
    sa.Column("register", sa.Text, nullable=False),
    sa.Column("sale", sa.Text),  # null: outside any sale
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("rung_at", sa.BigInteger, nullable=False),  # the till's clock
    sa.Column("received_at", sa.BigInteger, nullable=False),  # our clock
    sa.Column("occurred_at", sa.BigInteger, nullable=False),  # rung_at put right, never after received_at
    sa.Column("offset_us", sa.BigInteger, nullable=False),  # what rung_at was put right by
    sa.Column("clock_doubted", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("plu", sa.Text),
    sa.Column("quantity", sa.Integer),
    sa.Column("amount", sa.BigInteger),  # of the item, or refunded
    sa.Column("total", sa.BigInteger),
    sa.Column("of_sale", sa.Text),  # the earlier sale that this one undoes or pays back
    sa.Column("cashier", sa.Text),
    sa.Column("body", JsonText, nullable=False),  # all that the till told, checked and masked, keys sorted
    sa.Index("ix_sale_events_register_sale_seq", "register", "sale", "seq"),
    sa.Index("ix_sale_events_register_occurred_at", "register", "occurred_at"),
    sa.Index(
        "ix_sale_events_of_sale",
        "of_sale",
        sqlite_where=sa.text("of_sale IS NOT NULL"),
        postgresql_where=sa.text("of_sale IS NOT NULL"),
    ),
    sa.Index(
        "ix_sale_events_signed_on",
        "shop",
        "register",
        "occurred_at",
        "n",
        "type",
        "cashier",
        sqlite_where=sa.text("type IN ('cashier_signed_on', 'cashier_signed_off')"),
        postgresql_where=sa.text("type IN ('cashier_signed_on', 'cashier_signed_off')"),
    ),
)

register_clocks = sa.Table(
    "register_clocks",
    metadata,
    sa.Column("register", sa.Text, primary_key=True),
    sa.Column("shop", sa.Text, nullable=False),
    sa.Column("offset_us", sa.BigInteger, nullable=False),  # our clock minus the till's
    sa.Column("observed_at", sa.BigInteger, nullable=False),  # when the last event came
    sa.Column("stepped_at", sa.BigInteger),  # when the till's clock was last seen to be set anew
    sa.Column("doubted", sa.BigInteger, nullable=False),  # events whose time made no sense
    sa.Column("error_us", sa.BigInteger),  # how far off offset_us may be; null: from before it was told
)

flags = sa.Table(
    "flags",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("shop", sa.String(64), nullable=False),
    sa.Column("register", sa.String(64), comment="null: of no register in particular"),
    sa.Column("camera", sa.String(64), comment="null: of no camera in particular"),
    sa.Column("at", sa.BigInteger, nullable=False, comment="the moment it marks"),
    sa.Column("name", sa.String(100), nullable=False),
    sa.Column("note", sa.String(1000), nullable=False),
    sa.Column("made_by", sa.String(100), nullable=False, comment="actor id"),
    sa.Column("made_by_name", sa.String(100), nullable=False),
    sa.Column("made_at", sa.BigInteger, nullable=False),
    sa.Column("changed_at", sa.BigInteger, nullable=False),
    sa.Column("removed_at", sa.BigInteger, comment="null: shown; otherwise it can be put back"),
    sa.Index("ix_flags_shop_at", "shop", "at"),
    comment="moments that people marked on the timeline; what tills tell is marked without a row",
)

register_commands = sa.Table(
    "register_commands",
    metadata,
    sa.Column("n", _LogNumber, primary_key=True, autoincrement=True),  # order of commit
    sa.Column("id", sa.String(36), nullable=False, unique=True),
    sa.Column("register", sa.Text, nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("body", JsonText, nullable=False),
    sa.Column("issued_at", sa.BigInteger, nullable=False),
    sa.Column("issued_by", sa.Text, nullable=False),  # the actor's id
    sa.Column(
        "expires_at", sa.BigInteger, nullable=False
    ),  # moved forward when a later command takes its place
    sa.Column("sent_at", sa.BigInteger),  # first sent to the till
    sa.Column("acked_at", sa.BigInteger),
    sa.Column("result", sa.Text),  # done or refused
    sa.Column("reason", sa.Text),  # why it was refused
    sa.Index(
        "ix_register_commands_waiting",
        "register",
        "n",
        sqlite_where=sa.text("acked_at IS NULL"),
        postgresql_where=sa.text("acked_at IS NULL"),
    ),
)

plu_versions = sa.Table(
    "plu_versions",
    metadata,
    sa.Column("shop", sa.Text, primary_key=True),
    sa.Column("version", sa.BigInteger, primary_key=True, autoincrement=False),  # 1, 2, 3 … per shop
    sa.Column("imported_at", sa.BigInteger, nullable=False),
    sa.Column("imported_by", sa.Text, nullable=False),  # the actor's id
    sa.Column("source", sa.Text, nullable=False),  # the file's name
    sa.Column("changed", sa.Integer, nullable=False),
    sa.Column("removed", sa.Integer, nullable=False),
)

plu_items = sa.Table(
    "plu_items",
    metadata,
    sa.Column("shop", sa.Text, primary_key=True),
    sa.Column("code", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("unit_price", sa.BigInteger),  # null: priced by an embedded price, or at the till
    sa.Column("unit", sa.Text, nullable=False),  # piece, or kg: unit_price is for 1,000 g
    sa.Column("category", sa.Text),
    sa.Column("version", sa.BigInteger, nullable=False),  # the version that changed it last
    sa.Column("removed", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("reading", sa.Text),  # the name in kana, for searching; null: as the name
    sa.Column("minimum_age", sa.Integer),  # null: for anybody
    sa.Index("ix_plu_items_shop_version", "shop", "version"),
)
