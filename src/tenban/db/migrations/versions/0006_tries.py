"""Tries."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "tries",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column(
            "shop", sa.String(length=64), nullable=True, comment="the owner's shop; null: of every shop"
        ),
        sa.Column("owner", sa.String(length=100), nullable=False, comment="actor id"),
        sa.Column("owner_name", sa.String(length=100), nullable=False),
        sa.Column(
            "state",
            sa.String(length=16),
            nullable=False,
            comment="checking, ready, waiting, counting, done, failed or deleted",
        ),
        sa.Column(
            "sample", sa.String(length=32), nullable=True, comment="key of the sample clip; null: an upload"
        ),
        sa.Column("name", sa.String(length=200), nullable=False, comment="the file's; empty once deleted"),
        sa.Column("size", sa.BigInteger(), nullable=True, comment="bytes; null: not known yet"),
        sa.Column("sha256", sa.String(length=64), nullable=True, comment="of the file; null: not known yet"),
        sa.Column("video", sa.Text(), nullable=True, comment="what was found in the file; null: not checked"),
        sa.Column("zones", sa.Text(), nullable=True, comment="null: none drawn"),
        sa.Column("registered", sa.Integer(), nullable=True, comment="items; null: nobody said"),
        sa.Column("journal", sa.Text(), nullable=True, comment="what a journal gave; null: there was none"),
        sa.Column("progress", sa.Float(), nullable=False, comment="0–1 of the present step"),
        sa.Column("result", sa.Text(), nullable=True, comment="as tenban count --json; null: not counted"),
        sa.Column("error", sa.Text(), nullable=True, comment="ja and en; null: nothing went wrong"),
        sa.Column("attempts", sa.Integer(), nullable=False, comment="of the present step"),
        sa.Column(
            "lease_at",
            sa.BigInteger(),
            nullable=True,
            comment="somebody works on it until then; null: nobody",
        ),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("delete_at", sa.BigInteger(), nullable=False, comment="deleted by itself from then on"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tries")),
    )
    with op.batch_alter_table("tries", schema=None) as batch_op:
        batch_op.create_index("ix_tries_state_changed_at", ["state", "changed_at"], unique=False)
        batch_op.create_index("ix_tries_owner_created_at", ["owner", "created_at"], unique=False)


def downgrade() -> None:
    op.drop_table("tries")
