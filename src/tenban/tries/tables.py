"""Tries."""

import sqlalchemy as sa

from tenban.db import JsonText, metadata

tries = sa.Table(
    "tries",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("shop", sa.String(64), comment="the owner's shop; null: of every shop"),
    sa.Column("owner", sa.String(100), nullable=False, comment="actor id"),
    sa.Column("owner_name", sa.String(100), nullable=False),
    sa.Column(
        "state",
        sa.String(16),
        nullable=False,
        comment="checking, ready, waiting, counting, done, failed or deleted",
    ),
    sa.Column("sample", sa.String(32), comment="key of the sample clip; null: an upload"),
    sa.Column("name", sa.String(200), nullable=False, comment="the file's; empty once deleted"),
    sa.Column("size", sa.BigInteger, comment="bytes; null: not known yet"),
    sa.Column("sha256", sa.String(64), comment="of the file; null: not known yet"),
    sa.Column("video", JsonText, comment="what was found in the file; null: not checked"),
    sa.Column("zones", JsonText, comment="null: none drawn"),
    sa.Column("registered", sa.Integer, comment="items; null: nobody said"),
    sa.Column("journal", JsonText, comment="what a journal gave; null: there was none"),
    sa.Column("progress", sa.Float, nullable=False, comment="0–1 of the present step"),
    sa.Column("result", JsonText, comment="as tenban count --json; null: not counted"),
    sa.Column("error", JsonText, comment="ja and en; null: nothing went wrong"),
    sa.Column("attempts", sa.Integer, nullable=False, comment="of the present step"),
    sa.Column("lease_at", sa.BigInteger, comment="somebody works on it until then; null: nobody"),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("changed_at", sa.BigInteger, nullable=False),
    sa.Column("delete_at", sa.BigInteger, nullable=False, comment="deleted by itself from then on"),
    sa.Index("ix_tries_state_changed_at", "state", "changed_at"),
    sa.Index("ix_tries_owner_created_at", "owner", "created_at"),
)
