"""How far the making of a clip's blurred copy has come."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "media_orders",
        sa.Column("progress", sa.Integer(), nullable=True, comment="per cent; null: not begun, or not told"),
    )


def downgrade() -> None:
    with op.batch_alter_table("media_orders", schema=None) as batch_op:
        batch_op.drop_column("progress")
