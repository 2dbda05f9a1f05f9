"""First schema."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column(
            "n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.String(length=100), nullable=False),
        sa.Column("event", sa.String(length=64), nullable=False, comment="source:subject:action"),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_audit")),
    )
    op.create_table(
        "incidents",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("shop", sa.String(length=64), nullable=False),
        sa.Column(
            "group", sa.String(length=64), nullable=True, comment="who is told; null: everybody of the shop"
        ),
        sa.Column("kind", sa.String(length=64), nullable=False, comment="what opened it, e.g. a rule's name"),
        sa.Column("place", sa.String(length=64), nullable=False, comment="where, e.g. a register's id"),
        sa.Column(
            "about",
            sa.String(length=200),
            nullable=True,
            comment="reference, e.g. sale:…; null: about nothing else",
        ),
        sa.Column("fold_key", sa.String(length=200), nullable=False, comment="repeats share it"),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column(
            "outcome",
            sa.String(length=16),
            nullable=True,
            comment="true, false_alarm or unclear; null: not labelled",
        ),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.Column("owner", sa.String(length=100), nullable=True, comment="actor id; null: nobody has it"),
        sa.Column("owner_name", sa.String(length=100), nullable=True),
        sa.Column("occurred_at", sa.BigInteger(), nullable=False, comment="of the latest cause"),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column(
            "causes", sa.Text(), nullable=False, comment="one entry per cause: key, sentence, evidence, clip"
        ),
        sa.Column(
            "operator_still",
            sa.String(length=100),
            nullable=True,
            comment="reference blob:…; null: not found (yet)",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incidents")),
        sa.UniqueConstraint("fold_key", name=op.f("uq_incidents_fold_key")),
    )
    with op.batch_alter_table("incidents", schema=None) as batch_op:
        batch_op.create_index("ix_incidents_kind_place", ["kind", "place"], unique=False)
        batch_op.create_index("ix_incidents_shop_opened_at", ["shop", "opened_at"], unique=False)

    op.create_table(
        "notices",
        sa.Column(
            "n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("shop", sa.String(length=64), nullable=False),
        sa.Column("group", sa.String(length=64), nullable=True, comment="null: everybody of the shop"),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column(
            "subject", sa.String(length=64), nullable=False, comment="what it is about, e.g. an incident's id"
        ),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_notices")),
    )
    op.create_table(
        "people",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False, comment="what is typed at sign-in"),
        sa.Column("display_name", sa.String(length=100), nullable=False),
        sa.Column(
            "password_hash", sa.String(length=200), nullable=False, comment="argon2id, with its parameters"
        ),
        sa.Column("roles", sa.Text(), nullable=False, comment="list of Role values"),
        sa.Column("shop", sa.String(length=64), nullable=True, comment="null: every shop of the company"),
        sa.Column("groups", sa.Text(), nullable=False, comment="attendants' groups; empty: all of the shop"),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("disabled_at", sa.BigInteger(), nullable=True, comment="null: may sign in"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
        sa.UniqueConstraint("name", name=op.f("uq_people_name")),
    )
    op.create_table(
        "tokens",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False, comment="register or device"),
        sa.Column(
            "subject", sa.String(length=64), nullable=False, comment="the register or device it speaks for"
        ),
        sa.Column("shop", sa.String(length=64), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False, comment="SHA-256 of the secret"),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True, comment="null: in force"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tokens")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_tokens_secret_hash")),
    )
    op.create_table(
        "incident_history",
        sa.Column(
            "n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("incident", sa.String(length=36), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.String(length=100), nullable=False),
        sa.Column("actor_name", sa.String(length=100), nullable=False),
        sa.Column("what", sa.String(length=32), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["incident"], ["incidents.id"], name=op.f("fk_incident_history_incident_incidents")
        ),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_incident_history")),
    )
    with op.batch_alter_table("incident_history", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_incident_history_incident"), ["incident"], unique=False)

    op.create_table(
        "sessions",
        sa.Column(
            "token_hash", sa.String(length=64), nullable=False, comment="SHA-256 of the cookie's value"
        ),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_sessions_person_id_people")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_sessions")),
    )


def downgrade() -> None:
    op.drop_table("sessions")
    with op.batch_alter_table("incident_history", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_incident_history_incident"))

    op.drop_table("incident_history")
    op.drop_table("tokens")
    op.drop_table("people")
    op.drop_table("notices")
    with op.batch_alter_table("incidents", schema=None) as batch_op:
        batch_op.drop_index("ix_incidents_shop_opened_at")
        batch_op.drop_index("ix_incidents_kind_place")

    op.drop_table("incidents")
    op.drop_table("audit")
