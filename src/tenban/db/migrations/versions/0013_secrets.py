"""Passwords said to cameras and brokers are sealed here; the configuration file only names them."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "secrets",
        sa.Column(
            "id", sa.String(length=32), nullable=False, comment="what stands in the secret's place elsewhere"
        ),
        sa.Column("kind", sa.String(length=16), nullable=False, comment="what it is of, such as camera"),
        sa.Column("version", sa.Integer(), nullable=False, comment="of the key that wraps it"),
        sa.Column(
            "wrapped", sa.LargeBinary(), nullable=False, comment="the secret, for this id and kind only"
        ),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_secrets")),
        comment="passwords the server has to say to others",
    )


def downgrade() -> None:
    op.drop_table("secrets")
