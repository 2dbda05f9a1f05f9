"""The data keys of sealed files."""

import sqlalchemy as sa

from tenban.db.schema import metadata

blob_keys = sa.Table(
    "blob_keys",
    metadata,
    sa.Column("name", sa.String(128), primary_key=True, comment="what the file was sealed as"),
    sa.Column("version", sa.Integer, nullable=False, comment="of the key that wraps the data key"),
    sa.Column("wrapped", sa.LargeBinary, nullable=False, comment="the data key, for this name only"),
    sa.Column("size", sa.BigInteger, nullable=False, comment="bytes before sealing"),
    sa.Column("made_at", sa.BigInteger, nullable=False),
    sa.Index(None, "version"),
    sa.Index(None, "made_at"),
    comment="without its row a sealed file can never be opened again",
)
