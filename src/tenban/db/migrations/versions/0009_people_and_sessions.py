"""People belong to areas, come by invitation, have PINs, and see and end their own sessions."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("people") as people:
        people.add_column(
            sa.Column(
                "area", sa.String(100), nullable=True, comment="the only area; null, and no shop: every shop"
            )
        )


def downgrade() -> None:
    with op.batch_alter_table("people") as people:
        people.drop_column("area")
