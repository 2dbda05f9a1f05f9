"""Legal holds, the ends of pictures, and the proof of what was destroyed."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "holds",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("shop", sa.String(length=64), nullable=False),
        sa.Column("incident", sa.String(length=36), nullable=False),
        sa.Column("owner", sa.String(length=100), nullable=False, comment="who answers for it, in words"),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("placed_at", sa.BigInteger(), nullable=False),
        sa.Column("placed_by", sa.String(length=100), nullable=False, comment="actor id"),
        sa.Column("placed_by_name", sa.String(length=100), nullable=False),
        sa.Column("released_at", sa.BigInteger(), nullable=True, comment="null: in force"),
        sa.Column("released_by", sa.String(length=100), nullable=True),
        sa.Column("released_by_name", sa.String(length=100), nullable=True),
        sa.Column("release_reason", sa.String(length=500), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_holds")),
        comment="nothing of these incidents is destroyed while one is in force",
    )
    op.create_index(op.f("ix_holds_incident"), "holds", ["incident"])
    op.create_table(
        "picture_ends",
        sa.Column("incident", sa.String(length=36), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("why", sa.String(length=16), nullable=False, comment="period or erased"),
        sa.PrimaryKeyConstraint("incident", name=op.f("pk_picture_ends")),
        comment="incidents whose stills and clips were destroyed",
    )
    op.create_table(
        "deletions",
        sa.Column(
            "n",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("run", sa.String(length=36), nullable=False, comment="what was destroyed in one go"),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("shop", sa.String(length=64), nullable=False, comment="empty: of no shop in particular"),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("from_at", sa.BigInteger(), nullable=False, comment="of the oldest"),
        sa.Column("to_at", sa.BigInteger(), nullable=False, comment="of the newest"),
        sa.Column(
            "period_days", sa.Integer(), nullable=True, comment="the class it fell under; null: by request"
        ),
        sa.Column("why", sa.String(length=500), nullable=False, comment="period, or the reason of a request"),
        sa.Column("actor", sa.String(length=100), nullable=False),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_deletions")),
        comment="the proof of what was destroyed; each row has its own in the audit log",
    )
    op.create_index(op.f("ix_deletions_shop_at"), "deletions", ["shop", "at"])


def downgrade() -> None:
    for table in ("deletions", "picture_ends", "holds"):
        op.drop_table(table)
