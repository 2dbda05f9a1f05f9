"""The data keys of sealed files, and sealed secrets."""

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

secrets = sa.Table(
    "secrets",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True, comment="what stands in the secret's place elsewhere"),
    sa.Column("kind", sa.String(16), nullable=False, comment="what it is of, such as camera"),
    sa.Column("version", sa.Integer, nullable=False, comment="of the key that wraps it"),
    sa.Column("wrapped", sa.LargeBinary, nullable=False, comment="the secret, for this id and kind only"),
    sa.Column("made_at", sa.BigInteger, nullable=False),
    comment="passwords the server has to say to others",
)
