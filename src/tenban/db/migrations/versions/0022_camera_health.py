"""How each camera's streams do: one row a stream, written over every few seconds."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "camera_health",
        sa.Column(
            "stream", sa.String(80), nullable=False, comment="a camera's id, or that of its smaller stream"
        ),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("since_at", sa.BigInteger(), nullable=False, comment="counting began"),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("why", sa.Text(), nullable=True, comment="null where there is nothing to explain"),
        sa.Column("codec", sa.String(16), nullable=True),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("kbit_s", sa.Float(), nullable=True, comment="of the last seconds"),
        sa.Column("fps", sa.Float(), nullable=True, comment="of the last seconds"),
        sa.Column("keyframe_ms", sa.BigInteger(), nullable=True, comment="between the last two keyframes"),
        sa.Column("packets", sa.BigInteger(), nullable=False, comment="pictures"),
        sa.Column("lost", sa.BigInteger(), nullable=True, comment="network packets; null: nobody counts"),
        sa.Column("late", sa.BigInteger(), nullable=False),
        sa.Column("damaged", sa.BigInteger(), nullable=False),
        sa.Column("not_kept", sa.BigInteger(), nullable=False, comment="fragments"),
        sa.Column("connections", sa.BigInteger(), nullable=False),
        sa.Column(
            "clock_off_ms", sa.BigInteger(), nullable=True, comment="ahead of ours; null: not reported"
        ),
        sa.PrimaryKeyConstraint("stream", name=op.f("pk_camera_health")),
        comment="what the recorder measured last; nothing of it has to last",
    )


def downgrade() -> None:
    op.drop_table("camera_health")
