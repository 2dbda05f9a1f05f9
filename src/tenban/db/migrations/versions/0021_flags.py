"""Moments that people mark on the timeline; how exactly a till's clock is known."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "flags",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("shop", sa.String(64), nullable=False),
        sa.Column("register", sa.String(64), nullable=True, comment="null: of no register in particular"),
        sa.Column("camera", sa.String(64), nullable=True, comment="null: of no camera in particular"),
        sa.Column("at", sa.BigInteger(), nullable=False, comment="the moment it marks"),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("note", sa.String(1000), nullable=False),
        sa.Column("made_by", sa.String(100), nullable=False, comment="actor id"),
        sa.Column("made_by_name", sa.String(100), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column(
            "removed_at", sa.BigInteger(), nullable=True, comment="null: shown; otherwise it can be put back"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flags")),
        comment="moments that people marked on the timeline; what tills tell is marked without a row",
    )
    op.add_column("register_clocks", sa.Column("error_us", sa.BigInteger(), nullable=True))
    op.create_index("ix_flags_shop_at", "flags", ["shop", "at"])


def downgrade() -> None:
    op.drop_column("register_clocks", "error_us")
    op.drop_table("flags")
