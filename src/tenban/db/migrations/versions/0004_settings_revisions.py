"""Revisions of the configuration file, and which of them each part runs with."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "settings_applied",
        sa.Column("part", sa.String(length=32), nullable=False, comment="web, recorder or watcher"),
        sa.Column(
            "sha256", sa.String(length=64), nullable=False, comment="of the configuration the part runs with"
        ),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("why", sa.Text(), nullable=True, comment="why it does not follow the file; null: it does"),
        sa.PrimaryKeyConstraint("part", name=op.f("pk_settings_applied")),
    )
    op.create_table(
        "settings_revisions",
        sa.Column(
            "n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.String(length=100), nullable=False),
        sa.Column("actor_name", sa.String(length=100), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False, comment="found, page, hand or undo"),
        sa.Column(
            "what", sa.Text(), nullable=False, comment="differences to the revision before: key, values, shop"
        ),
        sa.Column("sha256", sa.String(length=64), nullable=False, comment="of the file's bytes"),
        sa.Column(
            "base_sha256",
            sa.String(length=64),
            nullable=True,
            comment="of the bytes it replaced; null: the first",
        ),
        sa.Column("text", sa.Text(), nullable=False, comment="the whole file, secrets included"),
        sa.Column("mistake", sa.Text(), nullable=True, comment="null: it checks"),
        sa.Column(
            "written_at", sa.BigInteger(), nullable=True, comment="null: accepted, and not in the file yet"
        ),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_settings_revisions")),
    )


def downgrade() -> None:
    op.drop_table("settings_revisions")
    op.drop_table("settings_applied")
