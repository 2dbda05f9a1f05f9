"""Both clocks of footage, why each run began, and how much room each file takes."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "footage_segments",
        sa.Column(
            "monotonic_us",
            sa.BigInteger(),
            nullable=True,
            comment="started_at by the clock that is never set",
        ),
    )
    op.add_column(
        "footage_segments",
        sa.Column(
            "bytes",
            sa.BigInteger(),
            nullable=True,
            comment="on the disk; null: being written, or not looked at yet",
        ),
    )
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "footage_runs",
        sa.Column("n", number, autoincrement=True, nullable=False, comment="in the order they were recorded"),
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("camera", sa.String(64), nullable=False),
        sa.Column("began_at", sa.BigInteger(), nullable=False, comment="by the wall clock"),
        sa.Column("monotonic_us", sa.BigInteger(), nullable=False, comment="by the clock that is never set"),
        sa.Column("boot", sa.String(36), nullable=False, comment="the start of the machine it counts from"),
        sa.Column("why", sa.Text(), nullable=False, comment="why it began"),
        sa.Column(
            "step_us", sa.BigInteger(), nullable=False, comment="by which the wall clock was set; mostly 0"
        ),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_footage_runs")),
        sa.UniqueConstraint("id", name=op.f("uq_footage_runs_id")),
        comment="uninterrupted pieces of cameras' streams; a run has footage in footage_segments",
    )
    op.create_index(op.f("ix_footage_runs_camera_n"), "footage_runs", ["camera", "n"])
    op.create_index(op.f("ix_footage_runs_camera_began_at"), "footage_runs", ["camera", "began_at"])


def downgrade() -> None:
    op.drop_table("footage_runs")
    op.drop_column("footage_segments", "bytes")
    op.drop_column("footage_segments", "monotonic_us")
