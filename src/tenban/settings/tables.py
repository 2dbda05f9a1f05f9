"""The revisions of the configuration file, and which of them each part runs with."""

import sqlalchemy as sa

from tenban.db import JsonText, metadata

settings_revisions = sa.Table(
    "settings_revisions",
    metadata,
    sa.Column("n", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("actor", sa.String(100), nullable=False),
    sa.Column("actor_name", sa.String(100), nullable=False),
    sa.Column("kind", sa.String(8), nullable=False, comment="found, page, hand or undo"),
    sa.Column(
        "what", JsonText, nullable=False, comment="differences to the revision before: key, values, shop"
    ),
    sa.Column("sha256", sa.String(64), nullable=False, comment="of the file's bytes"),
    sa.Column("base_sha256", sa.String(64), comment="of the bytes it replaced; null: the first"),
    sa.Column("text", sa.Text, nullable=False, comment="the whole file, secrets included"),
    sa.Column("mistake", sa.Text, comment="null: it checks"),
    sa.Column("written_at", sa.BigInteger, comment="null: accepted, and not in the file yet"),
)

settings_applied = sa.Table(
    "settings_applied",
    metadata,
    sa.Column("part", sa.String(32), primary_key=True, comment="web, recorder or watcher"),
    sa.Column("sha256", sa.String(64), nullable=False, comment="of the configuration the part runs with"),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("why", sa.Text, comment="why it does not follow the file; null: it does"),
)
