"""A second factor beside the password: time-based codes, and recovery codes for when the phone is gone."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "one_time_codes",
        sa.Column("person_id", sa.String(36), nullable=False),
        sa.Column(
            "sealed", sa.String(200), nullable=False, comment="the secret under the people key, hexadecimal"
        ),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("confirmed_at", sa.BigInteger(), nullable=True, comment="null: not asked for yet"),
        sa.Column(
            "last_step", sa.BigInteger(), nullable=False, comment="of the last code used: each works once"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_one_time_codes_person_id_people")
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_one_time_codes")),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("code_hash", sa.String(64), nullable=False, comment="HMAC-SHA-256 under the people key"),
        sa.Column("person_id", sa.String(36), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True, comment="null: still good"),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_recovery_codes_person_id_people")
        ),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_recovery_codes")),
    )


def downgrade() -> None:
    op.drop_table("recovery_codes")
    op.drop_table("one_time_codes")
