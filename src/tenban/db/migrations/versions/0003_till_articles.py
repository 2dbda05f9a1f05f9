"""Articles know their reading in kana and from what age they may be sold.

Revision ID: 0003
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("plu_items", schema=None) as batch_op:
        batch_op.add_column(sa.Column("reading", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("minimum_age", sa.Integer(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("plu_items", schema=None) as batch_op:
        batch_op.drop_column("minimum_age")
        batch_op.drop_column("reading")
