"""The audit log is searched: each row says whose it is, and the searched columns are indexed.

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_INDEXES = {
    "ix_audit_at": ["at"],
    "ix_audit_actor_n": ["actor", "n"],
    "ix_audit_subject_n": ["subject", "n"],
    "ix_audit_shop_n": ["shop", "n"],
}


def upgrade() -> None:
    # Not in batch mode: a table that is copied would lose the triggers that forbid changing it.
    comment = "null: the company's; hashed with the rest"
    op.add_column("audit", sa.Column("shop", sa.String(64), nullable=True, comment=comment))
    for name, columns in _INDEXES.items():
        op.create_index(name, "audit", columns)


def downgrade() -> None:
    for name in _INDEXES:
        op.drop_index(name, "audit")
    op.drop_column("audit", "shop")
