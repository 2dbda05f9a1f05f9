"""Tokens have names, scopes, ends and successors; webhooks and what was sent to them.

Tokens from before keep all that their kind may do, and do not end.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("tokens") as tokens:
        tokens.add_column(sa.Column("name", sa.String(100), nullable=True))
        tokens.add_column(
            sa.Column(
                "functions",
                sa.Text(),
                nullable=True,
                comment="Function values; null: all of its kind",
            )
        )
        tokens.add_column(sa.Column("expires_at", sa.BigInteger(), nullable=True, comment="null: never"))
        tokens.add_column(
            sa.Column("follows", sa.String(36), nullable=True, comment="the token it takes over from")
        )
    op.create_table(
        "webhooks",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("shop", sa.String(64), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("url", sa.String(2000), nullable=False),
        sa.Column("events", sa.Text(), nullable=False, comment="list of event types"),
        sa.Column("secret", sa.String(500), nullable=False, comment="sealed; it signs"),
        sa.Column("previous_secret", sa.String(500), nullable=True, comment="sealed; signs beside it"),
        sa.Column("previous_until_at", sa.BigInteger(), nullable=True),
        sa.Column("on", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("after_n", sa.BigInteger(), nullable=False, comment="the last notice it was told of"),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("made_by_name", sa.String(100), nullable=True),
        sa.Column("delivered_at", sa.BigInteger(), nullable=True, comment="when it last took something"),
        sa.Column("failing_since_at", sa.BigInteger(), nullable=True, comment="null: it answers"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhooks")),
    )
    op.create_table(
        "webhook_deliveries",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("webhook_id", sa.String(36), nullable=False),
        sa.Column("event", sa.String(32), nullable=False),
        sa.Column("body", sa.Text(), nullable=False, comment="as it is signed and sent"),
        sa.Column("state", sa.String(16), nullable=False, comment="waiting, delivered or dead"),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=True, comment="null: not waiting"),
        sa.Column("last_at", sa.BigInteger(), nullable=True),
        sa.Column("last_error", sa.String(300), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_deliveries")),
    )
    with op.batch_alter_table("webhook_deliveries") as deliveries:
        deliveries.create_index(op.f("ix_webhook_deliveries_next_at"), ["next_at"])
        deliveries.create_index(op.f("ix_webhook_deliveries_webhook_id"), ["webhook_id"])


def downgrade() -> None:
    op.drop_table("webhook_deliveries")
    op.drop_table("webhooks")
    with op.batch_alter_table("tokens") as tokens:
        for column in ("follows", "expires_at", "functions", "name"):
            tokens.drop_column(column)
