"""Files are sealed, each with a data key of its own; the wrapped keys live here."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "blob_keys",
        sa.Column("name", sa.String(length=128), nullable=False, comment="what the file was sealed as"),
        sa.Column("version", sa.Integer(), nullable=False, comment="of the key that wraps the data key"),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False, comment="the data key, for this name only"),
        sa.Column("size", sa.BigInteger(), nullable=False, comment="bytes before sealing"),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_blob_keys")),
        comment="without its row a sealed file can never be opened again",
    )
    op.create_index(op.f("ix_blob_keys_version"), "blob_keys", ["version"])
    op.create_index(op.f("ix_blob_keys_made_at"), "blob_keys", ["made_at"])


def downgrade() -> None:
    op.drop_table("blob_keys")
