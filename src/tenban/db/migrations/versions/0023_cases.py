"""Cases: named folders of evidence, what is in them, and the packages made of them."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:


def downgrade() -> None:
    op.drop_table("case_packages")
    op.drop_table("case_items")
    op.drop_table("case_history")
    op.drop_table("cases")
