"""The sound of footage: how it is coded, where it lies, and what is known of a camera's."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "footage_segments", sa.Column("sound_codec", sa.String(16), comment="aac or opus; null: no sound")
    )
    op.add_column(
        "footage_segments",
        sa.Column("sound_rate", sa.Integer(), comment="parts of a second in which its times count"),
    )
    op.add_column("footage_segments", sa.Column("sound_channels", sa.Integer()))
    op.add_column(
        "footage_segments",
        sa.Column("sound_config", sa.LargeBinary(), comment="AudioSpecificConfig, or contents of dOps"),
    )
    op.add_column(
        "fragments",
        sa.Column("sound_start", sa.BigInteger(), comment="position in samples of the run; null: no sound"),
    )
    op.add_column(
        "fragments",
        sa.Column("sound_offset", sa.BigInteger(), comment="of its first frame in the file, bytes"),
    )
    op.add_column("fragments", sa.Column("sound_length", sa.Integer(), comment="of all its frames, bytes"))
    op.add_column("fragments", sa.Column("sound_samples", sa.LargeBinary(), comment="see tenban.video.sound"))
    op.add_column(
        "camera_health",
        sa.Column("sound", sa.String(200), comment="its coding, or why there is none; null: not asked for"),
    )
    op.add_column(
        "case_packages",
        sa.Column("sound", sa.Boolean(), nullable=False, server_default=sa.false(), comment="with the sound"),
    )


def downgrade() -> None:
    op.drop_column("case_packages", "sound")
    op.drop_column("camera_health", "sound")
    for name in ("sound_samples", "sound_length", "sound_offset", "sound_start"):
        op.drop_column("fragments", name)
    for name in ("sound_config", "sound_channels", "sound_rate", "sound_codec"):
        op.drop_column("footage_segments", name)
