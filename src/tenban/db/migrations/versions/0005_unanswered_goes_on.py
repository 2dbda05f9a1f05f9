"""Incidents that nobody answers go on; places have keepers; notices may be meant for some.

Incidents from before never go on: their time to be answered was not set.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("incidents") as incidents:
        incidents.add_column(
            sa.Column(
                "pass_on_ms",
                sa.BigInteger(),
                nullable=True,
                comment="unanswered this long it goes on; null: never",
            )
        )
        incidents.add_column(
            sa.Column(
                "pass_on_due_at",
                sa.BigInteger(),
                nullable=True,
                comment="when it goes on; null: answered, or gone on",
            )
        )
        incidents.add_column(
            sa.Column(
                "passed_on_at",
                sa.BigInteger(),
                nullable=True,
                comment="when supervisors were last told; null: never",
            )
        )
        incidents.create_index("ix_incidents_pass_on_due_at", ["pass_on_due_at"])
    with op.batch_alter_table("notices") as notices:
        notices.add_column(
            sa.Column(
                "audience",
                sa.String(length=100),
                nullable=True,
                comment="a person's id, or a function; null: all who watch the group",
            )
        )
    op.create_table(
        "place_keepers",
        sa.Column("place", sa.String(length=64), nullable=False, comment="e.g. a register's id"),
        sa.Column("shop", sa.String(length=64), nullable=False),
        sa.Column("keeper", sa.String(length=100), nullable=False, comment="actor id"),
        sa.Column("keeper_name", sa.String(length=100), nullable=False),
        sa.Column("since_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("place", name=op.f("pk_place_keepers")),
    )


def downgrade() -> None:
    op.drop_table("place_keepers")
    with op.batch_alter_table("notices") as notices:
        notices.drop_column("audience")
    with op.batch_alter_table("incidents") as incidents:
        incidents.drop_index("ix_incidents_pass_on_due_at")
        incidents.drop_column("passed_on_at")
        incidents.drop_column("pass_on_due_at")
        incidents.drop_column("pass_on_ms")
