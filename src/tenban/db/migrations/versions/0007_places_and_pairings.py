"""Notices know their place; pairings know who made them, on what device, and when it was last seen.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("notices", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "place",
                sa.String(64),
                nullable=True,
                comment="where, e.g. a register's id; null: nowhere in particular",
            )
        )
    with op.batch_alter_table("tokens", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "made_by", sa.String(100), nullable=True, comment="actor id; null: not written down then"
            )
        )
        batch_op.add_column(sa.Column("made_by_name", sa.String(100), nullable=True))
        batch_op.add_column(
            sa.Column("device", sa.String(300), nullable=True, comment="what the browser calls itself")
        )
        batch_op.add_column(
            sa.Column(
                "seen_at",
                sa.BigInteger(),
                nullable=True,
                comment="to the minute; null: not since it was paired",
            )
        )


def downgrade() -> None:
    with op.batch_alter_table("tokens", schema=None) as batch_op:
        for column in ("seen_at", "device", "made_by_name", "made_by"):
            batch_op.drop_column(column)
    with op.batch_alter_table("notices", schema=None) as batch_op:
        batch_op.drop_column("place")
