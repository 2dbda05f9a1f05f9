"""What was seen, and which lanes are being watched."""

import sqlalchemy as sa

from tenban.db import JsonText, metadata

observations = sa.Table(
    "observations",
    metadata,
    sa.Column("n", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
    sa.Column("id", sa.String(36), nullable=False, unique=True),
    sa.Column("register", sa.String(64), nullable=False),
    sa.Column("camera", sa.String(64), nullable=False),
    sa.Column("kind", sa.String(32), nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False, comment="when it happened, by the frames"),
    sa.Column("proven_at", sa.BigInteger, nullable=False, comment="the frame that completed the proof"),
    sa.Column("received_at", sa.BigInteger, nullable=False, comment="when it was written"),
    sa.Column("body", JsonText, nullable=False, comment="the whole observation"),
    sa.Index("ix_observations_register_at", "register", "at"),
)

lane_watch = sa.Table(
    "lane_watch",
    metadata,
    sa.Column("register", sa.String(64), primary_key=True),
    sa.Column("watched", sa.Boolean, nullable=False),
    sa.Column("why", JsonText, comment="why not, in ja and en; null while watched"),
    sa.Column("since_at", sa.BigInteger, nullable=False),
    sa.Column("beat_at", sa.BigInteger, nullable=False, comment="the watcher was alive"),
    sa.Column("frames_seen", sa.BigInteger, nullable=False),
    sa.Column("frames_skipped", sa.BigInteger, nullable=False, comment="came faster than they were analysed"),
)
