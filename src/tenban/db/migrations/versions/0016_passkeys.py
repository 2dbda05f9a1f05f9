"""Passkeys, identities at a company's own provider, and the challenges both are answered by."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "passkeys",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("person_id", sa.String(36), nullable=False),
        sa.Column("credential_id", sa.String(1400), nullable=False, comment="base64url"),
        sa.Column("public_key", sa.Text(), nullable=False, comment="COSE_Key, base64url"),
        sa.Column("rp_id", sa.String(255), nullable=False, comment="the host name at which it was made"),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column(
            "sign_count", sa.BigInteger(), nullable=False, comment="of its last use; 0: it does not count"
        ),
        sa.Column("transports", sa.Text(), nullable=False, comment="how browsers reach it, as they said"),
        sa.Column(
            "may_sync", sa.Boolean(), nullable=False, comment="may be copied to other devices; stays so"
        ),
        sa.Column("synced", sa.Boolean(), nullable=False, comment="was, at its last use"),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True, comment="null: not yet"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_passkeys_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkeys")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_passkeys_credential_id")),
    )
    op.create_index(op.f("ix_passkeys_person_id"), "passkeys", ["person_id"])
    op.create_table(
        "identities",
        sa.Column("issuer", sa.String(300), nullable=False, comment="iss of the identity provider"),
        sa.Column("subject", sa.String(255), nullable=False, comment="who it is there; never reassigned"),
        sa.Column("person_id", sa.String(36), nullable=False),
        sa.Column("linked_at", sa.BigInteger(), nullable=False),
        sa.Column("by_groups", sa.Boolean(), nullable=False, comment="rights follow the groups there"),
        sa.Column("used_at", sa.BigInteger(), nullable=True, comment="null: not yet"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_identities_person_id_people")),
        sa.PrimaryKeyConstraint("issuer", "subject", name=op.f("pk_identities")),
    )
    op.create_index(op.f("ix_identities_person_id"), "identities", ["person_id"])
    op.create_table(
        "challenges",
        sa.Column("hash", sa.String(64), nullable=False, comment="SHA-256 of what has to come back, once"),
        sa.Column("purpose", sa.String(32), nullable=False),
        sa.Column("person_id", sa.String(36), nullable=True, comment="null: anybody's"),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column(
            "sealed", sa.Text(), nullable=False, comment="what goes with it, under the people key; or empty"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_challenges_person_id_people")),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_challenges")),
    )
    op.create_index(op.f("ix_challenges_made_at"), "challenges", ["made_at"])
    op.add_column(
        "sessions",
        sa.Column(
            "two_factors",
            sa.Boolean(),
            nullable=False,
            server_default=sa.false(),
            comment="a second factor was shown in it: a code, a passkey, or the provider says so",
        ),
    )
    # Whoever has an app was asked for its code, or confirmed it in the session.
    op.execute(
        "UPDATE sessions SET two_factors = (1 = 1) WHERE person_id IN "
        "(SELECT person_id FROM one_time_codes WHERE confirmed_at IS NOT NULL)"
    )


def downgrade() -> None:
    op.drop_column("sessions", "two_factors")
    op.drop_table("challenges")
    op.drop_table("identities")
    op.drop_table("passkeys")
